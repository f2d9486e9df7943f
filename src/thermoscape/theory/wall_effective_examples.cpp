#include "thermoscape/theory/wall_effective_examples.hpp"

#include <cmath>
#include <numbers>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/field.hpp"
#include "thermoscape/theory/truncated_wall.hpp"

namespace thermoscape::theory {

namespace {

/// e^{z²} erfc(z) for z >= 0.
double scaled_erfc(double z) {
  if (z < 8) return std::exp(z * z) * std::erfc(z);
  const double w =
      1 / (2 * z * z);  // asymptotic series: the last term kept is below 1e-9 of the first
  return (1 - w * (1 - 3 * w * (1 - 5 * w * (1 - 7 * w * (1 - 9 * w))))) /
         (z * std::sqrt(std::numbers::pi));
}

}  // namespace

double wall_effective_examples(double walls, double log_boltzmann) {
  if (!(walls >= 2)) reject({"walls", fmt::format("{}", walls), "must be >= 2", ""});
  if (!std::isfinite(log_boltzmann))
    reject({"log_boltzmann", fmt::format("{}", log_boltzmann), "must be finite", ""});
  const double u = std::exp(log_boltzmann);
  const double norm = scaled_exponential_integral(log_boltzmann);  // e^u E1(u)
  // m_1 and m_2 at λ in closed form: ∫_u^∞ e^{-x-λx²} dx = e^{-u-λu²} (√π/(2√λ)) erfcx(√λu +
  // 1/(2√λ)).
  const auto moments = [&](double lambda, double& one, double& two) {
    const double root = std::sqrt(lambda);
    const double integral =
        std::sqrt(std::numbers::pi) / (2 * root) * scaled_erfc(root * u + 1 / (2 * root));
    const double edge = std::exp(-lambda * u * u) / norm;
    one = edge * integral;
    two = edge * (1 - integral) / (2 * lambda);
  };
  // Below the first λ the integrand is its value at 0, to a relative n m_2 λ.
  const double mean = 1 / norm;
  const double second = (1 + u) / norm;
  const double first = 1e-4 / (1 + walls * second);
  double survivor = 1 - second * first;  // m_0
  double sum = mean * mean * first;
  // Simpson over ln λ, with m_0 carried along by the same rule on m_2.
  constexpr int kPerUnit = 10;
  const double width = 1.0 / kPerUnit;
  double lambda = first;
  double one = 0;
  double two = 0;
  moments(lambda, one, two);
  const auto weight = [&](double m0) { return m0 > 0 ? std::pow(m0, walls - 2) : 0.0; };
  for (int i = 0; i < 400 * kPerUnit; ++i) {
    const double middle = lambda * std::exp(width / 2);
    const double next = lambda * std::exp(width);
    double one_middle = 0;
    double two_middle = 0;
    double one_next = 0;
    double two_next = 0;
    moments(middle, one_middle, two_middle);
    moments(next, one_next, two_next);
    // The half step by the parabola through the three values.
    const double f0 = two * lambda;
    const double f1 = two_middle * middle;
    const double f2 = two_next * next;
    const double survivor_middle = survivor - width * (5 * f0 + 8 * f1 - f2) / 24;
    const double survivor_next = survivor - width * (f0 + 4 * f1 + f2) / 6;
    const double g0 = one * one * weight(survivor) * lambda;
    const double g1 = one_middle * one_middle * weight(survivor_middle) * middle;
    const double g2 = one_next * one_next * weight(survivor_next) * next;
    sum += width * (g0 + 4 * g1 + g2) / 6;
    survivor = survivor_next;
    lambda = next;
    one = one_next;
    two = two_next;
    if (g2 < 1e-9 * sum && lambda * mean * mean > 1) break;
  }
  return 1 + walls * (walls - 1) * sum;
}

}  // namespace thermoscape::theory
