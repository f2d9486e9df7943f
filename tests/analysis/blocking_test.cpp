#include "thermoscape/analysis/blocking.hpp"

#include <limits>

#include "analysis/synthetic.hpp"

namespace thermoscape::analysis {
namespace {

using testing::ar1;
using testing::Coverage;
using testing::normals;

TEST(Blocking, IndependentDrawsHaveTheTextbookError) {
  const std::vector<double> x = normals(100000, 1);
  const Blocking b = blocking(x);
  EXPECT_EQ(b.mean.status, Status::ok);
  EXPECT_NEAR(b.mean.standard_error, 1 / std::sqrt(1e5), 0.05 / std::sqrt(1e5));
  EXPECT_NEAR(b.statistical_inefficiency, 1, 0.1);
}

TEST(Blocking, InefficiencyOfAr1) {
  for (const double phi : {0.5, 0.9, 0.99}) {
    const double g = (1 + phi) / (1 - phi);
    const std::size_t n = 1 << 20;
    const Blocking b = blocking(ar1(n, phi, 2));
    EXPECT_EQ(b.mean.status, Status::ok);
    // Relative error of a variance over k blocks is sqrt(2/k); the rule leaves a bias below 5%.
    const double blocks = static_cast<double>(n) / static_cast<double>(b.block_length);
    EXPECT_NEAR(b.statistical_inefficiency / g, 1, 0.05 + 3 * std::sqrt(2 / blocks)) << phi;
    EXPECT_NEAR(b.effective_samples * b.statistical_inefficiency, static_cast<double>(n), 1e-6);
  }
}

TEST(Blocking, ErrorBarsCover) {
  for (const double phi : {0.0, 0.8, 0.98}) {
    Coverage coverage;
    const auto n = static_cast<std::size_t>(1000 * (1 + phi) / (1 - phi));
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      coverage.add(blocking(ar1(n, phi, 100 + seed)).mean, 0);
    }
    coverage.expect_honest("mean of AR(1)");
  }
}

TEST(Blocking, OneBlockLengthEqualsTheDirectSum) {
  // White noise stops at B = 2 or so; the level means must be those of plain blocks.
  const std::vector<double> x = ar1(4096, 0.9, 3);
  const Blocking b = blocking(x);
  const auto length = static_cast<std::size_t>(b.block_length);
  std::vector<double> means;
  for (std::size_t i = 0; i + length <= x.size(); i += length) {
    double sum = 0;
    for (std::size_t j = i; j < i + length; ++j) sum += x[j];
    means.push_back(sum / static_cast<double>(length));
  }
  double mean = 0, squares = 0;
  for (const double m : means) mean += m / static_cast<double>(means.size());
  for (const double m : means) squares += (m - mean) * (m - mean);
  const double k = static_cast<double>(means.size());
  EXPECT_NEAR(b.mean.standard_error, std::sqrt(squares / (k - 1) / k), 1e-12);
  EXPECT_NEAR(b.mean.value, mean, 1e-12);
}

TEST(Blocking, SaysWhenItCannotKnow) {
  EXPECT_EQ(blocking({}).mean.status, Status::undefined);
  EXPECT_EQ(blocking(std::vector<double>{1}).mean.status, Status::undefined);
  EXPECT_EQ(blocking(ar1(400, 0.999, 4)).mean.status, Status::too_short);
  const Blocking constant = blocking(std::vector<double>(100, 3.5));
  EXPECT_EQ(constant.mean.status, Status::ok);
  EXPECT_EQ(constant.mean.value, 3.5);
  EXPECT_EQ(constant.mean.standard_error, 0);
  std::vector<double> broken(100, 1);
  broken[50] = std::numeric_limits<double>::infinity();
  EXPECT_EQ(blocking(broken).mean.status, Status::diverged);
  EXPECT_THROW((void)blocking(broken, {2}), Error);
}

TEST(Blocking, KeepsDigitsOfATinySpreadOnALargeMean) {
  std::vector<double> x = normals(10000, 5);
  for (double& v : x) v = 1e6 + 1e-3 * v;
  const Blocking b = blocking(x);
  EXPECT_NEAR(b.mean.value, 1e6, 5e-5);
  EXPECT_NEAR(b.mean.standard_error, 1e-5, 1e-6);
}

}  // namespace
}  // namespace thermoscape::analysis
