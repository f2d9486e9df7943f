#include "thermoscape/objective/linear_kernels.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "thermoscape/core/noise.hpp"
#include "thermoscape/objective/linear_regression.hpp"

namespace thermoscape::linear {
namespace {

template <class Real>
const LinearKernels<Real>& pick(const LinearKernelSet& set) {
  if constexpr (sizeof(Real) == 4)
    return set.single;
  else
    return set.twice;
}

/// Where input j of row k lies in a packed array.
std::size_t place(std::int64_t k, std::int64_t j, std::int64_t targets) {
  return static_cast<std::size_t>((j / kPack * targets + k) * kPack + j % kPack);
}

/// Both passes against plain sums in double, for sizes on and off the tiles.
template <class Real>
void check(InstructionSet set) {
  const LinearKernels<Real>& kernels = pick<Real>(linear_kernels(set));
  for (const std::int64_t inputs : {1, 7, 16, 65, 1030}) {
    for (const std::int64_t targets : {1, 3, 10, 13}) {
      for (const std::int64_t count : {1, 5, 16}) {
        SCOPED_TRACE(testing::Message() << name(set) << " " << inputs << " inputs, " << targets
                                        << " targets, " << count << " examples");
        std::vector<Real> x(static_cast<std::size_t>(count * inputs));
        std::vector<Real> w(static_cast<std::size_t>(pack_count(inputs) * targets * kPack));
        std::vector<Real> r(static_cast<std::size_t>(count * targets));
        Noise(1).normal<Real>("test.x", 0, x);
        Noise(1).normal<Real>("test.w", 0, w);
        Noise(1).normal<Real>("test.r", 0, r);
        std::vector<const Real*> rows;
        for (std::int64_t i = 0; i < count; ++i) rows.push_back(x.data() + i * inputs);
        std::vector<Real> z(r.size(), Real(99));
        std::vector<Real> gradient(w.size(), Real(0.5));
        const Ahead<Real> ahead{rows.data(), count};
        kernels.forward(rows.data(), count, inputs, targets, w.data(), z.data(), ahead);
        kernels.backward(rows.data(), count, inputs, targets, r.data(), gradient.data(), ahead);
        const double epsilon = sizeof(Real) == 4 ? 1.2e-7 : 2.3e-16;
        for (std::int64_t i = 0; i < count; ++i) {
          for (std::int64_t k = 0; k < targets; ++k) {
            double sum = 0;
            double size = 0;
            for (std::int64_t j = 0; j < inputs; ++j) {
              const double term = static_cast<double>(w[place(k, j, targets)]) * x[i * inputs + j];
              sum += term;
              size += std::abs(term);
            }
            ASSERT_NEAR(z[i * targets + k], sum, 20 * epsilon * size);
          }
        }
        for (std::int64_t k = 0; k < targets; ++k) {
          for (std::int64_t j = 0; j < inputs; ++j) {
            double sum = 0.5;
            double size = 0.5;
            for (std::int64_t i = 0; i < count; ++i) {
              const double term = static_cast<double>(r[i * targets + k]) * x[i * inputs + j];
              sum += term;
              size += std::abs(term);
            }
            ASSERT_NEAR(gradient[place(k, j, targets)], sum, 20 * epsilon * size);
          }
        }
      }
    }
  }
}

TEST(LinearKernels, are_plain_sums_on_every_instruction_set) {
  for (const InstructionSet set :
       {InstructionSet::portable, InstructionSet::avx2, InstructionSet::avx512}) {
    if (set > widest_instruction_set()) continue;
    check<float>(set);
    check<double>(set);
  }
}

/// Arrays on both sides of the size from which huge pages are asked for.
TEST(LinearKernels, data_of_any_size_is_kept) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{3} << 20}) {
    HugeVector<float> values(size, 2.0F);
    values.push_back(1.0F);
    HugeVector<float> copy = values;
    EXPECT_EQ(copy.size(), size + 1);
    EXPECT_EQ(copy.back(), 1.0F);
    if (size > 0) {
      EXPECT_EQ(copy[size - 1], 2.0F);
    }
  }
}

}  // namespace
}  // namespace thermoscape::linear
