#include "thermoscape/experiments/eigenplane_probe.hpp"

#include <cmath>
#include <filesystem>

#include <malloc.h>

#include <gtest/gtest.h>
#include <Eigen/Eigenvalues>

#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/linear_regression.hpp"
#include "thermoscape/record/run.hpp"
#include "thermoscape/store/stream.hpp"

namespace thermoscape {
namespace {

RegressionData data() {
  RegressionData d{50, 6, 1, {}, {}, {}};
  d.x.resize(300);
  d.y.resize(50);
  Noise(1).normal<double>("test.x", 0, d.x);
  Noise(1).normal<double>("test.y", 0, d.y);
  for (std::size_t i = 0; i < d.x.size(); ++i) d.x[i] *= std::pow(0.7, i % 6);
  return d;
}

/// Every recorded number against projections on the eigenvectors of a dense XᵀX/N.
template <class Real>
void check(double tolerance) {
  const RegressionData d = data();
  LinearRegression<Real> objective({}, d);
  const Matrix x =
      Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
          d.x.data(), 50, 6);
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(x.transpose() * x / 50);
  const Noise noise(7);
  Sampler sampler({.size = 5, .replacement = true}, 50, noise);
  const Momentum rule{0.05, 0.8};
  State<Real> state = rule.init(std::vector<Real>(6, Real(0.3)));
  const std::vector<Real> origin = state.theta;
  std::vector<std::vector<double>> looks;
  std::vector<Vector> paths;
  const Schedule each({.every = 1}, 40, 10);
  const auto look_at = [&](Look<Real>& look, std::span<double> out) {
    out[0] = 0;
    paths.push_back(
        Eigen::Map<const Eigen::Matrix<Real, Eigen::Dynamic, 1>>(look.state.theta.data(), 6)
            .template cast<double>());
  };
  const std::vector<Probe<Real>> probes{eigenplane_probe<Real>(objective, 3, each, noise),
                                        {"path", 1, "", "", "", each, look_at}};
  Hooks hooks;
  hooks.receive = [&](std::size_t probe, std::span<const double> numbers) {
    if (probe == 0) looks.emplace_back(numbers.begin(), numbers.end());
  };
  ASSERT_EQ(run<Real>(objective, rule, noise, sampler, state, origin, probes, {.steps = 40}, hooks)
                .status,
            Status::ok);
  ASSERT_EQ(looks.size(), 40U);
  const EigenplaneColumns columns = EigenplaneColumns::of_width(looks[0].size());
  ASSERT_EQ(columns.planes, 3U);
  for (std::size_t k = 1; k < looks.size(); ++k) {
    const Vector moved = paths[k] - paths[0];
    const Vector velocity = (paths[k] - paths[k - 1]) / 0.05;
    for (std::size_t i = 0; i < 3; ++i) {
      // The sign of an eigenvector is its own; one sign serves position and velocity.
      const Vector q = solver.eigenvectors().col(5 - static_cast<Eigen::Index>(i));
      const double position = looks[k][columns.position(i)];
      const double speed = looks[k][columns.velocity(i)];
      EXPECT_NEAR(std::abs(position), std::abs(q.dot(moved)), tolerance);
      EXPECT_NEAR(position * speed, q.dot(moved) * q.dot(velocity), 20 * tolerance);
    }
    EXPECT_NEAR(looks[k][columns.displacement_square()], moved.squaredNorm(), tolerance);
    EXPECT_NEAR(looks[k][columns.velocity_square()], velocity.squaredNorm(), 40 * tolerance);
  }
}

TEST(EigenplaneProbe, projects_on_the_eigenvectors_of_the_hessian_at_the_start) {
  check<double>(1e-6);
  check<float>(2e-3);
}

/// Recording at every step, nothing grows with the steps but the file: the heap in use is the same
/// after 3,000 further looks, of which every one would leave 14 numbers if it were kept.
TEST(EigenplaneProbe, leaves_nothing_on_the_heap) {
  LinearRegression<double> objective({}, data());
  Sampler sampler({.size = 5, .replacement = true}, 50, Noise(1));
  const Momentum rule{0.01, 0.9};
  State<double> state = rule.init(std::vector<double>(6, 0.3));
  const std::vector<double> origin = state.theta;
  const std::int64_t steps = 3500;
  const Schedule each({.every = 1}, steps, 10);
  const std::vector<Probe<double>> probes{eigenplane_probe<double>(objective, 6, each, Noise(1))};
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) / "planes.stream";
  store::StreamWriter writer =
      store::StreamWriter::create(path, {{"eigenplanes", "1", "", probes.front().width}});
  std::vector<std::size_t> in_use;
  std::int64_t looks = 0;
  Hooks hooks;
  hooks.receive = [&](std::size_t, std::span<const double> numbers) {
    writer.append(numbers);
    if (++looks == 500 || looks == steps) in_use.push_back(mallinfo2().uordblks);
  };
  ASSERT_EQ(run<double>(
                objective, rule, Noise(1), sampler, state, origin, probes, {.steps = steps}, hooks)
                .status,
            Status::ok);
  writer.flush();
  ASSERT_EQ(store::map_stream(path).rows, static_cast<std::size_t>(steps));
  std::filesystem::remove(path);
  ASSERT_EQ(in_use.size(), 2U);
  if (in_use[0] == 0) GTEST_SKIP() << "this allocator does not count";
  const double look = 14 * sizeof(double);
  EXPECT_NEAR(static_cast<double>(in_use[1]), static_cast<double>(in_use[0]), 30 * look);
}

TEST(EigenplaneProbe, needs_momentum_and_enough_parameters) {
  LinearRegression<double> objective({}, data());
  const Schedule each({.every = 1}, 5, 10);
  EXPECT_THROW((void)eigenplane_probe<double>(objective, 7, each, Noise(1)), Error);
  const Sgd rule{0.05};
  State<double> state = rule.init(std::vector<double>(6));
  const std::vector<double> origin = state.theta;
  Sampler sampler({}, 50, Noise(1));
  const std::vector<Probe<double>> probes{eigenplane_probe<double>(objective, 2, each, Noise(1))};
  Hooks hooks;
  hooks.receive = [](std::size_t, std::span<const double>) {};
  EXPECT_THROW((void)run<double>(
                   objective, rule, Noise(1), sampler, state, origin, probes, {.steps = 5}, hooks),
               Error);
}

}  // namespace
}  // namespace thermoscape
