#include "thermoscape/objective/mlp/replicas.hpp"

#include <algorithm>
#include <type_traits>

#include "thermoscape/core/noise_lanes.hpp"
#include "thermoscape/objective/mlp/check.hpp"

namespace thermoscape::mlp {

namespace {
/// As many examples as keep a block's activations within the second-level cache: sums over examples
/// are read and written once a block, which few examples would not repay.
std::int64_t block_of(std::int64_t examples, std::int64_t width, std::int64_t vector_bytes) {
  constexpr std::int64_t kCache = 320 * 1024;
  const std::int64_t most = std::max<std::int64_t>(20, kCache / (width * vector_bytes));
  const std::int64_t blocks = (examples + most - 1) / most;
  return (examples + blocks - 1) / blocks;
}
}  // namespace

template <class Real>
Replicas<Real>::Replicas(const Mlp<Real>& network, InstructionSet set)
    : model_(network.model()),
      set_(set),
      kernels_(&replica_kernels<Real>(set)),
      lanes_(static_cast<std::size_t>(kernels_->lanes)),
      examples_(model_.examples->size()),
      block_(block_of(examples_,
                      model_.network->width,
                      kernels_->lanes * static_cast<std::int64_t>(sizeof(Real)))),
      losses_(lanes_) {
  const Network& shape = *model_.network;
  if (shape.activation == Activation::gelu)
    reject({"batched", "gelu", "needs relu, tanh or identity as activation", ""});
  const std::int64_t width = model_.examples->width();
  x_.resize(static_cast<std::size_t>(width * examples_));
  for (std::int64_t e = 0; e < examples_; ++e) {
    const auto example = static_cast<std::int32_t>(e);
    labels_.push_back(model_.examples->label(example));
    for (std::int64_t f = 0; f < width; ++f)
      x_[static_cast<std::size_t>(f * examples_ + e)] = model_.examples->row(example)[f];
  }
  theta_.resize(static_cast<std::size_t>(shape.parameters) * lanes_);
  gradient_.resize(theta_.size());
  for (const Layer& layer : shape.layers) {
    const auto vectors = static_cast<std::size_t>(layer.outputs * block_);
    values_.emplace_back(vectors * lanes_);
    unused_.resize(std::max(unused_.size(), static_cast<std::size_t>(layer.outputs) * lanes_));
  }
}

template <class Real>
void Replicas<Real>::put(std::size_t lane, std::span<const Real> theta) {
  check_size("theta", theta.size(), model_.network->parameters);
  for (std::size_t i = 0; i < theta.size(); ++i) theta_[i * lanes_ + lane] = theta[i];
}

template <class Real>
void Replicas<Real>::get(std::size_t lane, std::span<Real> theta) const {
  check_size("theta", theta.size(), model_.network->parameters);
  for (std::size_t i = 0; i < theta.size(); ++i) theta[i] = theta_[i * lanes_ + lane];
}

template <class Real>
void Replicas<Real>::gradient(std::size_t lane, std::span<Real> out) const {
  check_size("gradient", out.size(), model_.network->parameters);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = gradient_[i * lanes_ + lane];
}

template <class Real>
void Replicas<Real>::forward(std::int64_t first, std::int64_t count) {
  const Network& network = *model_.network;
  const std::size_t last = network.layers.size() - 1;
  for (std::size_t l = 0; l <= last; ++l) {
    const Layer& layer = network.layers[l];
    ReplicaProduct<Real> p;
    p.rows = layer.outputs;
    p.depth = layer.inputs;
    p.examples = count;
    p.weights = at(theta_, layer.weights);
    p.row_stride = layer.inputs;
    p.depth_stride = 1;
    p.shared = l == 0;
    p.x = l == 0 ? x_.data() + first : values_[l - 1].data();
    p.x_stride = l == 0 ? examples_ : block_;
    p.y = values_[l].data();
    p.y_stride = block_;
    p.bias = network.has_biases ? at(theta_, layer.biases) : nullptr;
    if (l < last && network.activation == Activation::relu) p.finish = Finish::relu;
    kernels_->product(p);
    if (l == last || network.activation != Activation::tanh) continue;
    for (std::int64_t r = 0; r < layer.outputs; ++r)
      kernels_->tanh(count, at(values_[l], r * block_));
  }
}

template <class Real>
void Replicas<Real>::backward(std::int64_t first, std::int64_t count) {
  const Network& network = *model_.network;
  for (std::size_t l = network.layers.size(); l-- > 0;) {
    const Layer& layer = network.layers[l];
    Real* const below = l == 0 ? x_.data() + first : values_[l - 1].data();
    ReplicaCorrelation<Real> c;
    c.rows = layer.outputs;
    c.columns = layer.inputs;
    c.examples = count;
    c.d = values_[l].data();
    c.d_stride = block_;
    c.a = below;
    c.a_stride = l == 0 ? examples_ : block_;
    c.shared = l == 0;
    c.out = at(gradient_, layer.weights);
    c.fresh = first == 0;
    kernels_->correlate(c);
    if (l == 0) break;
    ReplicaProduct<Real> p;
    p.rows = layer.inputs;
    p.depth = layer.outputs;
    p.examples = count;
    p.weights = at(theta_, layer.weights);
    p.row_stride = 1;
    p.depth_stride = layer.inputs;
    p.x = values_[l].data();
    p.x_stride = block_;
    p.y = below;
    p.y_stride = block_;
    p.finish = gate_of(network.activation);
    p.row_sums = sums_of(l - 1);
    kernels_->product(p);
  }
}

template <class Real>
Real* Replicas<Real>::sums_of(std::size_t l) {
  return model_.network->has_biases ? at(gradient_, model_.network->layers[l].biases)
                                    : unused_.data();
}

template <class Real>
void Replicas<Real>::evaluate() {
  const Network& network = *model_.network;
  std::fill(losses_.begin(), losses_.end(), 0.0);
  for (std::size_t l = 0; l < network.layers.size(); ++l)
    std::fill_n(sums_of(l), network.layers[l].outputs * kernels_->lanes, Real(0));
  for (std::int64_t first = 0; first < examples_; first += block_) {
    const std::int64_t count = std::min(block_, examples_ - first);
    forward(first, count);
    const std::size_t last = network.layers.size() - 1;
    const ReplicaOutput<Real> output{network.last().outputs,
                                     count,
                                     block_,
                                     labels_.data() + first,
                                     values_[last].data(),
                                     sums_of(last),
                                     losses_.data()};
    if (network.cross_entropy) {
      kernels_->cross_entropy(output);
    } else {
      kernels_->squared(output);
    }
    backward(first, count);
  }
  const auto n = static_cast<double>(examples_);
  kernels_->scale(network.parameters,
                  static_cast<Real>(1 / n),
                  static_cast<Real>(network.l2),
                  theta_.data(),
                  gradient_.data());
  for (std::size_t lane = 0; lane < lanes_; ++lane)
    losses_[lane] = losses_[lane] / n + penalty(lane);
}

template <class Real>
double Replicas<Real>::penalty(std::size_t lane) const {
  if (model_.network->l2 == 0) return 0;
  double sum = 0;
  for (std::size_t i = lane; i < theta_.size(); i += lanes_)
    sum += static_cast<double>(theta_[i]) * static_cast<double>(theta_[i]);
  return 0.5 * model_.network->l2 * sum;
}

template <class Real>
void Replicas<Real>::kick(Stream stream,
                          std::span<const std::uint64_t> keys,
                          std::span<const std::uint64_t> steps,
                          std::span<const Real> amplitude,
                          std::span<const Real> eta) {
  const LaneKick<Real> kick{keys.data(),
                            steps.data(),
                            stream.key,
                            amplitude.data(),
                            eta.data(),
                            gradient_.data(),
                            theta_.data(),
                            static_cast<std::size_t>(model_.network->parameters)};
  const LaneKickKernels& kernels = lane_kick_kernels(set_);
  if constexpr (std::is_same_v<Real, float>) {
    kernels.kick_float(kick);
  } else {
    kernels.kick_double(kick);
  }
}

template class Replicas<float>;
template class Replicas<double>;

}  // namespace thermoscape::mlp
