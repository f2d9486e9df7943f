#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "thermoscape/analysis/ageing.hpp"
#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/analysis/gamma_fit.hpp"
#include "thermoscape/analysis/identity.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/landscape/hessian_trace.hpp"

namespace thermoscape {

namespace {

struct AgeingMeasureOptions {
  analysis::AgeingOptions bins;
  analysis::PlateauOptions plateau;
  std::int64_t trace_probes = 8;

  static constexpr auto fields() {
    return std::tuple{field("trace_probes",
                            &AgeingMeasureOptions::trace_probes,
                            "1",
                            "random vectors for tr H at each recorded θ",
                            Range{2, 1e6})};
  }
};

using Curve = std::vector<analysis::AgeingPoint>;

/// The curves of one temperature, every task, and their mean.
struct TemperatureCurves {
  double temperature = 0;
  std::vector<Curve> of_tasks;
  Curve mean;
};

/// A recorded quantity drawn against s.
struct AgeingFigure {
  const char* probe;
  const char* title;
  const char* axis;
  const char* scale;
};
constexpr AgeingFigure kFigures[] = {
    {"effective_examples", "Ageing of the effective examples", "φ = (Σℓ)²/Σℓ²", "linear"},
    {"margin", "Ageing of the margins", "median margin z_y - max z_k", "linear"},
    {"displacement", "Distance from the minimum", "|Δθ|", "log"}};

Curve curve_of(const RunView& view,
               std::size_t index,
               const std::string& probe,
               double temperature,
               double unit,
               const analysis::AgeingOptions& options) {
  const Recorded recorded = view.recorded(index, probe);
  Curve curve = analysis::ageing_curve(recorded.values.span(), recorded.time, temperature, options);
  for (analysis::AgeingPoint& point : curve) {
    point.mean_over_temperature.value *= unit;
    point.mean_over_temperature.standard_error *= unit;
  }
  return curve;
}

Figure curves_figure(const std::string& id,
                     const std::string& title,
                     const std::string& caption,
                     const std::string& axis,
                     const std::vector<TemperatureCurves>& all) {
  Figure figure{id, title, caption, {"s = T t [loss time]", "log"}, {axis, "linear"}, {}};
  for (const TemperatureCurves& one : all) {
    const std::string label = fmt::format("T = {:.3g}", one.temperature);
    Series series{label, {}, {}, {}, "line+points", label};
    for (const analysis::AgeingPoint& point : one.mean) {
      if (!std::isfinite(point.mean_over_temperature.value)) continue;
      series.x.push_back(point.s);
      series.y.push_back(point.mean_over_temperature.value);
      const double error = point.mean_over_temperature.standard_error;
      series.y_error.push_back(std::isfinite(error) ? error : 0);
    }
    figure.series.push_back(std::move(series));
  }
  return figure;
}

/// Mean curves of a probe at every temperature of the phase. The unit is 1 for the loss over T, T
/// for other quantities (the analysis divides by T).
std::vector<TemperatureCurves> curves(const RunView& view,
                                      const std::string& phase,
                                      const std::string& probe,
                                      bool over_temperature,
                                      const analysis::AgeingOptions& options) {
  std::vector<TemperatureCurves> all;
  for (const std::size_t index : view.tasks_of(phase)) {
    const double temperature = rule_parameter(view.branch(index).rule, "temperature").value_or(0);
    if (temperature <= 0)
      reject({"phase " + phase, "", "needs a rule with a temperature above 0 for ageing", ""});
    if (view.end(index).status != Status::ok || !view.records(index, probe)) continue;
    auto it = std::find_if(
        all.begin(), all.end(), [&](const auto& one) { return one.temperature == temperature; });
    if (it == all.end()) it = all.insert(all.end(), TemperatureCurves{temperature, {}, {}});
    it->of_tasks.push_back(
        curve_of(view, index, probe, temperature, over_temperature ? 1 : temperature, options));
  }
  for (TemperatureCurves& one : all) one.mean = analysis::average(one.of_tasks);
  return all;
}

/// Gamma shape of the loss in bins of s: N_c = 2α, errors from the tasks' spread and from within.
std::vector<TemperatureCurves> constrained_curves(const RunView& view, const std::string& phase) {
  constexpr double kBinsPerDecade = 5;
  constexpr std::size_t kFewest = 200;
  std::vector<TemperatureCurves> all;
  for (const std::size_t index : view.tasks_of(phase)) {
    if (view.end(index).status != Status::ok) continue;
    const double temperature = *rule_parameter(view.branch(index).rule, "temperature");
    auto it = std::find_if(
        all.begin(), all.end(), [&](const auto& one) { return one.temperature == temperature; });
    if (it == all.end()) it = all.insert(all.end(), TemperatureCurves{temperature, {}, {}});
    const Recorded loss = view.recorded(index, "loss");
    Curve curve;
    const double longest = temperature * loss.time.back();
    for (double k = std::floor(kBinsPerDecade * std::log10(longest));
         k > kBinsPerDecade * std::log10(longest) - 16;
         --k) {
      const double low = std::pow(10.0, k / kBinsPerDecade);
      const double high = std::min(longest, std::pow(10.0, (k + 1) / kBinsPerDecade));
      const auto [first, last] = window_of(loss, low / temperature, high / temperature);
      if (last - first < kFewest) continue;
      Estimate shape =
          analysis::gamma_fit(loss.values.span().subspan(first, last - first)).constrained;
      curve.insert(
          curve.begin(),
          {std::sqrt(low * high), low, high, shape, static_cast<std::int64_t>(last - first)});
    }
    it->of_tasks.push_back(std::move(curve));
  }
  for (TemperatureCurves& one : all) one.mean = analysis::average(one.of_tasks);
  return all;
}

/// ⟨|∇L|²⟩ / (T⟨tr H⟩) in bins of s, from the θ recorded by all replicas and minima.
std::vector<TemperatureCurves> identity_curves(const RunView& view,
                                               const std::string& phase,
                                               std::int64_t probes) {
  struct Snapshot {
    double temperature;
    double s;
    double squared_gradient;
    double trace;
  };
  std::vector<std::vector<Snapshot>> snapshots(view.plan().tasks.size());
  const std::vector<std::size_t> tasks = view.tasks_of(phase);
  view.in_parallel(tasks.size(), [&](std::size_t i) {
    const std::size_t index = tasks[i];
    if (view.end(index).status != Status::ok || !view.records(index, "theta")) return;
    const Recorded theta = view.recorded(index, "theta");
    const double temperature = *rule_parameter(view.branch(index).rule, "temperature");
    const auto objective = view.objective(index);
    const Noise noise =
        Noise(static_cast<std::uint64_t>(view.recipe().head.seed)).fork(view.task(index).id, 2);
    std::vector<double> gradient(theta.width);
    for (std::size_t row = 0; row < theta.rows; ++row) {
      if (theta.time[row] <= 0) continue;
      const auto at = theta.values.span().subspan(row * theta.width, theta.width);
      (void)objective->loss_gradient(at, Batch{}, gradient);
      const double squared =
          std::inner_product(gradient.begin(), gradient.end(), gradient.begin(), 0.0);
      snapshots[i].push_back({temperature,
                              temperature * theta.time[row],
                              squared,
                              hessian_trace(*objective, at, noise, row, probes).value});
    }
  });
  constexpr double kBinsPerDecade = 4;
  std::map<double, std::map<double, std::pair<std::vector<double>, std::vector<double>>>> bins;
  for (const auto& list : snapshots) {
    for (const Snapshot& one : list) {
      auto& bin = bins[one.temperature][std::floor(kBinsPerDecade * std::log10(one.s))];
      bin.first.push_back(one.squared_gradient);
      bin.second.push_back(one.trace);
    }
  }
  std::vector<TemperatureCurves> all;
  for (const auto& [temperature, by_bin] : bins) {
    TemperatureCurves& curves = all.emplace_back();
    curves.temperature = temperature;
    for (const auto& [k, series] : by_bin) {
      if (series.first.size() < 8) continue;
      const double low = std::pow(10.0, k / kBinsPerDecade);
      const double high = std::pow(10.0, (k + 1) / kBinsPerDecade);
      curves.mean.push_back(
          {std::sqrt(low * high),
           low,
           high,
           analysis::equilibrium_identity(series.first, series.second, temperature),
           static_cast<std::int64_t>(series.first.size())});
    }
  }
  return all;
}

/// A theory line y(s) over the range of the curves.
template <class F>
void add_theory(Figure& figure, const std::string& label, F&& y) {
  double low = kInfinity;
  double high = 0;
  for (const Series& one : figure.series) {
    for (const double s : one.x) {
      low = std::min(low, s);
      high = std::max(high, s);
    }
  }
  if (!(high > low)) return;
  Series line{label, {}, {}, {}, "dashed", ""};
  for (int i = 0; i <= 100; ++i) {
    line.x.push_back(low * std::pow(high / low, i / 100.0));
    line.y.push_back(y(line.x.back()));
  }
  figure.series.push_back(std::move(line));
}

void add_details(const RunView& view,
                 const std::string& phase,
                 const AgeingMeasureOptions& options,
                 Measured& measured) {
  const std::string caption = ", in bins of s = T t since the noise began; errors as for the loss.";
  for (const AgeingFigure& one : kFigures) {
    const auto all = curves(view, phase, one.probe, false, options.bins);
    if (all.empty()) continue;
    Figure figure =
        curves_figure(one.probe, one.title, std::string(one.axis) + caption, one.axis, all);
    figure.y.scale = one.scale;
    if (std::string_view(one.probe) == "displacement") {
      const auto size =
          static_cast<double>(view.objective(view.tasks_of(phase).front())->parameters());
      add_theory(
          figure, "free diffusion, √(2Ns)", [size](double s) { return std::sqrt(2 * size * s); });
      figure.caption += " Free diffusion without a gradient is the dashed line.";
    }
    measured.figures.push_back(std::move(figure));
  }
  measured.figures.push_back(curves_figure("constrained_directions",
                                           "Ageing of the number of constrained directions",
                                           "N_c = 2α of the Gamma law" + caption,
                                           "N_c",
                                           constrained_curves(view, phase)));
  const auto identity = identity_curves(view, phase, options.trace_probes);
  if (!identity.empty()) {
    Figure figure = curves_figure("identity",
                                  "Equilibrium identity",
                                  "⟨|∇L|²⟩ / (T⟨tr H⟩) from the recorded θ in bins of s: below 1 "
                                  "the loss rises, above it falls.",
                                  "⟨|∇L|²⟩ / (T⟨tr H⟩)",
                                  identity);
    add_theory(figure, "equilibrium", [](double) { return 1.0; });
    measured.figures.push_back(std::move(figure));
  }
}

}  // namespace

Measured measure_ageing(const RunView* view, const MeasureSettings& settings, TomlReader& reader) {
  AgeingMeasureOptions options;
  reader.read(options.bins);
  reader.read(options);
  reader.read(options.plateau, "plateau.");
  reader.finish();
  if (view == nullptr) return {};
  Measured measured;
  const auto losses = curves(*view, settings.phase, "loss", true, options.bins);
  measured.figures.push_back(
      curves_figure("loss",
                    "Ageing of the loss",
                    "L/T in bins of s = T t since the noise began, mean over replicas and minima "
                    "with the larger of within-run and "
                    "replica errors. A steady state would be flat; the plateau that the rule finds "
                    "is in the table.",
                    "L / T",
                    losses));
  add_details(*view, settings.phase, options, measured);
  Table table{
      "plateau",
      "Plateau in s by rule",
      "The widest window in ln s over which L/T stands still within 10% and twice its error.",
      {"T", "plateau in s", "L/T there", "d(L/T)/d ln s", "status"},
      {}};
  for (const TemperatureCurves& one : losses) {
    const analysis::Plateau plateau = analysis::plateau(one.mean, options.plateau);
    const Coordinates where{{"temperature", one.temperature}};
    const auto status = [&](double value) { return Estimate{value, 0, plateau.status}; };
    measured.findings.push_back({"plateau_from", where, status(plateau.s_low), "loss time"});
    measured.findings.push_back({"plateau_to", where, status(plateau.s_high), "loss time"});
    measured.findings.push_back({"plateau_level", where, plateau.level, "1"});
    table.rows.push_back({fmt::format("{:.3g}", one.temperature),
                          fmt::format("{:.3g} – {:.3g}", plateau.s_low, plateau.s_high),
                          with_error(plateau.level.value, plateau.level.standard_error),
                          with_error(plateau.slope.value, plateau.slope.standard_error),
                          std::string(name(plateau.status))});
    Dataset& group = measured.data.make_group(fmt::format("T_{:.3g}", one.temperature));
    group.attributes["temperature"] = one.temperature;
    std::vector<double> s;
    std::vector<double> mean;
    std::vector<double> error;
    for (const analysis::AgeingPoint& point : one.mean) {
      s.push_back(point.s);
      mean.push_back(point.mean_over_temperature.value);
      error.push_back(point.mean_over_temperature.standard_error);
    }
    group.put_vector("s", "bin", s, "loss time", "s = T t, centre of the bin");
    group.put_vector("mean_over_temperature", "bin", mean, "1", "L/T in the bin");
    group.put_vector("mean_over_temperature_error", "bin", error, "1", "standard error");
  }
  measured.tables.push_back(std::move(table));
  return measured;
}

}  // namespace thermoscape
