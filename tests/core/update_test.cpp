#include "thermoscape/core/update.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "core/noise_oracle.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/core/noise.hpp"
#include "thermoscape/core/update_kernels.hpp"

namespace thermoscape {
namespace {

template <class Real>
const UpdateKernels<Real>& kernels_of(InstructionSet set) {
  if constexpr (std::is_same_v<Real, float>) {
    return update_kernels(set).single;
  } else {
    return update_kernels(set).twice;
  }
}

template <class Real>
std::vector<Real> drawn(Stream stream, std::size_t count) {
  std::vector<Real> x(count);
  Noise(1).normal<Real>(stream, 0, x);
  return x;
}

template <class Real>
class Updates : public testing::Test {
 protected:
  static constexpr double kUnit = std::numeric_limits<Real>::epsilon();
};
using Reals = testing::Types<float, double>;
TYPED_TEST_SUITE(Updates, Reals);

// Lengths around every vector width, so that whole vectors and the padded rest are both seen.
// Inputs are below 5 in size; eight roundings of results below 10 stay inside 100 units of 1.
const std::size_t kLengths[] = {1, 3, 4, 5, 15, 16, 17, 64, 883};

TYPED_TEST(Updates, AreTheirFormulasOnEveryInstructionSet) {
  for (const InstructionSet set : oracle::instruction_sets()) {
    const UpdateKernels<TypeParam>& kernels = kernels_of<TypeParam>(set);
    for (const std::size_t count : kLengths) {
      const auto g = drawn<TypeParam>("test.gradient", count);
      const auto x = drawn<TypeParam>("test.theta", count);
      const auto a = drawn<TypeParam>("test.memory", count);
      const auto b = drawn<TypeParam>("test.second", count);
      auto sgd = x;
      auto plain = x;
      auto ahead = x;
      auto plain_velocity = a;
      auto ahead_velocity = a;
      auto adam = x;
      auto first = a;
      auto second = b;
      for (auto& v : second) v *= v;
      const auto before = second;
      const TypeParam eta(0.1);
      const TypeParam decay(0.03);
      const TypeParam beta(0.9);
      kernels.sgd({eta, decay}, g.data(), sgd.data(), count);
      kernels.momentum(
          {eta, beta, decay, false}, g.data(), plain.data(), plain_velocity.data(), count);
      kernels.momentum(
          {eta, beta, decay, true}, g.data(), ahead.data(), ahead_velocity.data(), count);
      const AdamUpdate<TypeParam> rule{beta,
                                       TypeParam(0.99),
                                       TypeParam(0.1),
                                       TypeParam(0.01),
                                       decay,
                                       TypeParam(0.2),
                                       TypeParam(3),
                                       TypeParam(1e-3)};
      kernels.adam(rule, g.data(), adam.data(), first.data(), second.data(), count);
      const double bound = 100 * this->kUnit;
      for (std::size_t i = 0; i < count; ++i) {
        const long double d = g[i] + static_cast<long double>(decay) * x[i];
        ASSERT_NEAR(sgd[i], static_cast<double>(x[i] - eta * d), bound);
        const long double v = static_cast<long double>(beta) * a[i] + d;
        ASSERT_NEAR(plain_velocity[i], static_cast<double>(v), bound);
        ASSERT_NEAR(plain[i], static_cast<double>(x[i] - eta * v), bound);
        ASSERT_EQ(ahead_velocity[i], plain_velocity[i]);
        ASSERT_NEAR(ahead[i], static_cast<double>(x[i] - eta * (d + beta * v)), bound);
        const long double m =
            static_cast<long double>(rule.beta1) * a[i] + rule.one_minus_beta1 * d;
        const long double s =
            static_cast<long double>(rule.beta2) * before[i] + rule.one_minus_beta2 * d * d;
        const long double scale = std::sqrt(s) * rule.inverse_root + rule.epsilon;
        ASSERT_NEAR(first[i], static_cast<double>(m), bound);
        ASSERT_NEAR(second[i], static_cast<double>(s), bound);
        ASSERT_NEAR(
            adam[i], static_cast<double>(x[i] - rule.rate * m / scale), bound * (1 + 1 / scale));
      }
    }
  }
}

TYPED_TEST(Updates, AnElementDoesNotDependOnItsPlace) {
  const auto g = drawn<TypeParam>("test.gradient", 100);
  const auto x = drawn<TypeParam>("test.theta", 100);
  auto whole = x;
  std::vector<TypeParam> m(100);
  std::vector<TypeParam> v(100);
  const AdamUpdate<TypeParam> rule{TypeParam(0.9),
                                   TypeParam(0.99),
                                   TypeParam(0.1),
                                   TypeParam(0.01),
                                   TypeParam(0),
                                   TypeParam(0.2),
                                   TypeParam(3),
                                   TypeParam(1e-3)};
  rule(g, whole, m, v);
  for (std::size_t from = 0; from < 100; from += 7) {
    const std::size_t count = std::min<std::size_t>(7, 100 - from);
    std::vector<TypeParam> part(x.begin() + static_cast<std::ptrdiff_t>(from),
                                x.begin() + static_cast<std::ptrdiff_t>(from + count));
    std::vector<TypeParam> pm(count);
    std::vector<TypeParam> pv(count);
    rule(std::span(g).subspan(from, count), part, pm, pv);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(part[i], whole[from + i]);
  }
}

TYPED_TEST(Updates, RefuseUnequalLengths) {
  std::vector<TypeParam> x(4);
  std::vector<TypeParam> y(3);
  EXPECT_THROW((SgdUpdate<TypeParam>{1, 0}(y, x)), Error);
  EXPECT_THROW((MomentumUpdate<TypeParam>{1, 0, 0, false}(x, x, y)), Error);
  EXPECT_THROW((AdamUpdate<TypeParam>{}(x, x, x, y)), Error);
}

}  // namespace
}  // namespace thermoscape
