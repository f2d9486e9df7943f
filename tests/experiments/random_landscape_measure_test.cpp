// The measure against the exact second moments of the theory, with couplings and curvature noise.
#include <cmath>

#include "experiments/finished_run.hpp"

namespace thermoscape {
namespace {

constexpr std::string_view kRecipe = R"(title = "Random landscape"
seed = 4
[[measure]]
name = "landscape"
analysis = "random-landscape"
modes = 6
flatness = [1, 3]
curvature_share = 0.3
coupling_share = 0.1
windows = [4, 40, 400]
chains = 200
)";

class RandomLandscapeMeasure : public recipes::OneRun<kRecipe> {};

TEST_F(RandomLandscapeMeasure, AgreesWithTheExactTheoryInEveryWindow) {
  double last = 2.1;
  for (const double steps : {4.0, 40.0, 400.0}) {
    const Coordinates where{{"window", steps}};
    const Estimate psi = found("landscape.psi", where);
    const double exact = found("landscape.exact_psi", where).value;
    // Student's t of nine degrees of freedom: 4.3 is exceeded once in 500.
    EXPECT_NEAR(psi.value, exact, 4.3 * psi.standard_error) << steps;
    EXPECT_LT(psi.standard_error, 0.2) << steps;
    EXPECT_LT(exact, last) << "the longer the window, the weaker the relation";
    last = exact;
    const Estimate ratio = found("landscape.over_theory", where);
    EXPECT_NEAR(ratio.value, 1, 4.3 * ratio.standard_error) << steps;
  }
  // 18 squares of Student's t of nine degrees of freedom: mean 1.29, deviation 2.6/√18 = 0.6.
  EXPECT_LT(found("landscape.mean_square_deviation").value, 1.29 + 4 * 0.6);
}

TEST(RandomLandscapeMeasureRecipe, RefusesWhatHasNoSteadyState) {
  const std::string text = recipes::changed(kRecipe, "modes = 6", "modes = 6\nlearning_rate = 1e3");
  EXPECT_THAT(recipes::complaint_of(
                  [&] { (void)prepare(parse_recipe(text, "landscape.toml", "demo", {})); }),
              testing::HasSubstr("learning_rate = 1000: must leave the second moments finite"));
}

}  // namespace
}  // namespace thermoscape
