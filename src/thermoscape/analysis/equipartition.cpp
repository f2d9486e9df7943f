#include "thermoscape/analysis/equipartition.hpp"

#include <array>
#include <cmath>

#include "thermoscape/analysis/combine.hpp"

namespace thermoscape::analysis {
namespace {

Estimate scaled(const Estimate& e, double factor) {
  return {factor * e.value, factor * e.standard_error, e.status};
}

/// d ln μ/d ln T at point `at` of the usable points, as weights on ln μ of up to three of them.
struct Stencil {
  std::array<std::size_t, 3> points{};
  std::array<double, 3> weights{};
  std::size_t size = 0;
};

Stencil log_derivative(const std::vector<double>& log_t, std::size_t at) {
  if (log_t.size() < 2) return {};
  if (at == 0 || at + 1 == log_t.size()) {
    const std::size_t low = at == 0 ? 0 : at - 1;
    const double step = log_t[low + 1] - log_t[low];
    return {{low, low + 1, 0}, {-1 / step, 1 / step, 0}, 2};
  }
  const double before = log_t[at] - log_t[at - 1];
  const double after = log_t[at + 1] - log_t[at];
  return {{at - 1, at, at + 1},
          {-after / (before * (before + after)),
           (after - before) / (before * after),
           before / (after * (before + after))},
          3};
}

}  // namespace

Equipartition equipartition(std::span<const double> losses,
                            double temperature,
                            const BlockingOptions& options) {
  check_range(temperature, kPositive, "[loss]", "equipartition.temperature");
  const Moments m = moments(losses, options);
  const GammaFit fit = gamma_fit(losses, options);
  Equipartition out;
  out.mean_over_temperature = scaled(m.mean, 1 / temperature);
  out.deviation_over_temperature = scaled(m.standard_deviation, 1 / temperature);
  out.constrained_from_mean = scaled(m.mean, 2 / temperature);
  out.heat_capacity = scaled(m.variance, 1 / (temperature * temperature));
  out.constrained_from_variance = scaled(out.heat_capacity, 2);
  out.constrained_from_shape = fit.constrained;
  out.rate_times_temperature = scaled(fit.rate, temperature);

  out.fluctuation_ratio.status = worse(m.mean.status, m.variance.status);
  const double mean = m.mean.value, variance = m.variance.value;
  if (!(mean > 0) || !(variance >= 0)) {
    out.fluctuation_ratio.status = worse(out.fluctuation_ratio.status, Status::undefined);
    return out;
  }
  // Variance and mean of one series fluctuate together: block the influence of their ratio, not
  // each.
  const double ratio = variance / (mean * temperature);
  Blocker blocks;
  for (const double x : losses) {
    const double d = x - mean;
    blocks.push((d * d - variance) / (mean * temperature) - ratio * d / mean);
  }
  const Estimate error = blocks.result(options).mean;
  out.fluctuation_ratio = {ratio, error.standard_error, error.status};
  return out;
}

std::vector<HeatCapacity> heat_capacity(std::span<const double> temperatures,
                                        std::span<const Estimate> means,
                                        std::span<const Estimate> variances) {
  const std::size_t n = temperatures.size();
  if (means.size() != n || variances.size() != n) {
    reject(
        {"heat_capacity",
         fmt::format("{} temperatures, {} means, {} variances", n, means.size(), variances.size()),
         "must have equal lengths",
         ""});
  }
  for (std::size_t i = 0; i < n; ++i) {
    check_range(temperatures[i], kPositive, "[loss]", "heat_capacity.temperatures");
    if (i == 0 || temperatures[i] > temperatures[i - 1]) continue;
    reject({"heat_capacity.temperatures", fmt::format("{}", temperatures[i]), "must increase", ""});
  }
  std::vector<std::size_t> usable;
  std::vector<double> log_t;
  for (std::size_t i = 0; i < n; ++i) {
    if (!means[i].ok() || !(means[i].value > 0)) continue;
    usable.push_back(i);
    log_t.push_back(std::log(temperatures[i]));
  }
  std::vector<HeatCapacity> out(n);
  for (std::size_t i = 0; i < n; ++i) {
    out[i].temperature = temperatures[i];
    out[i].from_variance = scaled(variances[i], 1 / (temperatures[i] * temperatures[i]));
  }
  for (std::size_t at = 0; at < usable.size(); ++at) {
    const Stencil stencil = log_derivative(log_t, at);
    if (stencil.size == 0) break;
    HeatCapacity& row = out[usable[at]];
    const double here = means[usable[at]].value / row.temperature;
    double exponent = 0;
    for (std::size_t j = 0; j < stencil.size; ++j) {
      exponent += stencil.weights[j] * std::log(means[usable[stencil.points[j]]].value);
    }
    double squares = 0;  // δC = (μ/T) (Σ w_j δμ_j/μ_j + p δμ/μ)
    for (std::size_t j = 0; j < stencil.size; ++j) {
      const std::size_t k = stencil.points[j];
      const double weight = stencil.weights[j] + (k == at ? exponent : 0);
      const Estimate& mean = means[usable[k]];
      squares += std::pow(here * weight * mean.standard_error / mean.value, 2);
    }
    row.from_mean = {here * exponent, std::sqrt(squares), Status::ok};
    if (row.from_mean.value == 0 || !std::isfinite(row.from_variance.value)) continue;
    const double ratio = row.from_variance.value / row.from_mean.value;
    const double relative = std::hypot(row.from_variance.standard_error / row.from_variance.value,
                                       row.from_mean.standard_error / row.from_mean.value);
    row.ratio = {ratio, std::abs(ratio) * relative, row.from_variance.status};
  }
  return out;
}

}  // namespace thermoscape::analysis
