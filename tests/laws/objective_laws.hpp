#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "laws/evaluated.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/objective.hpp"

/// The laws every Objective keeps. One call checks them all at one θ; a failed one names the law
/// and the objective.
///
/// Tolerances. Identities between exact quantities hold to `rounding` units of the last place of
/// the sizes that enter them (norms of the summands, not of the sum, so that cancellation is
/// allowed for). Finite differences are central with step h in double precision, where truncation
/// O(h²) and rounding O(ε/h) are both below 1e-9 of the scale; they are left out in float, where
/// `check_precisions_agree` ties every operation to the double one instead.
namespace thermoscape::laws {

struct ObjectiveLawOptions {
  std::string name = "objective";
  double l2 = 0;             ///< the penalty is ½ l2 |θ|²
  double rounding = 512;     ///< units of the last place allowed to an identity
  double step = 1e-6;        ///< h of the central differences
  double difference = 1e-6;  ///< their tolerance, relative to the derivative
  std::uint64_t seed = 1;
};

template <class Real>
class ObjectiveLaws {
 public:
  using Values = std::vector<Real>;
  ObjectiveLaws(Objective<Real>& objective, Values theta, ObjectiveLawOptions options)
      : objective_(objective),
        at_(objective),
        theta_(std::move(theta)),
        options_(std::move(options)),
        noise_(options_.seed),
        ulp_(options_.rounding * static_cast<double>(std::numeric_limits<Real>::epsilon())) {}

  void check() {
    ASSERT_EQ(static_cast<std::int64_t>(theta_.size()), objective_.parameters());
    ASSERT_GE(objective_.examples(), 1);
    starting_point();
    loss_is_mean_of_examples();
    gradient_is_mean_of_examples();
    batches_add_up();
    batches_gather();
    hessian_is_symmetric_and_linear();
    if (objective_.outputs() > 0) {
      jacobians_are_adjoint();
    } else {
      logits_are_refused();
    }
    if constexpr (std::is_same_v<Real, double>) differences_agree();
    calls_repeat_and_clones_agree();
    bad_input_is_refused();
  }

 private:
  Values vector(std::uint64_t number, std::int64_t size) const {
    Values out(static_cast<std::size_t>(size));
    noise_.normal<Real>("laws.vector", number, out);
    return out;
  }
  Values direction(std::uint64_t number) const { return vector(number, objective_.parameters()); }
  [[nodiscard]] double penalty() const { return 0.5 * options_.l2 * dot(theta_, theta_); }

  void starting_point() {
    const Values start = objective_.initial(Noise(3));
    EXPECT_EQ(static_cast<std::int64_t>(start.size()), objective_.parameters());
    EXPECT_EQ(start, objective_.initial(Noise(3)));
    EXPECT_TRUE(std::isfinite(at_.loss(start)));
  }

  void loss_is_mean_of_examples() {
    const std::vector<double> losses = at_.losses(theta_);
    const double mean =
        std::accumulate(losses.begin(), losses.end(), 0.0) / static_cast<double>(losses.size());
    const double loss = at_.loss(theta_);
    EXPECT_NEAR(loss, mean + penalty(), ulp_ * (std::abs(mean) + penalty()));
    Values gradient(theta_.size());
    EXPECT_NEAR(objective_.loss_gradient(theta_, {}, gradient), loss, ulp_ * std::abs(loss));
  }

  void gradient_is_mean_of_examples() {
    const Values rows = at_.example_gradients(theta_);
    const auto width = static_cast<std::size_t>(objective_.parameters());
    std::vector<double> mean(width);
    double scale = options_.l2 * norm(theta_);
    const double share = 1.0 / static_cast<double>(objective_.examples());
    for (std::size_t first = 0; first < rows.size(); first += width) {
      const Values row(rows.begin() + static_cast<std::ptrdiff_t>(first),
                       rows.begin() + static_cast<std::ptrdiff_t>(first + width));
      scale += share * norm(row);
      for (std::size_t i = 0; i < width; ++i) mean[i] += share * static_cast<double>(row[i]);
    }
    for (std::size_t i = 0; i < width; ++i) {
      mean[i] += options_.l2 * static_cast<double>(theta_[i]);
    }
    EXPECT_LE(distance(at_.gradient(theta_), mean), ulp_ * scale);
  }

  /// The examples cut into three uneven batches, in a shuffled order.
  [[nodiscard]] std::vector<std::vector<std::int32_t>> partition() const {
    const auto n = static_cast<std::int32_t>(objective_.examples());
    const std::vector<std::int32_t> order = noise_.permutation("laws.order", 0, n);
    const auto third = static_cast<std::ptrdiff_t>(n / 3);
    std::vector<std::vector<std::int32_t>> parts{
        {order.begin(), order.begin() + third},
        {order.begin() + third, order.begin() + third + (third + 1) / 2},
        {order.begin() + third + (third + 1) / 2, order.end()}};
    std::erase_if(parts, [](const auto& part) { return part.empty(); });
    return parts;
  }

  void batches_add_up() {
    const Values v = direction(1);
    std::vector<double> gradient(theta_.size());
    std::vector<double> product(theta_.size());
    double loss = 0;
    double gradient_scale = 0;
    double product_scale = 0;
    for (const auto& part : partition()) {
      const Batch batch{part};
      const double share =
          static_cast<double>(part.size()) / static_cast<double>(objective_.examples());
      loss += share * at_.loss(theta_, batch);
      const Values g = at_.gradient(theta_, batch);
      const Values hv = at_.hessian(theta_, v, batch);
      gradient_scale += share * norm(g);
      product_scale += share * norm(hv);
      for (std::size_t i = 0; i < g.size(); ++i) {
        gradient[i] += share * static_cast<double>(g[i]);
        product[i] += share * static_cast<double>(hv[i]);
      }
    }
    EXPECT_NEAR(at_.loss(theta_), loss, ulp_ * std::abs(loss));
    EXPECT_LE(distance(at_.gradient(theta_), gradient), ulp_ * gradient_scale);
    EXPECT_LE(distance(at_.hessian(theta_, v), product), ulp_ * product_scale);
  }

  /// A batch with a repeated example answers, row by row, as the full set does for those examples.
  void batches_gather() {
    const auto last = static_cast<std::int32_t>(objective_.examples() - 1);
    const std::vector<std::int32_t> chosen{last, 0, last};
    const Batch batch{chosen};
    const std::vector<double> all = at_.losses(theta_);
    const std::vector<double> some = at_.losses(theta_, batch);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      const double expected = all[static_cast<std::size_t>(chosen[i])];
      EXPECT_NEAR(some[i], expected, ulp_ * std::abs(expected));
    }
    EXPECT_NEAR(at_.loss(theta_, batch),
                (some[0] + some[1] + some[2]) / 3 + penalty(),
                ulp_ * (some[0] + some[1] + some[2] + penalty()));
    if (objective_.outputs() == 0) return;
    const Values z = at_.logits(theta_);
    const Values gathered = at_.logits(theta_, batch);
    const auto width = static_cast<std::size_t>(objective_.outputs());
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      for (std::size_t k = 0; k < width; ++k) {
        EXPECT_NEAR(gathered[i * width + k],
                    z[static_cast<std::size_t>(chosen[i]) * width + k],
                    ulp_ * norm(z));
      }
    }
  }

  void hessian_is_symmetric_and_linear() {
    const Values u = direction(2);
    const Values v = direction(3);
    const Values hu = at_.hessian(theta_, u);
    const Values hv = at_.hessian(theta_, v);
    EXPECT_NEAR(dot(u, hv), dot(v, hu), ulp_ * (norm(u) * norm(hv) + norm(v) * norm(hu)));
    const Values sum = moved(moved(u, 1, u), -3, v);  // 2u - 3v
    const Values expected = moved(moved(hu, 1, hu), -3, hv);
    EXPECT_LE(distance(at_.hessian(theta_, sum), expected), ulp_ * (norm(hu) + norm(hv)));
    expect_block(u, v, hu, hv, at_.hessian(theta_, joined(u, v)));
  }

  void jacobians_are_adjoint() {
    const std::int64_t width = objective_.examples() * objective_.outputs();
    const Values u = direction(4);
    const Values v = direction(5);
    const Values w = vector(6, width);
    const Values x = vector(7, width);
    const Values jv = at_.products(theta_, v);
    const Values jtw = at_.pullback(theta_, w);
    EXPECT_NEAR(dot(w, jv), dot(jtw, v), ulp_ * (norm(w) * norm(jv) + norm(jtw) * norm(v)));
    expect_block(u, v, at_.products(theta_, u), jv, at_.products(theta_, joined(u, v)));
    expect_block(x, w, at_.pullback(theta_, x), jtw, at_.pullback(theta_, joined(x, w)));
    // On a batch as well: the pullback sums over its examples, without a mean.
    const std::vector<std::int32_t> one{0};
    const Batch batch{one};
    const Values small = vector(8, objective_.outputs());
    const Values forward = at_.products(theta_, v, batch);
    const Values back = at_.pullback(theta_, small, batch);
    EXPECT_NEAR(dot(small, forward),
                dot(back, v),
                ulp_ * (norm(small) * norm(forward) + norm(back) * norm(v)));
  }

  static Values joined(Values a, const Values& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
  }
  void expect_block(
      const Values&, const Values&, const Values& a, const Values& b, const Values& block) {
    EXPECT_LE(distance(block, joined(a, b)), ulp_ * (norm(a) + norm(b))) << "a block of two";
  }

  void logits_are_refused() {
    Values nothing;
    const Values v = direction(9);
    EXPECT_EQ(objective_.output_loss(), OutputLoss::none);
    EXPECT_THROW(objective_.logits(theta_, {}, nothing), Error);
    EXPECT_THROW(objective_.jacobian_products(theta_, {}, v, nothing), Error);
    EXPECT_THROW(objective_.jacobian_pullback(theta_, {}, v, nothing), Error);
  }

  void differences_agree() {
    const double h = options_.step;
    for (std::uint64_t number = 0; number < 12; ++number) {
      SCOPED_TRACE("direction " + std::to_string(number));
      Values v = direction(20 + number);
      if (number % 2 == 1) {  // single coordinates as well: a dense vector hides a small block
        const std::size_t i = static_cast<std::size_t>(std::abs(v[0]) * 1e6) % v.size();
        std::fill(v.begin(), v.end(), Real(0));
        v[i] = 1;
      }
      v = moved(Values(v.size()), 1 / norm(v), v);
      const Values ahead = moved(theta_, h, v);
      const Values behind = moved(theta_, -h, v);
      const Values g = at_.gradient(theta_);
      const double slope = (at_.loss(ahead) - at_.loss(behind)) / (2 * h);
      // The scale is the derivative plus what rounding of the loss leaves: ε |L| / h.
      EXPECT_NEAR(dot(g, v),
                  slope,
                  options_.difference * std::abs(slope) + 1e-9 * (at_.loss(theta_) + norm(g)));
      const Values hv = at_.hessian(theta_, v);
      Values change = moved(at_.gradient(ahead), -1, at_.gradient(behind));
      change = moved(Values(v.size()), 1 / (2 * h), change);
      EXPECT_LE(distance(hv, change), options_.difference * norm(hv) + 1e-9 * norm(g));
      if (objective_.outputs() == 0) continue;
      const Values jv = at_.products(theta_, v);
      Values rise = moved(at_.logits(ahead), -1, at_.logits(behind));
      rise = moved(Values(rise.size()), 1 / (2 * h), rise);
      EXPECT_LE(distance(jv, rise),
                options_.difference * norm(jv) + 1e-9 * norm(at_.logits(theta_)));
    }
  }

  void calls_repeat_and_clones_agree() {
    const std::unique_ptr<Objective<Real>> copy = objective_.clone();
    Evaluated<Real> other(*copy);
    const Values v = direction(40);
    const std::vector<std::int32_t> some{0};
    const Batch batch{some};
    for (const Batch& b : {Batch{}, batch}) {
      const double loss = at_.loss(theta_, b);
      const Values g = at_.gradient(theta_, b);
      const Values hv = at_.hessian(theta_, v, b);
      const std::vector<double> losses = at_.losses(theta_, b);
      const Values rows = at_.example_gradients(theta_, b);
      at_.loss(moved(theta_, 0.1, v));  // another call in between leaves no trace
      for (Evaluated<Real>* one : {&at_, &other}) {
        EXPECT_EQ(one->loss(theta_, b), loss);
        EXPECT_EQ(one->gradient(theta_, b), g);
        EXPECT_EQ(one->hessian(theta_, v, b), hv);
        EXPECT_EQ(one->losses(theta_, b), losses);
        EXPECT_EQ(one->example_gradients(theta_, b), rows);
        if (objective_.outputs() == 0) continue;
        EXPECT_EQ(one->logits(theta_, b), at_.logits(theta_, b));
        EXPECT_EQ(one->products(theta_, v, b), at_.products(theta_, v, b));
      }
    }
    EXPECT_EQ(copy->parameters(), objective_.parameters());
    EXPECT_EQ(copy->examples(), objective_.examples());
    EXPECT_EQ(copy->outputs(), objective_.outputs());
    EXPECT_EQ(copy->output_loss(), objective_.output_loss());
  }

  void bad_input_is_refused() {
    Values gradient(theta_.size());
    Values too_long(theta_.size() + 1);
    std::vector<double> losses(static_cast<std::size_t>(objective_.examples()) + 1);
    EXPECT_THROW(objective_.loss(too_long, {}), Error);
    EXPECT_THROW(objective_.loss_gradient(theta_, {}, too_long), Error);
    EXPECT_THROW(objective_.loss_gradient(too_long, {}, gradient), Error);
    EXPECT_THROW(objective_.example_losses(theta_, {}, losses), Error);
    EXPECT_THROW(objective_.hessian_products(theta_, {}, gradient, too_long), Error);
    const std::vector<std::int32_t> beyond{static_cast<std::int32_t>(objective_.examples())};
    const std::vector<std::int32_t> negative{-1};
    EXPECT_THROW(objective_.loss(theta_, Batch{beyond}), Error);
    EXPECT_THROW(objective_.loss_gradient(theta_, Batch{negative}, gradient), Error);
  }

  Objective<Real>& objective_;
  Evaluated<Real> at_;
  Values theta_;
  ObjectiveLawOptions options_;
  Noise noise_;
  double ulp_;
};

/// Checks every law of `objective` at θ = theta.
template <class Real>
void check_objective_laws(Objective<Real>& objective,
                          std::vector<Real> theta,
                          ObjectiveLawOptions options = {}) {
  SCOPED_TRACE(options.name + (std::is_same_v<Real, float> ? " in float" : " in double"));
  ObjectiveLaws<Real>(objective, std::move(theta), std::move(options)).check();
}

/// Checks that each operation in float agrees with the one in double at the same θ to float
/// rounding.
inline void check_precisions_agree(Objective<float>& in_float,
                                   Objective<double>& in_double,
                                   const std::vector<float>& theta,
                                   const ObjectiveLawOptions& options = {}) {
  SCOPED_TRACE(options.name + ": float against double");
  const double ulp = options.rounding * static_cast<double>(std::numeric_limits<float>::epsilon());
  Evaluated<float> single(in_float);
  Evaluated<double> twice(in_double);
  const std::vector<double> exact(theta.begin(), theta.end());
  std::vector<float> v(theta.size());
  Noise(options.seed).normal<float>("laws.precision", 0, v);
  const std::vector<double> v_exact(v.begin(), v.end());
  EXPECT_NEAR(single.loss(theta), twice.loss(exact), ulp * std::abs(twice.loss(exact)));
  const auto expect_close = [&](const auto& a, const std::vector<double>& b, const char* what) {
    EXPECT_LE(distance(a, b), ulp * norm(b)) << what;
  };
  expect_close(single.gradient(theta), twice.gradient(exact), "gradient");
  expect_close(single.losses(theta), twice.losses(exact), "example losses");
  expect_close(
      single.example_gradients(theta), twice.example_gradients(exact), "example gradients");
  expect_close(single.hessian(theta, v), twice.hessian(exact, v_exact), "hessian products");
  if (in_double.outputs() == 0) return;
  expect_close(single.logits(theta), twice.logits(exact), "logits");
  expect_close(single.products(theta, v), twice.products(exact, v_exact), "jacobian products");
}

}  // namespace thermoscape::laws
