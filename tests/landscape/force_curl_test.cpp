#include "thermoscape/landscape/force_curl.hpp"

#include <cmath>
#include <memory>
#include <vector>

#include <gtest/gtest.h>
#include <Eigen/Dense>

#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/objective/linear_regression.hpp"

namespace thermoscape {
namespace {

/// ℓ_i = ½ (θ - c_i)ᵀ C (θ - c_i): D = C cov(c) C, whatever θ is.
class Bowls final : public Objective<double> {
 public:
  Bowls(Matrix curvature, Matrix centres)
      : curvature_(std::move(curvature)), centres_(std::move(centres)) {}
  [[nodiscard]] std::unique_ptr<Objective> clone() const override {
    return std::make_unique<Bowls>(*this);
  }
  [[nodiscard]] std::int64_t parameters() const override { return centres_.rows(); }
  [[nodiscard]] std::int64_t examples() const override { return centres_.cols(); }
  [[nodiscard]] std::int64_t outputs() const override { return 0; }
  [[nodiscard]] OutputLoss output_loss() const override { return OutputLoss::none; }
  [[nodiscard]] std::vector<double> initial(const Noise&) const override {
    return std::vector<double>(static_cast<std::size_t>(centres_.rows()), 0.0);
  }
  double loss(std::span<const double>, const Batch&) override { return 0; }
  double loss_gradient(std::span<const double>, const Batch&, std::span<double>) override {
    return 0;
  }
  void example_losses(std::span<const double>, const Batch&, std::span<double>) override {}
  void logits(std::span<const double>, const Batch&, std::span<double>) override {}
  void jacobian_products(std::span<const double>,
                         const Batch&,
                         std::span<const double>,
                         std::span<double>) override {}
  void jacobian_pullback(std::span<const double>,
                         const Batch&,
                         std::span<const double>,
                         std::span<double>) override {}
  void hessian_products(std::span<const double>,
                        const Batch&,
                        std::span<const double> v,
                        std::span<double> out) override {
    const Eigen::Index columns = static_cast<Eigen::Index>(v.size()) / centres_.rows();
    Eigen::Map<Matrix>(out.data(), centres_.rows(), columns) =
        curvature_ * Eigen::Map<const Matrix>(v.data(), centres_.rows(), columns);
  }
  void example_gradients(std::span<const double> theta,
                         const Batch&,
                         const GradientBlock& receive) override {
    const Eigen::Map<const Vector> at(theta.data(), centres_.rows());
    const Matrix gradients = curvature_ * ((-centres_).colwise() + at);
    receive(0, centres_.cols(), {gradients.data(), static_cast<std::size_t>(gradients.size())});
  }

 private:
  Matrix curvature_;
  Matrix centres_;
};

Matrix draws(Eigen::Index rows, Eigen::Index columns, std::uint64_t seed) {
  Matrix out(rows, columns);
  Noise(seed).normal<double>("draws", 0, {out.data(), static_cast<std::size_t>(out.size())});
  return out;
}

/// N centres in R^P whose covariance is exactly `covariance`.
Matrix centres_with(const Matrix& covariance, Eigen::Index count) {
  Matrix raw = draws(covariance.rows(), count, 4);
  raw.colwise() -= raw.rowwise().mean();
  const Matrix own = raw * raw.transpose() / static_cast<double>(count);
  const Matrix whiten = Eigen::LLT<Matrix>(own).matrixL().solve(raw);
  return Eigen::LLT<Matrix>(covariance).matrixL() * whiten;
}

Matrix curvature() {
  const Matrix a = draws(4, 4, 9);
  return a * a.transpose() + Matrix::Identity(4, 4);
}

double ratio_of(const Matrix& m) {
  return (m - m.transpose()).norm() / (m + m.transpose()).norm();
}

constexpr double kTheta[] = {0.3, -0.2, 0.5, 0.1};

TEST(ForceCurl, IsThatOfAConstantNoise) {
  // ∂V = D^{-1}C: its parts are known. 300 directions leave an error of about 6 %.
  const Matrix c = curvature();
  const Matrix spread = Vector{{1.0, 0.2, 3.0, 0.5}}.asDiagonal();
  Bowls bowls(c, centres_with(spread, 30));
  const ForceCurl found = force_curl(bowls, kTheta, {.directions = 300}, Noise(2));
  const double exact = ratio_of((c * spread * c).inverse() * c);
  ASSERT_TRUE(found.ratio.ok());
  EXPECT_LT(found.ratio.standard_error, 0.1 * exact);
  EXPECT_NEAR(found.ratio.value, exact, 4 * found.ratio.standard_error);
}

TEST(ForceCurl, VanishesWhereTheNoiseIsTheInverseHessian) {
  // B.1, example 2: D = C^{-1}, so that V = C C (θ - μ), a gradient though D is anisotropic.
  const Matrix c = curvature();
  Bowls bowls(c, centres_with((c * c * c).inverse(), 30));
  EXPECT_LT(force_curl(bowls, kTheta, {.directions = 6}, Noise(2)).ratio.value, 1e-8);
}

TEST(ForceCurl, VanishesWhereIsotropicNoiseDrownsTheRest) {
  const Matrix c = curvature();
  Bowls bowls(c, centres_with(Vector{{1.0, 0.2, 3.0, 0.5}}.asDiagonal(), 30));
  const auto at = [&](double beta) {
    return force_curl(bowls, kTheta, {.isotropic_noise = beta, .directions = 20}, Noise(2))
        .ratio.value;
  };
  // D/β² is what remains: the ratio falls as 1/β².
  EXPECT_NEAR(at(3000) / at(300), 0.01, 0.001);
}

/// Least squares in R^3 and its force, written out: D by its definition, its divergence and the
/// slope of V by differences.
struct Regression {
  Matrix x = draws(3, 12, 21);
  Vector y = draws(12, 1, 22);
  double temperature = 0.4;

  [[nodiscard]] Matrix noise(const Vector& theta) const {
    const Vector residual = x.transpose() * theta - y;
    const Matrix g = x * residual.asDiagonal();
    const Matrix centred = g.colwise() - g.rowwise().mean().eval();
    return centred * centred.transpose() / 12;
  }
  [[nodiscard]] Vector force(const Vector& theta) const {
    Vector sum = x * (x.transpose() * theta - y) / 12;
    for (Eigen::Index b = 0; b < 3; ++b) {
      const Vector step = 1e-3 * Vector::Unit(3, b);
      const Matrix slope = (noise(theta + step) - noise(theta - step)) / 2e-3;
      sum += temperature / 2 * slope.col(b);
    }
    return noise(theta).llt().solve(sum);
  }
  [[nodiscard]] Matrix slope(const Vector& theta) const {
    Matrix out(3, 3);
    for (Eigen::Index b = 0; b < 3; ++b) {
      const Vector step = 1e-4 * Vector::Unit(3, b);
      out.col(b) = (force(theta + step) - force(theta - step)) / 2e-4;
    }
    return out;
  }
  [[nodiscard]] LinearRegression<double> objective() const {
    RegressionData data{12, 3, 1, {}, {}};
    data.x.assign(x.data(), x.data() + x.size());
    data.y.assign(y.data(), y.data() + y.size());
    return {LinearRegressionSettings{}, data};
  }
};

TEST(ForceCurl, IsThatOfLeastSquaresAtATemperature) {
  const Regression problem;
  LinearRegression<double> objective = problem.objective();
  const std::vector<double> theta{0.7, -0.4, 0.2};
  const double exact = ratio_of(problem.slope(Eigen::Map<const Vector>(theta.data(), 3)));
  const ForceCurl found =
      force_curl(objective, theta, {.noise_scale = 0.4, .directions = 80}, Noise(6));
  ASSERT_TRUE(found.ratio.ok());
  EXPECT_GT(exact, 0.05);
  EXPECT_NEAR(found.ratio.value, exact, 4 * found.ratio.standard_error);
  EXPECT_LT(found.ratio.standard_error, 0.15 * exact);
}

TEST(ForceCurl, BothInversesAgree) {
  // Fewer examples than parameters: the identity of Woodbury against the dense inverse, whose
  // branch is taken once the examples are repeated.
  const Matrix c = curvature();
  const Matrix few = draws(4, 3, 8);
  Matrix twice(4, 6);
  twice << few, few;
  Bowls small(c, few);
  Bowls large(c, twice);
  const ForceCurlOptions options{.isotropic_noise = 0.3, .directions = 6};
  EXPECT_NEAR(force_curl(small, kTheta, options, Noise(2)).ratio.value,
              force_curl(large, kTheta, options, Noise(2)).ratio.value,
              1e-9);
}

TEST(ForceCurl, WithoutAnInverseItIsUndefined) {
  Bowls bowls(curvature(), draws(4, 3, 8));
  EXPECT_EQ(force_curl(bowls, kTheta, {}, Noise(2)).ratio.status, Status::undefined);
  EXPECT_THROW((void)force_curl(bowls, kTheta, {.directions = 2}, Noise(2)), Error);
}

}  // namespace
}  // namespace thermoscape
