#include <cmath>
#include <map>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/spread.hpp"
#include "thermoscape/experiments/steady_windows.hpp"

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

/// A relation left = right of a steady state: their ratio, from the series of both.
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

/// A ratio known worse than this says nothing about a run.
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
    if (norm.standard_error > kKnown) return Status::too_short;
    const double off = norm.value - 1;
    if (std::abs(off) <= tolerance + 3 * norm.standard_error) return Status::ok;
    return off < 0 ? Status::ageing : Status::relaxing;
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
  std::vector<double> virial = late("virial");
  std::vector<double> square = late("gradient_norm_squared");
  std::vector<double> full = late("full_gradient_norm_squared");
  const std::vector<double> curved = late("gradient_curvature");
  std::vector<double> noise(square.size());
  std::vector<double> curvature(square.size());
  const double rate = found.learning_rate;
  for (std::size_t i = 0; i < square.size(); ++i) {
    virial[i] *= 2;
    noise[i] = rate * (square[i] - full[i]);  // T tr D, with T tr D = λ tr cov g
    square[i] *= rate;
    curvature[i] = rate * curved[i];
    full[i] *= 2;
  }
  found.norm = ratio_of(virial, square);
  found.diffusion = ratio_of(virial, noise);
  found.loss = ratio_of(full, curvature);
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

}  // namespace

Measured measure_sgd_stationarity(const RunView* view,
                                  const MeasureSettings& settings,
                                  TomlReader& reader) {
  const auto options = read_options<SgdStationarityOptions>(reader);
  if (view == nullptr) return {};
  const std::vector<std::size_t> tasks = view->tasks_of(settings.phase);
  std::vector<Relations> runs;
  for (const std::size_t task : tasks) runs.push_back(relations_of(*view, task, options.discard));
  Measured measured;
  Table table{
      "lights",
      "Stationarity of SGD",
      "Ratios that are 1 in a steady state: the first is exact for SGD and weighs the drift "
      "of |θ|²; the second is its form in diffusion, "
      "off by λ⟨|∇U|²⟩; the third says the same of the loss, to first order in λ. g is the "
      "gradient of a batch with its penalty, U the mean over all examples, λ⟨|g|²⟩ - "
      "λ⟨|∇U|²⟩ = T tr D. Errors by blocking. The light follows the first, where it is known to "
      "0.25.",
      {"T = λ/B", "λ", "B", "run"},
      {}};
  for (const Relation& one : kRelations) table.columns.emplace_back(one.text);
  table.columns.emplace_back("light");
  Figure figure{"relations",
                "Fluctuation-dissipation relations of SGD",
                "Ratio of both sides against T, means over runs; 1 in a steady state.",
                {"T = λ/B [time]", "log"},
                {"ratio [1]", "linear"},
                {}};
  double lit = 0;
  for (const Relations& run : runs) {
    std::vector<std::string> row{fmt::format("{:.3g}", run.noise_scale),
                                 fmt::format("{:.3g}", run.learning_rate),
                                 fmt::format("{:.0f}", run.batch),
                                 run.id};
    for (const Relation& one : kRelations) row.push_back(cell(run.*one.of));
    const Status light = run.light(options.tolerance);
    lit += light == Status::ok ? 1 : 0;
    row.emplace_back(light == Status::ok ? "steady" : name(light));
    table.rows.push_back(std::move(row));
    if (light == Status::ageing || light == Status::relaxing) {
      measured.notes.push_back(fmt::format("{} is not steady: |θ|² {}, 2⟨θ·g⟩ is {:.2g} of λ⟨|g|²⟩",
                                           run.id,
                                           light == Status::ageing ? "grows" : "shrinks",
                                           run.norm.value));
    }
  }
  const auto all = static_cast<double>(runs.size());
  const double share = lit / all;
  measured.findings.push_back(
      {"steady_share", {}, {share, std::sqrt(share * (1 - share) / all), Status::ok}, "1"});
  for (const Relation& one : kRelations) {
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
