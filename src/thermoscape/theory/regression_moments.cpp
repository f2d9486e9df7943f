#include "thermoscape/theory/regression_moments.hpp"

#include <fmt/format.h>
#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include "thermoscape/theory/require.hpp"

namespace thermoscape::theory {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

/// (1/N) Σ w_i x_i x_iᵀ
MatrixXd weighted_second_moment(const MatrixXd& x, const VectorXd& weights) {
  return x.transpose() * weights.asDiagonal() * x / static_cast<double>(x.rows());
}

}  // namespace

RegressionMoments regression_moments(const MatrixXd& inputs,
                                     const VectorXd& targets,
                                     double weight_decay) {
  if (inputs.rows() < 2 || inputs.cols() < 1 || !inputs.allFinite()) {
    reject({"regression.inputs",
            fmt::format("{} x {}", inputs.rows(), inputs.cols()),
            "must be finite numbers of at least two examples",
            ""});
  }
  if (targets.size() != inputs.rows() || !targets.allFinite()) {
    reject({"regression.targets",
            fmt::format("{} values", targets.size()),
            fmt::format("must be {} finite numbers, one an example", inputs.rows()),
            ""});
  }
  require_non_negative(weight_decay, "regression.weight_decay");
  const auto examples = static_cast<double>(inputs.rows());
  RegressionMoments m;
  m.hessian = inputs.transpose() * inputs / examples;
  m.eigenvalues = Eigen::SelfAdjointEigenSolver<MatrixXd>(m.hessian).eigenvalues();
  const double largest = m.eigenvalues(m.eigenvalues.size() - 1) + weight_decay;
  if (!(m.eigenvalues(0) + weight_decay > 1e-14 * largest)) {
    reject({"regression.inputs",
            fmt::format("least eigenvalue {:.3g}", m.eigenvalues(0)),
            "must have a Hessian that is positive definite together with weight decay",
            "raise weight_decay, or drop dependent columns"});
  }
  MatrixXd curvature = m.hessian;
  curvature.diagonal().array() += weight_decay;
  m.minimum = curvature.ldlt().solve(inputs.transpose() * targets / examples);
  const VectorXd residual = inputs * m.minimum - targets;
  const VectorXd square = residual.cwiseAbs2();
  const VectorXd mean_gradient = inputs.transpose() * residual / examples;
  m.gradient_noise =
      weighted_second_moment(inputs, square) - mean_gradient * mean_gradient.transpose();
  m.residual_variance = square.mean();
  return m;
}

double without_replacement_factor(double examples, double batch_size) {
  check_range(examples, {2, kInfinity}, "", "regression.examples");
  check_range(batch_size, {1, examples}, "", "regression.batch_size");
  return (examples - batch_size) / (examples - 1);
}

NoiseAtSpread regression_noise(const MatrixXd& inputs,
                               const VectorXd& targets,
                               double weight_decay,
                               double factor) {
  require_positive(factor, "regression.factor");
  const RegressionMoments at_minimum = regression_moments(inputs, targets, weight_decay);
  return [inputs, factor, h = at_minimum.hessian, noise = at_minimum.gradient_noise](
             const MatrixXd& position) -> MatrixXd {
    const VectorXd spread = (inputs * position).cwiseProduct(inputs).rowwise().sum();
    return factor * (noise + weighted_second_moment(inputs, spread) - h * position * h);
  };
}

}  // namespace thermoscape::theory
