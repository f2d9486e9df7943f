#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/linear_fit.hpp"
#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/loss_statistics.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"

namespace thermoscape {

namespace {

/// A number of every sweep point: its name in findings, the unit, the head of its column, and how
/// it follows.
struct Quantity {
  const char* name;
  const char* unit;
  const char* head;
  const char* description;
  Estimate (*of)(const SweepPoint&);
};

Estimate scaled(Estimate estimate, double factor) {
  estimate.value *= factor;
  estimate.standard_error *= factor;
  return estimate;
}

/// x/y with independent relative errors; undefined at y = 0.
Estimate ratio(const Estimate& x, const Estimate& y) {
  if (!(std::abs(y.value) > 0)) return {};
  const double value = x.value / y.value;
  const double error =
      std::abs(value) * std::hypot(x.standard_error / x.value, y.standard_error / y.value);
  return {value, error, analysis::worse(x.status, y.status)};
}

using R = ReplicaStatistics;

const Quantity kQuantities[] = {
    {"mean_over_temperature",
     "1",
     "μ/T",
     "mean loss over temperature",
     [](const SweepPoint& p) { return p.pooled(&R::mean); }},
    {"deviation_over_temperature",
     "1",
     "σ/T",
     "standard deviation of the loss over temperature",
     [](const SweepPoint& p) { return p.pooled(&R::deviation); }},
    {"beta_times_temperature",
     "1",
     "βT",
     "Gamma rate times temperature",
     [](const SweepPoint& p) { return p.pooled(&R::rate); }},
    {"fluctuation_ratio",
     "1",
     "σ²/(μT)",
     "variance over mean times temperature",
     [](const SweepPoint& p) { return p.pooled(&R::fluctuation_ratio); }},
    {"shape", "1", "α", "Gamma shape", [](const SweepPoint& p) { return p.pooled(&R::shape); }},
    {"constrained_directions",
     "1",
     "N_c = 2α",
     "constrained directions, twice the Gamma shape",
     [](const SweepPoint& p) { return scaled(p.pooled(&R::shape), 2); }},
    {"effective_examples",
     "1",
     "φ",
     "examples that carry the loss",
     [](const SweepPoint& p) { return p.pooled(&R::sparsity); }},
    {"shape_over_effective_examples",
     "1",
     "α/φ",
     "Gamma shape over effective examples",
     [](const SweepPoint& p) { return ratio(p.pooled(&R::shape), p.pooled(&R::sparsity)); }},
    {"half_time",
     "time",
     "τ½",
     "half-life of the autocorrelation of the loss",
     [](const SweepPoint& p) { return p.pooled(&R::half_time); }},
    {"half_time_times_temperature",
     "loss time",
     "τ½·T",
     "τ½ T = L²",
     [](const SweepPoint& p) { return scaled(p.pooled(&R::half_time), p.temperature); }},
    {"length",
     "1",
     "L = √(T τ½)",
     "distance that a direction diffuses in a half-life",
     [](const SweepPoint& p) { return p.pooled(&R::length); }},
    {"gradient_identity",
     "1",
     "⟨|∇L|²⟩/T⟨tr H⟩",
     "equilibrium identity, 1 in equilibrium",
     [](const SweepPoint& p) { return p.pooled(&R::identity); }},
};

Estimate pooled_over_points(const std::vector<SweepPoint>& points,
                            Estimate (*of)(const SweepPoint&)) {
  std::vector<Estimate> members;
  for (const SweepPoint& one : points) members.push_back(of(one));
  return analysis::combine(members).estimate;
}

/// Exponent of quantity · T^shift against T over the healthy points.
Estimate exponent(const std::vector<SweepPoint>& points,
                  Estimate ReplicaStatistics::*quantity,
                  double shift) {
  std::vector<double> temperatures;
  std::vector<Estimate> values;
  for (const SweepPoint& one : points) {
    temperatures.push_back(one.temperature);
    values.push_back(scaled(one.pooled(quantity), std::pow(one.temperature, shift)));
  }
  return analysis::power_law(temperatures, values).exponent;
}

/// What walls of one kind predict from the measured βT = Λ/(Λ-1): Λ, and the slopes of μ and σ that
/// follow from it.
Table wall_table(const std::vector<Finding>& findings) {
  const auto pooled = [&](const std::string& quantity) {
    for (const Finding& one : findings) {
      if (one.quantity == quantity && one.where.empty()) return one.estimate;
    }
    return Estimate{};
  };
  const Estimate rate = pooled("beta_times_temperature");
  Table table{"wall",
              "Ideal and one-wall predictions",
              "A quadratic minimum gives the ideal column. Exponential walls at distance Λ give βT "
              "= Λ/(Λ-1); Λ is read off "
              "the measured βT, and the other predictions of the column follow from it without a "
              "free parameter.",
              {"quantity", "measured", "ideal", "one wall"},
              {}};
  const double inverse = rate.value > 1 ? (rate.value - 1) / rate.value : 0;  // 1/Λ
  const double slope = 1 - inverse;
  const auto row = [&](const char* name, const std::string& quantity, double ideal, double wall) {
    const Estimate measured = pooled(quantity);
    std::string text = with_error(measured.value, measured.standard_error);
    if (!measured.ok()) text += " [" + std::string(thermoscape::name(measured.status)) + "]";
    table.rows.push_back({name,
                          text,
                          fmt::format("{:.4g}", ideal),
                          inverse > 0 ? fmt::format("{:.4g}", wall) : "no wall"});
  };
  row("βT", "beta_times_temperature", 1, 1 / slope);
  row("σ²/(μT)", "fluctuation_ratio", 1, slope);
  row("d ln μ / d ln T", "mean_exponent", 1, slope);
  row("d ln σ / d ln T",
      "deviation_exponent",
      1,
      1 - inverse * (1 - 2 * inverse) / (2 * (1 - inverse)));
  row("α/φ", "shape_over_effective_examples", 1, 1 / slope);
  table.rows.push_back(
      {"Λ from βT", inverse > 0 ? fmt::format("{:.3g}", 1 / inverse) : "∞", "∞", ""});
  return table;
}

/// "1e-05", or "1e-05, time_step = 0.005" where more than the temperature was swept.
std::string place_of(const SweepPoint& point) {
  std::string text = fmt::format("{:.3g}", point.temperature);
  for (const auto& [key, value] : point.where) {
    if (key != "temperature") text += fmt::format(", {} = {:.3g}", key, value);
  }
  return text;
}

Table row_table(const std::vector<SweepPoint>& points) {
  Table table{"statistics",
              "Loss statistics by temperature",
              "Errors are standard errors: the largest of those from within the runs, from the "
              "spread of replicas and from "
              "the spread of minima.",
              {"T", "window in s"},
              {}};
  const std::vector<std::string> shown = {"mean_over_temperature",
                                          "deviation_over_temperature",
                                          "beta_times_temperature",
                                          "constrained_directions",
                                          "effective_examples",
                                          "half_time",
                                          "half_time_times_temperature"};
  std::vector<const Quantity*> columns;
  for (const std::string& wanted : shown) {
    for (const Quantity& one : kQuantities) {
      if (one.name == wanted) columns.push_back(&one);
    }
  }
  for (const Quantity* one : columns) table.columns.emplace_back(one->head);
  table.columns.emplace_back("health");
  for (const SweepPoint& point : points) {
    std::vector<std::string> row{
        place_of(point),
        fmt::format(
            "{:.3g} – {:.3g}", point.from * point.temperature, point.to * point.temperature)};
    for (const Quantity* one : columns) {
      const Estimate estimate = one->of(point);
      row.push_back(with_error(estimate.value, estimate.standard_error));
    }
    row.emplace_back(name(point.status()));
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// The three error bars of the main quantities side by side.
Table error_table(const std::vector<SweepPoint>& points) {
  Table table{"errors",
              "Where the error bars come from",
              "Standard errors from within the runs (blocking), from the spread of replicas (other "
              "noise) and from the spread of "
              "minima (other initialisations). The largest is quoted elsewhere: slow modes make "
              "the first too small.",
              {"T", "quantity", "value", "within runs", "replicas", "minima", "runs used"},
              {}};
  const std::pair<const char*, Estimate R::*> shown[] = {{"μ/T", &R::mean},
                                                         {"σ/T", &R::deviation},
                                                         {"βT", &R::rate},
                                                         {"α", &R::shape},
                                                         {"φ", &R::sparsity},
                                                         {"τ½", &R::half_time}};
  for (const SweepPoint& point : points) {
    for (const auto& [head, member] : shown) {
      const analysis::Nested nested = point.combined(member);
      if (!std::isfinite(nested.estimate.value)) continue;
      table.rows.push_back(
          {place_of(point),
           head,
           fmt::format("{:.4g}", nested.estimate.value),
           fmt::format("{:.2g}", nested.within_error),
           nested.used > nested.minima_used ? fmt::format("{:.2g}", nested.replica_error) : "—",
           nested.minima_used > 1 ? fmt::format("{:.2g}", nested.minimum_error) : "—",
           std::to_string(nested.used)});
    }
  }
  return table;
}

void store_arrays(const std::vector<SweepPoint>& points, Dataset& data) {
  std::vector<double> temperature;
  std::vector<double> from;
  std::vector<double> to;
  for (const SweepPoint& one : points) {
    temperature.push_back(one.temperature);
    from.push_back(one.from);
    to.push_back(one.to);
  }
  data.put_vector("temperature", "point", temperature, "loss", "temperature T");
  data.put_vector("window_from", "point", from, "time", "start of the window");
  data.put_vector("window_to", "point", to, "time", "end of the window");
  for (const Quantity& one : kQuantities) {
    std::vector<double> values;
    std::vector<double> errors;
    std::vector<double> statuses;
    for (const SweepPoint& point : points) {
      const Estimate estimate = one.of(point);
      values.push_back(estimate.value);
      errors.push_back(estimate.standard_error);
      statuses.push_back(static_cast<double>(estimate.status));
    }
    data.put_vector(one.name, "point", values, one.unit, one.description);
    data.put_vector(std::string(one.name) + "_error", "point", errors, one.unit, "standard error");
    data.put_vector(std::string(one.name) + "_status",
                    "point",
                    statuses,
                    "1",
                    "0 is ok; see the status table of the docs");
  }
}

/// What the temperatures of a family say together; findings at the coordinates that they share.
void pool_family(const Family& family, std::vector<Finding>& findings) {
  const std::vector<SweepPoint>& points = family.points;
  const auto add = [&](const char* name, const char* unit, const Estimate& estimate) {
    findings.push_back({name, family.where, estimate, unit});
  };
  if (points.size() < 2) return;
  for (const Quantity& one : kQuantities) {
    if (std::string_view(one.name) == "half_time")
      continue;  // differs from point to point by design
    add(one.name, one.unit, pooled_over_points(points, one.of));
  }
  if (points.size() < 3) return;
  add("mean_exponent", "1", exponent(points, &R::mean, 1));
  add("deviation_exponent", "1", exponent(points, &R::deviation, 1));
  add("half_time_exponent", "1", exponent(points, &R::half_time, 0));
}

/// What a family says of one quantity, pooled over temperatures.
Estimate finding_of(const std::vector<Finding>& findings,
                    std::string_view quantity,
                    const Coordinates& where) {
  for (const Finding& one : findings) {
    if (one.quantity == quantity && one.where == where) return one.estimate;
  }
  return {};
}

/// Where only the time step was swept beside the temperature: the straight line in η through each
/// quantity, its value at η = 0 and the relative bias at the largest step.
void extrapolate_step(const std::vector<Family>& families, Measured& measured) {
  const auto only_step = [](const Family& one) {
    return one.where.size() == 1 && one.where.front().first == "time_step";
  };
  if (families.size() < 2 || !std::all_of(families.begin(), families.end(), only_step)) return;
  Table table{"time_step",
              "Extrapolation to time step 0",
              "Straight lines in η through the values pooled over temperatures.",
              {"quantity", "at η = 0", "relative bias at the largest η"},
              {}};
  for (const char* quantity :
       {"mean_over_temperature", "beta_times_temperature", "shape", "effective_examples"}) {
    std::vector<double> steps;
    std::vector<double> values;
    std::vector<double> errors;
    for (const Family& family : families) {
      const Estimate estimate = finding_of(measured.findings, quantity, family.where);
      if (!estimate.ok() || !(estimate.standard_error > 0)) continue;
      steps.push_back(family.where.front().second);
      values.push_back(estimate.value);
      errors.push_back(estimate.standard_error);
    }
    const analysis::LinearFit fit = analysis::linear_fit(steps, values, errors);
    const double largest = steps.empty() ? 0 : *std::max_element(steps.begin(), steps.end());
    const Estimate bias = ratio(scaled(fit.slope, largest), fit.intercept);
    const std::string name = quantity;
    measured.findings.push_back({name + "_at_zero_step", {}, fit.intercept, "1"});
    measured.findings.push_back({name + "_step_bias", {}, bias, "1"});
    table.rows.push_back({name,
                          with_error(fit.intercept.value, fit.intercept.standard_error),
                          with_error(bias.value, bias.standard_error)});
  }
  measured.tables.push_back(std::move(table));
}

}  // namespace

Measured measure_loss_statistics(const RunView* view,
                                 const MeasureSettings& settings,
                                 TomlReader& reader) {
  LossStatisticsOptions options;
  reader.read(options);
  reader.read(options.window);
  reader.read(options.health, "health.");
  reader.finish();
  if (view == nullptr) return {};
  const std::vector<SweepPoint> points = loss_statistics(*view, settings.phase, options);
  Measured measured;
  for (const SweepPoint& point : points) {
    for (const Quantity& one : kQuantities)
      measured.findings.push_back({one.name, point.where, one.of(point), one.unit});
    if (const std::string reason = point.reason(); !reason.empty()) {
      measured.notes.push_back(fmt::format("T = {:.3g}: {}", point.temperature, reason));
    }
  }
  const std::vector<Family> families = families_of(points);
  for (const Family& family : families) pool_family(family, measured.findings);
  extrapolate_step(families, measured);
  measured.tables.insert(measured.tables.begin(), row_table(points));
  if (families.size() == 1 && points.size() >= 3)
    measured.tables.push_back(wall_table(measured.findings));
  measured.tables.push_back(error_table(points));
  measured.figures = loss_statistics_figures(families);
  store_arrays(points, measured.data);
  return measured;
}

}  // namespace thermoscape
