#include "thermoscape/objective/mlp/mlp.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "laws/objective_laws.hpp"
#include "objective/mlp_reference.hpp"

namespace thermoscape {
namespace {

using reference::PlainMlp;

/// A network with Gaussian inputs and random labels that every precision holds exactly.
struct Problem {
  PlainMlp plain;
  MlpSettings settings;
  std::vector<double> inputs;
  std::vector<std::int32_t> labels;

  Problem(std::vector<int> sizes,
          std::size_t n,
          std::string activation = "relu",
          std::string loss = "cross-entropy",
          bool biases = true,
          double l2 = 0)
      : plain{std::move(sizes), activation, biases, loss == "cross-entropy", l2} {
    settings.hidden.assign(plain.sizes.begin() + 1, plain.sizes.end() - 1);
    settings.activation = std::move(activation);
    settings.loss = std::move(loss);
    settings.biases = biases;
    settings.l2 = l2;
    inputs.resize(n * static_cast<std::size_t>(plain.sizes[0]));
    Noise(3).normal<double>("test.x", 0, inputs);
    for (double& x : inputs) x = static_cast<float>(x);
    for (std::size_t i = 0; i < n; ++i) {
      labels.push_back(static_cast<std::int32_t>((i * i + i / 3) %
                                                 static_cast<std::size_t>(plain.sizes.back())));
    }
  }

  template <class Real>
  [[nodiscard]] Mlp<Real> build(InstructionSet set = widest_instruction_set()) const {
    return Mlp<Real>(settings, inputs, labels, plain.sizes.back(), set);
  }
  /// Weights of order one over the square root of the width, biases too; exact in float.
  [[nodiscard]] std::vector<double> theta() const {
    std::vector<double> t(static_cast<std::size_t>(build<double>().parameters()));
    Noise(5).normal<double>("test.theta", 0, t);
    for (double& x : t) x = static_cast<float>(0.4 * x);
    return t;
  }
};

double norm(const std::vector<double>& a) {
  double sum = 0;
  for (const double x : a) sum += x * x;
  return std::sqrt(sum);
}

template <class Real>
std::vector<Real> cast(const std::vector<double>& a) {
  return std::vector<Real>(a.begin(), a.end());
}

/// |a - b| / |b|
template <class Real>
double relative_distance(const std::vector<Real>& a, const std::vector<double>& b) {
  std::vector<double> difference(b.size());
  for (std::size_t i = 0; i < b.size(); ++i) difference[i] = static_cast<double>(a[i]) - b[i];
  return norm(difference) / std::max(norm(b), 1e-300);
}

std::vector<InstructionSet> available_sets() {
  std::vector<InstructionSet> sets;
  for (const InstructionSet set :
       {InstructionSet::portable, InstructionSet::avx2, InstructionSet::avx512}) {
    if (set <= widest_instruction_set()) sets.push_back(set);
  }
  return sets;
}

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

// Tolerances: rounding of a few hundred operations a number, 5e-6 in float and 1e-13 in double.
constexpr double kFloat = 5e-6;
constexpr double kDouble = 1e-13;

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

TEST(Mlp, keeps_the_laws_of_an_objective) {
  for (const std::string activation : {"relu", "tanh", "gelu", "identity"}) {
    for (const std::string loss : {"cross-entropy", "mse"}) {
      const Problem problem({4, 6, 5, 3}, 37, activation, loss, activation != "tanh", 0.1);
      Mlp<double> exact = problem.build<double>();
      laws::check_objective_laws(
          exact,
          problem.theta(),
          {.name = "mlp " + activation + " " + loss, .l2 = 0.1, .rounding = 4096});
      Mlp<float> quick = problem.build<float>();
      laws::check_objective_laws(
          quick,
          cast<float>(problem.theta()),
          {.name = "mlp float " + activation + " " + loss, .l2 = 0.1, .rounding = 4096});
    }
  }
}

// R-operators against central differences of the gradient, J products against differences of the
// logits, on several blocks.
TEST(Mlp, curvature_matches_differences_on_every_instruction_set) {
  for (const std::string activation : {"relu", "tanh", "gelu"}) {
    const Problem problem({5, 40, 30, 4}, 400, activation, "cross-entropy", true, 0.05);
    const std::vector<double> theta = problem.theta();
    std::vector<double> vectors(2 * theta.size());
    Noise(9).normal<double>("test.v", 0, vectors);
    for (const InstructionSet set : available_sets()) {
      Mlp<double> mlp = problem.build<double>(set);
      std::vector<double> hessian(vectors.size());
      mlp.hessian_products(theta, {}, vectors, hessian);
      std::vector<double> jacobian(2 * 400 * 4);
      mlp.jacobian_products(theta, {}, vectors, jacobian);
      for (std::size_t k = 0; k < 2; ++k) {
        // relu has kinks: a step that crosses one changes the difference by O(1/n), so the step is
        // small.
        const double h = activation == "relu" ? 1e-8 : 1e-6;
        std::vector<double> up = theta;
        std::vector<double> down = theta;
        for (std::size_t i = 0; i < theta.size(); ++i) {
          up[i] += h * vectors[k * theta.size() + i];
          down[i] -= h * vectors[k * theta.size() + i];
        }
        std::vector<double> g_up(theta.size());
        std::vector<double> g_down(theta.size());
        mlp.loss_gradient(up, {}, g_up);
        mlp.loss_gradient(down, {}, g_down);
        std::vector<double> z_up(1600);
        std::vector<double> z_down(1600);
        mlp.logits(up, {}, z_up);
        mlp.logits(down, {}, z_down);
        for (std::size_t i = 0; i < theta.size(); ++i) g_up[i] = (g_up[i] - g_down[i]) / (2 * h);
        for (std::size_t i = 0; i < z_up.size(); ++i) z_up[i] = (z_up[i] - z_down[i]) / (2 * h);
        const std::vector<double> hv(
            hessian.begin() + static_cast<std::ptrdiff_t>(k * theta.size()),
            hessian.begin() + static_cast<std::ptrdiff_t>((k + 1) * theta.size()));
        const std::vector<double> jv(
            jacobian.begin() + static_cast<std::ptrdiff_t>(k * 1600),
            jacobian.begin() + static_cast<std::ptrdiff_t>((k + 1) * 1600));
        EXPECT_LT(relative_distance(hv, g_up), activation == "relu" ? 1e-6 : 1e-8)
            << activation << name(set);
        EXPECT_LT(relative_distance(jv, z_up), activation == "relu" ? 1e-6 : 1e-8)
            << activation << name(set);
      }
    }
  }
}

// ⟨w, J v⟩ = ⟨Jᵀ w, v⟩ in float and double, all instruction sets.
TEST(Mlp, pullback_is_the_transpose_of_the_product) {
  const Problem problem({67, 13, 9, 3}, 45, "gelu");
  const std::vector<double> theta = problem.theta();
  std::vector<double> v(theta.size());
  std::vector<double> w(45 * 3);
  Noise(11).normal<double>("test.v", 0, v);
  Noise(11).normal<double>("test.w", 0, w);
  for (const InstructionSet set : available_sets()) {
    Mlp<double> mlp = problem.build<double>(set);
    std::vector<double> jv(w.size());
    std::vector<double> jw(v.size());
    mlp.jacobian_products(theta, {}, v, jv);
    mlp.jacobian_pullback(theta, {}, w, jw);
    EXPECT_NEAR(laws::dot(w, jv), laws::dot(jw, v), 1e-13 * norm(w) * norm(jv));
  }
}

TEST(Mlp, a_minibatch_is_the_data_set_of_its_examples) {
  for (const int width : {10, 70}) {  // summed over lanes of examples, and along wide inputs
    const Problem all({width, 20, 10, 3}, 200, "tanh");
    const std::vector<std::int32_t> chosen{
        3, 199, 0, 17, 3, 55, 120, 121, 122, 9, 8, 7, 6, 5, 4, 190, 100, 101};
    Problem subset = all;
    subset.inputs.clear();
    subset.labels.clear();
    for (const std::int32_t i : chosen) {
      const auto row = all.inputs.begin() + width * i;
      subset.inputs.insert(subset.inputs.end(), row, row + width);
      subset.labels.push_back(all.labels[static_cast<std::size_t>(i)]);
    }
    const std::vector<float> theta = cast<float>(all.theta());
    Mlp<float> from_all = all.build<float>();
    Mlp<float> from_subset = subset.build<float>();
    std::vector<float> a(theta.size());
    std::vector<float> b(theta.size());
    Batch batch;
    batch.examples = chosen;
    EXPECT_EQ(from_all.loss_gradient(theta, batch, a), from_subset.loss_gradient(theta, {}, b));
    EXPECT_EQ(a, b);
  }

  // More examples than the data set has, drawn with replacement.
  const Problem few({10, 4, 3}, 3);
  std::vector<std::int32_t> many(2000);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::int32_t>(i % 3);
  many.pop_back();
  many.pop_back();  // 1998 = 666 of each
  Mlp<double> mlp = few.build<double>();
  std::vector<double> once(static_cast<std::size_t>(mlp.parameters()));
  std::vector<double> often(once.size());
  Batch repeated;
  repeated.examples = many;
  const double loss = mlp.loss_gradient(few.theta(), {}, once);
  EXPECT_NEAR(mlp.loss_gradient(few.theta(), repeated, often), loss, 1e-13 * loss);
  EXPECT_LT(relative_distance(often, once), 1e-13);
}

TEST(Mlp, augmentation_sees_the_image_that_crop_flip_makes) {
  Problem problem({72, 5, 3}, 20);
  data::CropFlip augmentation{2, 6, 6, 1, true, Noise(4)};
  Problem changed = problem;
  for (std::int32_t i = 0; i < 20; ++i) {
    const std::vector<float> image(problem.inputs.begin() + 72 * i,
                                   problem.inputs.begin() + 72 * (i + 1));
    std::vector<float> out(72);
    augmentation.apply(6, i, image, out);
    std::copy(out.begin(), out.end(), changed.inputs.begin() + 72 * i);
  }
  Mlp<double> original = problem.build<double>();
  Mlp<double> expected = changed.build<double>();
  Batch batch;
  batch.augmentation = &augmentation;
  batch.epoch = 6;
  std::vector<double> a(problem.theta().size());
  std::vector<double> b(a.size());
  EXPECT_EQ(original.loss_gradient(problem.theta(), batch, a),
            expected.loss_gradient(problem.theta(), {}, b));
  EXPECT_EQ(a, b);
  EXPECT_NE(original.loss(problem.theta(), {}), expected.loss(problem.theta(), {}));
}

TEST(Mlp, example_gradients_average_to_the_gradient) {
  const Problem problem({65, 20, 20, 3}, 500, "relu", "cross-entropy", true, 0);
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  std::vector<double> gradient(theta.size());
  mlp.loss_gradient(theta, {}, gradient);
  std::vector<double> sum(theta.size());
  std::int64_t seen = 0;
  mlp.example_gradients(
      theta, {}, [&](std::int64_t first, std::int64_t rows, std::span<const double> block) {
        EXPECT_EQ(first, seen);
        seen += rows;
        ASSERT_EQ(block.size(), static_cast<std::size_t>(rows) * theta.size());
        for (std::size_t i = 0; i < block.size(); ++i) sum[i % theta.size()] += block[i] / 500;
      });
  EXPECT_EQ(seen, 500);
  EXPECT_LT(relative_distance(sum, gradient), kDouble);
}

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

TEST(Mlp, repeats_bit_for_bit_on_clones_and_threads) {
  const Problem problem({10, 20, 20, 10, 3}, 300);
  Mlp<float> mlp = problem.build<float>();
  const std::vector<float> theta = cast<float>(problem.theta());
  std::vector<float> first(theta.size());
  const double loss = mlp.loss_gradient(theta, {}, first);
  std::vector<std::vector<float>> gradients(3, std::vector<float>(theta.size()));
  std::vector<double> losses(3);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < 3; ++t) {
      threads.emplace_back([&, t, copy = std::shared_ptr<Objective<float>>(mlp.clone())] {
        const std::vector<std::int32_t> other{1, 2, 3};
        Batch batch;
        batch.examples = other;
        copy->loss_gradient(theta, batch, gradients[t]);  // an earlier call leaves no trace
        losses[t] = copy->loss_gradient(theta, {}, gradients[t]);
      });
    }
  }
  for (std::size_t t = 0; t < 3; ++t) {
    EXPECT_EQ(losses[t], loss);
    EXPECT_EQ(gradients[t], first);
  }
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
