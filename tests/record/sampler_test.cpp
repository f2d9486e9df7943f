#include "thermoscape/record/sampler.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape {
namespace {

using Indices = std::vector<std::int32_t>;

SamplerSettings batches_of(std::int64_t size) {
  SamplerSettings settings;
  settings.size = size;
  return settings;
}

Indices batch(Sampler& sampler, std::int64_t step) {
  const Batch one = sampler.at(step);
  return {one.examples.begin(), one.examples.end()};
}

Indices all_of(std::int32_t n) {
  Indices all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

TEST(Sampler, EpochWithoutReplacementShowsEveryExampleOnce) {
  Sampler sampler(batches_of(7), 30, Noise(1));
  ASSERT_EQ(sampler.steps_per_epoch(), 5);
  Indices previous;
  for (std::int64_t epoch = 0; epoch < 4; ++epoch) {
    Indices seen;
    for (std::int64_t b = 0; b < 5; ++b) {
      const Indices one = batch(sampler, 5 * epoch + b);
      EXPECT_EQ(one.size(), b < 4 ? 7u : 2u) << "30 = 4 * 7 + 2";
      EXPECT_EQ(sampler.at(5 * epoch + b).epoch, epoch);
      seen.insert(seen.end(), one.begin(), one.end());
    }
    EXPECT_NE(seen, previous) << "every epoch has an order of its own";
    previous = seen;
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(seen, all_of(30));
  }
}

TEST(Sampler, DropLastLeavesOutTheRaggedBatch) {
  SamplerSettings settings = batches_of(7);
  settings.drop_last = true;
  Sampler sampler(settings, 30, Noise(1));
  ASSERT_EQ(sampler.steps_per_epoch(), 4);
  std::set<std::int32_t> first;
  for (std::int64_t epoch = 0; epoch < 40; ++epoch) {
    Indices seen;
    for (std::int64_t b = 0; b < 4; ++b) {
      const Indices one = batch(sampler, 4 * epoch + b);
      EXPECT_EQ(one.size(), 7u);
      seen.insert(seen.end(), one.begin(), one.end());
    }
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
    first.insert(seen.front());
  }
  EXPECT_GT(first.size(), 1u) << "not the same examples every time";
}

TEST(Sampler, OrderingsAreUniform) {
  // The first batch of 2 out of 5: each of the 10 pairs with probability 1/10. χ² with 9 degrees of
  // freedom exceeds 27.9 with probability 1e-3.
  Sampler sampler(batches_of(2), 5, Noise(9));
  std::map<Indices, double> counts;
  const std::int64_t epochs = 20000;
  for (std::int64_t epoch = 0; epoch < epochs; ++epoch) {
    Indices pair = batch(sampler, sampler.steps_per_epoch() * epoch);
    std::sort(pair.begin(), pair.end());
    counts[pair] += 1;
  }
  ASSERT_EQ(counts.size(), 10u);
  const double expected = static_cast<double>(epochs) / 10;
  double chi_squared = 0;
  for (const auto& [pair, count] : counts) {
    chi_squared += (count - expected) * (count - expected) / expected;
  }
  EXPECT_LT(chi_squared, 27.9);
}

TEST(Sampler, DrawsWithReplacementAreUniformAndIndependent) {
  SamplerSettings settings = batches_of(10);
  settings.replacement = true;
  const std::int32_t n = 20;
  Sampler sampler(settings, n, Noise(3));
  EXPECT_EQ(sampler.steps_per_epoch(), 2);
  std::vector<double> counts(n);
  double equal_neighbours = 0;
  const std::int64_t steps = 20000;
  for (std::int64_t step = 0; step < steps; ++step) {
    const Indices one = batch(sampler, step);
    ASSERT_EQ(one.size(), 10u);
    for (std::size_t i = 0; i < one.size(); ++i) {
      ASSERT_GE(one[i], 0);
      ASSERT_LT(one[i], n);
      counts[static_cast<std::size_t>(one[i])] += 1;
      if (i > 0) equal_neighbours += one[i] == one[i - 1];
    }
  }
  const double expected = 10.0 * static_cast<double>(steps) / n;
  double chi_squared = 0;
  for (const double count : counts)
    chi_squared += (count - expected) * (count - expected) / expected;
  EXPECT_LT(chi_squared, 43.8) << "19 degrees of freedom, probability 1e-3";
  // A binomial count of pairs with p = 1/n, to four standard errors.
  const double pairs = 9.0 * static_cast<double>(steps);
  const double p = 1.0 / n;
  EXPECT_NEAR(equal_neighbours, pairs * p, 4 * std::sqrt(pairs * p * (1 - p)));
}

TEST(Sampler, BatchIsAPureFunctionOfTheStep) {
  for (const bool replacement : {false, true}) {
    SamplerSettings settings = batches_of(4);
    settings.replacement = replacement;
    Sampler in_order(settings, 22, Noise(5));
    std::vector<Indices> expected;
    for (std::int64_t step = 0; step < 40; ++step) expected.push_back(batch(in_order, step));
    for (const std::int64_t start : {39, 0, 7, 6, 23}) {
      Sampler restarted(settings, 22, Noise(5));
      EXPECT_EQ(batch(restarted, start), expected[static_cast<std::size_t>(start)]);
      EXPECT_EQ(batch(in_order, start), expected[static_cast<std::size_t>(start)]);
    }
    Sampler other(settings, 22, Noise(6));
    EXPECT_NE(batch(other, 0), expected[0]);
  }
}

TEST(Sampler, FullBatchIsTheEmptyList) {
  Sampler sampler(batches_of(0), 12, Noise(5));
  EXPECT_TRUE(sampler.full());
  EXPECT_EQ(sampler.steps_per_epoch(), 1);
  EXPECT_TRUE(sampler.at(3).all());
  EXPECT_EQ(sampler.at(3).epoch, 3);
  EXPECT_EQ(sampler.at(3).augmentation, nullptr);
}

TEST(Sampler, BatchOfTheWholeSetIsAnOrderingOfIt) {
  Sampler sampler(batches_of(12), 12, Noise(5));
  EXPECT_EQ(sampler.steps_per_epoch(), 1);
  Indices one = batch(sampler, 0);
  std::sort(one.begin(), one.end());
  EXPECT_EQ(one, all_of(12));
}

TEST(Sampler, AugmentationComesWithEveryBatch) {
  const data::CropFlip crop{1, 4, 4, 1, true, Noise(8)};
  SamplerSettings settings = batches_of(3);
  settings.augment = true;
  Sampler sampler(settings, 10, Noise(5), crop);
  EXPECT_NE(sampler.at(0).augmentation, nullptr);
  EXPECT_EQ(sampler.at(5).epoch, 1) << "the epoch addresses the augmentation";
}

TEST(Sampler, RefusesABatchLargerThanTheData) {
  try {
    Sampler(batches_of(13), 12, Noise(5));
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("batch.size = 13"));
    EXPECT_THAT(error.what(), testing::HasSubstr("12"));
  }
  EXPECT_THROW(Sampler(batches_of(-1), 12, Noise(5)), Error);
}

}  // namespace
}  // namespace thermoscape
