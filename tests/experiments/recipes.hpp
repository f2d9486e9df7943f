#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thermoscape/experiments/plan.hpp"
#include "thermoscape/experiments/recipe.hpp"

/// Recipes for the tests of this folder.
namespace thermoscape::recipes {

/// One phase at one temperature on two stiff directions.
inline constexpr std::string_view kSmall = R"(title = "Small"
seed = 7
[objective]
kind = "quadratic"
stiffness = [1.0, 2.0]
precision = "float64"
[[phase]]
name = "probe"
rule = "overdamped"
time_step = 0.1
temperature = 0.01
duration = { steps = 100 }
record = [{ probe = "loss", every = 2 }]
[[measure]]
name = "fluctuations"
analysis = "loss-statistics"
phase = "probe"
[[expect]]
quantity = "fluctuations.shape"
value = 1.0
tolerance = 0.1
)";

/// `text` with the one place that reads `from` changed.
inline std::string changed(std::string_view text, std::string_view from, std::string_view to) {
  std::string out(text);
  const std::size_t place = out.find(from);
  EXPECT_NE(place, std::string::npos) << from;
  EXPECT_EQ(out.find(from, place + 1), std::string::npos) << from << " is there twice";
  return out.replace(place, from.size(), to);
}

inline Recipe parsed(std::string_view text,
                     const std::vector<std::string>& overrides = {},
                     const std::string& scale = "demo") {
  return parse_recipe(text, "small.toml", scale, overrides);
}

/// The plan on one data set of that many examples, without variants.
inline Plan plan_of(const Recipe& recipe, std::int64_t examples = 2) {
  return make_plan(recipe, {GroundFacts{{}, examples}});
}

/// The line of the Error that `act` throws; empty, with a failure, if it throws none.
template <class F>
std::string complaint_of(F&& act) {
  try {
    act();
  } catch (const Error& error) {
    const std::string line = error.what();
    EXPECT_EQ(line.find_first_of("\n\r"), std::string::npos) << line;
    return line;
  }
  ADD_FAILURE() << "accepted";
  return "";
}

/// A folder of this test alone, removed at its end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "thermoscape-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace thermoscape::recipes
