#include "thermoscape/objective/mlp/mlp.hpp"

#include <cmath>
#include <string>

#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/mlp/check.hpp"
#include "thermoscape/objective/mlp/dense_hessian.hpp"
#include "thermoscape/objective/mlp/linearisation.hpp"

namespace thermoscape {

namespace {
template <class Real, class Input>
mlp::Model<Real> model_of(const MlpSettings& settings,
                          std::span<const Input> inputs,
                          std::span<const std::int32_t> labels,
                          std::int32_t classes,
                          InstructionSet set) {
  auto examples = std::make_shared<const mlp::Examples<Real>>(inputs, labels, classes);
  auto network = std::make_shared<const mlp::Network>(settings, examples->width(), classes);
  return {std::move(network), std::move(examples), &mlp::kernels<Real>(set)};
}
}  // namespace

template <class Real>
Mlp<Real>::Mlp(const mlp::Model<Real>& model) : model_(model), passes_(model), sums_(model) {}

template <class Real>
Mlp<Real>::Mlp(const MlpSettings& settings, const data::Labelled& data, InstructionSet set)
    : Mlp(model_of<Real>(
          settings, std::span<const float>(data.inputs), data.labels, data.classes, set)) {}

template <class Real>
Mlp<Real>::Mlp(const MlpSettings& settings,
               std::span<const double> inputs,
               std::span<const std::int32_t> labels,
               std::int32_t classes,
               InstructionSet set)
    : Mlp(model_of<Real>(settings, inputs, labels, classes, set)) {}

template <class Real>
Mlp<Real>::~Mlp() = default;

template <class Real>
std::unique_ptr<Objective<Real>> Mlp<Real>::clone() const {
  return std::unique_ptr<Objective<Real>>(new Mlp(model_));
}

template <class Real>
std::vector<ParameterGroup> Mlp<Real>::parameter_groups() const {
  std::vector<ParameterGroup> groups;
  for (const mlp::Layer& layer : model_.network->layers) {
    const std::string name =
        "layer" + std::to_string(groups.size() / (model_.network->has_biases ? 2 : 1) + 1);
    groups.push_back({name + ".weight", layer.weights, layer.inputs * layer.outputs});
    if (model_.network->has_biases) groups.push_back({name + ".bias", layer.biases, layer.outputs});
  }
  return groups;
}

template <class Real>
std::vector<Real> Mlp<Real>::initial(const Noise& noise) const {
  const mlp::Network& network = *model_.network;
  std::vector<Real> theta(static_cast<std::size_t>(parameters()));
  std::vector<double> draws;
  for (std::size_t l = 0; l < network.layers.size(); ++l) {
    const mlp::Layer& layer = network.layers[l];
    draws.resize(static_cast<std::size_t>(layer.inputs * layer.outputs));
    const std::int64_t fan = network.fan_in_only ? layer.inputs : layer.inputs + layer.outputs;
    const double variance = 2 / static_cast<double>(fan);
    if (network.uniform_weights) {
      noise.uniform<double>("mlp.initial", l, draws);
      for (double& u : draws) u = std::sqrt(3 * variance) * (2 * u - 1);
    } else {
      noise.normal<double>("mlp.initial", l, draws);
      for (double& x : draws) x *= std::sqrt(variance);
    }
    for (std::size_t i = 0; i < draws.size(); ++i) {
      theta[static_cast<std::size_t>(layer.weights) + i] = static_cast<Real>(draws[i]);
    }
  }
  return theta;
}

template <class Real>
mlp::Block<Real> Mlp<Real>::block(const Batch& batch, const mlp::Blocks& cut, std::int64_t index) {
  if (batch.all() && batch.augmentation == nullptr)
    return model_.examples->block(cut, index, *model_.kernels);
  return gather_.block(*model_.examples, batch, cut, index, *model_.kernels);
}

template <class Real>
double Mlp<Real>::penalty(std::span<const Real> theta) const {
  if (model_.network->l2 == 0) return 0;
  double sum = 0;
  for (const Real x : theta) sum += static_cast<double>(x) * static_cast<double>(x);
  return 0.5 * model_.network->l2 * sum;
}

template <class Real>
double Mlp<Real>::loss(std::span<const Real> theta, const Batch& batch) {
  mlp::check_size("theta", theta.size(), parameters());
  const mlp::Blocks cut = model_.cut(size_of(batch));
  double sum = 0;
  for (std::int64_t i = 0; i < cut.count; ++i) {
    const mlp::Block<Real> b = block(batch, cut, i);
    passes_.forward(b, theta.data());
    sum += passes_.losses(b, nullptr, nullptr);
  }
  return sum / static_cast<double>(cut.examples) + penalty(theta);
}

template <class Real>
double Mlp<Real>::loss_gradient(std::span<const Real> theta,
                                const Batch& batch,
                                std::span<Real> gradient) {
  mlp::check_size("theta", theta.size(), parameters());
  mlp::check_size("gradient", gradient.size(), parameters());
  const mlp::Blocks cut = model_.cut(size_of(batch));
  sums_.clear();
  double sum = 0;
  for (std::int64_t i = 0; i < cut.count; ++i) {
    const mlp::Block<Real> b = block(batch, cut, i);
    passes_.forward(b, theta.data());
    sum += passes_.losses(b, nullptr, &sums_);
    passes_.backward(b, theta.data(), sums_);
  }
  sums_.write(static_cast<Real>(1 / static_cast<double>(cut.examples)), gradient.data());
  const Real l2 = static_cast<Real>(model_.network->l2);
  if (l2 != 0) {
    for (std::size_t i = 0; i < theta.size(); ++i) gradient[i] += l2 * theta[i];
  }
  return sum / static_cast<double>(cut.examples) + penalty(theta);
}

template <class Real>
void Mlp<Real>::example_losses(std::span<const Real> theta,
                               const Batch& batch,
                               std::span<double> losses) {
  mlp::check_size("theta", theta.size(), parameters());
  mlp::check_size("losses", losses.size(), size_of(batch));
  const mlp::Blocks cut = model_.cut(size_of(batch));
  for (std::int64_t i = 0; i < cut.count; ++i) {
    const mlp::Block<Real> b = block(batch, cut, i);
    passes_.forward(b, theta.data());
    const Real* values = nullptr;
    passes_.losses(b, &values, nullptr);
    for (std::int64_t e = 0; e < b.count; ++e) {
      losses[static_cast<std::size_t>(b.first + e)] = static_cast<double>(values[e]);
    }
  }
}

template <class Real>
void Mlp<Real>::logits(std::span<const Real> theta,
                       const Batch& batch,
                       std::span<Real> outputs_out) {
  mlp::check_size("theta", theta.size(), parameters());
  mlp::check_size("outputs", outputs_out.size(), size_of(batch) * outputs());
  const mlp::Blocks cut = model_.cut(size_of(batch));
  for (std::int64_t i = 0; i < cut.count; ++i) {
    const mlp::Block<Real> b = block(batch, cut, i);
    mlp::to_rows(b, outputs(), passes_.forward(b, theta.data()), outputs_out.data());
  }
}

template class Mlp<float>;
template class Mlp<double>;

}  // namespace thermoscape
