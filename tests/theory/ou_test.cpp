#include "thermoscape/theory/ou.hpp"

#include <cmath>
#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <unsupported/Eigen/KroneckerProduct>
#include <unsupported/Eigen/MatrixFunctions>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/lyapunov.hpp"
#include "thermoscape/theory/sgdm_covariance.hpp"
#include "thermoscape/theory/underdamped_ou.hpp"

namespace thermoscape::theory {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using ::testing::HasSubstr;

MatrixXd random_matrix(Index rows, Index columns, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  return MatrixXd::NullaryExpr(rows, columns, [&] { return normal(engine); });
}

/// Any matrix, moved until its eigenvalues lie to the right of `gap`.
MatrixXd stable_drift(Index n, unsigned seed, double gap = 0.3) {
  MatrixXd a = random_matrix(n, n, seed);
  const Eigen::VectorXcd values = a.eigenvalues();
  a.diagonal().array() += gap - values.real().minCoeff();
  return a;
}

/// Of rank `rank`.
MatrixXd random_diffusion(Index n, Index rank, unsigned seed) {
  const MatrixXd root = random_matrix(n, rank, seed);
  return root * root.transpose();
}

struct Case {
  MatrixXd drift;
  MatrixXd diffusion;
};
std::vector<Case> cases() {
  std::vector<Case> all;
  for (const Index n : {1, 2, 3, 5, 8}) {
    all.push_back({stable_drift(n, 10U + static_cast<unsigned>(n)),
                   random_diffusion(n, n, 50U + static_cast<unsigned>(n))});
  }
  for (const Index n : {2, 4, 6}) {  // noise in one direction only, carried to all by the drift
    all.push_back({stable_drift(n, 30U + static_cast<unsigned>(n)),
                   random_diffusion(n, 1, 70U + static_cast<unsigned>(n))});
  }
  return all;
}

double relative(const MatrixXd& a, const MatrixXd& b) {
  return (a - b).norm() / b.norm();
}

/// vec(B) from (I⊗A + A⊗I) vec(B) = vec(N): n² unknowns at once.
TEST(Lyapunov, agrees_with_the_kronecker_system) {
  for (const Case& one : cases()) {
    const Index n = one.drift.rows();
    const MatrixXd identity = MatrixXd::Identity(n, n);
    const MatrixXd system = MatrixXd(Eigen::kroneckerProduct(identity, one.drift)) +
                            MatrixXd(Eigen::kroneckerProduct(one.drift, identity));
    const VectorXd flat =
        system.fullPivLu().solve(Eigen::Map<const VectorXd>(one.diffusion.data(), n * n));
    EXPECT_LT(relative(solve_lyapunov(one.drift, one.diffusion),
                       Eigen::Map<const MatrixXd>(flat.data(), n, n)),
              1e-10);
  }
}

/// P = Σ_j M^j N M^{jᵀ} by doubling.
TEST(Lyapunov, discrete_solution_is_the_sum_over_steps) {
  for (const Case& one : cases()) {
    const double radius = one.drift.eigenvalues().cwiseAbs().maxCoeff();
    const MatrixXd step = one.drift / (radius * 1.02);
    MatrixXd sum = one.diffusion;
    MatrixXd power = step;
    for (int i = 0; i < 30; ++i) {
      sum += (power * sum * power.transpose()).eval();
      power = (power * power).eval();
    }
    EXPECT_LT(relative(solve_discrete_lyapunov(step, one.diffusion), sum), 1e-11);
  }
}

TEST(Lyapunov, keeps_small_elements_accurate) {
  // Variables on scales of 1 and 1e-8: the solution in rescaled variables, element by element.
  const MatrixXd a = stable_drift(4, 3);
  const MatrixXd d = random_diffusion(4, 4, 4);
  const VectorXd scale = (VectorXd(4) << 1, 1e-4, 1e-8, 1e3).finished();
  const MatrixXd expected = scale.asDiagonal() * solve_lyapunov(a, d) * scale.asDiagonal();
  const MatrixXd value = solve_lyapunov(scale.asDiagonal() * a * scale.cwiseInverse().asDiagonal(),
                                        scale.asDiagonal() * d * scale.asDiagonal());
  for (Index i = 0; i < 4; ++i) {
    for (Index j = 0; j < 4; ++j) {
      EXPECT_NEAR(value(i, j) / std::sqrt(expected(i, i) * expected(j, j)),
                  expected(i, j) / std::sqrt(expected(i, i) * expected(j, j)),
                  1e-12);
    }
  }
}

TEST(OrnsteinUhlenbeck, decomposition_has_its_defining_properties) {
  for (const Case& one : cases()) {
    const OrnsteinUhlenbeck ou(one.drift, one.diffusion, 3);
    const MatrixXd& u = ou.potential();
    const MatrixXd& q = ou.rotation();
    const double condition = ou.lyapunov().norm() * u.norm();
    EXPECT_LT(relative((one.diffusion + q) * u, one.drift), 1e-13 * condition);
    EXPECT_LT((q + q.transpose()).norm(), 1e-14 * q.norm() + 1e-300);
    EXPECT_LT(relative(one.drift * ou.lyapunov() + ou.lyapunov() * one.drift.transpose(),
                       2 * one.diffusion),
              1e-11);
    // Kwon and Ao's equation AQ + QAᵀ = AD - DAᵀ, which the general eigenvectors solve.
    const MatrixXd right = one.drift * one.diffusion - one.diffusion * one.drift.transpose();
    EXPECT_LT((one.drift * q + q * one.drift.transpose() - right).norm(),
              1e-11 * (right.norm() + one.drift.norm() * q.norm()) + 1e-14);
    // j is divergence-free, tr QU = 0, and orthogonal to ∇Ψ = Ux.
    EXPECT_NEAR((q * u).trace(), 0, 1e-12 * q.norm() * u.norm());
    const VectorXd x = random_matrix(ou.size(), 1, 5);
    EXPECT_NEAR(ou.current_velocity(x).dot(u * x),
                0,
                1e-11 * x.squaredNorm() * q.norm() * u.squaredNorm() + 1e-14);
    EXPECT_NEAR(ou.modified_potential(x), x.dot(u * x) / 2, 1e-10 * ou.modified_potential(x));
  }
}

TEST(OrnsteinUhlenbeck, detailed_balance_is_seen_in_any_coordinates) {
  const MatrixXd d = random_diffusion(4, 4, 1);
  const MatrixXd u = random_diffusion(4, 4, 2);
  const OrnsteinUhlenbeck reversible(d * u, d);
  EXPECT_TRUE(reversible.detailed_balance());
  EXPECT_LT(reversible.irreversibility(), 1e-12);
  const MatrixXd skew = random_matrix(4, 4, 3);
  const OrnsteinUhlenbeck rotating((d + 0.1 * (skew - skew.transpose())) * u, d);
  EXPECT_FALSE(rotating.detailed_balance());
  const MatrixXd change = random_matrix(4, 4, 8);
  const OrnsteinUhlenbeck seen(change * rotating.drift() * change.inverse(),
                               change * d * change.transpose());
  EXPECT_NEAR(seen.irreversibility(), rotating.irreversibility(), 1e-10);
  // Example of appendix H.4: Q12 = 0.9.
  const OrnsteinUhlenbeck example((MatrixXd(2, 2) << 2.5, -1.5, -1.5, 2.5).finished(),
                                  (MatrixXd(2, 2) << 4, 0, 0, 1).finished());
  EXPECT_NEAR(example.rotation()(0, 1), 0.9, 1e-14);
}

/// Van Loan: the exponential of [[A, N], [0, -Aᵀ]] t holds the covariance.
TEST(OrnsteinUhlenbeck, covariance_is_van_loans_block_at_any_time) {
  for (const Case& one : cases()) {
    const OrnsteinUhlenbeck ou(one.drift, one.diffusion, 2.5);
    const Index n = ou.size();
    for (const double t : {1e-6, 1e-3, 0.2, 1.5}) {
      MatrixXd block = MatrixXd::Zero(2 * n, 2 * n);
      block.topLeftCorner(n, n) = -one.drift;
      block.topRightCorner(n, n) = 2 / 2.5 * one.diffusion;
      block.bottomRightCorner(n, n) = one.drift.transpose();
      const MatrixXd e = MatrixXd(block * t).exp();
      const MatrixXd expected = e.topRightCorner(n, n) * e.topLeftCorner(n, n).transpose();
      EXPECT_LT(relative(ou.covariance(t), expected), 1e-11);
      // From a spread start, Lyapunov's form; the stationary state is kept.
      const MatrixXd p = ou.propagator(t);
      const MatrixXd start = random_diffusion(n, n, 9);
      const MatrixXd difference = start - ou.stationary_covariance();
      EXPECT_LT(relative(ou.covariance(start, t),
                         ou.stationary_covariance() + p * difference * p.transpose()),
                1e-10);
      EXPECT_LT(
          relative(ou.cross_covariance(t, 3 * t), expected * ou.propagator(2 * t).transpose()),
          1e-11);
      EXPECT_EQ(ou.cross_covariance(3 * t, t), ou.cross_covariance(t, 3 * t).transpose());
    }
    EXPECT_LT(relative(ou.covariance(200), ou.stationary_covariance()), 1e-11);
    EXPECT_EQ(ou.covariance(0).norm(), 0);
    EXPECT_LT(relative(ou.cross_covariance(300, 300.4), ou.stationary_cross_covariance(0.4)),
              1e-11);
  }
}

TEST(OrnsteinUhlenbeck, free_energy_falls_at_the_stated_rate_and_is_the_divergence) {
  for (const Case& one : cases()) {
    const OrnsteinUhlenbeck ou(one.drift, one.diffusion, 4);
    const Index n = ou.size();
    const VectorXd x = random_matrix(n, 1, 11);
    const MatrixXd start = random_diffusion(n, n, 12) + 0.1 * MatrixXd::Identity(n, n);
    const auto excess = [&](double t) {
      return ou.free_energy_excess(ou.mean(x, t), ou.covariance(start, t)).value;
    };
    double before = excess(0);
    for (const double t : {0.1, 0.4, 1.0, 2.0}) {
      const double h = 1e-4;
      const Value rate = ou.free_energy_rate(ou.mean(x, t), ou.covariance(start, t));
      ASSERT_EQ(rate.status, Status::ok);
      EXPECT_LE(rate.value, 0);
      // Central difference of fourth order.
      const double slope =
          (8 * (excess(t + h) - excess(t - h)) - (excess(t + 2 * h) - excess(t - 2 * h))) /
          (12 * h);
      EXPECT_NEAR(rate.value, slope, 1e-6 * (std::abs(slope) + excess(t)));
      EXPECT_LT(excess(t), before);
      before = excess(t);
    }
    // KL divergence of Gaussians over κ, by determinants.
    const MatrixXd ratio = 4 * ou.potential() * start;
    const double divergence = (ratio.trace() - static_cast<double>(n) -
                               std::log(ratio.determinant()) + 4 * x.dot(ou.potential() * x)) /
                              2;
    EXPECT_NEAR(4 * excess(0) / divergence, 1, 1e-7);
    EXPECT_NEAR(
        ou.free_energy_excess(VectorXd::Zero(n), ou.stationary_covariance()).value, 0, 1e-20);
    EXPECT_EQ(ou.free_energy_excess(x, MatrixXd::Zero(n, n)).status, Status::undefined);
  }
}

/// Euler-Maruyama in bulk: var over 4000 chains has a relative standard error √(2/4000) = 2.2%.
TEST(OrnsteinUhlenbeck, simulation_has_the_stated_covariances) {
  const MatrixXd a = (MatrixXd(2, 2) << 2, 1, -0.5, 1).finished();
  const MatrixXd d = (MatrixXd(2, 2) << 1, 0.2, 0.2, 0.8).finished();
  const OrnsteinUhlenbeck ou(a, d, 50);
  const MatrixXd root = MatrixXd((2 / 50.0 * d).llt().matrixL());
  constexpr int kChains = 4000;
  const double dt = 0.005;
  std::mt19937_64 engine(7);
  std::normal_distribution<double> normal;
  MatrixXd x = MatrixXd::Zero(2, kChains);
  MatrixXd early;
  for (int step = 1; step <= 200; ++step) {
    const MatrixXd kick = MatrixXd::NullaryExpr(2, kChains, [&] { return normal(engine); });
    x = (x - dt * a * x + std::sqrt(dt) * root * kick).eval();
    if (step == 100) early = x;
  }
  const MatrixXd measured = early * x.transpose() / kChains;
  const MatrixXd expected = ou.cross_covariance(0.5, 1.0);
  const MatrixXd at_early = ou.covariance(0.5);
  const MatrixXd at_late = ou.covariance(1.0);
  for (Index i = 0; i < 2; ++i) {
    for (Index j = 0; j < 2; ++j) {
      // Isserlis; 4 standard errors and 1% for the time step.
      const double error =
          std::sqrt((at_early(i, i) * at_late(j, j) + expected(i, j) * expected(i, j)) / kChains);
      EXPECT_NEAR(measured(i, j), expected(i, j), 4 * error + 0.01 * std::abs(expected(i, j)));
    }
  }
}

TEST(OrnsteinUhlenbeck, phase_space_of_sgd_is_its_eigenplanes) {
  for (const double beta : {0.0, 0.5, 0.9, 0.99}) {
    const double eta = 1e-3;
    const MatrixXd basis = Eigen::HouseholderQR<MatrixXd>(random_matrix(3, 3, 6)).householderQ();
    const VectorXd h = (VectorXd(3) << 0.5, 3, 40).finished();
    const VectorXd sigma = (VectorXd(3) << 1, 0.3, 2).finished();
    const MatrixXd hessian = basis * h.asDiagonal() * basis.transpose();
    const MatrixXd noise = basis * sigma.asDiagonal() * basis.transpose();
    const OrnsteinUhlenbeck ou = sgd_phase_space(hessian, noise, eta, beta, 8);
    // Commuting: Q = [[0, -Σ], [Σ, 0]] and U = diag(2Σ^{-1}H/(η(1+β)), Σ^{-1}).
    EXPECT_LT(relative(ou.rotation().topRightCorner(3, 3), -noise), 1e-8);
    EXPECT_LT(relative(ou.potential().bottomRightCorner(3, 3), noise.inverse()), 1e-8);
    EXPECT_LT(relative(ou.potential().topLeftCorner(3, 3),
                       2 / (eta * (1 + beta)) * noise.inverse() * hessian),
              1e-8);
    const double t = 40 * eta;
    const MatrixXd covariance = ou.covariance(t);
    for (Index i = 0; i < 3; ++i) {
      const SgdNoise plane{eta, beta, 8, sigma(i), h(i)};
      const PhaseCovariance p = underdamped_covariance(plane, t);
      const VectorXd q = basis.col(i);
      EXPECT_NEAR(q.dot(covariance.topLeftCorner(3, 3) * q) / p.position, 1, 1e-8);
      EXPECT_NEAR(q.dot(covariance.bottomRightCorner(3, 3) * q) / p.velocity, 1, 1e-9);
    }
    // Not commuting: the closed form by pairs of eigenvectors.
    const MatrixXd other = random_diffusion(3, 3, 21);
    const SgdCovariance closed = continuous_covariance({eta, beta, 8, hessian}, other);
    const MatrixXd b = sgd_phase_space(hessian, other, eta, beta, 8).stationary_covariance();
    EXPECT_LT(relative(b.topLeftCorner(3, 3), closed.position), 1e-9);
    EXPECT_LT(relative(b.bottomRightCorner(3, 3), closed.velocity), 1e-9);
    EXPECT_LT((b.topRightCorner(3, 3) - closed.cross).norm(),
              1e-9 * std::sqrt(closed.position.norm() * closed.velocity.norm()));
  }
}

std::string message(const MatrixXd& drift, const MatrixXd& diffusion) {
  try {
    (void)OrnsteinUhlenbeck(drift, diffusion);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(OrnsteinUhlenbeck, refuses_what_has_no_stationary_density) {
  const MatrixXd one = MatrixXd::Identity(2, 2);
  EXPECT_EQ(message(one, one), "accepted");
  EXPECT_THAT(message((MatrixXd(2, 2) << 1, 0, 0, -0.5).finished(), one),
              HasSubstr("eigenvalue -0.5+0i: must have eigenvalues with a real part > 0"));
  EXPECT_THAT(message(one, (MatrixXd(2, 2) << 1, 0, 0, 0).finished()), HasSubstr("controllable"));
  EXPECT_THAT(message(one, (MatrixXd(2, 2) << 1, 1, 1, 1).finished()), HasSubstr("controllable"));
  EXPECT_THAT(message(one, (MatrixXd(2, 2) << 1, 0, 0, -1).finished()),
              HasSubstr("must be positive semi-definite"));
  EXPECT_THAT(message(one, (MatrixXd(2, 2) << 1, 1, 0, 1).finished()), HasSubstr("symmetric"));
  EXPECT_THAT(message(MatrixXd::Identity(2, 3), one), HasSubstr("must be square"));
  EXPECT_THROW((void)solve_discrete_lyapunov(1.01 * one, one), Error);
  const OrnsteinUhlenbeck ou(one, one);
  EXPECT_THROW((void)ou.covariance(-1), Error);
  EXPECT_THROW((void)ou.mean(VectorXd::Zero(3), 1), Error);
}

}  // namespace
}  // namespace thermoscape::theory
