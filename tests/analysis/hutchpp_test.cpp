#include "thermoscape/analysis/hutchpp.hpp"

#include <gtest/gtest.h>

#include "analysis/known_spectrum.hpp"
#include "thermoscape/analysis/lanczos.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {
namespace {

using namespace thermoscape::testing;

struct Truth {
  double trace = 0;
  double norm = 0;

  explicit Truth(const std::vector<double>& spectrum) {
    for (const double one : spectrum) {
      trace += one;
      norm += one * one;
    }
    norm = std::sqrt(norm);
  }
};

TEST(Hutchpp, a_small_operator_is_traced_exactly) {
  const std::vector<double> spectrum = like_a_hessian(50);
  const Truth truth(spectrum);
  const TraceEstimate found = hutchpp(operator_of(with_spectrum(spectrum)), Noise(7));
  EXPECT_TRUE(found.exact);
  EXPECT_TRUE(found.reached);
  EXPECT_EQ(found.products, 50);
  EXPECT_EQ(found.trace.standard_error, 0);
  EXPECT_NEAR(found.trace.value, truth.trace, 1e-12);
  EXPECT_NEAR(found.frobenius.value, truth.norm, 1e-12);
  EXPECT_NEAR(found.trace_over_frobenius.value, truth.trace / truth.norm, 1e-12);
}

// Over 200 seeds: within 2 standard errors of 16 or more probes as often as Student's t with 15
// degrees of freedom says, 0.936; four binomial standard errors are 0.069, and ending as soon as
// the error is small enough picks lucky error bars, for which 0.05. The mean is unbiased: 4
// standard errors of 200 draws.
TEST(Hutchpp, error_bars_cover_the_truth_as_often_as_they_say) {
  const std::vector<double> spectrum = like_a_hessian(300);
  const Truth truth(spectrum);
  const LinearOperator a = operator_of(with_spectrum(spectrum));
  int trace = 0;
  int norm = 0;
  int ratio = 0;
  double sum = 0;
  double squares = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const TraceEstimate found =
        hutchpp(a, Noise(seed), {.relative_error = 0.03, .most_products = 120, .sketch = 8});
    ASSERT_EQ(found.trace.status, Status::ok);
    const auto within = [](const Estimate& one, double value) {
      return std::abs(one.value - value) <= 2 * one.standard_error;
    };
    trace += within(found.trace, truth.trace);
    norm += within(found.frobenius, truth.norm);
    ratio += within(found.trace_over_frobenius, truth.trace / truth.norm);
    sum += found.trace.value - truth.trace;
    squares += std::pow(found.trace.value - truth.trace, 2);
  }
  for (const int covered : {trace, norm, ratio}) EXPECT_NEAR(covered / 200.0, 0.936, 0.069 + 0.05);
  EXPECT_LT(std::abs(sum / 200), 4 * std::sqrt(squares) / 200);
}

TEST(Hutchpp, ends_when_the_error_is_as_small_as_asked_for) {
  const LinearOperator a = operator_of(with_spectrum(like_a_hessian(500)));
  const TraceEstimate loose = hutchpp(a, Noise(7), {.relative_error = 0.2});
  const TraceEstimate tight = hutchpp(a, Noise(7), {.relative_error = 0.02});
  EXPECT_TRUE(loose.reached);
  EXPECT_TRUE(tight.reached);
  EXPECT_LE(tight.trace.standard_error, 0.02 * std::abs(tight.trace.value));
  EXPECT_GT(tight.products, loose.products);
  const TraceEstimate out_of_reach =
      hutchpp(a, Noise(7), {.relative_error = 1e-6, .most_products = 60});
  EXPECT_FALSE(out_of_reach.reached);
  EXPECT_EQ(out_of_reach.products, 60);
  EXPECT_EQ(out_of_reach.trace.status, Status::ok);
}

TEST(Hutchpp, known_pairs_cost_nothing_and_shrink_the_error) {
  const std::vector<double> spectrum = like_a_hessian(500);
  const Truth truth(spectrum);
  const LinearOperator a = operator_of(with_spectrum(spectrum));
  const Eigenpairs known = lanczos(a, Noise(3), {.count = 10});
  const TraceOptions sixteen{.relative_error = 100, .sketch = 0};
  const TraceEstimate plain = hutchpp(a, Noise(7), sixteen);
  const TraceEstimate helped = hutchpp(a, Noise(7), sixteen, &known);
  EXPECT_EQ(helped.products, 16);
  EXPECT_LT(helped.trace.standard_error, 0.5 * plain.trace.standard_error);
  EXPECT_NEAR(helped.trace.value, truth.trace, 4 * helped.trace.standard_error);
  EXPECT_NEAR(helped.frobenius.value, truth.norm, 4 * helped.frobenius.standard_error);
}

TEST(Hutchpp, zero_broken_and_interrupted_operators) {
  const TraceEstimate zero = hutchpp(operator_of(Matrix::Zero(5, 5)), Noise(7));
  EXPECT_EQ(zero.trace.value, 0);
  EXPECT_EQ(zero.trace_over_frobenius.status, Status::undefined);
  const Matrix a = with_spectrum(like_a_hessian(500));
  EXPECT_EQ(hutchpp(failing_after(a, 0), Noise(7)).trace.status, Status::diverged);
  EXPECT_EQ(hutchpp(failing_after(a, 25), Noise(7)).trace.status, Status::diverged);
  TraceOptions options{.relative_error = 1e-9};
  options.look = [](std::int64_t products, std::int64_t) { return products < 60; };
  const TraceEstimate cut = hutchpp(operator_of(a), Noise(7), options);
  EXPECT_TRUE(cut.interrupted);
  EXPECT_EQ(cut.trace.status, Status::ok);
  EXPECT_GE(cut.probes, 16);
  EXPECT_THROW(static_cast<void>(hutchpp(operator_of(a), Noise(7), {.relative_error = 0})), Error);
}

TEST(Hutchpp, trace_of_a_known_spectrum) {
  const TraceEstimate found = trace_of(Vector{{3.0, 4.0, -2.0}});
  EXPECT_EQ(found.trace.value, 5);
  EXPECT_DOUBLE_EQ(found.frobenius.value, std::sqrt(29.0));
}

}  // namespace
}  // namespace thermoscape::analysis
