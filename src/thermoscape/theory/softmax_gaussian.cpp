#include "thermoscape/theory/softmax_gaussian.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <fmt/format.h>
#include <boost/math/quadrature/gauss.hpp>

namespace thermoscape::theory {

namespace {

constexpr double kTail = 9.5;  // deviations beyond which a normal carries less than 1e-20

void check(const RandomLogits& logits) {
  validate(logits, "random-logits");
  if (logits.classes != std::floor(logits.classes)) {
    reject({"random-logits.classes",
            fmt::format("{}", logits.classes),
            "must be a whole number >= 2",
            ""});
  }
}

double normal_density(double x) {
  return std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi);
}
double normal_cdf(double x) {
  return std::erfc(-x * std::numbers::sqrt2 / 2) / 2;
}

/// Averages over one logit z ~ N(0, σ²) of functions of y = z - u.
struct OneLogit {
  double survival = 0;   // E exp(-e^y)
  double square = 0;     // E e^{2y-e^y}
  double curvature = 0;  // E e^y e^{-e^y} - E e^{2y-e^y}, whose integral with φ^{C-1} is 1 - EΣp²
  double entropy = 0;    // E e^{y-e^y}(-γ-y)
};

void add(OneLogit& sum, double y, double weight) {
  const double power = std::exp(y);
  const double gumbel = power * std::exp(-power);
  sum.square += weight * power * gumbel;
  sum.curvature += weight * (1 - power) * gumbel;
  sum.entropy -= weight * gumbel * (std::numbers::egamma + y);
}

/// The functions of y are analytic for |Im y| < π/2, the normal everywhere: trapezoid sums with a
/// step of at most ¼ in y and 2σ/3 in z err by less than e^{-39}.
OneLogit one_logit(double sigma, double u) {
  OneLogit sum;
  if (sigma < 0.375) {  // the normal is the narrower of the two
    constexpr double kStep = 2.0 / 3;
    for (int k = -15; k <= 15; ++k) {
      const double x = kStep * k;
      const double weight = kStep * normal_density(x);
      const double y = sigma * x - u;
      sum.survival += weight * std::exp(-std::exp(y));
      add(sum, y, weight);
    }
    return sum;
  }
  constexpr double kStep = 0.25;
  for (double y = -42; y <= 4; y += kStep) {
    const double x = (u + y) / sigma;
    // ∫ N e^{-e^y} by parts: the Gumbel density against the distribution function.
    const double power = std::exp(y);
    sum.survival += kStep * power * std::exp(-power) * normal_cdf(x);
    add(sum, y, kStep * normal_density(x) / sigma);
  }
  return sum;
}

/// C ∫ du (E f) φ^{C-1} for the three f at once.
OneLogit over_all_logits(const RandomLogits& logits) {
  const double sigma = logits.logit_deviation;
  const double others = logits.classes - 1;
  const double step = std::max(0.25, sigma / 8);
  OneLogit total;
  for (double u = -kTail * sigma - 5; u <= kTail * sigma + 42; u += step) {
    const OneLogit one = one_logit(sigma, u);
    const double weight = logits.classes * step * std::pow(one.survival, others);
    total.square += weight * one.square;
    total.curvature += weight * one.curvature;
    total.entropy += weight * one.entropy;
  }
  return total;
}

struct Nodes {
  std::vector<double> x;
  std::vector<double> weight;
};

/// Gauss-Legendre panels on (0, length).
Nodes panels(double length, double panel) {
  using Rule = boost::math::quadrature::gauss<double, 12>;
  const double count = std::ceil(length / panel);
  const double half = length / count / 2;
  Nodes nodes;
  for (double i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < Rule::abscissa().size(); ++k) {
      for (const double sign : {-1.0, 1.0}) {
        nodes.x.push_back(half * (2 * i + 1 + sign * Rule::abscissa()[k]));
        nodes.weight.push_back(half * Rule::weights()[k]);
      }
    }
  }
  return nodes;
}

double mean_max_probability(const RandomLogits& logits) {
  const double sigma = logits.logit_deviation;
  if (sigma == 0) return 1 / logits.classes;
  const double others = logits.classes - 1;
  // Distances d below the largest logit; beyond `reach` the other does not compete.
  const double reach = std::min(45.0, 2 * kTail * sigma);
  const Nodes distance = panels(reach, 1.5 * std::min(1.0, sigma));
  const std::size_t count = distance.x.size();
  const double z_step = sigma / 6;
  std::vector<std::vector<double>> density;  // N(z - d) dd, a row for each z
  std::vector<double> z_weight;
  std::vector<double> rest;
  for (double z = -kTail * sigma; z <= kTail * sigma; z += z_step) {
    z_weight.push_back(z_step * normal_density(z / sigma) / sigma);
    rest.push_back(normal_cdf((z - reach) / sigma));
    std::vector<double>& row = density.emplace_back(count);
    for (std::size_t k = 0; k < count; ++k) {
      row[k] = distance.weight[k] * normal_density((z - distance.x[k]) / sigma) / sigma;
    }
  }
  constexpr double kStep = 0.25;
  std::vector<double> survival(count);
  double total = 0;
  for (double t = -42; t <= 4; t += kStep) {  // s = e^t
    for (std::size_t k = 0; k < count; ++k) survival[k] = std::exp(-std::exp(t - distance.x[k]));
    const double weight = kStep * std::exp(t - std::exp(t));
    for (std::size_t i = 0; i < density.size(); ++i) {
      double q = rest[i];
      for (std::size_t k = 0; k < count; ++k) q += density[i][k] * survival[k];
      total += weight * z_weight[i] * std::pow(q, others);
    }
  }
  return logits.classes * total;
}

}  // namespace

SoftmaxAverages softmax_averages(const RandomLogits& logits) {
  check(logits);
  const OneLogit total = over_all_logits(logits);
  return {total.square, mean_max_probability(logits), total.entropy / std::numbers::ln2};
}

double mean_logit_curvature(const RandomLogits& logits) {
  check(logits);
  return over_all_logits(logits).curvature;
}

}  // namespace thermoscape::theory
