#include "thermoscape/theory/random_hessian_scales.hpp"

#include <cmath>

#include <boost/math/tools/minima.hpp>

#include "thermoscape/theory/softmax_gaussian.hpp"

namespace thermoscape::theory {

RandomHessianLimits random_hessian_limits(const RandomHessianScales& scales) {
  validate(scales, "random-hessian");
  const double shared = scales.shared_deviation * scales.shared_deviation;
  const double residual = scales.residual_deviation * scales.residual_deviation;
  const double curvature = mean_logit_curvature({scales.logit_deviation, scales.classes});
  RandomHessianLimits limits;
  limits.outliers = scales.classes - 1;
  limits.class_eigenvalue = curvature / (scales.classes - 1);
  limits.hessian_trace = scales.parameters * (shared + residual) * curvature;
  limits.top_eigenvalue = scales.parameters * shared * limits.class_eigenvalue;
  limits.trace_over_norm = (1 + residual / shared) * std::sqrt(scales.classes - 1);
  limits.clustering = shared / (shared + residual);
  return limits;
}

Value top_eigenvalue_peak(double classes, double growth_exponent) {
  check_range(growth_exponent, kAny, "", "growth_exponent");
  // -ln of the top eigenvalue at σ_z = e^x.
  const auto depth = [&](double x) {
    return -2 * growth_exponent * x - std::log(mean_logit_curvature({std::exp(x), classes}));
  };
  const double low = std::log(1e-4);
  const double high = std::log(1e5);
  double best = low;
  double best_depth = depth(low);  // checks the number of classes as well
  if (!(growth_exponent > 0 && growth_exponent < 0.5)) return {};
  // A coarse scan brackets the one minimum, which Brent's method then refines.
  constexpr double kStep = 0.5;
  for (double x = low + kStep; x <= high; x += kStep) {
    const double here = depth(x);
    if (here < best_depth) {
      best = x;
      best_depth = here;
    }
  }
  if (best == low || best + kStep > high) return {};
  const auto [x, value] =
      boost::math::tools::brent_find_minima(depth, best - kStep, best + kStep, 26);
  return value_within(std::exp(x), std::isfinite(value));
}

}  // namespace thermoscape::theory
