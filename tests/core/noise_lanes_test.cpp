#include "thermoscape/core/noise_lanes.hpp"

#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "core/noise_oracle.hpp"
#include "thermoscape/core/noise_kernels.hpp"

namespace thermoscape {
namespace {

class NoiseLanesOf : public testing::TestWithParam<InstructionSet> {};

INSTANTIATE_TEST_SUITE_P(Sets,
                         NoiseLanesOf,
                         testing::ValuesIn(oracle::instruction_sets()),
                         [](const auto& one) { return std::string(name(one.param)); });

/// The oracle is the kick of one state, whose words are those of Random123 (noise_kernels_test).
template <class Real>
void expect_kicks_of_single_states(InstructionSet set) {
  const LaneKickKernels& together = lane_kick_kernels(set);
  const NoiseKernels& alone = noise_kernels(set);
  const std::size_t lanes = together.float_lanes * sizeof(float) / sizeof(Real);
  const std::uint32_t stream = 0xdeadbeef;
  std::vector<std::uint64_t> keys;
  std::vector<std::uint64_t> steps;
  std::vector<Real> amplitude;
  std::vector<Real> eta;
  for (std::size_t l = 0; l < lanes; ++l) {
    keys.push_back(Noise(l).key());
    steps.push_back((std::uint64_t{1} << (3 * l)) + l);  // some beyond 32 bits
    amplitude.push_back(static_cast<Real>(l) / 3);
    eta.push_back(static_cast<Real>(1 + l) / 7);
  }
  for (const std::size_t count : {1, 15, 16, 17, 33, 63, 64, 65, 100, 883}) {
    std::vector<Real> theta(count * lanes + 1);
    std::vector<Real> gradient(count * lanes);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      theta[i] = static_cast<Real>(i % 13) / 5;
      gradient[i] = static_cast<Real>(i % 17) - 8;
    }
    theta.back() = 42;
    std::vector<std::vector<Real>> expected(lanes);
    for (std::size_t l = 0; l < lanes; ++l) {
      std::vector<Real> slope;
      for (std::size_t i = 0; i < count; ++i) {
        expected[l].push_back(theta[i * lanes + l]);
        slope.push_back(gradient[i * lanes + l]);
      }
      const NoiseAddress at{keys[l], steps[l], stream, 0};
      if constexpr (std::is_same_v<Real, float>) {
        alone.kick_float(at, amplitude[l], eta[l], slope.data(), expected[l].data(), count);
      } else {
        alone.kick_double(at, amplitude[l], eta[l], slope.data(), expected[l].data(), count);
      }
    }
    const LaneKick<Real> kick{keys.data(),
                              steps.data(),
                              stream,
                              amplitude.data(),
                              eta.data(),
                              gradient.data(),
                              theta.data(),
                              count};
    if constexpr (std::is_same_v<Real, float>) {
      together.kick_float(kick);
    } else {
      together.kick_double(kick);
    }
    for (std::size_t l = 0; l < lanes; ++l) {
      for (std::size_t i = 0; i < count; ++i)
        ASSERT_EQ(theta[i * lanes + l], expected[l][i])
            << "lane " << l << ", " << i << " of " << count;
    }
    EXPECT_EQ(theta.back(), Real(42)) << "wrote past the end";
  }
}

TEST_P(NoiseLanesOf, EveryLaneIsKickedAsASingleState) {
  expect_kicks_of_single_states<float>(GetParam());
  expect_kicks_of_single_states<double>(GetParam());
}

}  // namespace
}  // namespace thermoscape
