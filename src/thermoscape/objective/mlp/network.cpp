#include "thermoscape/objective/mlp/network.hpp"

namespace thermoscape::mlp {

namespace {
Activation activation_from(const std::string& name) {
  if (name == "relu") return Activation::relu;
  if (name == "tanh") return Activation::tanh;
  if (name == "gelu") return Activation::gelu;
  return Activation::identity;
}
}  // namespace

Network::Network(const MlpSettings& settings, std::int64_t inputs, std::int64_t classes) {
  validate(settings, "mlp");
  activation = activation_from(settings.activation);
  has_biases = settings.biases;
  cross_entropy = settings.loss == "cross-entropy";
  l2 = settings.l2;
  uniform_weights = settings.initialisation.ends_with("uniform");
  fan_in_only = settings.initialisation.starts_with("kaiming");
  std::vector<std::int64_t> outputs = settings.hidden;
  outputs.push_back(classes);
  for (const std::int64_t n : outputs) {
    const std::int64_t biases = parameters + n * inputs;
    layers.push_back({inputs, n, parameters, biases});
    parameters = biases + (has_biases ? n : 0);
    width += n;
    inputs = n;
  }
}

}  // namespace thermoscape::mlp
