#include "thermoscape/experiments/thermal_probe/loss_statistics_summary.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/linear_fit.hpp"
#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/steady_windows.hpp"
#include "thermoscape/experiments/table_cell.hpp"

namespace thermoscape {

namespace {

using R = ReplicaStatistics;
using Quantity = Estimate (*)(const SweepPoint&);

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

const LossQuantity kQuantities[] = {
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
     [](const SweepPoint& p) { return p.pooled(&R::effective_examples); }},
    {"shape_over_effective_examples",
     "1",
     "α/φ",
     "Gamma shape over effective examples",
     [](const SweepPoint& p) {
       return ratio(p.pooled(&R::shape), p.pooled(&R::effective_examples));
     }},
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

/// Mean over the temperatures of some points, the sound ones if there are any.
Estimate mean_over(const std::vector<SweepPoint>& points, Quantity of) {
  std::vector<Estimate> members;
  for (const SweepPoint& one : points) members.push_back(of(one));
  const bool any_sound =
      std::any_of(members.begin(), members.end(), [](const Estimate& one) { return one.ok(); });
  return analysis::combine(members, {.exclude_not_ok = any_sound}).estimate;
}

/// Exponent of quantity · T^shift against T over some points.
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

/// The points of a minimum as it alone saw them, the healthy ones or those of the list.
std::vector<SweepPoint> alone(const std::vector<SweepPoint>& points,
                              std::size_t minimum,
                              const std::vector<std::size_t>& used) {
  std::vector<SweepPoint> own;
  for (const std::size_t i : used) own.push_back(points[i].alone(minimum));
  return own;
}

/// A number of the whole sweep: that of each minimum, averaged; where no minimum has one, that of
/// all points as they are, with the gravest status.
template <class F>
Estimate of_minima(const std::vector<SweepPoint>& points, std::size_t least, F&& of) {
  const Estimate estimate =
      over_minima(points, least, [&](std::size_t m, const std::vector<std::size_t>& healthy) {
        return of(alone(points, m, healthy));
      });
  if (std::isfinite(estimate.value)) return estimate;
  Estimate rest = of(points);
  for (const SweepPoint& one : points) rest.status = analysis::worse(rest.status, one.status());
  return rest;
}

/// The line through a quantity against η in one minimum: intercept, and relative bias at the
/// largest η.
struct StepLine {
  Estimate at_zero;
  Estimate bias;
};

StepLine step_line(const std::vector<Family>& families, std::size_t minimum, Quantity of) {
  std::vector<double> steps;
  std::vector<double> values;
  std::vector<double> errors;
  for (const Family& family : families) {
    const Estimate mean = minimum_mean(family, minimum, of);
    if (!mean.ok() || !(mean.standard_error > 0)) continue;
    steps.push_back(family.where.front().second);
    values.push_back(mean.value);
    errors.push_back(mean.standard_error);
  }
  if (steps.size() < 2) return {};
  const analysis::LinearFit fit = analysis::linear_fit(steps, values, errors);
  const double largest = *std::max_element(steps.begin(), steps.end());
  return {fit.intercept, ratio(scaled(fit.slope, largest), fit.intercept)};
}

}  // namespace

Estimate minimum_mean(const Family& family, std::size_t minimum, Quantity of) {
  std::vector<std::size_t> healthy;
  for (std::size_t i = 0; i < family.points.size(); ++i) {
    if (family.points[i].health[minimum].status == Status::ok) healthy.push_back(i);
  }
  return mean_over(alone(family.points, minimum, healthy), of);
}

Estimate family_mean(const Family& family, Quantity of) {
  return of_minima(
      family.points, 1, [&](const std::vector<SweepPoint>& used) { return mean_over(used, of); });
}

std::span<const LossQuantity> loss_quantities() {
  return kQuantities;
}

std::vector<Finding> loss_summary(const Family& family) {
  const std::vector<SweepPoint>& points = family.points;
  std::vector<Finding> findings;
  if (points.size() < 2) return findings;
  for (const LossQuantity& one : kQuantities) {
    if (one.name == "half_time") continue;  // differs from point to point by design
    findings.push_back(
        {std::string(one.name), family.where, family_mean(family, one.of), std::string(one.unit)});
  }
  if (points.size() < 3) return findings;
  const auto add = [&](const char* name, Estimate R::*quantity, double shift) {
    const Estimate found = of_minima(points, 3, [&](const std::vector<SweepPoint>& used) {
      return exponent(used, quantity, shift);
    });
    findings.push_back({name, family.where, found, "1"});
  };
  add("mean_exponent", &R::mean, 1);
  add("deviation_exponent", &R::deviation, 1);
  add("half_time_exponent", &R::half_time, 0);
  return findings;
}

void extrapolate_step(const std::vector<Family>& families, Measured& measured) {
  const auto only_step = [](const Family& one) {
    return one.where.size() == 1 && one.where.front().first == "time_step";
  };
  if (families.size() < 2 || !std::all_of(families.begin(), families.end(), only_step)) return;
  Table table{"time_step",
              "Extrapolation to time step 0",
              "Straight lines in η through the values averaged over temperatures, one a minimum; "
              "mean and error over the minima.",
              {"quantity", "at η = 0", "relative bias at the largest η"},
              {}};
  const std::size_t minima = families.front().points.front().minima.size();
  for (const LossQuantity& one : kQuantities) {
    if (one.name != "mean_over_temperature" && one.name != "beta_times_temperature" &&
        one.name != "shape" && one.name != "effective_examples" && one.name != "length")
      continue;
    std::vector<Estimate> at_zero;
    std::vector<Estimate> bias;
    for (std::size_t m = 0; m < minima; ++m) {
      const StepLine line = step_line(families, m, one.of);
      at_zero.push_back(line.at_zero);
      bias.push_back(line.bias);
    }
    const Estimate zero = analysis::combine(at_zero).estimate;
    const Estimate relative = analysis::combine(bias).estimate;
    const std::string name(one.name);
    measured.findings.push_back({name + "_at_zero_step", {}, zero, std::string(one.unit)});
    measured.findings.push_back({name + "_step_bias", {}, relative, "1"});
    table.rows.push_back({std::string(one.head), cell(zero), cell(relative)});
  }
  measured.tables.push_back(std::move(table));
}

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

}  // namespace thermoscape
