#include "thermoscape/landscape/curvature.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/known_spectrum.hpp"
#include "objective/mlp_problem.hpp"
#include "thermoscape/landscape/curvature_cost.hpp"
#include "thermoscape/landscape/dense_spectrum.hpp"
#include "thermoscape/landscape/hessian_spectrum.hpp"
#include "thermoscape/landscape/operators.hpp"
#include "thermoscape/objective/quadratic.hpp"

namespace thermoscape {
namespace {

using analysis::SpectrumEnd;
using reference::Problem;

/// A network with curvature of both signs, 123 parameters.
struct Network {
  Problem problem{{6, 9, 6}, 60, "tanh", "cross-entropy", true, 0};
  Mlp<double> mlp = problem.build<double>();
  std::vector<double> theta = problem.theta();

  Vector spectrum(HessianTerm term) {
    const HessianSpectrum found = hessian_spectrum(mlp, theta, {}, term);
    return Eigen::Map<const Vector>(found.eigenvalues.data(), mlp.parameters()).reverse();
  }
};

double moment(const Vector& values, int power) {
  return values.array().pow(power).mean();
}

TEST(DenseSpectrum, agrees_with_a_known_spectrum_at_every_end) {
  const std::vector<double> spectrum = testing::like_a_hessian(90);
  const Matrix a = testing::with_spectrum(spectrum);
  const LinearOperator op = testing::operator_of(a);
  for (const SpectrumEnd end : {SpectrumEnd::largest, SpectrumEnd::smallest, SpectrumEnd::both}) {
    for (const std::int64_t count : {1, 7, 60, 200}) {
      const DenseSpectrum found = dense_spectrum(op, a, count, end, {});
      ASSERT_EQ(found.status, Status::ok);
      for (std::size_t i = 0; i < 90; ++i) {
        EXPECT_NEAR(found.values[static_cast<Eigen::Index>(i)], spectrum[i], 1e-13);
      }
      const auto each = std::min<std::int64_t>(count, 90);
      const auto wanted = end == SpectrumEnd::both ? std::min<std::int64_t>(2 * each, 90) : each;
      ASSERT_EQ(found.pairs.count(), wanted);
      EXPECT_EQ(found.pairs.status, Status::ok);
      EXPECT_LT(found.pairs.residuals.maxCoeff(), 1e-12);
      EXPECT_NEAR(found.pairs.values[0],
                  end == SpectrumEnd::smallest ? spectrum[90 - static_cast<std::size_t>(each)]
                                               : spectrum[0],
                  1e-13);
      EXPECT_NEAR(
          found.pairs.values[wanted - 1],
          end == SpectrumEnd::largest ? spectrum[static_cast<std::size_t>(each) - 1] : spectrum[89],
          1e-13);
    }
  }
}

TEST(DenseSpectrum, one_parameter_degenerate_and_broken_matrices) {
  const Matrix one = Matrix::Constant(1, 1, -2);
  EXPECT_EQ(
      dense_spectrum(testing::operator_of(one), one, 3, SpectrumEnd::both, {}).pairs.values[0], -2);
  const Matrix zero = Matrix::Zero(6, 6);
  const DenseSpectrum flat =
      dense_spectrum(testing::operator_of(zero), zero, 4, SpectrumEnd::largest, {});
  EXPECT_EQ(flat.pairs.zeros, 4);
  EXPECT_EQ(flat.pairs.status, Status::ok);
  Matrix broken = zero;
  broken(2, 1) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(dense_spectrum(testing::operator_of(zero), broken, 4, SpectrumEnd::largest, {}).status,
            Status::diverged);
}

// Every method against LAPACK on the whole matrix. Pairs: the residual bounds the error. Trace and
// moments of the density: 4 standard errors.
TEST(Curvature, every_method_agrees_with_all_eigenvalues) {
  Network network;
  CurvatureOptions options;
  options.top = 8;
  options.split_gh = options.trace = options.density = options.per_layer = true;
  for (const std::string method : {"dense", "lanczos"}) {
    options.method = method;
    options.both_ends = true;
    const Curvature found = measure_curvature(network.mlp, network.theta, options, Noise(11));
    EXPECT_EQ(found.method, method);
    EXPECT_EQ(found.status(), Status::ok);
    ASSERT_EQ(found.terms.size(), 3U);
    for (const TermCurvature& one : found.terms) {
      const Vector truth = network.spectrum(one.term);
      const double norm = truth.cwiseAbs().maxCoeff();
      ASSERT_EQ(one.pairs.count(), 16);
      for (Eigen::Index i = 0; i < 16; ++i) {
        const double expected = i < 8 ? truth[i] : truth[truth.size() - 16 + i];
        EXPECT_NEAR(one.pairs.values[i], expected, one.pairs.residuals[i] + 1e-12 * norm)
            << method << " " << name(one.term) << " " << i;
      }
      ASSERT_EQ(one.trace.trace.status, Status::ok);
      EXPECT_NEAR(one.trace.trace.value,
                  truth.sum(),
                  4 * one.trace.trace.standard_error + 1e-11 * truth.norm());
      ASSERT_TRUE(one.density.has_value());
      for (const int power : {1, 2, 3, 4}) {
        const Estimate m = one.density->mean_of([&](double x) { return std::pow(x, power); });
        EXPECT_NEAR(
            m.value, moment(truth, power), 4 * m.standard_error + 1e-4 * std::pow(norm, power))
            << method << " " << name(one.term) << " " << power;
      }
    }
    // vᵀGv + vᵀ(H-G)v = λ; the gradient is shared by orthonormal vectors.
    const Matrix& v = found.hessian().pairs.vectors;
    const LinearOperator g =
        hessian_operator(network.mlp, network.theta, HessianTerm::gauss_newton);
    for (Eigen::Index i = 0; i < 16; ++i) {
      const double share = v.col(i).dot((g * v.col(i)).col(0)) / found.hessian().pairs.values[i];
      EXPECT_NEAR(found.share_of_g[static_cast<std::size_t>(i)], share, 1e-10 * std::abs(share));
    }
    double total = 0;
    for (const double one : found.gradient_share) total += one;
    EXPECT_LE(total, 1 + 1e-12);
    EXPECT_GT(total, 0);
  }
}

TEST(Curvature, subspace_iteration_finds_the_largest_in_size) {
  Network network;
  CurvatureOptions options;
  options.top = 5;
  options.method = "subspace";
  const Curvature found = measure_curvature(network.mlp, network.theta, options, Noise(11));
  EXPECT_EQ(found.status(), Status::ok);
  Vector truth = network.spectrum(HessianTerm::full);
  std::sort(
      truth.begin(), truth.end(), [](double a, double b) { return std::abs(a) > std::abs(b); });
  Vector largest = truth.head(5);
  std::sort(largest.begin(), largest.end(), std::greater<>());
  for (Eigen::Index i = 0; i < 5; ++i) {
    EXPECT_NEAR(found.hessian().pairs.values[i], largest[i], found.hessian().pairs.residuals[i]);
  }
}

TEST(Curvature, layers_are_the_diagonal_blocks) {
  Network network;
  Matrix hessian(123, 123);
  network.mlp.dense_hessian(network.theta,
                            {},
                            HessianTerm::full,
                            {hessian.data(), static_cast<std::size_t>(hessian.size())});
  for (const std::string method : {"dense", "lanczos"}) {
    CurvatureOptions options;
    options.top = 3;
    options.per_layer = true;
    options.method = method;
    const Curvature found = measure_curvature(network.mlp, network.theta, options, Noise(11));
    ASSERT_EQ(found.layers.size(), 2U);
    double sum = 0;
    for (const LayerCurvature& one : found.layers) {
      std::vector<double> block;
      for (Eigen::Index j = 0; j < one.layer.count; ++j) {
        for (Eigen::Index i = 0; i < one.layer.count; ++i) {
          block.push_back(hessian(one.layer.first + i, one.layer.first + j));
        }
      }
      EXPECT_NEAR(
          one.largest, symmetric_eigenvalues(block).eigenvalues.back(), one.residual + 1e-12);
      EXPECT_TRUE(one.converged);
      EXPECT_EQ(one.trace.standard_error, 0) << "small layers are traced exactly";
      sum += one.trace.value;
    }
    EXPECT_NEAR(sum, hessian.trace(), 1e-10);
  }
}

TEST(Curvature, an_interrupt_keeps_the_parts_before_it) {
  Network network;
  CurvatureOptions options;
  options.top = 5;
  options.method = "lanczos";
  options.trace = options.density = options.split_gh = true;
  const Curvature found = measure_curvature(
      network.mlp, network.theta, options, Noise(11), [](const std::string& part, double, double) {
        return part != "Hessian: density";
      });
  EXPECT_TRUE(found.interrupted);
  EXPECT_EQ(found.status(), Status::not_converged);
  ASSERT_EQ(found.terms.size(), 1U);
  EXPECT_EQ(found.hessian().pairs.converged_count(), 5);
  EXPECT_EQ(found.hessian().trace.trace.status, Status::ok);
}

TEST(Curvature, a_bowl_without_logits) {
  QuadraticSettings settings;
  settings.stiffness = {5.0, 5.0, 1.0};
  settings.soft = 4;
  Quadratic<double> bowl(settings);
  const std::vector<double> theta(7, 1.0);
  CurvatureOptions options;
  options.top = 5;
  const Curvature found = measure_curvature(bowl, theta, options, Noise(11));
  EXPECT_EQ(found.method, "dense");
  EXPECT_DOUBLE_EQ(found.hessian().pairs.values[1], 5);
  EXPECT_EQ(found.hessian().pairs.zeros, 2);
  EXPECT_DOUBLE_EQ(found.hessian().trace.trace.value, 11);
  EXPECT_NEAR(found.gradient_norm, std::sqrt(51.0), 1e-12);
  options.split_gh = true;
  EXPECT_THROW(static_cast<void>(measure_curvature(bowl, theta, options, Noise(11))), Error);
}

TEST(CurvatureCost, what_does_not_fit_is_refused_with_what_does) {
  constexpr double kGiB = 1024.0 * 1024 * 1024;
  const auto message = [](const CurvatureOptions& options, std::int64_t p, double bytes) {
    try {
      static_cast<void>(plan_curvature(options, p, 1, bytes));
    } catch (const Error& e) {
      return std::string(e.what());
    }
    return std::string();
  };
  CurvatureOptions options;
  EXPECT_TRUE(plan_curvature(options, 4999, 1, 8 * kGiB).dense);
  EXPECT_FALSE(plan_curvature(options, 5000, 1, 8 * kGiB).dense);
  EXPECT_FALSE(plan_curvature(options, 4999, 1, 0.2 * kGiB).dense) << "auto takes what fits";
  options.method = "dense";
  EXPECT_THAT(message(options, 100000, 8 * kGiB), ::testing::HasSubstr("--method lanczos"));
  options.method = "lanczos";
  const std::int64_t roomy = plan_curvature(options, 1000000, 1, 8 * kGiB).basis;
  const std::int64_t tight = plan_curvature(options, 1000000, 1, 0.8 * kGiB).basis;
  EXPECT_EQ(roomy, 80);
  EXPECT_LT(tight, roomy);
  const std::string refused = message(options, 1000000, 0.4 * kGiB);
  EXPECT_THAT(refused, ::testing::HasSubstr("--top"));
  // What is offered is affordable.
  options.top = std::stoll(refused.substr(refused.rfind("--top ") + 6));
  options.block = 1;
  EXPECT_EQ(message(options, 1000000, 0.4 * kGiB), "");
  options.density = true;
  options.top = 1;
  EXPECT_THAT(message(options, 1000000, 0.4 * kGiB), ::testing::HasSubstr("--steps"));
  EXPECT_EQ(plan_curvature(options, 1000000, 1, 2 * kGiB).together, 3);
  options.tolerance = 2;
  EXPECT_THAT(message(options, 100, kGiB), ::testing::HasSubstr("tolerance"));
}

}  // namespace
}  // namespace thermoscape
