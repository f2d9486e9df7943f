#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "laws/rule_laws.hpp"
#include "thermoscape/objective/separable.hpp"

/// L-BFGS and Newton-CG, whose steps have exact consequences, and SGD with isotropic noise.
namespace thermoscape {
namespace {

using Trace = std::vector<double>;

/// L = Σ (1 - θ_{2i})² + 100 (θ_{2i+1} - θ_{2i}²)², the valley of Rosenbrock: minimum 0 at θ = 1.
/// And L = Σ (θ_i² - 1)²/4, whose point 0 is a maximum.
class Plane final : public Objective<double> {
 public:
  explicit Plane(bool valley, std::int64_t size) : valley_(valley), size_(size) {}
  [[nodiscard]] std::unique_ptr<Objective> clone() const override {
    return std::make_unique<Plane>(*this);
  }
  [[nodiscard]] std::int64_t parameters() const override { return size_; }
  [[nodiscard]] std::int64_t examples() const override { return 1; }
  [[nodiscard]] std::int64_t outputs() const override { return 0; }
  [[nodiscard]] OutputLoss output_loss() const override { return OutputLoss::none; }
  [[nodiscard]] Trace initial(const Noise&) const override {
    return Trace(static_cast<std::size_t>(size_), 0.0);
  }
  double loss(std::span<const double> x, const Batch&) override {
    Trace unused(x.size());
    return loss_gradient(x, {}, unused);
  }
  double loss_gradient(std::span<const double> x, const Batch&, std::span<double> g) override {
    ++evaluations;
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); i += valley_ ? 2 : 1) {
      if (valley_) {
        const double fall = x[i + 1] - x[i] * x[i];
        sum += (1 - x[i]) * (1 - x[i]) + 100 * fall * fall;
        g[i] = -2 * (1 - x[i]) - 400 * fall * x[i];
        g[i + 1] = 200 * fall;
      } else {
        sum += (x[i] * x[i] - 1) * (x[i] * x[i] - 1) / 4;
        g[i] = x[i] * (x[i] * x[i] - 1);
      }
    }
    return sum;
  }
  void example_losses(std::span<const double> x, const Batch&, std::span<double> out) override {
    out[0] = loss(x, {});
  }
  void logits(std::span<const double>, const Batch&, std::span<double>) override {}
  void jacobian_products(std::span<const double>,
                         const Batch&,
                         std::span<const double>,
                         std::span<double>) override {}
  void jacobian_pullback(std::span<const double>,
                         const Batch&,
                         std::span<const double>,
                         std::span<double>) override {}
  void hessian_products(std::span<const double> x,
                        const Batch&,
                        std::span<const double> v,
                        std::span<double> out) override {
    for (std::size_t i = 0; i < x.size(); i += valley_ ? 2 : 1) {
      if (valley_) {
        const double h = 2 - 400 * (x[i + 1] - 3 * x[i] * x[i]);
        out[i] = h * v[i] - 400 * x[i] * v[i + 1];
        out[i + 1] = -400 * x[i] * v[i] + 200 * v[i + 1];
      } else {
        out[i] = (3 * x[i] * x[i] - 1) * v[i];
      }
    }
  }
  void example_gradients(std::span<const double>, const Batch&, const GradientBlock&) override {}

  int evaluations = 0;

 private:
  bool valley_;
  std::int64_t size_;
};

template <class R>
State<double> reached(const R& rule, Objective<double>& objective, Trace start, int steps) {
  State<double> state = rule.init(std::move(start));
  laws::advance(rule, objective, state, Noise(0), steps);
  return state;
}

Trace valley_start() {
  return {-1.2, 1, -1.2, 1, 0.3, -2};
}

TEST(Lbfgs, FollowsRosenbrocksValleyToItsEnd) {
  Plane valley(true, 6);
  const auto state = reached(Lbfgs{}, valley, valley_start(), 80);
  // A published count for this start is about 40 steps; what counts is that it is not thousands.
  for (const double one : state.theta) EXPECT_NEAR(one, 1, 1e-8);
  EXPECT_LT(valley.evaluations, 4 * 80);
}

TEST(NewtonCg, FollowsRosenbrocksValleyToItsEnd) {
  Plane valley(true, 6);
  const auto state = reached(NewtonCg{}, valley, valley_start(), 60);
  for (const double one : state.theta) EXPECT_NEAR(one, 1, 1e-10);
}

TEST(NewtonCg, OneStepReachesTheMinimumOfAQuadratic) {
  // P = 3 modes: conjugate gradients are exact after three products, and the step length is 1.
  Quadratic<double> bowl(QuadraticSettings{.stiffness = {1, 10, 0.1}});
  const auto state = reached(NewtonCg{.forcing = 1e-12}, bowl, {1, -2, 3}, 1);
  for (const double one : state.theta) EXPECT_NEAR(one, 0, 1e-10);
}

TEST(Lbfgs, WithMemoryForAllModesItIsDoneAfterAsManySteps) {
  // With exact line searches BFGS is conjugate gradients on a quadratic: done in P steps. The
  // search here is not exact, which a few more steps make up for.
  Quadratic<double> bowl(QuadraticSettings{.stiffness = {1, 2, 5, 0.2, 0.7}});
  const auto state = reached(Lbfgs{}, bowl, {1, -2, 3, 1, -1}, 15);
  for (const double one : state.theta) EXPECT_NEAR(one, 0, 1e-6);
}

TEST(NewtonCg, LeavesAMaximumForTheMinimaBesideIt) {
  // From near the maximum at 0 Newton's own step would go back to it.
  Plane wells(false, 3);
  const auto state = reached(NewtonCg{}, wells, {0.01, -0.02, 0.03}, 30);
  EXPECT_NEAR(state.theta[0], 1, 1e-9);
  EXPECT_NEAR(state.theta[1], -1, 1e-9);
  EXPECT_NEAR(state.theta[2], 1, 1e-9);
}

TEST(NewtonCg, ConvergesWithHigherThanFirstOrder) {
  // The forcing term √|g| gives order 3/2: |g'| <= C |g|^1.5 with one C for every late step.
  Plane valley(true, 2);
  std::vector<double> norms;
  for (int steps = 8; steps <= 30; ++steps) {
    Trace gradient(2);
    valley.loss_gradient(reached(NewtonCg{}, valley, {0.8, 0.5}, steps).theta, {}, gradient);
    norms.push_back(std::hypot(gradient[0], gradient[1]));
    if (norms.back() < 1e-10) break;
  }
  ASSERT_LT(norms.back(), 1e-10);
  ASSERT_GE(norms.size(), 2u);
  const double before = norms[norms.size() - 2];
  EXPECT_LT(norms.back(), std::max(1e-12, std::pow(before, 1.25)));
}

TEST(Minimisers, StandStillAtAMinimum) {
  Quadratic<double> bowl(QuadraticSettings{.stiffness = {1, 10}});
  EXPECT_EQ(reached(Lbfgs{}, bowl, {0, 0}, 5).theta, (Trace{0, 0}));
  EXPECT_EQ(reached(NewtonCg{}, bowl, {0, 0}, 5).theta, (Trace{0, 0}));
}

TEST(WolfeSearch, EndsWhereBothConditionsHold) {
  // f = (α - 3)² (α + 1) + α: several shapes of bracket from different first steps.
  const auto f = [](double a) {
    return LinePoint{
        a, (a - 3) * (a - 3) * (a + 1) + a, 2 * (a - 3) * (a + 1) + (a - 3) * (a - 3) + 1};
  };
  const auto down = [&](double a) {  // mirrored at 2: descends from α = 0
    const LinePoint p = f(a + 1.7);
    return LinePoint{a, p.loss, p.slope};
  };
  const LinePoint start = down(0);
  ASSERT_LT(start.slope, 0);
  for (const double first : {1e-3, 0.1, 1.0, 10.0, 1e4}) {
    const LineResult found = wolfe_search(start, first, Wolfe{.curvature = 0.1}, down);
    ASSERT_TRUE(found.accepted) << first;
    EXPECT_LE(found.point.loss, start.loss + 1e-4 * found.point.step * start.slope);
    EXPECT_LE(std::abs(found.point.slope), -0.1 * start.slope);
  }
}

TEST(WolfeSearch, StepsBackFromWhereTheLossIsNotFinite) {
  const auto f = [](double a) {
    return LinePoint{a, a < 1 ? (a - 0.9) * (a - 0.9) : std::nan(""), 2 * (a - 0.9)};
  };
  const LineResult found = wolfe_search(f(0), 50, Wolfe{.curvature = 0.1}, f);
  ASSERT_TRUE(found.accepted);
  EXPECT_NEAR(found.point.step, 0.9, 0.09);
}

TEST(NoisySgd, WithoutDataItIsAnAutoregression) {
  // One stiff mode of vanishing stiffness: θ' = (1 - λα) θ + λβ/√B ξ, B = 1 example, over an
  // ensemble of coordinates. The variance of the formula within five standard errors.
  const NoisySgd rule{.learning_rate = 0.1, .weight_decay = 0.4, .isotropic_noise = 0.3};
  const std::size_t ensemble = 20000;
  Quadratic<double> flat(QuadraticSettings{.stiffness = std::vector<double>(ensemble, 1e-12)});
  State<double> state = rule.init(Trace(ensemble));
  laws::advance(rule, flat, state, Noise(5), 200);
  double sum = 0;
  for (const double one : state.theta) sum += one * one;
  const double kick = 0.1 * 0.3 / std::sqrt(static_cast<double>(flat.examples()));
  const double expected = kick * kick / (1 - (1 - 0.04) * (1 - 0.04));
  const double measured = sum / static_cast<double>(ensemble);
  EXPECT_NEAR(measured / expected, 1, 5 * std::sqrt(2.0 / static_cast<double>(ensemble)));
}

TEST(NoisySgd, WithoutItsNoiseIsSgd) {
  Quadratic<double> bowl(QuadraticSettings{.stiffness = {1, 10, 0.1}});
  EXPECT_EQ(
      reached(NoisySgd{.learning_rate = 0.03, .weight_decay = 0.1}, bowl, {1, -2, 3}, 40).theta,
      reached(Sgd{.learning_rate = 0.03, .weight_decay = 0.1}, bowl, {1, -2, 3}, 40).theta);
}

}  // namespace
}  // namespace thermoscape
