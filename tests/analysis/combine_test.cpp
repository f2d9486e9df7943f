#include "thermoscape/analysis/combine.hpp"

#include "analysis/synthetic.hpp"

namespace thermoscape::analysis {
namespace {

TEST(Combine, QuotesTheLargerError) {
  const std::vector<Estimate> agree = {{1, 0.3, Status::ok}, {1, 0.4, Status::ok}};
  const Combined within = combine(agree);
  EXPECT_DOUBLE_EQ(within.within_error, 0.25);
  EXPECT_DOUBLE_EQ(within.spread_error, 0);
  EXPECT_DOUBLE_EQ(within.estimate.standard_error, 0.25);
  const std::vector<Estimate> differ = {
      {1, 0.01, Status::ok}, {2, 0.01, Status::ok}, {3, 0.01, Status::ok}};
  const Combined spread = combine(differ);
  EXPECT_DOUBLE_EQ(spread.estimate.value, 2);
  EXPECT_DOUBLE_EQ(spread.estimate.standard_error, 1 / std::sqrt(3.0));
}

TEST(Combine, LeavesOutWhatIsNotOkAndKeepsCount) {
  const std::vector<Estimate> members = {{1, 0.1, Status::ok}, {9, 0.1, Status::ageing}, {}};
  const Combined kept = combine(members);
  EXPECT_EQ(kept.used, 1);
  EXPECT_EQ(kept.excluded, 2);
  EXPECT_EQ(kept.estimate.value, 1);
  EXPECT_EQ(kept.estimate.status, Status::ok);
  const Combined all = combine(members, {false});
  EXPECT_EQ(all.used, 2);
  EXPECT_EQ(all.estimate.value, 5);
  EXPECT_EQ(all.estimate.status, Status::ageing);
  const std::vector<Estimate> bad = {{1, 1, Status::too_short}, {1, 1, Status::spiked}};
  EXPECT_EQ(combine(bad).estimate.status, Status::spiked);
  EXPECT_EQ(combine({}).estimate.status, Status::undefined);
}

// Minima ~ N(10, 1), replicas ~ N(minimum, 0.5), runs with error 0.2.
TEST(Combine, NestedErrorsCoverTheMeanOverMinima) {
  testing::Coverage coverage;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const std::vector<double> z = testing::normals(20 * 9, 1 + seed);
    std::vector<std::vector<Estimate>> members(20);
    for (std::size_t m = 0; m < 20; ++m) {
      for (std::size_t r = 0; r < 4; ++r) {
        const double value = 10 + z[9 * m] + 0.5 * z[9 * m + 1 + r] + 0.2 * z[9 * m + 5 + r];
        members[m].push_back({value, 0.2, Status::ok});
      }
    }
    const Nested n = combine_minima(members);
    coverage.add(n.estimate, 10);
    EXPECT_LT(n.within_error, n.replica_error);
    EXPECT_LT(n.replica_error, n.minimum_error);
    EXPECT_EQ(n.used, 80);
  }
  coverage.expect_honest("nested");
}

TEST(Combine, AMinimumCountsOnceHoweverManyReplicas) {
  const std::vector<std::vector<Estimate>> members = {
      {{1, 0.1, Status::ok}, {1, 0.1, Status::ok}, {1, 0.1, Status::ok}},
      {{4, 0.1, Status::ok}},
      {{7, 0.1, Status::ageing}}};
  const Nested n = combine_minima(members);
  EXPECT_DOUBLE_EQ(n.estimate.value, 2.5);
  EXPECT_EQ(n.minima_used, 2);
  EXPECT_EQ(n.minima_excluded, 1);
  EXPECT_EQ(n.excluded, 1);
}

TEST(Worse, IsAnOrder) {
  EXPECT_EQ(worse(Status::ok, Status::too_short), Status::too_short);
  EXPECT_EQ(worse(Status::diverged, Status::spiked), Status::diverged);
  EXPECT_EQ(worse(Status::relaxing, Status::relaxing), Status::relaxing);
}

}  // namespace
}  // namespace thermoscape::analysis
