#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <gtest/gtest.h>

#include "thermoscape/objective/objective.hpp"

/// Vectors and an Objective whose operations return what they write, for tests.
namespace thermoscape::laws {

template <class Real>
double dot(const std::vector<Real>& a, const std::vector<Real>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  }
  return sum;
}

template <class Real>
double norm(const std::vector<Real>& a) {
  return std::sqrt(dot(a, a));
}

/// |a - b| for vectors of any two precisions.
template <class A, class B>
double distance(const std::vector<A>& a, const std::vector<B>& b) {
  EXPECT_EQ(a.size(), b.size());
  double sum = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += d * d;
  }
  return std::sqrt(sum);
}

/// a + scale b.
template <class Real>
std::vector<Real> moved(std::vector<Real> a, double scale, const std::vector<Real>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    a[i] = static_cast<Real>(static_cast<double>(a[i]) + scale * static_cast<double>(b[i]));
  }
  return a;
}

/// An Objective whose operations return what they write.
template <class Real>
class Evaluated {
 public:
  using Values = std::vector<Real>;
  explicit Evaluated(Objective<Real>& objective) : objective_(objective) {}

  [[nodiscard]] std::int64_t count(const Batch& batch) const {
    return batch.all() ? objective_.examples() : static_cast<std::int64_t>(batch.examples.size());
  }
  double loss(const Values& theta, const Batch& batch = {}) {
    return objective_.loss(theta, batch);
  }
  Values gradient(const Values& theta, const Batch& batch = {}) {
    Values out = filled(objective_.parameters());
    objective_.loss_gradient(theta, batch, out);
    return out;
  }
  std::vector<double> losses(const Values& theta, const Batch& batch = {}) {
    std::vector<double> out(static_cast<std::size_t>(count(batch)),
                            std::numeric_limits<double>::quiet_NaN());
    objective_.example_losses(theta, batch, out);
    return out;
  }
  Values logits(const Values& theta, const Batch& batch = {}) {
    Values out = filled(count(batch) * objective_.outputs());
    objective_.logits(theta, batch, out);
    return out;
  }
  Values products(const Values& theta, const Values& vectors, const Batch& batch = {}) {
    const auto k = static_cast<std::int64_t>(vectors.size()) / objective_.parameters();
    Values out = filled(k * count(batch) * objective_.outputs());
    objective_.jacobian_products(theta, batch, vectors, out);
    return out;
  }
  Values pullback(const Values& theta, const Values& covectors, const Batch& batch = {}) {
    const std::int64_t width = count(batch) * objective_.outputs();
    const auto k = static_cast<std::int64_t>(covectors.size()) / width;
    Values out = filled(k * objective_.parameters());
    objective_.jacobian_pullback(theta, batch, covectors, out);
    return out;
  }
  Values hessian(const Values& theta, const Values& vectors, const Batch& batch = {}) {
    Values out = filled(static_cast<std::int64_t>(vectors.size()));
    objective_.hessian_products(theta, batch, vectors, out);
    return out;
  }
  /// All per-example gradients [n, P]; checks that the blocks cover the batch in order.
  Values example_gradients(const Values& theta, const Batch& batch = {}) {
    Values out;
    std::int64_t next = 0;
    objective_.example_gradients(
        theta, batch, [&](std::int64_t first, std::int64_t rows, std::span<const Real> block) {
          EXPECT_EQ(first, next);
          EXPECT_EQ(static_cast<std::int64_t>(block.size()), rows * objective_.parameters());
          next = first + rows;
          out.insert(out.end(), block.begin(), block.end());
        });
    EXPECT_EQ(next, count(batch));
    return out;
  }

 private:
  /// NaN everywhere, so that what an operation forgets to write shows.
  static Values filled(std::int64_t size) {
    return Values(static_cast<std::size_t>(size), std::numeric_limits<Real>::quiet_NaN());
  }
  Objective<Real>& objective_;
};

}  // namespace thermoscape::laws
