#include <algorithm>

#include "analysis/synthetic.hpp"
#include "thermoscape/analysis/effective_examples.hpp"
#include "thermoscape/analysis/envelope.hpp"
#include "thermoscape/analysis/histogram.hpp"

namespace thermoscape::analysis {
namespace {

TEST(Envelope, KeepsExtremesOrderAndEnds) {
  std::vector<double> y = testing::ar1(100003, 0.9, 1), x(y.size());
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i);
  y[54321] = 1000;
  y[777] = -500;
  for (const std::size_t points : {std::size_t{4}, std::size_t{101}, std::size_t{5000}}) {
    const Curve c = envelope(x, y, points);
    EXPECT_LE(c.x.size(), points);
    EXPECT_GE(c.x.size(), points / 2);
    EXPECT_TRUE(std::is_sorted(c.x.begin(), c.x.end()));
    EXPECT_EQ(std::adjacent_find(c.x.begin(), c.x.end()), c.x.end());
    EXPECT_EQ(c.x.front(), 0);
    EXPECT_EQ(c.x.back(), 100002);
    EXPECT_EQ(*std::max_element(c.y.begin(), c.y.end()), 1000);
    EXPECT_EQ(*std::min_element(c.y.begin(), c.y.end()), -500);
    for (std::size_t i = 0; i < c.x.size(); ++i)
      EXPECT_EQ(c.y[i], y[static_cast<std::size_t>(c.x[i])]);
  }
}

TEST(Envelope, ShortCurvesStayAndGapsGo) {
  const std::vector<double> x = {0, 1, 2, 3}, y = {1, std::nan(""), 3, 2};
  EXPECT_EQ(envelope(x, y, 10).x, (std::vector<double>{0, 2, 3}));
  EXPECT_TRUE(envelope({}, {}, 10).x.empty());
  EXPECT_THROW((void)envelope(x, y, 3), Error);
  EXPECT_THROW((void)envelope(x, {}, 10), Error);
}

TEST(Histogram, DensityOfAnExponentialLawWithinPoissonErrors) {
  std::vector<double> u;
  std::mt19937_64 engine(1);
  std::exponential_distribution<double> law(2);
  for (int i = 0; i < 100000; ++i) u.push_back(law(engine));
  for (const char* scale : {"linear", "log"}) {
    HistogramOptions options;
    options.scale = scale;
    options.bins = 40;
    const Histogram h = histogram(u, options);
    double integral = 0, chi_squared = 0, bins = 0;
    for (std::size_t i = 0; i < h.counts.size(); ++i) {
      integral += h.density[i] * (h.edges[i + 1] - h.edges[i]);
      const double share = std::exp(-2 * h.edges[i]) - std::exp(-2 * h.edges[i + 1]);
      if (share * 100000 < 20) continue;
      const double expected = share / (h.edges[i + 1] - h.edges[i]);
      chi_squared += std::pow((h.density[i] - expected) / h.density_error[i], 2);
      bins += 1;
    }
    EXPECT_NEAR(integral, 1, 1e-12);
    EXPECT_NEAR(chi_squared / bins, 1, 4 * std::sqrt(2 / bins)) << scale;
  }
}

TEST(Histogram, EdgesOverflowAndChoices) {
  HistogramOptions options;
  options.low = 0;
  options.high = 2;
  options.bins = 2;
  options.statistical_inefficiency = 4;
  const Histogram h = histogram(std::vector<double>{-1, 0, 0.5, 1, 2, 3, std::nan("")}, options);
  EXPECT_EQ(h.counts, (std::vector<std::int64_t>{2, 2}));
  EXPECT_EQ(h.below, 1);
  EXPECT_EQ(h.above, 1);
  EXPECT_EQ(h.not_finite, 1);
  EXPECT_DOUBLE_EQ(h.density[0], 2 / 6.0);
  EXPECT_DOUBLE_EQ(h.density_error[0], 2 * std::sqrt(2) / 6.0);
  EXPECT_EQ(histogram(std::vector<double>(5, 2.0)).counts, std::vector<std::int64_t>{5});
  // Freedman-Diaconis on 1000 normals: width 2·1.349/10.
  const Histogram automatic = histogram(testing::normals(1000, 2));
  EXPECT_NEAR(automatic.edges[1] - automatic.edges[0], 0.27, 0.04);
  options.scale = "logarithmic";
  EXPECT_THROW((void)histogram(std::vector<double>{1, 2}, options), Error);
  options.scale = "log";
  EXPECT_THROW((void)histogram(std::vector<double>{1, 2}, options), Error);
  EXPECT_THROW((void)histogram({}), Error);
}

TEST(EffectiveExamples, KnownValues) {
  EXPECT_DOUBLE_EQ(effective_examples(std::vector<double>{1, 1, 1, 0, 0}).value, 3);
  EXPECT_NEAR(
      effective_examples(std::vector<double>{0.9, 0.1, 0.01, 0.3}).value, 1.885616965168663, 1e-13);
  EXPECT_NEAR(effective_examples(std::vector<double>{1e-200, 1e-200}).value, 2, 1e-13);
  EXPECT_EQ(effective_examples(std::vector<double>{0, 0}).status, Status::undefined);
  EXPECT_EQ(effective_examples(std::vector<double>{1, -1}).status, Status::out_of_range);
  EXPECT_EQ(effective_examples(std::vector<double>{1, std::nan("")}).status, Status::diverged);
  const std::vector<Estimate> rows = effective_examples_rows(std::vector<double>{1, 1, 1, 0}, 2);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_DOUBLE_EQ(rows[0].value, 2);
  EXPECT_DOUBLE_EQ(rows[1].value, 1);
  EXPECT_THROW((void)effective_examples_rows(std::vector<double>{1, 1, 1}, 2), Error);
}

// n independent exponential losses: φ = n <ℓ>²/<ℓ²> = n/2.
TEST(EffectiveExamples, OfExponentialLosses) {
  std::mt19937_64 engine(1);
  std::exponential_distribution<double> law;
  std::vector<double> losses(100000);
  for (double& l : losses) l = law(engine);
  // Relative variance of S1²/S2 by the delta method: (4·1 + 20/4 - 4·4/2)/n = 1/n.
  EXPECT_NEAR(effective_examples(losses).value / 1e5, 0.5, 4 * 0.5 / std::sqrt(1e5));
}

}  // namespace
}  // namespace thermoscape::analysis
