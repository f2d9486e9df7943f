#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>

#include <Eigen/Cholesky>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/spread.hpp"
#include "thermoscape/experiments/table_cell.hpp"

namespace thermoscape {

namespace {

struct TemperatureCollapseOptions {
  std::vector<std::string> losses = {"full_loss", "test_loss"};
  double last = 0.2;

  static constexpr auto fields() {
    using O = TemperatureCollapseOptions;
    return std::tuple{
        field("losses", &O::losses, "", "probes, one number a look, that are compared"),
        field("last",
              &O::last,
              "1",
              "the final value is the median over this share of the looks, at the end",
              Range{0, 1, true, false})};
  }
};

/// One run of the grid.
struct GridRun {
  double batch = 0;
  double rate = 0;
  std::int64_t start = 0;  ///< the state it went on from, which runs share
  double final_value = 0;
  std::vector<double> time;  ///< λn
  std::vector<double> value;

  [[nodiscard]] double noise_scale() const { return rate / batch; }
};

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

std::vector<GridRun> read_runs(const RunView& view,
                               const std::string& phase,
                               const std::string& probe,
                               double last,
                               std::size_t ground) {
  std::vector<GridRun> runs;
  for (const std::size_t task : view.tasks_of(phase)) {
    if (view.task(task).ground != ground) continue;
    const Branch& branch = view.branch(task);
    const Recorded recorded = view.recorded(task, probe);
    const double rate = rule_parameter(branch.rule, "learning_rate").value_or(0);
    if (branch.batch.size == 0 || rate == 0 || recorded.width != 1 || recorded.rows < 5) {
      reject({"phase " + phase,
              probe,
              "needs batches, a learning rate and at least 5 looks at one number",
              ""});
    }
    GridRun run;
    run.batch = static_cast<double>(branch.batch.size);
    run.rate = rate;
    run.start = view.task(task).minimum * 1000 + view.task(task).replica;
    run.time = recorded.time;
    run.value.assign(recorded.values.begin(), recorded.values.end());
    const auto count = std::max<std::size_t>(
        1, static_cast<std::size_t>(last * static_cast<double>(run.value.size())));
    run.final_value =
        median({run.value.end() - static_cast<std::ptrdiff_t>(count), run.value.end()});
    runs.push_back(std::move(run));
  }
  return runs;
}

/// ln y = a + p ln T + q ln B over the runs of one start: {p, q}. A plane that the points
/// determine.
std::optional<std::pair<double, double>> plane(const std::vector<const GridRun*>& runs) {
  if (runs.size() < 4) return std::nullopt;
  Eigen::Matrix3d normal = Eigen::Matrix3d::Zero();
  Eigen::Vector3d right = Eigen::Vector3d::Zero();
  for (const GridRun* run : runs) {
    if (!(run->final_value > 0)) return std::nullopt;
    const Eigen::Vector3d row(1, std::log(run->noise_scale()), std::log(run->batch));
    normal += row * row.transpose();
    right += row * std::log(run->final_value);
  }
  const Eigen::LDLT<Eigen::Matrix3d> solver(normal);
  if (solver.rcond() < 1e-10) return std::nullopt;
  const Eigen::Vector3d fit = solver.solve(right);
  return std::pair{fit[1], fit[2]};
}

/// The value at a time, between looks by interpolation; nothing beyond the curve.
std::optional<double> value_at(const std::vector<double>& x,
                               const std::vector<double>& y,
                               double at) {
  const auto it = std::lower_bound(x.begin(), x.end(), at);
  if (it == x.end() || (it == x.begin() && *it > at)) return std::nullopt;
  const auto i = static_cast<std::size_t>(it - x.begin());
  if (x[i] == at || i == 0) return y[i];
  const double share = (at - x[i - 1]) / (x[i] - x[i - 1]);
  return y[i - 1] + share * (y[i] - y[i - 1]);
}

/// Root mean square of ln(y_a/y_b) over pairs of runs of one start and one T but other B, at common
/// times λn or common steps n.
double distance(const std::vector<GridRun>& runs, bool rescaled) {
  double sum = 0;
  std::int64_t count = 0;
  const auto clock = [&](const GridRun& run) {
    std::vector<double> x = run.time;
    if (!rescaled) {
      for (double& one : x) one /= run.rate;
    }
    return x;
  };
  for (std::size_t a = 0; a < runs.size(); ++a) {
    for (std::size_t b = a + 1; b < runs.size(); ++b) {
      if (runs[a].start != runs[b].start || runs[a].batch == runs[b].batch) continue;
      if (std::abs(runs[a].noise_scale() / runs[b].noise_scale() - 1) > 1e-6) continue;
      const std::vector<double> x = clock(runs[b]);
      const std::vector<double> own = clock(runs[a]);
      for (std::size_t i = 1; i < own.size(); ++i) {
        const std::optional<double> other = value_at(x, runs[b].value, own[i]);
        if (!other || !(*other > 0) || !(runs[a].value[i] > 0)) continue;
        const double off = std::log(runs[a].value[i] / *other);
        sum += off * off;
        ++count;
      }
    }
  }
  return count > 0 ? std::sqrt(sum / static_cast<double>(count)) : std::nan("");
}

/// What collapses, start by start, so that starts give the error.
struct Collapse {
  std::vector<double> temperature_exponent;
  std::vector<double> batch_exponent;
  std::vector<double> spread_ratio;
  std::vector<double> time_ratio;
};

/// Spread of ln y among runs of one T over the spread of the mean of ln y among temperatures.
double spread_ratio(const std::vector<const GridRun*>& runs) {
  SweptMembers points;
  for (const GridRun* run : runs) points.add(run->noise_scale(), std::log(run->final_value));
  double within = 0;
  double degrees = 0;
  std::vector<double> means;
  for (const std::vector<double>& one : points.members) {
    const double mean =
        std::accumulate(one.begin(), one.end(), 0.0) / static_cast<double>(one.size());
    for (const double value : one) within += (value - mean) * (value - mean);
    degrees += static_cast<double>(one.size()) - 1;
    means.push_back(mean);
  }
  if (degrees == 0 || means.size() < 2) return std::nan("");
  const double among = mean_of(means).standard_error * std::sqrt(static_cast<double>(means.size()));
  return std::sqrt(within / degrees) / among;
}

Collapse collapse_of(const std::vector<GridRun>& runs) {
  std::map<std::int64_t, std::vector<const GridRun*>> starts;
  for (const GridRun& run : runs) starts[run.start].push_back(&run);
  Collapse found;
  const auto keep = [](std::vector<double>& list, double value) {
    if (std::isfinite(value)) list.push_back(value);
  };
  for (const auto& [start, own] : starts) {
    if (const auto fit = plane(own)) {
      found.temperature_exponent.push_back(fit->first);
      found.batch_exponent.push_back(fit->second);
    }
    keep(found.spread_ratio, spread_ratio(own));
    std::vector<GridRun> copies;
    for (const GridRun* run : own) copies.push_back(*run);
    keep(found.time_ratio, distance(copies, true) / distance(copies, false));
  }
  return found;
}

Figure against_temperature(const std::vector<GridRun>& runs, const std::string& probe) {
  Figure figure{probe,
                probe + " against temperature",
                "Final value (median over the last looks) against T = λ/B, a colour a batch size; "
                "means over starts, errors from their spread.",
                {"T = λ/B [time]", "log"},
                {probe + " [loss]", "log"},
                {}};
  std::map<double, SweptMembers> batches;
  for (const GridRun& run : runs) batches[run.batch].add(run.noise_scale(), run.final_value);
  for (const auto& [batch, members] : batches)
    figure.series.push_back(
        points_of(fmt::format("B = {:.0f}", batch), members.x, members.means()));
  return figure;
}

Figure in_time(const std::vector<GridRun>& runs, const std::string& probe, bool rescaled) {
  Figure figure{probe + (rescaled ? "_rescaled" : "_steps"),
                fmt::format("{} in {}", probe, rescaled ? "rescaled time λn" : "steps"),
                "Every batch size at every T, the runs of the first start; one group of colours a "
                "temperature.",
                {rescaled ? "λn [time]" : "n [steps]", "log"},
                {probe + " [loss]", "log"},
                {}};
  for (const GridRun& run : runs) {
    if (run.start != runs.front().start) continue;
    Series series{fmt::format("T = {:.2g}, B = {:.0f}", run.noise_scale(), run.batch),
                  run.time,
                  run.value,
                  {},
                  "line",
                  fmt::format("T = {:.2g}", run.noise_scale())};
    if (!rescaled) {
      for (double& one : series.x) one /= run.rate;
    }
    series.x.erase(series.x.begin());  // time zero has no place on a logarithmic axis
    series.y.erase(series.y.begin());
    figure.series.push_back(std::move(series));
  }
  return figure;
}

}  // namespace

Measured measure_temperature_collapse(const RunView* view,
                                      const MeasureSettings& settings,
                                      TomlReader& reader) {
  const auto options = read_options<TemperatureCollapseOptions>(reader);
  if (view == nullptr) return {};
  Measured measured;
  Table table{
      "collapse",
      "Is temperature what counts?",
      "ln y = a + p ln T + q ln B over the grid: q = 0 where only T counts. Spread: of ln y "
      "among batch sizes of one T over that among temperatures. Clock: distance of the "
      "curves of one T and other B at equal λn over that at equal steps. Means over starts, "
      "errors from their spread.",
      {"y", "p", "q", "spread", "clock"},
      {}};
  std::map<std::size_t, std::size_t> grounds;  // of each variant, a task that stands on it
  for (const std::size_t task : view->tasks_of(settings.phase))
    grounds.emplace(view->task(task).ground, task);
  for (const auto& [ground, first_task] : grounds) {
    for (const std::string& probe : options.losses) {
      const Coordinates& where = view->ground(first_task).where;
      std::string label;
      for (const auto& [key, value] : where) label += fmt::format(", {} = {:.4g}", key, value);
      const std::vector<GridRun> runs =
          read_runs(*view, settings.phase, probe, options.last, ground);
      const Collapse collapse = collapse_of(runs);
      const auto put = [&](const char* name, const std::vector<double>& members) {
        const Estimate mean = mean_of(members);
        measured.findings.push_back({probe + "_" + name, where, mean, "1"});
        return cell(mean);
      };
      table.rows.push_back({probe + label,
                            put("temperature_exponent", collapse.temperature_exponent),
                            put("batch_exponent", collapse.batch_exponent),
                            put("spread_ratio", collapse.spread_ratio),
                            put("clock_ratio", collapse.time_ratio)});
      const std::string suffix = grounds.size() > 1 ? fmt::format("_{}", ground) : "";
      for (Figure figure : {against_temperature(runs, probe),
                            in_time(runs, probe, true),
                            in_time(runs, probe, false)}) {
        figure.id += suffix;
        figure.title += label;
        measured.figures.push_back(std::move(figure));
      }
      Dataset& group = measured.data.make_group(probe + suffix);
      std::vector<double> batch;
      std::vector<double> rate;
      std::vector<double> value;
      for (const GridRun& run : runs) {
        batch.push_back(run.batch);
        rate.push_back(run.rate);
        value.push_back(run.final_value);
      }
      group.put_vector("batch_size", "run", batch, "1", "batch size B");
      group.put_vector("learning_rate", "run", rate, "time", "learning rate λ");
      group.put_vector("final", "run", value, "loss", "median over the last looks");
    }
  }
  measured.tables.push_back(std::move(table));
  return measured;
}

}  // namespace thermoscape
