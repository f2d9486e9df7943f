#include <array>
#include <cmath>
#include <map>
#include <span>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/spread.hpp"
#include "thermoscape/experiments/table_cell.hpp"

namespace thermoscape {

namespace {

struct SgdStationarityOptions {
  double discard = 0.5;
  double tolerance = 0.05;

  static constexpr auto fields() {
    using O = SgdStationarityOptions;
    return std::tuple{
        field("discard", &O::discard, "1", "share of each run left out at its start", kBelowOne),
        field("tolerance",
              &O::tolerance,
              "1",
              "a light is on when its relation is off by more than this and three errors",
              kPositive)};
  }
};

/// A relation left = right of a steady state: their ratio, from the series of both at the same
/// looks.
Estimate ratio_of(const std::vector<double>& left, const std::vector<double>& right) {
  double mean_left = 0;
  double mean_right = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    mean_left += left[i];
    mean_right += right[i];
  }
  if (left.empty() || mean_right == 0) return {};
  const double ratio = mean_left / mean_right;
  // The error of a ratio of means is that of the mean of (left - ratio · right) over the right one.
  std::vector<double> rest(left.size());
  for (std::size_t i = 0; i < left.size(); ++i) rest[i] = left[i] - ratio * right[i];
  const analysis::Blocking blocked = analysis::blocking(rest);
  const double scale = std::abs(mean_right) / static_cast<double>(left.size());
  return {ratio, blocked.mean.standard_error / scale, blocked.mean.status};
}

std::vector<double> times(double factor, std::vector<double> values) {
  for (double& one : values) one *= factor;
  return values;
}

/// Whether `probe` is recorded at the looks of `virial`, to which all others are compared.
bool has_at_its_looks(const RunView& view, std::size_t task, const char* probe) {
  return view.records(task, probe) &&
         view.recorded(task, probe).rows == view.recorded(task, "virial").rows;
}

/// What the second and the third relation need beside the gradient of the step.
bool has_full_gradient(const RunView& view, std::size_t task) {
  return has_at_its_looks(view, task, "full_gradient_norm_squared") &&
         has_at_its_looks(view, task, "gradient_curvature");
}

/// A ratio known worse than this cannot say that a run is steady.
constexpr double kKnown = 0.25;

/// The relations of one run.
struct Relations {
  double noise_scale = 0;
  double learning_rate = 0;
  double batch = 0;
  std::string id;
  Estimate norm;       ///< 2⟨θ·g⟩ = λ⟨|g|²⟩
  Estimate diffusion;  ///< 2⟨θ·∇U⟩ = T⟨tr D⟩
  Estimate loss;       ///< 2⟨|∇U|²⟩ = λ⟨gᵀHg⟩

  /// What the exact relation says of |θ|².
  [[nodiscard]] Status light(double tolerance) const {
    if (!norm.ok()) return norm.status;
    const double off = norm.value - 1;
    if (std::abs(off) > tolerance + 3 * norm.standard_error)
      return off < 0 ? Status::ageing : Status::relaxing;
    return norm.standard_error > kKnown ? Status::too_short : Status::ok;
  }
};

Relations relations_of(const RunView& view, std::size_t task, double discard) {
  Relations found;
  found.id = view.task(task).id;
  const Branch& branch = view.branch(task);
  found.learning_rate = rule_parameter(branch.rule, "learning_rate").value_or(0);
  found.batch = static_cast<double>(branch.batch.size);
  found.noise_scale = found.batch > 0 ? found.learning_rate / found.batch : 0;
  const auto late = [&](const char* probe) {
    const Recorded recorded = view.recorded(task, probe);
    const auto first = static_cast<std::ptrdiff_t>(discard * static_cast<double>(recorded.rows));
    return std::vector<double>(recorded.values.begin() + first, recorded.values.end());
  };
  if (!has_at_its_looks(view, task, "gradient_norm_squared")) {
    reject({"sgd-stationarity, " + found.id,
            "virial and gradient_norm_squared at different looks",
            "must be recorded at the same ones",
            "give both probes the same `every` or `count`"});
  }
  const double rate = found.learning_rate;
  const std::vector<double> virial = times(2, late("virial"));
  const std::vector<double> square = times(rate, late("gradient_norm_squared"));
  found.norm = ratio_of(virial, square);
  if (!has_full_gradient(view, task)) return found;
  const std::vector<double> full = late("full_gradient_norm_squared");
  std::vector<double> noise(square.size());  // T tr D, with T tr D = λ tr cov g
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = square[i] - rate * full[i];
  found.diffusion = ratio_of(virial, noise);
  found.loss = ratio_of(times(2, full), times(rate, late("gradient_curvature")));
  return found;
}

struct Relation {
  const char* name;
  const char* text;
  Estimate Relations::*of;
};
const Relation kRelations[] = {{"norm_relation", "2⟨θ·g⟩ / λ⟨|g|²⟩", &Relations::norm},
                               {"diffusion_relation", "2⟨θ·∇U⟩ / T⟨tr D⟩", &Relations::diffusion},
                               {"loss_relation", "2⟨|∇U|²⟩ / λ⟨gᵀHg⟩", &Relations::loss}};

std::string_view light_name(Status light) {
  return light == Status::ok ? "steady" : name(light);
}

/// A row a run, or a row a point of the sweep where there are too many to read.
void add_rows(const std::vector<Relations>& runs,
              std::span<const Relation> relations,
              double tolerance,
              Table& table) {
  constexpr std::size_t kMostRows = 30;
  std::map<std::array<double, 3>, std::vector<const Relations*>> points;
  for (const Relations& run : runs) {
    const double apart =
        runs.size() > kMostRows ? 0 : static_cast<double>(&run - runs.data());  // its own row
    points[{run.noise_scale, run.learning_rate, apart}].push_back(&run);
  }
  for (const auto& [where, members] : points) {
    const Relations& first = *members.front();
    std::vector<std::string> row{
        fmt::format("{:.3g}", first.noise_scale),
        fmt::format("{:.3g}", first.learning_rate),
        fmt::format("{:.0f}", first.batch),
        members.size() > 1 ? fmt::format("{} runs", members.size()) : first.id};
    for (const Relation& one : relations) {
      std::vector<Estimate> list;
      for (const Relations* run : members) list.push_back(run->*one.of);
      row.push_back(cell(members.size() > 1 ? analysis::combine(list).estimate : list.front()));
    }
    std::map<std::string_view, std::size_t> lights;
    for (const Relations* run : members) ++lights[light_name(run->light(tolerance))];
    std::string text;
    for (const auto& [light, count] : lights) {
      text += text.empty() ? "" : ", ";
      text += members.size() > 1 ? fmt::format("{} {}", count, light) : std::string(light);
    }
    row.push_back(std::move(text));
    table.rows.push_back(std::move(row));
  }
}

}  // namespace

Measured measure_sgd_stationarity(const RunView* view,
                                  const MeasureSettings& settings,
                                  TomlReader& reader) {
  const auto options = read_options<SgdStationarityOptions>(reader);
  if (view == nullptr) return {};
  const std::vector<std::size_t> tasks = view->tasks_of(settings.phase);
  std::vector<Relations> runs;
  for (const std::size_t task : tasks) runs.push_back(relations_of(*view, task, options.discard));
  // Of the gradient of the step alone comes the exact relation, and with it the light.
  const bool all_three = !tasks.empty() && has_full_gradient(*view, tasks.front());
  const std::span<const Relation> relations(kRelations, all_three ? 3 : 1);
  Measured measured;
  Table table{
      "lights",
      "Stationarity of SGD",
      std::string("A ratio that is 1 in a steady state: exact for SGD, it weighs the drift of "
                  "|θ|²; g is the gradient of a batch with its penalty. Errors by blocking. The "
                  "light follows it; steady is said of a ratio that is known to 0.25.") +
          (all_three ? " The second is its form in diffusion, off by λ⟨|∇U|²⟩, U the mean over "
                       "all examples and λ⟨|g|²⟩ - λ⟨|∇U|²⟩ = T tr D; the third says the same of "
                       "the loss, to first order in λ."
                     : ""),
      {"T = λ/B", "λ", "B", "run"},
      {}};
  for (const Relation& one : relations) table.columns.emplace_back(one.text);
  table.columns.emplace_back("light");
  Figure figure{"relations",
                "Fluctuation-dissipation relations of SGD",
                "Ratio of both sides against T, means over runs; 1 in a steady state.",
                {"T = λ/B [time]", "log"},
                {"ratio [1]", "linear"},
                {}};
  double lit = 0;
  int grows = 0;
  int shrinks = 0;
  for (const Relations& run : runs) {
    const Status light = run.light(options.tolerance);
    lit += light == Status::ok ? 1 : 0;
    grows += light == Status::ageing ? 1 : 0;
    shrinks += light == Status::relaxing ? 1 : 0;
  }
  add_rows(runs, relations, options.tolerance, table);
  if (grows + shrinks > 0) {
    measured.notes.push_back(
        fmt::format("of {} runs {} are not steady: |θ|² grows in {} and shrinks in {} of them",
                    runs.size(),
                    grows + shrinks,
                    grows,
                    shrinks));
  }
  const auto all = static_cast<double>(runs.size());
  const double share = lit / all;
  measured.findings.push_back(
      {"steady_share", {}, {share, std::sqrt(share * (1 - share) / all), Status::ok}, "1"});
  for (const Relation& one : relations) {
    std::map<double, std::vector<Estimate>> own;
    std::vector<Estimate> everything;
    for (const Relations& run : runs) {
      own[run.noise_scale].push_back(run.*one.of);
      everything.push_back(run.*one.of);
    }
    std::vector<double> x;
    std::vector<Estimate> means;
    for (const auto& [scale, list] : own) {
      x.push_back(scale);
      means.push_back(analysis::combine(list).estimate);
      measured.findings.push_back({one.name, {{"noise_scale", scale}}, means.back(), "1"});
    }
    measured.findings.push_back({one.name, {}, analysis::combine(everything).estimate, "1"});
    figure.series.push_back(points_of(one.text, x, means));
    std::vector<double> values;
    std::vector<double> errors;
    for (const Relations& run : runs) {
      values.push_back((run.*one.of).value);
      errors.push_back((run.*one.of).standard_error);
    }
    measured.data.put_vector(one.name, "run", values, "1", one.text);
    measured.data.put_vector(
        std::string(one.name) + "_error", "run", errors, "1", "one standard error");
  }
  measured.tables.push_back(std::move(table));
  measured.figures.push_back(std::move(figure));
  return measured;
}

}  // namespace thermoscape
