#include "thermoscape/experiments/limiting_dynamics/sgd_modes.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <Eigen/Eigenvalues>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/linear_operator.hpp"

namespace thermoscape {

namespace {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Matrix dense_hessian(Objective<double>& objective, std::span<const double> theta) {
  const auto size = static_cast<Eigen::Index>(theta.size());
  constexpr Eigen::Index kBlock = 64;
  RowMatrix hessian(size, size);
  for (Eigen::Index first = 0; first < size; first += kBlock) {
    const Eigen::Index count = std::min(kBlock, size - first);
    RowMatrix unit = RowMatrix::Zero(count, size);
    for (Eigen::Index i = 0; i < count; ++i) unit(i, first + i) = 1;
    objective.hessian_products(
        theta,
        {},
        {unit.data(), static_cast<std::size_t>(unit.size())},
        {hessian.data() + first * size, static_cast<std::size_t>(count * size)});
  }
  return (hessian + hessian.transpose()) / 2;
}

}  // namespace

SgdModes sgd_modes(Objective<double>& objective, std::span<const double> theta) {
  constexpr std::int64_t kMost = 3000;
  if (objective.parameters() > kMost) {
    reject({"sgd-modes",
            fmt::format("{} parameters", objective.parameters()),
            fmt::format("must be at most {} for all eigenvectors", kMost),
            ""});
  }
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(dense_hessian(objective, theta));
  const auto size = static_cast<Eigen::Index>(theta.size());
  Vector sum = Vector::Zero(size);
  Vector squares = Vector::Zero(size);
  objective.example_gradients(
      theta, {}, [&](std::int64_t, std::int64_t rows, std::span<const double> block) {
        const Eigen::Map<const RowMatrix> gradients(block.data(), rows, size);
        const Matrix along = gradients * solver.eigenvectors();
        sum += along.colwise().sum().transpose();
        squares += along.colwise().squaredNorm().transpose();
      });
  const auto examples = static_cast<double>(objective.examples());
  const Vector variance = squares / examples - (sum / examples).cwiseAbs2();
  SgdModes modes;
  const Vector& values = solver.eigenvalues();
  modes.curvature.assign(values.begin(), values.end());
  for (const double x : variance) modes.gradient_variance.push_back(std::max(x, 0.0));
  modes.trace = variance.sum();
  modes.negative = (values.array() < -1e-6 * values(size - 1)).count();
  return modes;
}

std::vector<double> relaxing_curvature(const SgdModes& modes, double weight_decay) {
  const double least = 1e-9 * (modes.curvature.back() + weight_decay);
  std::vector<double> curvature;
  for (const double h : modes.curvature) curvature.push_back(std::max(h + weight_decay, least));
  return curvature;
}

}  // namespace thermoscape
