#include "thermoscape/analysis/equipartition.hpp"

#include "analysis/synthetic.hpp"

namespace thermoscape::analysis {
namespace {

using testing::Coverage;
using testing::quadratic_loss;

TEST(Equipartition, ThreeReadingsOfTheNumberOfStiffDirections) {
  constexpr int kStiff = 10;
  constexpr double kTemperature = 3e-5;
  Coverage mean, variance, shape, rate, ratio, capacity;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Equipartition e =
        equipartition(quadratic_loss(8000, kStiff, 0.85, kTemperature, 1 + seed), kTemperature);
    mean.add(e.constrained_from_mean, kStiff);
    variance.add(e.constrained_from_variance, kStiff);
    shape.add(e.constrained_from_shape, kStiff);
    rate.add(e.rate_times_temperature, 1);
    ratio.add(e.fluctuation_ratio, 1);
    capacity.add(e.heat_capacity, kStiff / 2.0);
  }
  mean.expect_honest("2μ/T");
  variance.expect_honest("2σ²/T²");
  shape.expect_honest("2α");
  rate.expect_honest("βT");
  ratio.expect_honest("σ²/(μT)");
  capacity.expect_honest("C_h");
  EXPECT_THROW((void)equipartition(std::vector<double>{1, 2}, 0), Error);
}

TEST(HeatCapacity, ExactOnAPowerLawOverAnUnevenGrid) {
  const std::vector<double> t = {1e-6, 2e-6, 7e-6, 1e-5, 1e-4};
  std::vector<Estimate> mean, variance;
  for (const double x : t) {
    mean.push_back({4 * std::pow(x, 1.2), 0, Status::ok});
    variance.push_back({4.8 * std::pow(x, 2.2), 0, Status::ok});
  }
  for (const HeatCapacity& row : heat_capacity(t, mean, variance)) {
    EXPECT_NEAR(row.from_mean.value / (4.8 * std::pow(row.temperature, 0.2)), 1, 1e-12);
    EXPECT_NEAR(row.ratio.value, 1, 1e-12);
  }
}

TEST(HeatCapacity, SecondOrderInsideTheGrid) {
  // μ = T(1 + T): dμ/dT = 1 + 2T. Halving an uneven grid divides the error at T = 2 by four.
  const auto error = [](double h) {
    const std::vector<double> t = {2 * std::exp(-h), 2, 2 * std::exp(1.5 * h)};
    std::vector<Estimate> mean;
    for (const double x : t) mean.push_back({x * (1 + x), 0, Status::ok});
    return std::abs(heat_capacity(t, mean, mean)[1].from_mean.value - 5);
  };
  EXPECT_NEAR(std::log2(error(0.02) / error(0.01)), 2, 0.1);
}

TEST(HeatCapacity, ErrorsCoverAndBadPointsAreLeftOut) {
  const std::vector<double> t = {1e-5, 2e-5, 4e-5, 8e-5};
  Coverage inside, end;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const std::vector<double> noise = testing::normals(8, seed);
    std::vector<Estimate> mean, variance;
    for (std::size_t i = 0; i < 4; ++i) {
      const double error = 0.02 * 5 * t[i];
      mean.push_back({5 * t[i] + error * noise[i], error, Status::ok});
      variance.push_back(
          {5 * t[i] * t[i] * (1 + 0.03 * noise[4 + i]), 0.15 * t[i] * t[i], Status::ok});
    }
    const std::vector<HeatCapacity> rows = heat_capacity(t, mean, variance);
    inside.add(rows[1].from_mean, 5);
    end.add(rows[3].ratio, 1);
  }
  inside.expect_honest("dμ/dT inside");
  end.expect_honest("ratio at the end");

  std::vector<Estimate> mean = {
      {5e-5, 1e-6, Status::ok}, {1, 1, Status::spiked}, {2e-4, 1e-6, Status::ok}, {}};
  const std::vector<HeatCapacity> rows = heat_capacity(t, mean, mean);
  EXPECT_EQ(rows[1].from_mean.status, Status::undefined);
  EXPECT_NEAR(rows[0].from_mean.value, 5, 1e-9);
  EXPECT_EQ(rows[3].from_mean.status, Status::undefined);
  EXPECT_THROW((void)heat_capacity(
                   std::vector<double>{2, 1}, std::span(mean).first(2), std::span(mean).first(2)),
               Error);
}

}  // namespace
}  // namespace thermoscape::analysis
