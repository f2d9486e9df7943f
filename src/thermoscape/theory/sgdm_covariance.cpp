#include "thermoscape/theory/sgdm_covariance.hpp"

#include <cmath>
#include <utility>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include "thermoscape/theory/require.hpp"
#include "thermoscape/theory/require_matrix.hpp"
#include "thermoscape/theory/sgdm_discrete.hpp"

namespace thermoscape::theory {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr const char* kWhere = "sgdm-discrete";

void check(const QuadraticSgd& sgd) {
  require_positive(sgd.learning_rate, "sgdm-discrete.learning_rate");
  check_range(sgd.momentum, kBelowOne, "", "sgdm-discrete.momentum");
  require_positive(sgd.batch_size, "sgdm-discrete.batch_size");
  if (sgd.hessian.size() == 0) {
    reject({"sgdm-discrete.hessian", "", "must have at least one row", ""});
  }
  require_positive_definite(sgd.hessian, sgd.hessian.rows(), "sgdm-discrete.hessian");
}

/// The eigenvectors of H, and the covariances pair by pair in that basis.
class Eigenplanes {
 public:
  explicit Eigenplanes(const QuadraticSgd& sgd) : sgd_(sgd) {
    check(sgd);
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(sgd.hessian);
    basis_ = solver.eigenvectors();
    curvature_ = solver.eigenvalues();
  }
  void require_stable_steps() const {
    require_stable(sgd_.learning_rate, sgd_.momentum, curvature_(curvature_.size() - 1), kWhere);
  }
  [[nodiscard]] const VectorXd& curvature() const { return curvature_; }

  [[nodiscard]] SgdCovariance solve(const MatrixXd& noise, bool discrete) const {
    const Index n = curvature_.size();
    require_symmetric(noise, n, "sgdm-discrete.noise");
    const double eta = sgd_.learning_rate;
    const double beta = sgd_.momentum;
    const double one = 1 - beta * beta;
    const MatrixXd rotated = basis_.transpose() * noise * basis_;
    SgdCovariance p{MatrixXd(n, n), MatrixXd(n, n), MatrixXd(n, n)};
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < n; ++j) {
        const double a = eta * curvature_(i);
        const double b = eta * curvature_(j);
        const double square = (a - b) * (a - b);
        const double decay = discrete
                                 ? (1 - beta) * damped_sum(a, b) + beta * square / one
                                 : (1 - beta) * (a + b) + (1 + beta) * square / (4 * (1 - beta));
        const double position = eta * eta * rotated(i, j) / sgd_.batch_size / decay;
        p.position(i, j) = position;
        p.velocity(i, j) = position * (a + b) / (eta * eta * (1 + beta));
        p.cross(i, j) =
            position * (discrete ? (a - beta * b) / one : (a - b) / (2 * (1 - beta))) / eta;
      }
    }
    return {back(p.position), back(p.cross), back(p.velocity)};
  }

 private:
  /// a + b - ab/(1+β) as a sum of positive terms up to the limit of stability.
  [[nodiscard]] double damped_sum(double a, double b) const {
    const double limit = 2 * (1 + sgd_.momentum);
    return ((limit - a) * b + (limit - b) * a) / limit;
  }
  [[nodiscard]] MatrixXd back(const MatrixXd& x) const { return basis_ * x * basis_.transpose(); }

  const QuadraticSgd& sgd_;
  MatrixXd basis_;
  VectorXd curvature_;
};

}  // namespace

SgdCovariance continuous_covariance(const QuadraticSgd& sgd, const MatrixXd& noise) {
  return Eigenplanes(sgd).solve(noise, false);
}

SgdCovariance discrete_covariance(const QuadraticSgd& sgd, const MatrixXd& noise) {
  const Eigenplanes planes(sgd);
  planes.require_stable_steps();
  return planes.solve(noise, true);
}

NoiseAtSpread gaussian_data_noise(MatrixXd hessian, double residual_variance) {
  require_positive_definite(hessian, hessian.rows(), "gaussian_data_noise.hessian");
  require_non_negative(residual_variance, "gaussian_data_noise.residual_variance");
  return [h = std::move(hessian), residual_variance](const MatrixXd& position) -> MatrixXd {
    const MatrixXd product = h * position;
    return (residual_variance + product.trace()) * h + product * h;
  };
}

SelfConsistent self_consistent_covariance(const QuadraticSgd& sgd, const NoiseAtSpread& noise) {
  const Eigenplanes planes(sgd);
  planes.require_stable_steps();
  const Index n = sgd.hessian.rows();
  SelfConsistent result;
  result.covariance.position = MatrixXd::Zero(n, n);
  double first = 0;
  for (int iteration = 0; iteration < 100000; ++iteration) {
    const MatrixXd before = result.covariance.position;
    result.covariance = planes.solve(noise(before), true);
    const double size = result.covariance.position.norm();
    if (iteration == 0) first = size;
    if (!std::isfinite(size) || size > 1e12 * first) {
      result.status = Status::diverged;
      return result;
    }
    if ((result.covariance.position - before).norm() <= 1e-13 * size) {
      result.status = Status::ok;
      return result;
    }
  }
  result.status = Status::not_converged;
  return result;
}

GaussianDataVariance gaussian_data_variance(const QuadraticSgd& sgd, double residual_variance) {
  const Eigenplanes planes(sgd);
  planes.require_stable_steps();
  require_non_negative(residual_variance, "sgdm-discrete.residual_variance");
  const double eta = sgd.learning_rate;
  const double beta = sgd.momentum;
  const auto h = planes.curvature().array();
  // K_i h_i, and the share K_i h_i² of the noise that a spread makes along its own direction.
  const Eigen::ArrayXd gain =
      eta * (1 + beta) / (sgd.batch_size * (1 - beta) * (2 * (1 + beta) - eta * h));
  const Eigen::ArrayXd share = gain * h;
  GaussianDataVariance result;
  result.additive = gain * residual_variance;
  result.continuous =
      VectorXd::Constant(h.size(), eta * residual_variance / (2 * sgd.batch_size * (1 - beta)));
  const double feedback = (share / (1 - share)).sum();
  if (!(share.maxCoeff() < 1 && feedback < 1)) {
    result.variance = VectorXd::Constant(h.size(), Value{}.value);
    return result;
  }
  result.variance = residual_variance / (1 - feedback) * gain / (1 - share);
  result.status = Status::ok;
  return result;
}

ModifiedLoss modified_loss(const QuadraticSgd& sgd,
                           double weight_decay,
                           double noise_per_curvature,
                           const VectorXd& displacement,
                           const VectorXd& velocity) {
  check(sgd);
  require_non_negative(weight_decay, "modified_loss.weight_decay");
  require_positive(noise_per_curvature, "modified_loss.noise_per_curvature");
  const Index n = sgd.hessian.rows();
  require_vector(displacement, n, "modified_loss.displacement");
  require_vector(velocity, n, "modified_loss.velocity");
  const double mass = sgd.learning_rate * (1 + sgd.momentum) / 2;
  const Eigen::LLT<MatrixXd> cholesky(sgd.hessian);
  // H^{-1}(H + λ) dθ = dθ + λ H^{-1} dθ
  const VectorXd lifted = displacement + weight_decay * cholesky.solve(displacement);
  ModifiedLoss loss;
  loss.position = displacement.dot(lifted) / (2 * mass * noise_per_curvature);
  loss.velocity = velocity.dot(cholesky.solve(velocity)) / (2 * noise_per_curvature);
  loss.current.resize(2 * n);
  loss.current << velocity, -(sgd.hessian * displacement + weight_decay * displacement) / mass;
  return loss;
}

}  // namespace thermoscape::theory
