#include "thermoscape/experiments/limiting_dynamics/noise_commutator.hpp"

namespace thermoscape {

NoiseAlong noise_along(Objective<double>& objective,
                       std::span<const double> theta,
                       const Matrix& vectors) {
  using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  NoiseAlong noise{Matrix(objective.examples(), vectors.cols()),
                   Matrix::Zero(vectors.rows(), vectors.cols())};
  Vector mean = Vector::Zero(vectors.rows());
  double squares = 0;
  objective.example_gradients(
      theta, {}, [&](std::int64_t first, std::int64_t rows, std::span<const double> block) {
        const Eigen::Map<const RowMatrix> gradients(block.data(), rows, vectors.rows());
        auto along = noise.along.middleRows(first, rows);
        along.noalias() = gradients * vectors;
        noise.covariance.noalias() += gradients.transpose() * along;
        mean += gradients.colwise().sum().transpose();
        squares += gradients.squaredNorm();
      });
  const auto examples = static_cast<double>(objective.examples());
  mean /= examples;
  noise.covariance /= examples;
  noise.covariance.noalias() -= mean * (mean.transpose() * vectors);
  noise.trace = squares / examples - mean.squaredNorm();
  return noise;
}

double noise_commutator(Objective<double>& objective,
                        std::span<const double> theta,
                        const Vector& curvatures,
                        const Matrix& covariance) {
  Matrix bent(covariance.rows(), covariance.cols());  // HΣQ
  const auto numbers = static_cast<std::size_t>(bent.size());
  objective.hessian_products(theta, {}, {covariance.data(), numbers}, {bent.data(), numbers});
  const Matrix scaled = covariance * curvatures.asDiagonal();  // ΣHQ
  const double size = bent.norm() + scaled.norm();
  return size > 0 ? (bent - scaled).norm() / size : 0;
}

}  // namespace thermoscape
