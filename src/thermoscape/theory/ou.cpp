#include "thermoscape/theory/ou.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <boost/math/special_functions/log1p.hpp>
#include <unsupported/Eigen/MatrixFunctions>

#include "thermoscape/core/field.hpp"
#include "thermoscape/theory/lyapunov.hpp"
#include "thermoscape/theory/require.hpp"
#include "thermoscape/theory/require_matrix.hpp"

namespace thermoscape::theory {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

void require_semidefinite(const MatrixXd& matrix, const char* where) {
  const VectorXd values = Eigen::SelfAdjointEigenSolver<MatrixXd>(matrix).eigenvalues();
  const double least = values.minCoeff();
  if (least < -1e-12 * values.cwiseAbs().maxCoeff()) {
    reject({where, fmt::format("eigenvalue {:.6g}", least), "must be positive semi-definite", ""});
  }
}

/// ∫_0^t e^{-Au} N e^{-Aᵀu} du and e^{-At} for a short time, ‖A‖t <= ½, by the series of the
/// derivatives X -> -(AX + XAᵀ).
std::pair<MatrixXd, MatrixXd> short_time(const MatrixXd& drift, const MatrixXd& noise, double t) {
  MatrixXd covariance = noise * t;
  MatrixXd term = covariance;
  MatrixXd propagator = MatrixXd::Identity(drift.rows(), drift.cols());
  MatrixXd power = propagator;
  for (int n = 1; n <= 30; ++n) {
    const MatrixXd step = drift * term * (t / (n + 1));
    term = -(step + step.transpose());
    covariance += term;
    power = -drift * power * (t / n);
    propagator += power;
  }
  return {covariance, propagator};
}

}  // namespace

OrnsteinUhlenbeck::OrnsteinUhlenbeck(MatrixXd drift, MatrixXd diffusion, double inverse_temperature)
    : drift_(std::move(drift)), diffusion_(std::move(diffusion)), kappa_(inverse_temperature) {
  require_positive(kappa_, "ou.inverse_temperature");
  if (drift_.rows() == 0 || drift_.rows() != drift_.cols()) {
    reject(
        {"ou.drift", fmt::format("{} x {}", drift_.rows(), drift_.cols()), "must be square", ""});
  }
  require_symmetric(diffusion_, size(), "ou.diffusion");
  require_semidefinite(diffusion_, "ou.diffusion");
  lyapunov_ = solve_lyapunov(drift_, 2 * diffusion_);
  // Judged and inverted in units of each variable's own spread: position and velocity of SGD differ
  // by orders of magnitude.
  const VectorXd spread = lyapunov_.diagonal().cwiseMax(0).cwiseSqrt();
  const bool reached = (spread.array() > 0).all();
  const VectorXd inverse = reached ? VectorXd(spread.cwiseInverse()) : VectorXd::Zero(size());
  const MatrixXd correlation = inverse.asDiagonal() * lyapunov_ * inverse.asDiagonal();
  const double least = Eigen::SelfAdjointEigenSolver<MatrixXd>(correlation).eigenvalues()(0);
  if (!reached || !(least > 1e-13 * static_cast<double>(size()))) {
    reject({"ou.diffusion",
            "",
            "must reach every direction through the drift",
            "(A, D^½) is not controllable, so there is no stationary density"});
  }
  const Eigen::LLT<MatrixXd> cholesky(correlation);
  factor_ = spread.asDiagonal() * MatrixXd(cholesky.matrixL());
  const MatrixXd inverse_correlation = cholesky.solve(MatrixXd::Identity(size(), size()));
  potential_ = inverse.asDiagonal() * inverse_correlation * inverse.asDiagonal();
  potential_ = ((potential_ + potential_.transpose()) / 2).eval();
  const MatrixXd product = drift_ * lyapunov_;
  rotation_ = (product - product.transpose()) / 2;
}

void OrnsteinUhlenbeck::check(const VectorXd& x) const {
  require_vector(x, size(), "ou.x");
}

MatrixXd OrnsteinUhlenbeck::whitened(const MatrixXd& x) const {
  const auto lower = factor_.triangularView<Eigen::Lower>();
  const MatrixXd left = lower.solve(x);
  return lower.solve(left.transpose()).transpose();
}

double OrnsteinUhlenbeck::modified_potential(const VectorXd& x) const {
  check(x);
  return factor_.triangularView<Eigen::Lower>().solve(x).squaredNorm() / 2;
}

VectorXd OrnsteinUhlenbeck::current_velocity(const VectorXd& x) const {
  check(x);
  return -rotation_ * (potential_ * x);
}

double OrnsteinUhlenbeck::irreversibility() const {
  const double reversible = whitened(diffusion_).squaredNorm();
  const double rotating = whitened(rotation_).squaredNorm();
  return std::sqrt(rotating / (reversible + rotating));
}

bool OrnsteinUhlenbeck::detailed_balance(double tolerance) const {
  return irreversibility() <= tolerance;
}

MatrixXd OrnsteinUhlenbeck::propagator(double time) const {
  require_non_negative(time, "ou.time");
  return MatrixXd(-drift_ * time).exp();
}

VectorXd OrnsteinUhlenbeck::mean(const VectorXd& start, double time) const {
  check(start);
  return propagator(time) * start;
}

MatrixXd OrnsteinUhlenbeck::covariance(double time) const {
  require_non_negative(time, "ou.time");
  int doublings = 0;
  std::frexp(drift_.norm() * time, &doublings);
  doublings = std::max(doublings + 1, 0);
  auto [covariance, propagator] =
      short_time(drift_, 2 / kappa_ * diffusion_, std::ldexp(time, -doublings));
  for (int i = 0; i < doublings; ++i) {
    covariance += (propagator * covariance * propagator.transpose()).eval();
    propagator = (propagator * propagator).eval();
  }
  return (covariance + covariance.transpose()) / 2;
}

MatrixXd OrnsteinUhlenbeck::covariance(const MatrixXd& start, double time) const {
  require_symmetric(start, size(), "ou.start");
  const MatrixXd e = propagator(time);
  return e * start * e.transpose() + covariance(time);
}

MatrixXd OrnsteinUhlenbeck::cross_covariance(double t, double s) const {
  if (t > s) return cross_covariance(s, t).transpose();
  return covariance(t) * propagator(s - t).transpose();
}

MatrixXd OrnsteinUhlenbeck::stationary_cross_covariance(double lag) const {
  return stationary_covariance() * propagator(lag).transpose();
}

Value OrnsteinUhlenbeck::free_energy_excess(const VectorXd& mean,
                                            const MatrixXd& covariance) const {
  check(mean);
  require_symmetric(covariance, size(), "ou.covariance");
  if (covariance.llt().info() != Eigen::Success) return {};
  // Σ ½(x - ln(1+x)) over the eigenvalues x of L^{-1}(κC - B)L^{-T}: no cancellation near rest.
  const MatrixXd deviation = whitened(kappa_ * covariance - lyapunov_);
  const VectorXd excess = Eigen::SelfAdjointEigenSolver<MatrixXd>(deviation).eigenvalues();
  double sum = 0;
  for (const double x : excess) {
    if (!(x > -1)) return {};
    sum -= boost::math::log1pmx(x) / 2;
  }
  return value_within(sum / kappa_ + modified_potential(mean), true);
}

Value OrnsteinUhlenbeck::free_energy_rate(const VectorXd& mean, const MatrixXd& covariance) const {
  check(mean);
  require_symmetric(covariance, size(), "ou.covariance");
  const Eigen::LLT<MatrixXd> cholesky(covariance);
  if (cholesky.info() != Eigen::Success) return {};
  const VectorXd force = potential_ * mean;
  // G = U - C^{-1}/κ = U (C - B/κ) C^{-1}
  const MatrixXd gap = covariance - lyapunov_ / kappa_;
  const MatrixXd g = potential_ * cholesky.solve(gap).transpose();
  const double spread = (g * diffusion_ * g.transpose() * covariance).trace();
  return value_within(-(force.dot(diffusion_ * force) + spread), true);
}

OrnsteinUhlenbeck sgd_phase_space(const MatrixXd& hessian,
                                  const MatrixXd& noise,
                                  double learning_rate,
                                  double momentum,
                                  double batch_size) {
  require_positive(learning_rate, "ou.learning_rate");
  require_positive(batch_size, "ou.batch_size");
  check_range(momentum, kBelowOne, "", "ou.momentum");
  const Index n = hessian.rows();
  require_positive_definite(hessian, n, "ou.hessian");
  require_symmetric(noise, n, "ou.noise");
  const double mass = learning_rate * (1 + momentum) / 2;
  MatrixXd drift = MatrixXd::Zero(2 * n, 2 * n);
  drift.topRightCorner(n, n) = -MatrixXd::Identity(n, n);
  drift.bottomLeftCorner(n, n) = hessian / mass;
  drift.bottomRightCorner(n, n) = (1 - momentum) / mass * MatrixXd::Identity(n, n);
  MatrixXd diffusion = MatrixXd::Zero(2 * n, 2 * n);
  diffusion.bottomRightCorner(n, n) = (1 - momentum) / mass * noise;
  return {std::move(drift), std::move(diffusion), batch_size * (1 - momentum) * (1 + momentum)};
}

}  // namespace thermoscape::theory
