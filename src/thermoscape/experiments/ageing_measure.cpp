#include <cmath>

#include "thermoscape/analysis/ageing.hpp"
#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"

namespace thermoscape {

namespace {

struct AgeingMeasureOptions {
  analysis::AgeingOptions bins;
  analysis::PlateauOptions plateau;
};

using Curve = std::vector<analysis::AgeingPoint>;

/// The curves of one temperature, every task, and their mean.
struct TemperatureCurves {
  double temperature = 0;
  std::vector<Curve> of_tasks;
  Curve mean;
};

Curve curve_of(const RunView& view, std::size_t index, const std::string& probe, double temperature, double unit,
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

/// Mean curves of a probe at every temperature of the phase. The unit is 1 for the loss over T, T for other quantities
/// (the analysis divides by T).
std::vector<TemperatureCurves> curves(const RunView& view, const std::string& phase, const std::string& probe,
                                      bool over_temperature, const analysis::AgeingOptions& options) {
  std::vector<TemperatureCurves> all;
  for (const std::size_t index : view.tasks_of(phase)) {
    const double temperature = rule_parameter(view.branch(index).rule, "temperature").value_or(0);
    if (temperature <= 0) reject({"phase " + phase, "", "needs a rule with a temperature above 0 for ageing", ""});
    if (view.end(index).status != Status::ok || !view.records(index, probe)) continue;
    auto it = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.temperature == temperature; });
    if (it == all.end()) it = all.insert(all.end(), TemperatureCurves{temperature, {}, {}});
    it->of_tasks.push_back(curve_of(view, index, probe, temperature, over_temperature ? 1 : temperature, options));
  }
  for (TemperatureCurves& one : all) one.mean = analysis::average(one.of_tasks);
  return all;
}

}  // namespace

Measured measure_ageing(const RunView* view, const MeasureSettings& settings, TomlReader& reader) {
  AgeingMeasureOptions options;
  reader.read(options.bins);
  reader.read(options.plateau, "plateau.");
  reader.finish();
  if (view == nullptr) return {};
  Measured measured;
  const auto losses = curves(*view, settings.phase, "loss", true, options.bins);
  measured.figures.push_back(
      curves_figure("loss",
                    "Ageing of the loss",
                    "L/T in bins of s = T t since the noise began, mean over replicas and minima with the larger of within-run and "
                    "replica errors. A steady state would be flat; the plateau that the rule finds is in the table.",
                    "L / T",
                    losses));
  const auto sparsity = curves(*view, settings.phase, "effective_examples", false, options.bins);
  if (!sparsity.empty()) {
    measured.figures.push_back(curves_figure("effective_examples",
                                             "Ageing of the effective examples",
                                             "φ = (Σℓ)²/Σℓ² in bins of s = T t, errors as above.",
                                             "φ",
                                             sparsity));
  }
  Table table{"plateau",
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
