#include "thermoscape/experiments/thermal_probe/stiff_modes.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <Eigen/Eigenvalues>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {

constexpr Eigen::Index kLargest = 2000;

using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

void check_size(Eigen::Index size, const char* what) {
  if (size > kLargest)
    reject({what, std::to_string(size), "must be at most 2000 for a dense eigenproblem", ""});
}

/// Keeps the eigenvalues above the tolerance, largest first.
StiffModes kept(const Vector& values, const Matrix& vectors, double tolerance) {
  StiffModes modes;
  const Eigen::Index size = values.size();
  const double least = tolerance * values[size - 1];
  Eigen::Index rank = 0;
  while (rank < size && values[size - 1 - rank] > least) ++rank;
  modes.directions.resize(vectors.rows(), rank);
  for (Eigen::Index i = 0; i < rank; ++i) {
    modes.stiffness.push_back(values[size - 1 - i]);
    modes.directions.col(i) = vectors.col(size - 1 - i);
  }
  return modes;
}

StiffModes of_gauss_newton(Objective<double>& objective,
                           std::span<const double> theta,
                           double tolerance) {
  const Eigen::Index outputs = objective.examples() * objective.outputs();
  check_size(outputs, "examples times outputs");
  const Rows identity = Rows::Identity(outputs, outputs);
  Rows jacobian(outputs, objective.parameters());
  objective.jacobian_pullback(theta,
                              Batch{},
                              {identity.data(), static_cast<std::size_t>(identity.size())},
                              {jacobian.data(), static_cast<std::size_t>(jacobian.size())});
  const auto examples = static_cast<double>(objective.examples());
  const Matrix gram = jacobian * jacobian.transpose() / examples;
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(gram);
  StiffModes modes = kept(solver.eigenvalues(), solver.eigenvectors(), tolerance);
  modes.gauss_newton = true;
  // v = Jᵀu / |Jᵀu|, |Jᵀu|² = D k.
  Matrix directions = jacobian.transpose() * modes.directions;
  for (Eigen::Index i = 0; i < directions.cols(); ++i) directions.col(i).normalize();
  modes.directions = std::move(directions);
  return modes;
}

Rows products(Objective<double>& objective, std::span<const double> theta, const Rows& vectors) {
  Rows out(vectors.rows(), vectors.cols());
  objective.hessian_products(theta,
                             Batch{},
                             {vectors.data(), static_cast<std::size_t>(vectors.size())},
                             {out.data(), static_cast<std::size_t>(out.size())});
  return out;
}

StiffModes of_hessian(Objective<double>& objective,
                      std::span<const double> theta,
                      double tolerance) {
  const Eigen::Index size = objective.parameters();
  check_size(size, "parameters");
  const Matrix hessian = products(objective, theta, Rows::Identity(size, size));
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(0.5 * (hessian + hessian.transpose()));
  return kept(solver.eigenvalues(), solver.eigenvectors(), tolerance);
}

}  // namespace

StiffModes stiff_modes(Objective<double>& objective,
                       std::span<const double> theta,
                       double tolerance) {
  if (objective.output_loss() == OutputLoss::cross_entropy) {
    reject({"objective",
            "cross-entropy",
            "must have squared errors: only those make a quadratic minimum",
            "loss = \"mse\""});
  }
  return objective.outputs() > 0 ? of_gauss_newton(objective, theta, tolerance)
                                 : of_hessian(objective, theta, tolerance);
}

double gauss_newton_residual(Objective<double>& objective,
                             std::span<const double> theta,
                             const StiffModes& modes) {
  const Rows along = modes.directions.transpose();
  const Rows applied = products(objective, theta, along);
  double largest = 0;
  for (Eigen::Index i = 0; i < along.rows(); ++i) {
    const double k = modes.stiffness[static_cast<std::size_t>(i)];
    largest =
        std::max(largest, (applied.row(i) - k * along.row(i)).norm() / modes.stiffness.front());
  }
  return largest;
}

}  // namespace thermoscape
