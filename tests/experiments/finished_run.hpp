#pragma once
#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "experiments/recipes.hpp"
#include "thermoscape/experiments/experiment.hpp"

namespace thermoscape::recipes {

/// A recipe that has run on two threads in a folder of its own.
struct FinishedRun {
  explicit FinishedRun(std::string_view text)
      : prepared(prepare(parse_recipe(text, "known.toml", "demo", {}))),
        directory(begin_run(prepared, folder.path() / "run")),
        result(run_experiment(prepared, directory, 2, std::atomic<bool>(false), {})) {}

  TemporaryFolder folder;
  Prepared prepared;
  store::RunDirectory directory;
  RunResult result;
};

/// Tests that all read one finished run of the recipe `Text`.
template <const std::string_view& Text>
class OneRun : public testing::Test {
 protected:
  // Not SetUpTestSuite, whose failure GoogleTest reports as tests that were skipped.
  void SetUp() override {
    if (run_ == nullptr) run_ = std::make_unique<FinishedRun>(Text);
  }
  static void TearDownTestSuite() { run_.reset(); }

  static const Dataset& results() { return run_->result.results; }
  /// The finding at these coordinates; without any, that of the whole sweep.
  static Estimate found(const std::string& quantity, const Coordinates& where = {}) {
    for (const Finding& one : findings_from(results())) {
      if (one.quantity == quantity && one.where == where) return one.estimate;
    }
    ADD_FAILURE() << quantity << " was not found";
    return {};
  }
  /// Within `slack` + 4 standard errors, with an error of at most `largest_error`.
  static void expect_near(const std::string& quantity,
                          double expected,
                          double slack,
                          double largest_error) {
    const Estimate estimate = found(quantity);
    EXPECT_TRUE(estimate.ok()) << quantity;
    EXPECT_LT(estimate.standard_error, largest_error) << quantity;
    EXPECT_NEAR(estimate.value, expected, slack + 4 * estimate.standard_error) << quantity;
  }

  static inline std::unique_ptr<FinishedRun> run_;
};

}  // namespace thermoscape::recipes
