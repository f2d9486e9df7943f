#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "thermoscape/core/field.hpp"

namespace thermoscape {

inline constexpr std::array<std::string_view, 4> kMlpActivations{
    "relu", "tanh", "gelu", "identity"};
inline constexpr std::array<std::string_view, 2> kMlpLosses{"cross-entropy", "mse"};
inline constexpr std::array<std::string_view, 4> kMlpInitialisations{
    "xavier-normal", "xavier-uniform", "kaiming-normal", "kaiming-uniform"};

/// A multilayer perceptron: hidden layers a = φ(W a + b), an output layer z = W a + b without
/// activation. The widths of input and output come from the data.
struct MlpSettings {
  std::vector<std::int64_t> hidden = {20, 20, 10};
  std::string activation = "relu";
  bool biases = true;
  std::string loss = "cross-entropy";
  double l2 = 0;
  std::string initialisation = "xavier-normal";

  static constexpr auto fields() {
    return std::tuple{
        field("hidden", &MlpSettings::hidden, "[1]", "widths of the hidden layers", kAtLeastOne),
        field("activation",
              &MlpSettings::activation,
              "",
              "activation φ of the hidden layers; gelu is x Φ(x)",
              Range{.choices = kMlpActivations}),
        field("biases", &MlpSettings::biases, "", "whether layers have biases"),
        field("loss",
              &MlpSettings::loss,
              "",
              "cross-entropy [nats], or mse: ½ |z - y|² with one-hot y",
              Range{.choices = kMlpLosses}),
        field("l2", &MlpSettings::l2, "[loss]", "λ of the penalty ½ λ |θ|²", kNonNegative),
        field("initialisation",
              &MlpSettings::initialisation,
              "",
              "law of the initial weights; biases start at zero",
              Range{.choices = kMlpInitialisations})};
  }
};

}  // namespace thermoscape
