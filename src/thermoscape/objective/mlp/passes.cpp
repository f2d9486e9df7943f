#include "thermoscape/objective/mlp/passes.hpp"

#include <algorithm>

namespace thermoscape::mlp {

Finish gate_of(Activation activation) {
  switch (activation) {
    case Activation::identity:
      break;
    case Activation::relu:
      return Finish::gate_positive;
    case Activation::tanh:
      return Finish::gate_tanh;
    case Activation::gelu:
      return Finish::gate_factor;
  }
  return Finish::gate_none;
}

template <class Real>
Blocks Model<Real>::cut(std::int64_t n) const {
  // Activations of a block should fit the first-level cache; but each block also folds every
  // weight's sum once, which fewer than a dozen vectors do not repay.
  constexpr std::int64_t kCache = 40 * 1024;
  constexpr std::int64_t kFewest = 24;
  const std::int64_t row_bytes = kernels->lanes * static_cast<std::int64_t>(sizeof(Real));
  const std::int64_t fitting = kCache / (row_bytes * network->width);
  return {n, kernels->lanes, std::max(kFewest, fitting)};
}

template <class Real>
Product<Real> Model<Real>::layer(
    const Real* theta, std::size_t l, const Block<Real>& block, const Real* x, Real* y) const {
  const Layer& shape = network->layers[l];
  Product<Real> p;
  p.rows = shape.outputs;
  p.depth = shape.inputs;
  p.vectors = block.vectors;
  p.weights = weights(theta, l);
  p.row_stride = shape.inputs;
  p.depth_stride = 1;
  p.x = x;
  p.x_stride = block.stride;
  p.y = y;
  p.y_stride = block.stride;
  p.bias = biases(theta, l);
  return p;
}

template <class Real>
Product<Real> Model<Real>::transposed(
    const Real* theta, std::size_t l, const Block<Real>& block, const Real* x, Real* y) const {
  const Layer& shape = network->layers[l];
  Product<Real> p = layer(theta, l, block, x, y);
  p.rows = shape.inputs;
  p.depth = shape.outputs;
  p.row_stride = 1;
  p.depth_stride = shape.inputs;
  p.bias = nullptr;
  return p;
}

template <class Real>
GradientSums<Real>::GradientSums(const Model<Real>& model) : model_(model) {
  std::int64_t packed = 0;
  std::int64_t rows = 0;
  for (const Layer& layer : model.network->layers) {
    packed_at_.push_back(packed);
    row_at_.push_back(rows);
    packed += row_at_.size() == 1 && model.examples->wide()
                  ? layer.outputs * model.examples->row_stride()
                  : model.kernels->packed_size(layer.outputs, layer.inputs);
    rows += layer.outputs * model.kernels->lanes;
  }
  packed_.resize(static_cast<std::size_t>(packed));
  rows_.resize(static_cast<std::size_t>(rows));
}

template <class Real>
void GradientSums<Real>::clear() {
  std::fill(packed_.begin(), packed_.end(), Real(0));
  std::fill(rows_.begin(), rows_.end(), Real(0));
}

template <class Real>
void GradientSums<Real>::correlate(std::size_t l,
                                   const Block<Real>& block,
                                   const Real* d,
                                   const Real* a) {
  const Layer& layer = model_.network->layers[l];
  if (l == 0 && model_.examples->wide()) {
    Product<Real> product;
    product.rows = layer.outputs;
    product.depth = block.count;
    product.vectors = block.row_stride / model_.kernels->lanes;
    product.weights = d;
    product.row_stride = block.stride;
    product.depth_stride = 1;
    product.x = block.rows;
    product.x_stride = block.row_stride;
    product.y = packed_.data();
    product.y_stride = block.row_stride;
    product.finish = Finish::add;
    model_.kernels->product(product);
    return;
  }
  model_.kernels->correlate({layer.outputs,
                             layer.inputs,
                             block.vectors,
                             d,
                             block.stride,
                             a,
                             block.stride,
                             packed_.data() + packed_at_[l]});
}

template <class Real>
void GradientSums<Real>::write(Real scale, Real* out) const {
  for (std::size_t l = 0; l < model_.network->layers.size(); ++l) {
    const Layer& layer = model_.network->layers[l];
    if (l == 0 && model_.examples->wide()) {
      for (std::int64_t o = 0; o < layer.outputs; ++o) {
        const Real* const from = packed_.data() + o * model_.examples->row_stride();
        Real* const to = out + layer.weights + o * layer.inputs;
        for (std::int64_t i = 0; i < layer.inputs; ++i) to[i] = scale * from[i];
      }
    } else {
      model_.kernels->unpack(
          layer.outputs, layer.inputs, packed_.data() + packed_at_[l], scale, out + layer.weights);
    }
    if (!model_.network->has_biases) continue;
    model_.kernels->reduce_rows(
        layer.outputs, rows_.data() + row_at_[l], scale, out + layer.biases);
  }
}

template <class Real>
Passes<Real>::Passes(const Model<Real>& model) : model_(model) {
  const Network& network = *model.network;
  const Blocks cut = model.cut(model.examples->size());
  const auto stride = static_cast<std::size_t>(cut.most * cut.lanes);
  for (const Layer& layer : network.layers) {
    values_.emplace_back(static_cast<std::size_t>(layer.outputs) * stride);
    if (network.activation == Activation::gelu) slopes_.emplace_back(values_.back().size());
  }
  losses_.resize(stride);
}

template <class Real>
const Real* Passes<Real>::forward(const Block<Real>& block, const Real* theta) {
  const Activation activation = model_.network->activation;
  const std::size_t last = model_.network->layers.size() - 1;
  const Real* x = block.x;
  for (std::size_t l = 0; l <= last; ++l) {
    Real* const y = values_[l].data();
    Product<Real> product = model_.layer(theta, l, block, x, y);
    if (l < last && activation == Activation::relu) product.finish = Finish::relu;
    model_.kernels->product(product);
    if (l < last && (activation == Activation::tanh || activation == Activation::gelu)) {
      Real* const slope = activation == Activation::gelu ? slopes_[l].data() : nullptr;
      model_.kernels->activate(activation, product.rows * block.stride, y, y, slope, nullptr);
    }
    x = y;
  }
  return x;
}

template <class Real>
double Passes<Real>::losses(const Block<Real>& block,
                            const Real** losses,
                            GradientSums<Real>* sums) {
  const std::size_t last = model_.network->layers.size() - 1;
  Real* const z = values_[last].data();
  const Output<Real> output{model_.network->last().outputs,
                            block.vectors,
                            block.count,
                            block.stride,
                            block.labels,
                            z,
                            z,
                            losses_.data(),
                            sums == nullptr ? nullptr : sums->rows(last)};
  if (losses != nullptr) *losses = losses_.data();
  return model_.network->cross_entropy ? model_.kernels->cross_entropy(output)
                                       : model_.kernels->squared(output);
}

template <class Real>
void Passes<Real>::backward(const Block<Real>& block, const Real* theta, GradientSums<Real>& sums) {
  const Activation activation = model_.network->activation;
  for (std::size_t l = model_.network->layers.size() - 1; l > 0; --l) {
    const Real* const d = values_[l].data();
    Real* const below = values_[l - 1].data();
    sums.correlate(l, block, d, below);
    Product<Real> product = model_.transposed(theta, l, block, d, below);
    product.finish = gate_of(activation);
    product.gate = activation == Activation::gelu ? slopes_[l - 1].data() : below;
    product.row_sums = sums.rows(l - 1);
    model_.kernels->product(product);
  }
  sums.correlate(0, block, values_[0].data(), block.x);
}

template struct Model<float>;
template struct Model<double>;
template class GradientSums<float>;
template class GradientSums<double>;
template class Passes<float>;
template class Passes<double>;

}  // namespace thermoscape::mlp
