#include "thermoscape/objective/mlp/mlp.hpp"

#include <algorithm>
#include <cmath>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "laws/objective_laws.hpp"
#include "objective/mlp_problem.hpp"

namespace thermoscape {
namespace {

using namespace reference;

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

}  // namespace
}  // namespace thermoscape
