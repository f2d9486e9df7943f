#include "thermoscape/objective/catalog.hpp"

#include <string>
#include <type_traits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "laws/objective_laws.hpp"

namespace thermoscape {
namespace {

using ::testing::HasSubstr;

data::Labelled gaussian() {
  data::Labelled set;
  set.name = "gaussian";
  set.shape = {5};
  set.classes = 3;
  set.inputs.resize(60);
  Noise(21).normal<float>("test.inputs", 0, set.inputs);
  for (std::int32_t i = 0; i < 12; ++i) set.labels.push_back(i % 3);
  return set;
}

/// The settings of a network, whichever it is; null for what is none.
NetworkSettings* network(AnyObjective& settings) {
  return std::visit(
      [](auto& one) -> NetworkSettings* {
        if constexpr (std::is_base_of_v<NetworkSettings, std::remove_reference_t<decltype(one)>>) {
          return &one;
        } else {
          return nullptr;
        }
      },
      settings);
}

data::Labelled images() {
  data::Labelled set = gaussian();
  set.shape = {2, 16, 16};
  set.inputs.resize(12 * 512);
  Noise(22).normal<float>("test.inputs", 0, set.inputs);
  return set;
}

/// Every kind of the catalogue, as it comes with default settings but small, keeps the laws in both
/// precisions. A torchscript needs a file: its laws are in torch/script_model_test.cpp.
template <class Real>
void check_all() {
  const data::Labelled vectors = gaussian();
  const data::Labelled pictures = images();
  for (const std::string_view kind : objective_names()) {
    if (kind == "torchscript") continue;
    AnyObjective settings = default_objective(kind);
    if (auto* mlp = std::get_if<MlpSettings>(&settings)) mlp->hidden = {4, 3};
    if (auto* net = network(settings)) net->width = 0.04;
    const data::Labelled& data = network(settings) != nullptr ? pictures : vectors;
    const std::unique_ptr<Objective<Real>> objective = make_objective<Real>(settings, &data);
    std::vector<Real> theta = objective->initial(Noise(4));
    std::vector<Real> kick(theta.size());
    Noise(4).normal<Real>("test.kick", 0, kick);
    for (std::size_t i = 0; i < theta.size(); ++i) theta[i] += kick[i] / 4;
    laws::check_objective_laws(*objective, theta, {.name = std::string(kind)});
  }
}

TEST(ObjectiveCatalog, every_kind_keeps_the_laws_in_double) {
  check_all<double>();
}
TEST(ObjectiveCatalog, every_kind_keeps_the_laws_in_float) {
  check_all<float>();
}

TEST(ObjectiveCatalog, kinds_without_data_need_none_and_others_say_so) {
  EXPECT_THAT(objective_names(),
              ::testing::ElementsAre("quadratic",
                                     "exponential-wall",
                                     "linear",
                                     "mlp",
                                     "small-cnn",
                                     "lenet",
                                     "vgg9",
                                     "vgg11",
                                     "vgg16",
                                     "resnet10",
                                     "resnet18",
                                     "torchscript"));
  for (const std::string_view kind : {"quadratic", "exponential-wall"}) {
    EXPECT_NE(make_objective<double>(default_objective(kind), nullptr), nullptr);
  }
  for (const std::string_view kind : {"linear", "mlp", "lenet", "resnet18"}) {
    try {
      (void)make_objective<double>(default_objective(kind), nullptr);
      FAIL() << kind;
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), HasSubstr("needs a data set"));
    }
  }
}

TEST(ObjectiveCatalog, unknown_kinds_are_refused_with_the_nearest) {
  try {
    (void)default_objective("quadratik");
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean `quadratic`?"));
  }
}

}  // namespace
}  // namespace thermoscape
