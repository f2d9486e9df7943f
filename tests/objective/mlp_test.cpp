#include "thermoscape/objective/mlp/mlp.hpp"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "laws/objective_laws.hpp"
#include "objective/mlp_problem.hpp"

namespace thermoscape {
namespace {

using namespace reference;

/// Loss, gradient, example losses and logits of one build against the plain loops.
template <class Real>
void expect_matches_plain(const Problem& problem, InstructionSet set, double tolerance) {
  Mlp<Real> mlp = problem.build<Real>(set);
  const std::vector<double> theta = problem.theta();
  const PlainMlp::Result plain = problem.plain.evaluate(theta, problem.inputs, problem.labels);
  const std::vector<Real> at = cast<Real>(theta);
  std::vector<Real> gradient(at.size());
  EXPECT_NEAR(mlp.loss_gradient(at, {}, gradient), plain.loss, tolerance * plain.loss);
  EXPECT_NEAR(mlp.loss(at, {}), plain.loss, tolerance * plain.loss);
  EXPECT_LT(relative_distance(gradient, plain.gradient), tolerance);
  std::vector<double> losses(plain.losses.size());
  mlp.example_losses(at, {}, losses);
  EXPECT_LT(relative_distance(losses, plain.losses), tolerance);
  std::vector<Real> logits(plain.logits.size());
  mlp.logits(at, {}, logits);
  EXPECT_LT(relative_distance(logits, plain.logits), tolerance);
}

// n = 1, widths of 1, one class fewer and one more than a tile, n around multiples of every vector

// width, several blocks, inputs deeper than a piece of a product.

TEST(Mlp, matches_plain_loops_for_every_shape_and_instruction_set) {
  const std::vector<std::pair<std::vector<int>, std::size_t>> shapes{{{10, 20, 20, 10, 3}, 300},
                                                                     {{1, 1, 2}, 1},
                                                                     {{1, 1, 1}, 5},
                                                                     {{3, 4}, 17},
                                                                     {{7, 5, 6}, 15},
                                                                     {{5, 11, 1, 13, 4}, 16},
                                                                     {{2, 6, 7, 8, 9, 5}, 33},
                                                                     {{300, 21, 10}, 50},
                                                                     {{17, 140, 131, 2}, 31},
                                                                     {{4, 3, 2}, 1000}};
  for (const auto& [sizes, n] : shapes) {
    const Problem problem(sizes, n);
    for (const InstructionSet set : available_sets()) {
      SCOPED_TRACE(testing::PrintToString(sizes) + " n=" + std::to_string(n) + " " +
                   std::string(name(set)));
      expect_matches_plain<float>(problem, set, kFloat);
      expect_matches_plain<double>(problem, set, kDouble);
    }
  }
}

TEST(Mlp, matches_plain_loops_for_every_setting) {
  for (const std::string activation : {"relu", "tanh", "gelu", "identity"}) {
    for (const std::string loss : {"cross-entropy", "mse"}) {
      for (const bool biases : {true, false}) {
        for (const double l2 : {0.0, 0.3}) {
          SCOPED_TRACE(activation + " " + loss + (biases ? " biases " : " ") + std::to_string(l2));
          const Problem problem({9, 12, 7, 5}, 70, activation, loss, biases, l2);
          for (const InstructionSet set : available_sets()) {
            expect_matches_plain<float>(problem, set, kFloat);
            expect_matches_plain<double>(problem, set, kDouble);
          }
        }
      }
    }
  }
}

// R-operators against central differences of the gradient, J products against differences of the

// logits, on several blocks.

// ⟨w, J v⟩ = ⟨Jᵀ w, v⟩ in float and double, all instruction sets.

// One linear layer with weights that push the right class up by `margin`: ℓ = ln(1 + 2 e^-margin)
// from 1 to below 1e-12.
template <class Real>
void expect_digits(double tolerance) {
  for (const InstructionSet set : available_sets()) {
    for (const double margin : {0.0, 1.0, 5.0, 12.0, 20.0, 28.375, 30.0, 60.0}) {
      MlpSettings settings;
      settings.hidden = {};
      settings.biases = false;
      Mlp<Real> mlp(
          settings, std::vector<double>{1.0, 1.0}, std::vector<std::int32_t>{0, 2}, 3, set);
      // example 0 has class 0, example 1 class 2; the logits are θ itself
      const std::vector<Real> theta{static_cast<Real>(margin), 0, 0};
      const std::vector<std::int32_t> first{0};
      Batch batch;
      batch.examples = first;
      std::vector<Real> gradient(3);
      const long double tail = 2 * std::exp(-static_cast<long double>(margin));
      const auto loss = static_cast<double>(std::log1p(tail));
      EXPECT_NEAR(mlp.loss_gradient(theta, batch, gradient) / loss, 1, tolerance)
          << margin << name(set);
      const auto own = static_cast<double>(-tail / (1 + tail));
      EXPECT_NEAR(static_cast<double>(gradient[0]) / own, 1, tolerance) << margin << name(set);
      EXPECT_NEAR(static_cast<double>(gradient[1]) / (-own / 2), 1, tolerance)
          << margin << name(set);
      // the badly fitted one: ℓ = margin + ln(1 + 2 e^-margin)
      const std::vector<std::int32_t> second{1};
      batch.examples = second;
      EXPECT_NEAR(mlp.loss_gradient(theta, batch, gradient) / (margin + loss), 1, tolerance);
    }
  }
}

// exp and ln(1+x) are good to a few units of the last place, and so is everything made of them.

TEST(Mlp, cross_entropy_keeps_its_digits_in_float) {
  expect_digits<float>(1e-6);
}

TEST(Mlp, cross_entropy_keeps_its_digits_in_double) {
  expect_digits<double>(2e-15);
}

TEST(Mlp, activations_are_accurate_over_their_whole_range) {
  std::vector<double> grid;
  for (double x = -30; x <= 30; x += 0.0078125) grid.push_back(x);
  for (double x = 1e-6; x < 1; x *= 1.5)
    grid.insert(grid.end(), {static_cast<float>(x), -static_cast<float>(x)});
  while (grid.size() % 16 != 0) grid.push_back(0);
  const auto check = [&]<class Real>(Real, double tolerance) {
    for (const InstructionSet set : available_sets()) {
      for (const auto& [kind, text] :
           {std::pair{mlp::Activation::tanh, "tanh"}, {mlp::Activation::gelu, "gelu"}}) {
        const PlainMlp plain{{}, text};
        const std::vector<Real> z = cast<Real>(grid);
        std::vector<Real> a(z.size());
        std::vector<Real> slope(z.size());
        mlp::kernels<Real>(set).activate(
            kind, static_cast<std::int64_t>(z.size()), z.data(), a.data(), slope.data(), nullptr);
        for (std::size_t i = 0; i < z.size(); ++i) {
          const double exact = static_cast<double>(plain.phi(grid[i]));
          // relative for tanh; for gelu relative to |x|, below which x Φ(x) itself vanishes
          const double size = kind == mlp::Activation::tanh ? std::abs(exact) : std::abs(grid[i]);
          EXPECT_NEAR(static_cast<double>(a[i]), exact, tolerance * size)
              << text << grid[i] << name(set);
          EXPECT_NEAR(
              static_cast<double>(slope[i]), static_cast<double>(plain.slope(grid[i])), tolerance);
        }
      }
    }
  };
  check(float{}, 6e-7);      // 5 units of the last place
  check(double{}, 1.2e-15);  // 5 units
}

TEST(Mlp, initial_weights_have_the_variance_of_their_law) {
  Problem problem({50, 80, 40, 4}, 10);
  for (const std::string law :
       {"xavier-normal", "xavier-uniform", "kaiming-normal", "kaiming-uniform"}) {
    problem.settings.initialisation = law;
    const std::vector<double> theta = problem.build<double>().initial(Noise(8));
    std::size_t at = 0;
    for (std::size_t l = 0; l + 1 < problem.plain.sizes.size(); ++l) {
      const auto in = static_cast<std::size_t>(problem.plain.sizes[l]);
      const auto out = static_cast<std::size_t>(problem.plain.sizes[l + 1]);
      const double variance = 2 / static_cast<double>(law.starts_with("xavier") ? in + out : in);
      double square = 0;
      double largest = 0;
      for (std::size_t i = 0; i < in * out; ++i) {
        square += theta[at + i] * theta[at + i];
        largest = std::max(largest, std::abs(theta[at + i]));
      }
      const double m = static_cast<double>(in * out);
      // var(x²) = 2 σ⁴ for a normal, 4/5 σ⁴ for a uniform law; 4 standard errors
      const bool uniform = law.ends_with("uniform");
      EXPECT_NEAR(square / m / variance, 1, 4 * std::sqrt((uniform ? 0.8 : 2.0) / m)) << law;
      if (uniform) {
        EXPECT_LE(largest, std::sqrt(3 * variance));
      }
      for (std::size_t o = 0; o < out; ++o) EXPECT_EQ(theta[at + in * out + o], 0);
      at += in * out + out;
    }
    const std::vector<float> single = problem.build<float>().initial(Noise(8));
    for (std::size_t i = 0; i < theta.size(); ++i)
      EXPECT_EQ(single[i], static_cast<float>(theta[i]));
  }
}

// Entry 000.mlp_loss_grad.o1 of the published reference set: 883 parameters, [loss, φ, |g|², g·u,

// g_last, vᵀHv].

TEST(Mlp, reproduces_the_reference_entry) {
  MlpSettings settings;
  std::vector<double> inputs(70);
  std::vector<std::int32_t> labels;
  for (std::size_t k = 0; k < inputs.size(); ++k)
    inputs[k] = 1.2 * std::sin(0.7 * static_cast<double>((k + 1) * (k + 1)));
  for (std::int32_t i = 0; i < 7; ++i) labels.push_back(i % 3);
  Mlp<double> mlp(settings, inputs, labels, 3);
  ASSERT_EQ(mlp.parameters(), 883);
  std::vector<double> theta(883);
  for (std::size_t i = 0; i < theta.size(); ++i) {
    theta[i] = 0.35 * std::sin(1.3 * static_cast<double>((i + 1) * (i + 1)));
  }
  std::vector<double> gradient(883);
  EXPECT_NEAR(mlp.loss_gradient(theta, {}, gradient), 1.1481163104184036, 1e-9);
  double along = 0;
  for (std::size_t i = 0; i < gradient.size(); ++i)
    along += gradient[i] * std::sin(0.5 * static_cast<double>(i + 1));
  EXPECT_NEAR(laws::dot(gradient, gradient), 0.32778540081286295, 1e-9);
  EXPECT_NEAR(along, 0.08368686751226125, 1e-9);
  EXPECT_NEAR(gradient.back(), -0.046768308296165455, 1e-9);
  const std::vector<double> v(883, 1 / std::sqrt(883.0));
  std::vector<double> hv(883);
  mlp.hessian_products(theta, {}, v, hv);
  EXPECT_NEAR(laws::dot(v, hv), 0.0688589154336586, 1e-7);
}

TEST(Mlp, rejects_what_it_cannot_use) {
  const MlpSettings settings;
  const std::vector<double> x{1, 2, 3, 4};
  const std::vector<std::int32_t> y{0, 1};
  const auto build = [](const MlpSettings& s,
                        const std::vector<double>& inputs,
                        const std::vector<std::int32_t>& labels) {
    return Mlp<float>(s, inputs, labels, 2);
  };
  EXPECT_NO_THROW(build(settings, x, y));
  EXPECT_THROW(build(settings, {1, 2, 3}, y), Error);
  EXPECT_THROW(build(settings, {}, y), Error);
  EXPECT_THROW(build(settings, x, {}), Error);
  EXPECT_THROW(build(settings, x, {0, 2}), Error);
  EXPECT_THROW(build(settings, x, {0, -1}), Error);
  EXPECT_THROW(build(settings, {1, 2, std::nan(""), 4}, y), Error);
  MlpSettings bad = settings;
  bad.hidden = {5, 0};
  EXPECT_THROW(build(bad, x, y), Error);
  bad = settings;
  bad.activation = "rleu";
  try {
    build(bad, x, y);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("did you mean `relu`?"));
  }
  Mlp<float> mlp = build(settings, x, y);
  std::vector<float> theta(static_cast<std::size_t>(mlp.parameters()));
  std::vector<float> wrong(theta.size() + 1);
  EXPECT_THROW((void)mlp.loss(wrong, {}), Error);
  EXPECT_THROW(mlp.loss_gradient(theta, {}, wrong), Error);
  const std::vector<std::int32_t> outside{0, 2};
  Batch batch;
  batch.examples = outside;
  EXPECT_THROW((void)mlp.loss(theta, batch), Error);
}

}  // namespace
}  // namespace thermoscape
