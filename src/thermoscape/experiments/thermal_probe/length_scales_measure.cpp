#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/experiments/thermal_probe/disagreement.hpp"
#include "thermoscape/landscape/boundary.hpp"

namespace thermoscape {

namespace {

struct LengthScalesOptions {
  double share = 0.99;
  double disagreement = 0.05;
  std::int64_t bins_per_decade = 8;

  static constexpr auto fields() {
    using O = LengthScalesOptions;
    return std::tuple{field("share",
                            &O::share,
                            "1",
                            "part of the loss whose examples count as pinning the boundary",
                            Range{0, 1, true}),
                      field("disagreement",
                            &O::disagreement,
                            "1",
                            "share of changed predictions at which two networks disagree",
                            Range{0, 1, true, true}),
                      field("bins_per_decade",
                            &O::bins_per_decade,
                            "1",
                            "bins of the distance in figures",
                            Range{1, 100})};
  }
};

/// All lengths of one temperature.
struct Lengths {
  const SweepPoint* window = nullptr;
  Estimate diffusion;          ///< L
  Members boundaries;          ///< 1/|∇(f_m - f_y)|
  Estimate boundary;           ///< their mean
  Estimate ratio;              ///< L over it
  double boundary_spread = 0;  ///< over examples, not an error
  double boundary_examples = 0;
  Estimate disagreement;  ///< on the inputs that `seen` names
};

Estimate ratio_of(const Estimate& x, const Estimate& y) {
  if (!(x.value > 0) || !(y.value > 0)) return {};
  const double value = x.value / y.value;
  const double error = value * std::hypot(x.standard_error / x.value, y.standard_error / y.value);
  return {value, error, analysis::worse(x.status, y.status)};
}

Estimate scaled(const Estimate& estimate, double factor) {
  return {estimate.value * factor, estimate.standard_error * factor, estimate.status};
}

/// 1/|∇(f_m - f_y)| at the θ recorded in the window, a mean a replica.
void measure_boundary(const RunView& view, double share, Lengths& lengths) {
  const SweepPoint& window = *lengths.window;
  struct Own {
    std::size_t minimum, replica, task;
    Estimate mean;
    double spread = 0, examples = 0;
  };
  std::vector<Own> list;
  Members& members = lengths.boundaries;
  members.resize(window.minima.size());
  for (std::size_t m = 0; m < window.minima.size(); ++m) {
    members[m].resize(window.minima[m].size());
    for (std::size_t r = 0; r < window.minima[m].size(); ++r) {
      const ReplicaStatistics& replica = window.minima[m][r];
      if (replica.status == Status::ok) list.push_back({m, r, replica.task, {}});
    }
  }
  view.in_parallel(list.size(), [&](std::size_t i) {
    const Recorded theta = view.recorded(list[i].task, "theta");
    const auto [first, last] = window_of(theta, window.from, window.to);
    const std::unique_ptr<Objective<double>> objective = view.objective(list[i].task);
    std::vector<double> series;
    for (std::size_t row = first; row < last; ++row) {
      const auto at = theta.values.span().subspan(row * theta.width, theta.width);
      const BoundaryLength found =
          boundary_length(*objective, at, view.ground(list[i].task).labels(), share);
      series.push_back(found.length);
      list[i].spread += found.deviation / static_cast<double>(last - first);
      list[i].examples += static_cast<double>(found.examples) / static_cast<double>(last - first);
    }
    list[i].mean = analysis::blocking(series).mean;
  });
  for (const Own& one : list) {
    members[one.minimum][one.replica] = one.mean;
    lengths.boundary_spread += one.spread / static_cast<double>(list.size());
    lengths.boundary_examples += one.examples / static_cast<double>(list.size());
  }
  lengths.boundary = pooled(window, members);
  lengths.ratio = ratio_of(lengths.diffusion, lengths.boundary);
}

/// Where predictions change: the curve of a temperature and the distance at which they disagree.
void measure_disagreement(const RunView& view,
                          const std::vector<Departure>& all,
                          const LengthScalesOptions& options,
                          Objective<double>& seen,
                          Lengths& lengths,
                          Figure& figure) {
  std::vector<Departure> own;
  for (const Departure& one : all) {
    if (one.temperature == lengths.window->temperature) own.push_back(one);
  }
  std::vector<Changes> changes(own.size());
  std::vector<std::unique_ptr<Objective<double>>> objectives;
  for (std::size_t i = 0; i < own.size(); ++i) objectives.push_back(seen.clone());
  view.in_parallel(own.size(), [&](std::size_t i) {
    changes[i] = changes_of(view, own[i], *lengths.window, *objectives[i]);
  });
  std::vector<Estimate> reached;
  std::vector<double> x;
  std::vector<double> y;
  std::vector<double> pair_x;
  std::vector<double> pair_y;
  for (std::size_t i = 0; i < own.size(); ++i) {
    reached.push_back(first_reach(own[i].distance, changes[i].from_start, options.disagreement));
    x.insert(x.end(), own[i].distance.begin(), own[i].distance.end());
    y.insert(y.end(), changes[i].from_start.begin(), changes[i].from_start.end());
    pair_x.insert(pair_x.end(), changes[i].pair_distance.begin(), changes[i].pair_distance.end());
    pair_y.insert(pair_y.end(), changes[i].pair_share.begin(), changes[i].pair_share.end());
  }
  lengths.disagreement = over_departures(own, reached);
  const std::string label = temperature_label(lengths.window->temperature);
  const Binned curve = binned(x, y, options.bins_per_decade);
  figure.series.push_back({label, curve.x, curve.median, {}, "line", label});
  const Binned pairs = binned(pair_x, pair_y, options.bins_per_decade, 10);
  if (!pairs.x.empty())
    figure.series.push_back(
        {label + ", pairs in the window", pairs.x, pairs.median, {}, "points", label});
}

/// A length of one temperature as one minimum alone gives it.
using OfMinimum = Estimate (*)(const Lengths&, std::size_t minimum);

Estimate diffusion_in(const Lengths& one, std::size_t minimum) {
  return diffusion_length(one.window->alone(minimum));
}
Estimate boundary_in(const Lengths& one, std::size_t minimum) {
  if (one.boundaries.empty()) return {};
  return pooled(one.window->alone(minimum), {one.boundaries[minimum]});
}
Estimate ratio_in(const Lengths& one, std::size_t minimum) {
  return ratio_of(diffusion_in(one, minimum), boundary_in(one, minimum));
}

/// Over the healthy temperatures of every minimum, then over the minima.
Estimate mean(const std::vector<SweepPoint>& windows,
              const std::vector<Lengths>& all,
              OfMinimum of) {
  return over_minima(windows, 1, [&](std::size_t m, const std::vector<std::size_t>& healthy) {
    std::vector<Estimate> values;
    for (const std::size_t i : healthy) values.push_back(of(all[i], m));
    return analysis::combine(values).estimate;
  });
}

/// d ln x / d ln T in every minimum, averaged over them.
Estimate exponent(const std::vector<SweepPoint>& windows,
                  const std::vector<Lengths>& all,
                  OfMinimum of) {
  return over_minima(windows, 3, [&](std::size_t m, const std::vector<std::size_t>& healthy) {
    std::vector<double> temperatures;
    std::vector<Estimate> values;
    for (const std::size_t i : healthy) {
      temperatures.push_back(windows[i].temperature);
      values.push_back(of(all[i], m));
    }
    return analysis::power_law(temperatures, values).exponent;
  });
}

Estimate mean_disagreement(const std::vector<Lengths>& all) {
  std::vector<Estimate> members;
  for (const Lengths& one : all) members.push_back(one.disagreement);
  return analysis::combine(members).estimate;
}

Figure length_figure(const std::vector<Lengths>& all, double root, const std::string& seen) {
  Figure figure{"lengths",
                "Lengths in parameter space",
                "L = √(T τ½) and √(2N) L from the correlation time; 1/|∇(f_m - f_y)| of the "
                "examples that pin the boundary, "
                "weighted by their loss, over which a wall grows by e; the distance from the start "
                "at which predictions "
                "disagree. Error bars: standard errors, replicas and minima included.",
                {"temperature T [loss]", "log"},
                {"length [θ]", "log"},
                {}};
  std::vector<double> temperatures;
  std::vector<Estimate> diffusion;
  std::vector<Estimate> rms;
  std::vector<Estimate> boundary;
  std::vector<Estimate> disagreement;
  for (const Lengths& one : all) {
    temperatures.push_back(one.window->temperature);
    diffusion.push_back(one.diffusion);
    rms.push_back(scaled(one.diffusion, root));
    boundary.push_back(one.boundary);
    disagreement.push_back(one.disagreement);
  }
  for (auto& series : {series_of("L = √(T τ½)", temperatures, diffusion),
                       series_of("1/|∇(f_m - f_y)|", temperatures, boundary),
                       series_of("√(2N) L", temperatures, rms),
                       series_of("predictions disagree, " + seen, temperatures, disagreement)}) {
    if (!series.x.empty()) figure.series.push_back(series);
  }
  return figure;
}

}  // namespace

Measured measure_length_scales(const RunView* view,
                               const MeasureSettings& settings,
                               TomlReader& reader) {
  const LossStatisticsOptions window = read_window_options(reader);
  const auto options = read_options<LengthScalesOptions>(reader);
  if (view == nullptr) return {};
  const std::vector<SweepPoint> windows = steady_windows(*view, settings.phase, window);
  const std::size_t task = view->tasks_of(settings.phase).front();
  const std::unique_ptr<Objective<double>> trained =
      view->objective(view->tasks_of(settings.phase).front());
  const std::unique_ptr<Objective<double>> fresh = held_out(*view, task);
  Objective<double>& seen = fresh ? *fresh : *trained;
  const std::string inputs = fresh ? "held-out inputs" : "training inputs";
  const double root = std::sqrt(2 * static_cast<double>(trained->parameters()));
  const bool classifies = trained->outputs() > 1 &&
                          !view->ground(view->tasks_of(settings.phase).front()).labels().empty();

  Measured measured;
  Figure changes{
      "disagreement",
      "Predictions against distance",
      fmt::format("Share of {} whose predicted class differs from that of the start of the phase, "
                  "median in bins of "
                  "|θ - θ_start| (lines), and between two networks of one run in the steady "
                  "window, against their "
                  "distance (points). Vertical: L and √(2N) L. Disagreement is a share of {:.3g}.",
                  inputs,
                  options.disagreement),
      {"distance |Δθ| [θ]", "log"},
      {"share of changed predictions", "linear"},
      {}};
  std::vector<Lengths> all(windows.size());
  const std::vector<Departure> leaving =
      classifies ? departures(*view, settings.phase) : std::vector<Departure>{};
  for (std::size_t i = 0; i < windows.size(); ++i) {
    all[i].window = &windows[i];
    all[i].diffusion = diffusion_length(windows[i]);
    if (!classifies) continue;
    measure_boundary(*view, options.share, all[i]);
    measure_disagreement(*view, leaving, options, seen, all[i], changes);
  }
  Table table{"lengths",
              "Lengths in parameter space",
              fmt::format("Boundary: Σ w/|∇(f_m - f_y)| over the examples with {:.3g} of the loss, "
                          "w their share of it; spread: its "
                          "weighted standard deviation over examples. Disagreement: distance from "
                          "the start at which {:.3g} of "
                          "the {} change class.",
                          options.share,
                          options.disagreement,
                          inputs),
              {"T",
               "L = √(T τ½)",
               "1/|∇(f_m - f_y)|",
               "spread",
               "examples",
               "L |∇(f_m - f_y)|",
               "√(2N) L",
               "disagreement",
               "health"},
              {}};
  const auto put = [&](const char* quantity, const Coordinates& where, const Estimate& estimate) {
    measured.findings.push_back({quantity, where, estimate, "1"});
  };
  for (const Lengths& one : all) {
    put("length", one.window->where, one.diffusion);
    put("boundary_length", one.window->where, one.boundary);
    put("length_over_boundary", one.window->where, one.ratio);
    put("disagreement_length", one.window->where, one.disagreement);
    table.rows.push_back({fmt::format("{:.3g}", one.window->temperature),
                          cell(one.diffusion),
                          cell(one.boundary),
                          fmt::format("{:.2g}", one.boundary_spread),
                          fmt::format("{:.3g}", one.boundary_examples),
                          cell(one.ratio),
                          cell(scaled(one.diffusion, root)),
                          cell(one.disagreement),
                          std::string(name(one.window->status()))});
  }
  const Estimate length = diffusion_length(windows);
  if (all.size() > 1) {
    const Estimate disagreement = mean_disagreement(all);
    put("length", {}, length);
    put("rms_length", {}, scaled(length, root));
    const Estimate boundary = mean(windows, all, boundary_in);
    const Estimate ratio = mean(windows, all, ratio_in);
    put("boundary_length", {}, boundary);
    put("length_over_boundary", {}, ratio);
    put("disagreement_length", {}, disagreement);
    put("disagreement_over_rms_length", {}, ratio_of(disagreement, scaled(length, root)));
    table.rows.push_back({"all",
                          cell(length),
                          cell(boundary),
                          "",
                          "",
                          cell(ratio),
                          cell(scaled(length, root)),
                          cell(disagreement),
                          ""});
  }
  if (all.size() > 2) {
    put("length_exponent", {}, exponent(windows, all, diffusion_in));
    put("boundary_exponent", {}, exponent(windows, all, boundary_in));
  }
  measured.figures.push_back(length_figure(all, root, inputs));
  if (!changes.series.empty()) {
    double high = options.disagreement;
    for (const Series& one : changes.series) {
      for (const double y : one.y) high = std::max(high, y);
    }
    changes.series.push_back(vertical_mark("L", length.value, 0, high));
    changes.series.push_back(vertical_mark("√(2N) L", length.value * root, 0, high));
    measured.figures.push_back(std::move(changes));
  }
  if (!classifies)
    measured.notes.emplace_back(
        "the objective predicts no classes: no boundary length and no disagreement");
  measured.tables.push_back(std::move(table));
  return measured;
}

}  // namespace thermoscape
