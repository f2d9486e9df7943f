#include "thermoscape/objective/mlp/line.hpp"

#include <algorithm>

#include "thermoscape/objective/mlp/check.hpp"

namespace thermoscape::mlp {

namespace {
template <class Real>
double dot(std::span<const Real> a, std::span<const Real> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}
}  // namespace

template <class Real>
Line<Real>::Line(const Model<Real>& model, std::span<const Real> theta)
    : model_(model), theta_(theta.begin(), theta.end()) {
  check_size("theta", theta.size(), model.network->parameters);
  const Blocks cut = model_.cut(model_.examples->size());
  const auto stride = static_cast<std::size_t>(cut.most * cut.lanes);
  for (const Layer& layer : model.network->layers) {
    const auto size = static_cast<std::size_t>(layer.outputs) * stride;
    values_.emplace_back(size);
    slopes_.emplace_back(size);
    rates_.emplace_back(size);
  }
  one_.assign(stride, Real(1));
  delta_.resize(stride);
  losses_.resize(stride);
  loss_rates_.resize(stride);
}

template <class Real>
void Line<Real>::product(std::size_t l,
                         const Real* theta,
                         const Block<Real>& block,
                         const Real* x,
                         Real* y,
                         Finish finish) {
  Product<Real> p = model_.layer(theta, l, block, x, y);
  p.finish = finish;
  model_.kernels->product(p);
}

template <class Real>
void Line<Real>::stand_at(std::size_t layer, const Blocks& cut) {
  layer_ = layer;
  if (standing_ == static_cast<std::int64_t>(layer)) return;
  standing_ = static_cast<std::int64_t>(layer);
  const Layer& shape = model_.network->layers[layer];
  const std::int64_t padded = cut.vectors * cut.lanes;
  input_.resize(layer == 0 ? 0 : static_cast<std::size_t>(padded * shape.inputs));
  sums_.resize(static_cast<std::size_t>(padded * shape.outputs));
  for (std::int64_t b = 0; b < cut.count; ++b) {
    const Block<Real> block = model_.examples->block(cut, b, *model_.kernels);
    const Real* x = block.x;
    for (std::size_t l = 0; l < layer; ++l) {
      const bool last = l + 1 == layer;
      Real* const y = last ? input_.data() + block.first * shape.inputs : values_[l].data();
      product(l, theta_.data(), block, x, y, Finish::store);
      model_.kernels->activate(model_.network->activation,
                               model_.network->layers[l].outputs * block.stride,
                               y,
                               y,
                               nullptr,
                               nullptr);
      x = y;
    }
    product(
        layer, theta_.data(), block, x, sums_.data() + block.first * shape.outputs, Finish::store);
  }
}

template <class Real>
void Line<Real>::move_weights(std::span<const Real> direction, std::span<const double> deltas) {
  direction_.assign(direction.begin(), direction.end());
  moved_.resize(deltas.size());
  const auto begin = model_.network->layers[layer_].weights;
  for (std::size_t m = 0; m < deltas.size(); ++m) {
    moved_[m].resize(theta_.size());
    const auto delta = static_cast<Real>(deltas[m]);
    for (auto i = static_cast<std::size_t>(begin); i < theta_.size(); ++i)
      moved_[m][i] = theta_[i] + delta * direction_[i];
  }
}

template <class Real>
double Line<Real>::point(const Block<Real>& block, std::size_t index, double delta, bool slopes) {
  const Network& network = *model_.network;
  const std::size_t last = network.layers.size() - 1;
  std::fill_n(delta_.begin(), block.stride, static_cast<Real>(delta));
  Real* z = values_[layer_].data();
  model_.kernels->blend({network.layers[layer_].outputs,
                         block.vectors,
                         one_.data(),
                         base_,
                         block.stride,
                         delta_.data(),
                         rate_.data(),
                         block.stride,
                         z,
                         block.stride});
  const Real* rate = rate_.data();
  for (std::size_t l = layer_; l < last; ++l) {
    const std::int64_t count = network.layers[l].outputs * block.stride;
    Real* const a = values_[l].data();
    Real* const slope = slopes ? slopes_[l].data() : nullptr;
    model_.kernels->activate(network.activation, count, a, a, slope, nullptr);
    z = values_[l + 1].data();
    const Real* const weights = moves_[l + 1] ? moved_[index].data() : theta_.data();
    product(l + 1, weights, block, a, z, Finish::store);
    if (!slopes) continue;
    Real* const below = rates_[l].data();
    std::copy_n(rate, count, below);
    model_.kernels->gate({network.layers[l].outputs,
                          block.vectors,
                          slope,
                          nullptr,
                          nullptr,
                          nullptr,
                          below,
                          nullptr});
    Real* const above = rates_[l + 1].data();
    Product<Real> p = model_.layer(weights, l + 1, block, below, above);
    p.bias = nullptr;
    model_.kernels->product(p);
    if (moves_[l + 1]) {  // the bias of the direction comes with its product
      Buffer<Real>& scratch = slopes_[l + 1];
      product(l + 1, direction_.data(), block, a, scratch.data(), Finish::store);
      const std::int64_t size = network.layers[l + 1].outputs * block.stride;
      for (std::int64_t i = 0; i < size; ++i) above[i] += scratch[static_cast<std::size_t>(i)];
    }
    rate = above;
  }
  const Output<Real> output{network.last().outputs,
                            block.vectors,
                            block.count,
                            block.stride,
                            block.labels,
                            z,
                            z,
                            losses_.data(),
                            nullptr};
  const double sum = network.cross_entropy ? model_.kernels->cross_entropy(output)
                                           : model_.kernels->squared(output);
  if (slopes) {
    std::fill_n(loss_rates_.begin(), block.stride, Real(0));
    for (std::int64_t c = 0; c < output.classes; ++c) {
      for (std::int64_t e = 0; e < block.stride; ++e) {
        loss_rates_[static_cast<std::size_t>(e)] +=
            z[c * block.stride + e] * rate[c * block.stride + e];
      }
    }
  }
  return sum;
}

template <class Real>
std::vector<double> Line<Real>::walk(std::span<const Real> direction,
                                     std::span<const double> deltas,
                                     bool slopes,
                                     const Receive& receive) {
  check_size("direction", direction.size(), model_.network->parameters);
  const auto& layers = model_.network->layers;
  const Blocks cut = model_.cut(model_.examples->size());
  moves_.assign(layers.size(), false);
  std::size_t first = layers.size() - 1;
  for (std::size_t l = layers.size(); l-- > 0;) {
    const auto begin = direction.begin() + layers[l].weights;
    const auto end =
        l + 1 < layers.size() ? direction.begin() + layers[l + 1].weights : direction.end();
    moves_[l] = std::any_of(begin, end, [](Real x) { return x != 0; });
    if (moves_[l]) first = l;
  }
  stand_at(first, cut);
  move_weights(direction, deltas);
  const Layer& shape = layers[layer_];
  rate_.resize(static_cast<std::size_t>(shape.outputs * cut.most * cut.lanes));
  std::vector<double> sums(deltas.size(), 0.0);
  for (std::int64_t b = 0; b < cut.count; ++b) {
    const Block<Real> block = model_.examples->block(cut, b, *model_.kernels);
    const Real* const x = layer_ == 0 ? block.x : input_.data() + block.first * shape.inputs;
    base_ = sums_.data() + block.first * shape.outputs;
    product(layer_, direction_.data(), block, x, rate_.data(), Finish::store);
    for (std::size_t m = 0; m < deltas.size(); ++m) {
      sums[m] += point(block, m, deltas[m], slopes);
      if (!receive) continue;
      const auto count = static_cast<std::size_t>(block.count);
      receive(m,
              block.first,
              {losses_.data(), count},
              slopes ? std::span<const Real>(loss_rates_.data(), count) : std::span<const Real>());
    }
  }
  const double l2 = model_.network->l2;
  const auto at = std::span<const Real>(theta_);
  const double square = l2 == 0 ? 0 : dot<Real>(at, at);
  const double cross = l2 == 0 ? 0 : dot<Real>(at, direction);
  const double along = l2 == 0 ? 0 : dot<Real>(direction, direction);
  for (std::size_t m = 0; m < deltas.size(); ++m) {
    sums[m] = sums[m] / static_cast<double>(cut.examples) +
              0.5 * l2 * (square + 2 * deltas[m] * cross + deltas[m] * deltas[m] * along);
  }
  return sums;
}

template class Line<float>;
template class Line<double>;

}  // namespace thermoscape::mlp
