#include "thermoscape/theory/anisotropic_ou.hpp"

#include <Eigen/Eigenvalues>

#include "thermoscape/theory/require.hpp"
#include "thermoscape/theory/require_matrix.hpp"

namespace thermoscape::theory {

Eigen::MatrixXd anisotropic_covariance(const Eigen::MatrixXd& curvature,
                                       const Eigen::MatrixXd& noise,
                                       double temperature) {
  require_positive(temperature, "temperature");
  const Eigen::Index size = curvature.rows();
  require_positive_definite(curvature, size, "curvature");
  require_symmetric(noise, size, "noise");
  const Eigen::VectorXd levels =
      Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(noise, Eigen::EigenvaluesOnly).eigenvalues();
  if (levels[0] < -1e-12 * levels.cwiseAbs().maxCoeff()) {
    reject({"noise", "", "must have no negative eigenvalue", ""});
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> modes(curvature);
  const Eigen::MatrixXd& basis = modes.eigenvectors();
  Eigen::MatrixXd rotated = temperature * basis.transpose() * noise * basis;
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index j = 0; j < size; ++j) {
      rotated(i, j) /= modes.eigenvalues()[i] + modes.eigenvalues()[j];
    }
  }
  return basis * rotated * basis.transpose();
}

Eigen::MatrixXd force_curl(const Eigen::MatrixXd& curvature, const Eigen::MatrixXd& noise) {
  require_symmetric(curvature, curvature.rows(), "curvature");
  require_positive_definite(noise, curvature.rows(), "noise");
  const Eigen::MatrixXd slope = noise.llt().solve(curvature);
  return slope - slope.transpose();
}

NullDirection null_direction(double temperature,
                             double weight_decay,
                             double noise,
                             double learning_rate) {
  require_positive(temperature, "temperature");
  require_positive(weight_decay, "weight_decay");
  require_non_negative(noise, "noise");
  require_non_negative(learning_rate, "learning_rate");
  NullDirection result;
  result.variance = temperature * noise * noise / (2 * weight_decay);
  const double factor = 1 - learning_rate * weight_decay / 2;
  if (factor > 0) result.discrete_variance = value_within(result.variance / factor, true);
  return result;
}

}  // namespace thermoscape::theory
