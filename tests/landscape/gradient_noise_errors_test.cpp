// Errors of the gradient noise against draws of an ensemble whose noise is known: gradients of
// examples that are independent Gaussian vectors.
#include "thermoscape/landscape/gradient_noise_errors.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <Eigen/Eigenvalues>

#include "objective/mlp_problem.hpp"

namespace thermoscape {
namespace {

/// ℓ_e(θ) = g_e·θ: the gradient of an example is a column of a given matrix [P, D].
class Given final : public Objective<double> {
 public:
  explicit Given(Matrix gradients) : gradients_(std::move(gradients)) {}
  [[nodiscard]] std::unique_ptr<Objective<double>> clone() const override {
    return std::make_unique<Given>(gradients_);
  }
  [[nodiscard]] std::int64_t parameters() const override { return gradients_.rows(); }
  [[nodiscard]] std::int64_t examples() const override { return gradients_.cols(); }
  [[nodiscard]] std::int64_t outputs() const override { return 0; }
  [[nodiscard]] OutputLoss output_loss() const override { return OutputLoss::none; }
  [[nodiscard]] std::vector<double> initial(const Noise&) const override {
    return std::vector<double>(static_cast<std::size_t>(gradients_.rows()), 0.0);
  }
  [[nodiscard]] double loss(std::span<const double>, const Batch&) override { return 0; }
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
                        std::span<const double>,
                        std::span<double>) override {}
  void example_gradients(std::span<const double>,
                         const Batch&,
                         const GradientBlock& receive) override {
    for (Eigen::Index first = 0; first < gradients_.cols(); first += 7) {  // a ragged last block
      const Eigen::Index rows = std::min<Eigen::Index>(7, gradients_.cols() - first);
      const Matrix block = gradients_.middleCols(first, rows);
      receive(first, rows, {block.data(), static_cast<std::size_t>(block.size())});
    }
  }

 private:
  Matrix gradients_;
};

constexpr Eigen::Index kExamples = 400;
constexpr double kRate = 0.2;
const Vector kMean = (Vector(4) << 0.6, -0.3, 0.2, 0.1).finished();
const Vector kVariances = (Vector(4) << 4.0, 1.0, 0.3, 0.1).finished();

GradientNoiseEstimates of_draw(std::uint64_t number, const BatchDraw& draw) {
  Matrix gradients(4, kExamples);
  Noise(11).normal<double>(
      "test.gradients", number, {gradients.data(), static_cast<std::size_t>(gradients.size())});
  gradients = (kVariances.cwiseSqrt().asDiagonal() * gradients).colwise() + kMean;
  Given objective(gradients);
  const std::vector<double> theta(4, 0.0);
  const GradientNoise moments = gradient_noise<double>(objective, theta, 0, 4);
  const Matrix centred = gradients.colwise() - gradients.rowwise().mean();
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(centred * centred.transpose() /
                                                     static_cast<double>(kExamples));
  const Matrix falling = solver.eigenvectors().rowwise().reverse();
  const GradientNoiseEstimates found =
      gradient_noise_estimates(objective, theta, moments, falling, kRate, draw);
  EXPECT_NEAR(found.variances[0].value, solver.eigenvalues()[3], 1e-12);
  const ActiveTemperature t =
      active_temperature({0, found.means[1].value, found.variances[1].value}, kRate, draw);
  EXPECT_NEAR(found.temperatures[1].value, t.temperature, 1e-14);
  return found;
}

struct Spread {
  double mean = 0, deviation = 0, error = 0;
};
/// Mean and scatter over independent draws of a number, and the mean of the errors it came with.
template <class Of>
Spread over_draws(const std::vector<GradientNoiseEstimates>& draws, Of&& of) {
  Spread out;
  const auto n = static_cast<double>(draws.size());
  for (const auto& one : draws) {
    EXPECT_EQ(of(one).status, Status::ok);
    out.mean += of(one).value / n;
    out.error += of(one).standard_error / n;
  }
  for (const auto& one : draws) out.deviation += std::pow(of(one).value - out.mean, 2) / (n - 1);
  out.deviation = std::sqrt(out.deviation);
  return out;
}

TEST(GradientNoiseErrors, AreTheScatterOfDrawsOfAGaussianEnsemble) {
  constexpr std::uint64_t kDraws = 600;
  const BatchDraw draw{kExamples, 40, true};
  std::vector<GradientNoiseEstimates> draws;
  for (std::uint64_t i = 0; i < kDraws; ++i) draws.push_back(of_draw(i, draw));
  // A standard deviation from n draws has a relative error of 1/√(2n) = 0.029; for the ratio, whose
  // distribution has a tail, twice that is allowed.
  const double scatter = 4 / std::sqrt(2.0 * kDraws);
  const auto check = [&](const char* what, const Spread& seen, double expected, double bias) {
    EXPECT_NEAR(seen.mean, expected, 4 * seen.deviation / std::sqrt(1.0 * kDraws) + bias) << what;
    EXPECT_NEAR(seen.error / seen.deviation, 1, scatter) << what;
  };
  using E = GradientNoiseEstimates;
  const double trace = kVariances.sum();
  const double square = kMean.squaredNorm();
  check("trace", over_draws(draws, [](const E& e) { return e.trace; }), trace, 0);
  check("mean square", over_draws(draws, [](const E& e) { return e.mean_square; }), square, 0);
  const Spread scale = over_draws(draws, [](const E& e) { return e.scale; });
  EXPECT_NEAR(scale.mean, trace / square, 0.03 * trace / square);  // bias of second order
  EXPECT_NEAR(scale.error / scale.deviation, 1, 2 * scatter);
  // The eigenvalues of distinct size; bias of order λ/D times what is mixed in.
  const Spread top = over_draws(draws, [](const E& e) { return e.variances[0]; });
  check("eigenvalue 1", top, kVariances[0], 2 * kVariances[0] / kExamples);
  EXPECT_NEAR(top.error, kVariances[0] * std::sqrt(2.0 / kExamples), 0.05 * top.error);
  check("eigenvalue 2",
        over_draws(draws, [](const E& e) { return e.variances[1]; }),
        kVariances[1],
        2 * kVariances[1] / kExamples);
}

TEST(GradientNoiseErrors, OfATemperatureAlongAFixedDirection) {
  constexpr std::uint64_t kDraws = 600;
  const BatchDraw draw{kExamples, 40, false};
  const Vector direction = Vector::Ones(4).normalized();
  const double mean = direction.dot(kMean);
  const double variance = direction.cwiseAbs2().dot(kVariances);
  double sum = 0, squares = 0, error = 0;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    Matrix gradients(4, kExamples);
    Noise(12).normal<double>(
        "test.gradients", i, {gradients.data(), static_cast<std::size_t>(gradients.size())});
    gradients = (kVariances.cwiseSqrt().asDiagonal() * gradients).colwise() + kMean;
    Given objective(gradients);
    const std::vector<double> theta(4, 0.0);
    const Estimate t = gradient_noise_estimates(objective,
                                                theta,
                                                gradient_noise<double>(objective, theta, 0, 4),
                                                direction,
                                                kRate,
                                                draw)
                           .temperatures[0];
    sum += t.value / kDraws;
    squares += t.value * t.value / kDraws;
    error += t.standard_error / kDraws;
  }
  const double deviation = std::sqrt(squares - sum * sum);
  const double expected = kRate / 2 * (mean * mean + draw.factor() * variance);
  // ⟨mean²⟩ is too large by variance/D, the variance too small by the same part.
  const double bias = kRate / 2 * variance / kExamples;
  EXPECT_NEAR(sum, expected, bias + 4 * deviation / std::sqrt(1.0 * kDraws));
  EXPECT_NEAR(error / deviation, 1, 4 / std::sqrt(2.0 * kDraws));
}

// The jackknife in closed form against batches that lack an example each.
TEST(GradientNoiseErrors, JackknifeIsThatOfSmallerSets) {
  Matrix gradients(3, 12);
  Noise(5).normal<double>(
      "test.gradients", 0, {gradients.data(), static_cast<std::size_t>(gradients.size())});
  gradients.row(0).array() += 3;
  const std::vector<double> theta(3, 0.0);
  const auto of = [&](const Matrix& part) {
    Given objective(part);
    return gradient_noise_estimates(objective,
                                    theta,
                                    gradient_noise<double>(objective, theta, 0, 3),
                                    Matrix(3, 0),
                                    kRate,
                                    {part.cols(), 2, true});
  };
  double mean = 0, square = 0;
  for (Eigen::Index left_out = 0; left_out < 12; ++left_out) {
    Matrix part(3, 11);
    part << gradients.leftCols(left_out), gradients.rightCols(11 - left_out);
    const double trace = of(part).trace.value;
    mean += trace / 12;
    square += trace * trace / 12;
  }
  const GradientNoiseEstimates all = of(gradients);
  EXPECT_NEAR(all.trace.standard_error, std::sqrt(11 * (square - mean * mean)), 1e-10);
  const Matrix centred = gradients.colwise() - gradients.rowwise().mean();
  EXPECT_NEAR(all.trace.value, centred.squaredNorm() / 11, 1e-12);
  EXPECT_NEAR(all.mean_square.value,
              gradients.rowwise().mean().squaredNorm() - all.trace.value / 12,
              1e-12);
}

TEST(GradientNoiseErrors, WhereTheMeanVanishesTheScaleIsNotTold) {
  Matrix gradients(2, 4);
  gradients << 1, -1, 2, -2, 1, -1, -3, 3;
  Given objective(gradients);
  const std::vector<double> theta(2, 0.0);
  const GradientNoise moments = gradient_noise<double>(objective, theta, 0, 2);
  const BatchDraw draw{4, 2, true};
  const Matrix none(2, 0);
  EXPECT_EQ(gradient_noise_estimates(objective, theta, moments, none, kRate, draw).scale.status,
            Status::out_of_range);
  Given two(gradients.leftCols(2));
  EXPECT_EQ(gradient_noise_estimates(
                two, theta, gradient_noise<double>(two, theta, 0, 2), none, kRate, {2, 1, true})
                .trace.status,
            Status::too_short);
  EXPECT_THROW((void)gradient_noise_estimates(objective, theta, moments, Matrix(3, 1), kRate, draw),
               Error);
}

}  // namespace
}  // namespace thermoscape
