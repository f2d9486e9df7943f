#include "thermoscape/theory/zero_curl_noise.hpp"

#include <cmath>

#include <fmt/format.h>
#include <Eigen/Cholesky>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/require.hpp"
#include "thermoscape/theory/require_matrix.hpp"

namespace thermoscape::theory {

double separable_potential(const std::vector<double>& values,
                           const std::vector<double>& slopes,
                           double temperature) {
  require_positive(temperature, "temperature");
  check_range(values, kAny, "", "values");
  check_range(slopes, kPositive, "", "slopes");
  if (values.empty() || values.size() != slopes.size()) {
    reject({"slopes",
            fmt::format("{} numbers", slopes.size()),
            fmt::format("must be one a value, for one value or more ({} values)", values.size()),
            ""});
  }
  double potential = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    potential += values[i] - temperature / 2 * std::log(slopes[i]);
  }
  return potential;
}

Value power_law_variance(double stiffness, double temperature) {
  require_positive(stiffness, "stiffness");
  require_positive(temperature, "temperature");
  const double excess = 4 / temperature - 1;  // 2n - 3
  if (!(excess > 0)) return {};
  return value_within(2 / stiffness / excess, true);
}

InverseHessianPotential inverse_hessian_potential(
    const Eigen::VectorXd& gradient,
    const Eigen::MatrixXd& hessian,
    const std::vector<Eigen::MatrixXd>& hessian_slopes,
    double temperature) {
  require_positive(temperature, "temperature");
  const Eigen::Index size = gradient.size();
  require_vector(gradient, size, "gradient");
  require_positive_definite(hessian, size, "hessian");
  if (hessian_slopes.size() != static_cast<std::size_t>(size)) {
    reject({"hessian_slopes",
            fmt::format("{} matrices", hessian_slopes.size()),
            fmt::format("must be one a coordinate ({})", size),
            ""});
  }
  const Eigen::LLT<Eigen::MatrixXd> factor(hessian);
  const double log_determinant = 2 * factor.matrixLLT().diagonal().array().log().sum();
  InverseHessianPotential result;
  result.value = gradient.squaredNorm() / 2 - temperature / 2 * log_determinant;
  result.gradient = hessian * gradient;
  for (Eigen::Index i = 0; i < size; ++i) {
    const Eigen::MatrixXd& slope = hessian_slopes[static_cast<std::size_t>(i)];
    require_symmetric(slope, size, "hessian_slopes");
    result.gradient[i] -= temperature / 2 * factor.solve(slope).trace();
  }
  return result;
}

}  // namespace thermoscape::theory
