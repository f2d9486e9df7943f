#include "thermoscape/theory/sgdm_covariance.hpp"

#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <Eigen/Eigenvalues>
#include <Eigen/LU>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/lyapunov.hpp"
#include "thermoscape/theory/ou.hpp"
#include "thermoscape/theory/regression_moments.hpp"
#include "thermoscape/theory/sgdm_discrete.hpp"

namespace thermoscape::theory {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MatrixXd random_matrix(Index rows, Index columns, unsigned seed) {
  std::mt19937_64 engine(seed);
  std::normal_distribution<double> normal;
  return MatrixXd::NullaryExpr(rows, columns, [&] { return normal(engine); });
}

MatrixXd random_positive(Index n, unsigned seed) {
  const MatrixXd root = random_matrix(n, n + 2, seed);
  return root * root.transpose() / static_cast<double>(n);
}

/// (θ, v) from step to step, and what a kick adds.
MatrixXd step_matrix(const QuadraticSgd& sgd) {
  const Index n = sgd.hessian.rows();
  const MatrixXd identity = MatrixXd::Identity(n, n);
  MatrixXd m(2 * n, 2 * n);
  m << identity - sgd.learning_rate * sgd.hessian, sgd.learning_rate * sgd.momentum * identity,
      -sgd.hessian, sgd.momentum * identity;
  return m;
}
MatrixXd kicks(const QuadraticSgd& sgd, const MatrixXd& noise) {
  const double eta = sgd.learning_rate;
  const Index n = noise.rows();
  MatrixXd k(2 * n, 2 * n);
  k << eta * eta * noise, eta * noise, eta * noise, noise;
  return k / sgd.batch_size;
}

TEST(SgdmCovariance, closed_form_solves_the_discrete_lyapunov_equation) {
  for (const Index n : {1, 2, 5}) {
    for (const double beta : {0.0, 0.5, 0.9, 0.99}) {
      const MatrixXd h = random_positive(n, 1U + static_cast<unsigned>(n));
      const MatrixXd noise = random_positive(n, 100U + static_cast<unsigned>(n));
      const double largest = h.selfadjointView<Eigen::Lower>().eigenvalues().maxCoeff();
      for (const double share : {0.001, 0.3, 0.97}) {
        const QuadraticSgd sgd{share * 2 * (1 + beta) / largest, beta, 8, h};
        const SgdCovariance p = discrete_covariance(sgd, noise);
        const MatrixXd full = solve_discrete_lyapunov(step_matrix(sgd), kicks(sgd, noise));
        const auto near = [&](const MatrixXd& value, const MatrixXd& expected, double scale) {
          EXPECT_LT((value - expected).norm(), 1e-9 * scale)
              << "n " << n << " beta " << beta << " share " << share;
        };
        near(p.position, full.topLeftCorner(n, n), p.position.norm());
        near(p.velocity, full.bottomRightCorner(n, n), p.velocity.norm());
        near(p.cross, full.topRightCorner(n, n), std::sqrt(p.position.norm() * p.velocity.norm()));
      }
    }
  }
}

TEST(SgdmCovariance, is_diagonal_for_commuting_noise_at_any_ratio_of_curvatures) {
  const VectorXd h = (VectorXd(3) << 1e-14, 1e-3, 30).finished();
  const QuadraticSgd sgd{0.02, 0.9, 8, h.asDiagonal()};
  const MatrixXd noise = 1.7 * MatrixXd(h.asDiagonal());
  const SgdCovariance exact = discrete_covariance(sgd, noise);
  const SgdCovariance continuous = continuous_covariance(sgd, noise);
  for (Index i = 0; i < 3; ++i) {
    const SgdNoise plane{0.02, 0.9, 8, 1.7 * h(i), h(i)};
    EXPECT_NEAR(exact.position(i, i) / discrete_stationary(plane).position, 1, 1e-13);
    EXPECT_NEAR(exact.velocity(i, i) / discrete_stationary(plane).velocity, 1, 1e-13);
    EXPECT_NEAR(exact.cross(i, i) / discrete_stationary(plane).cross, 1, 1e-13);
    EXPECT_NEAR(continuous.position(i, i) / underdamped_stationary(plane).position, 1, 1e-13);
  }
}

TEST(SgdmCovariance, gaussian_data_closed_form_is_the_fixed_point) {
  for (const Index n : {1, 4}) {
    const MatrixXd h = random_positive(n, 7);
    const QuadraticSgd sgd{0.04, 0.8, 32, h};
    const GaussianDataVariance closed = gaussian_data_variance(sgd, 0.6);
    const SelfConsistent fixed = self_consistent_covariance(sgd, gaussian_data_noise(h, 0.6));
    ASSERT_EQ(closed.status, Status::ok);
    ASSERT_EQ(fixed.status, Status::ok);
    const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(h);
    const MatrixXd rotated =
        solver.eigenvectors().transpose() * fixed.covariance.position * solver.eigenvectors();
    for (Index i = 0; i < n; ++i) {
      EXPECT_NEAR(rotated(i, i) / closed.variance(i), 1, 1e-11);
      EXPECT_GT(closed.variance(i), closed.additive(i));
    }
  }
}

TEST(SgdmCovariance, multiplicative_noise_diverges_before_the_recursion_does) {
  // One example a batch: the mean square blows up where 2KH² = 1, though the mean is stable.
  const auto at = [](double rate) {
    return QuadraticSgd{rate, 0.0, 1, MatrixXd::Constant(1, 1, 1.0)};
  };
  // K = η/(2-η), so 2K = 1 at η = 2/3.
  EXPECT_EQ(gaussian_data_variance(at(0.66), 1).status, Status::ok);
  EXPECT_EQ(gaussian_data_variance(at(0.67), 1).status, Status::undefined);
  const NoiseAtSpread noise = gaussian_data_noise(MatrixXd::Constant(1, 1, 1.0), 1);
  EXPECT_EQ(self_consistent_covariance(at(0.66), noise).status, Status::ok);
  EXPECT_EQ(self_consistent_covariance(at(0.67), noise).status, Status::diverged);
}

/// Steps of SGD itself on a small regression: 3 standard errors from independent chains.
TEST(SgdmCovariance, simulation_of_regression_has_the_self_consistent_covariance) {
  constexpr Index kExamples = 60;
  constexpr Index kBatch = 6;
  constexpr int kChains = 8000;
  const MatrixXd x = random_matrix(kExamples, 2, 40);
  const VectorXd y = x * VectorXd::Constant(2, 0.7) + 0.5 * random_matrix(kExamples, 1, 41);
  const double decay = 0.1;
  const RegressionMoments moments = regression_moments(x, y, decay);
  MatrixXd h = moments.hessian;
  h.diagonal().array() += decay;
  for (const bool replacement : {true, false}) {
    const double factor = replacement ? 1 : without_replacement_factor(kExamples, kBatch);
    const QuadraticSgd sgd{0.1, 0.8, kBatch, h};
    const SelfConsistent theory =
        self_consistent_covariance(sgd, regression_noise(x, y, decay, factor));
    ASSERT_EQ(theory.status, Status::ok);
    std::mt19937_64 engine(5);
    MatrixXd square = MatrixXd::Zero(2, 2);
    MatrixXd fourth = MatrixXd::Zero(2, 2);
    std::vector<Index> deck(kExamples);
    for (Index i = 0; i < kExamples; ++i) deck[static_cast<std::size_t>(i)] = i;
    for (int chain = 0; chain < kChains; ++chain) {
      VectorXd theta = moments.minimum;
      VectorXd v = VectorXd::Zero(2);
      for (int step = 0; step < 120; ++step) {
        VectorXd g = decay * theta;
        for (std::size_t b = 0; b < kBatch; ++b) {
          std::uniform_int_distribution<std::size_t> pick(replacement ? 0 : b, kExamples - 1);
          const std::size_t chosen = pick(engine);
          if (!replacement) std::swap(deck[b], deck[chosen]);
          const Index i = deck[replacement ? chosen : b];
          g += x.row(i).transpose() * (x.row(i).dot(theta) - y(i)) / kBatch;
        }
        v = 0.8 * v - g;
        theta += 0.1 * v;
      }
      const VectorXd delta = theta - moments.minimum;
      const MatrixXd product = delta * delta.transpose();
      square += product / kChains;
      fourth += product.cwiseAbs2() / kChains;
    }
    for (Index i = 0; i < 2; ++i) {
      for (Index j = 0; j < 2; ++j) {
        const double error = std::sqrt((fourth(i, j) - square(i, j) * square(i, j)) / kChains);
        EXPECT_NEAR(square(i, j), theory.covariance.position(i, j), 3 * error)
            << "replacement " << replacement;
      }
    }
  }
}

TEST(RegressionMoments, are_those_of_the_batch_gradient) {
  const MatrixXd x = random_matrix(7, 3, 1);
  const VectorXd y = random_matrix(7, 1, 2);
  const RegressionMoments m = regression_moments(x, y, 0.2);
  const VectorXd gradient = x.transpose() * (x * m.minimum - y) / 7 + 0.2 * m.minimum;
  EXPECT_LT(gradient.norm(), 1e-13);
  // All batches of two without replacement: their exact covariance.
  MatrixXd covariance = MatrixXd::Zero(3, 3);
  int batches = 0;
  const VectorXd mean = x.transpose() * (x * m.minimum - y) / 7;
  for (Index i = 0; i < 7; ++i) {
    for (Index j = 0; j < i; ++j) {
      VectorXd g = VectorXd::Zero(3);
      for (const Index k : {i, j}) g += x.row(k).transpose() * (x.row(k).dot(m.minimum) - y(k)) / 2;
      covariance += (g - mean) * (g - mean).transpose();
      ++batches;
    }
  }
  covariance /= batches;
  EXPECT_LT((m.gradient_noise / 2 * without_replacement_factor(7, 2) - covariance).norm(),
            1e-13 * covariance.norm());
  EXPECT_EQ(without_replacement_factor(7, 7), 0);
  // Σ(P) at P = 0 is Σ, and affine in P.
  const NoiseAtSpread noise = regression_noise(x, y, 0.2);
  const MatrixXd p = random_positive(3, 3);
  const MatrixXd zero = MatrixXd::Zero(3, 3);
  EXPECT_LT((noise(zero) - m.gradient_noise).norm(), 1e-14);
  EXPECT_LT((noise(2 * p) - 2 * noise(p) + noise(zero)).norm(), 1e-12);
}

/// Ψ is ½ xᵀUx and j is -QUx of the process in phase space.
TEST(ModifiedLoss, is_the_potential_of_the_phase_space_process) {
  const MatrixXd h = random_positive(3, 17);
  const double decay = 0.3;
  const QuadraticSgd sgd{0.02, 0.9, 16, h};
  const VectorXd x = random_matrix(6, 1, 18);
  const ModifiedLoss loss = modified_loss(sgd, decay, 1.4, x.head(3), x.tail(3));
  MatrixXd curvature = h;
  curvature.diagonal().array() += decay;
  const OrnsteinUhlenbeck ou = sgd_phase_space(curvature, 1.4 * h, 0.02, 0.9, 16);
  EXPECT_NEAR((loss.position + loss.velocity) / ou.modified_potential(x), 1, 1e-9);
  EXPECT_LT((loss.current - ou.current_velocity(x)).norm(), 1e-8 * loss.current.norm());
}

TEST(SgdmCovariance, refuses_what_is_out_of_range) {
  const MatrixXd h = MatrixXd::Constant(1, 1, 4.0);
  try {
    (void)discrete_covariance({1, 0.9, 8, h}, h);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "sgdm-discrete.learning_rate = 1: must be < 2(1+β)/h = 0.95, beyond which steps "
                 "diverge");
  }
  EXPECT_THROW((void)gaussian_data_variance({1, 0.9, 8, h}, 1), Error);
  EXPECT_THROW((void)continuous_covariance({0.1, 0.9, 8, -h}, h), Error);
  EXPECT_THROW((void)continuous_covariance({0.1, 0.9, 8, h}, MatrixXd::Identity(2, 2)), Error);
  EXPECT_THROW((void)regression_moments(MatrixXd::Ones(5, 2), VectorXd::Ones(5), 0), Error);
  EXPECT_THROW((void)regression_moments(MatrixXd::Ones(5, 2), VectorXd::Ones(4), 1), Error);
  EXPECT_THROW((void)without_replacement_factor(5, 6), Error);
}

}  // namespace
}  // namespace thermoscape::theory
