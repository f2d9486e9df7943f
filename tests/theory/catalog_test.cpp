#include "thermoscape/theory/catalog.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/exponential_wall.hpp"
#include "thermoscape/theory/quadratic.hpp"

namespace thermoscape::theory {
namespace {

using ::testing::HasSubstr;

const Output& output(const std::vector<Output>& all, const std::string& name) {
  const auto found = std::ranges::find(all, name, &Output::name);
  if (found == all.end()) throw std::out_of_range(name);
  return *found;
}

std::string message(std::string_view name, const Inputs& inputs) {
  try {
    (void)evaluate(name, inputs);
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(TheoryCatalog, every_model_is_described_and_answers_at_its_defaults) {
  EXPECT_GE(models().size(), 5U);
  for (const Model& one : models()) {
    SCOPED_TRACE(one.name);
    EXPECT_FALSE(one.title.empty());
    EXPECT_FALSE(one.equation.empty());
    EXPECT_FALSE(one.validity.empty());
    EXPECT_FALSE(one.citation.empty());
    std::set<std::string> inputs;
    for (const Input& input : one.inputs) {
      EXPECT_TRUE(inputs.insert(input.quantity.name).second) << input.quantity.name;
      EXPECT_TRUE(inputs.insert(input.quantity.symbol).second) << input.quantity.symbol;
      EXPECT_FALSE(input.quantity.unit.empty()) << input.quantity.name;
      EXPECT_FALSE(input.quantity.meaning.empty()) << input.quantity.name;
      EXPECT_FALSE(input.value.empty());
      for (const double value : input.value) EXPECT_TRUE(input.range.contains(value));
    }
    const std::vector<Output> outputs = evaluate(one.name, {});
    ASSERT_EQ(outputs.size(), one.outputs.size());
    std::set<std::string> names;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      EXPECT_EQ(outputs[i].name, one.outputs[i].name);
      EXPECT_TRUE(names.insert(outputs[i].name).second) << outputs[i].name;
      EXPECT_FALSE(outputs[i].symbol.empty());
      EXPECT_NE(outputs[i].status, Status::undefined) << outputs[i].name;
      EXPECT_TRUE(std::isfinite(outputs[i].value)) << outputs[i].name;
    }
  }
}

TEST(TheoryCatalog, takes_names_and_symbols) {
  const std::vector<Output> by_name =
      evaluate("exponential-wall", {{"steepness", {2}}, {"prefactor", {3}}, {"cutoff", {9}}});
  const std::vector<Output> by_symbol =
      evaluate("exponential-wall", {{"a", {2}}, {"B", {3}}, {"θ*", {9}}});
  const WallStatistics direct = wall_statistics({2, 3, 9, 1e-3, 1});
  EXPECT_EQ(output(by_name, "mean").value, direct.mean);
  EXPECT_EQ(output(by_symbol, "mean").value, direct.mean);
  EXPECT_EQ(output(by_symbol, "mean").symbol, "⟨L⟩");
  EXPECT_EQ(output(by_symbol, "mean").unit, "[loss]");
  EXPECT_EQ(output(by_symbol, "limit_mean").symbol, "⟨L⟩ (limit)");
}

TEST(TheoryCatalog, takes_lists_where_the_model_does) {
  const std::vector<Output> outputs =
      evaluate("quadratic", {{"stiffness", {0.5, 1, 2}}, {"T", {0.01}}, {"time_step", {0.1}}});
  EXPECT_NEAR(output(outputs, "mean").value, 0.015, 1e-16);
  EXPECT_NEAR(output(outputs, "half_time").value, quadratic_half_time({0.5, 1, 2}), 1e-15);
  EXPECT_NEAR(output(outputs, "discrete_mean").value,
              euler_maruyama_loss({0.5, 1, 2}, 0.1, 0.01).mean.value,
              1e-16);
  EXPECT_THAT(message("quadratic", {{"temperature", {1, 2}}}),
              HasSubstr("quadratic.temperature = 2 values: must be one value"));
  EXPECT_THAT(message("quadratic", {{"stiffness", {}}}), HasSubstr("at least one value"));
}

TEST(TheoryCatalog, values_carry_their_status) {
  const std::vector<Output> cold = evaluate("exponential-wall", {{"temperature", {1e-8}}});
  EXPECT_EQ(output(cold, "limit_mean").status, Status::out_of_range);
  EXPECT_EQ(output(cold, "mean").status, Status::ok);
  const std::vector<Output> unstable = evaluate("quadratic", {{"time_step", {3}}});
  EXPECT_EQ(output(unstable, "discrete_mean").status, Status::undefined);
  EXPECT_EQ(output(unstable, "mean").status, Status::ok);
}

TEST(TheoryCatalog, refuses_bad_input_in_one_line) {
  EXPECT_THAT(message("exponential-wal", {}), HasSubstr("did you mean `exponential-wall`?"));
  EXPECT_THAT(message("zzzzzzzzzzzzzzzzzzzzzz", {}), HasSubstr("models: quadratic"));
  EXPECT_THAT(message("quadratic", {{"temprature", {1}}}),
              HasSubstr("did you mean `temperature`?"));
  EXPECT_EQ(message("quadratic", {{"temperature", {-1}}}),
            "quadratic.temperature = -1: must be > 0 [loss]");
  EXPECT_THAT(message("quadratic", {{"T", {1}}, {"temperature", {1}}}),
              HasSubstr("must be given once"));
  EXPECT_THAT(message("temperature-map", {{"momentum", {1}}}),
              HasSubstr("temperature-map.momentum = 1"));
  EXPECT_THAT(message("many-walls", {{"walls", {std::nan("")}}}),
              HasSubstr("many-walls.walls = nan"));
}

}  // namespace
}  // namespace thermoscape::theory
