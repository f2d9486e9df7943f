#include "thermoscape/objective/mlp/linearisation.hpp"

#include <algorithm>

namespace thermoscape::mlp {

template <class Real>
Linearisation<Real>::Linearisation(const Model<Real>& model)
    : model_(model),
      curvature_exists_(model.network->activation == Activation::tanh ||
                        model.network->activation == Activation::gelu),
      unused_(model) {
  const Blocks cut = model.cut(model.examples->size());
  const auto stride = static_cast<std::size_t>(cut.most * cut.lanes);
  for (const Layer& layer : model.network->layers) {
    const std::size_t size = static_cast<std::size_t>(layer.outputs) * stride;
    for (auto* buffers : {&a_, &slope_, &d_, &ra_, &rz_, &rd_}) buffers->emplace_back(size);
    for (auto* buffers : {&curvature_, &q_}) buffers->emplace_back(curvature_exists_ ? size : 0);
  }
}

template <class Real>
void Linearisation<Real>::expand(const Block<Real>& block, const Real* theta, bool second) {
  block_ = block;
  theta_ = theta;
  second_ = second;
  const std::size_t last = a_.size() - 1;
  for (std::size_t l = 0; l <= last; ++l) {
    Real* const a = a_[l].data();
    const Product<Real> product = model_.layer(theta, l, block, input(l), a);
    model_.kernels->product(product);
    if (l == last) break;
    model_.kernels->activate(model_.network->activation,
                             product.rows * block.stride,
                             a,
                             a,
                             slope_[l].data(),
                             curved() ? curvature_[l].data() : nullptr);
  }
}

template <class Real>
const Real* Linearisation<Real>::forward(const Real* vector) {
  const std::size_t last = a_.size() - 1;
  for (std::size_t l = 0; l <= last; ++l) {
    // R z_l = V a_{l-1} + c + W R a_{l-1};  R x = 0
    Real* const rz = rz_[l].data();
    Product<Real> product = model_.layer(vector, l, block_, input(l), rz);
    model_.kernels->product(product);
    if (l > 0) {
      product = model_.layer(theta_, l, block_, ra_[l - 1].data(), rz);
      product.bias = nullptr;
      product.finish = Finish::add;
      model_.kernels->product(product);
    }
    if (l == last) break;
    const std::int64_t count = product.rows * block_.stride;
    std::copy_n(rz, count, ra_[l].data());
    model_.kernels->gate({product.rows,
                          block_.vectors,
                          slope_[l].data(),
                          nullptr,
                          nullptr,
                          nullptr,
                          ra_[l].data(),
                          nullptr});
  }
  return rz_[last].data();
}

template <class Real>
void Linearisation<Real>::step_back(std::size_t l, const Real* d, Real* below, Real* rows) {
  Product<Real> product = model_.transposed(theta_, l, block_, d, below);
  product.finish = Finish::gate_factor;
  product.gate = slope_[l - 1].data();
  product.row_sums = rows;
  model_.kernels->product(product);
}

template <class Real>
void Linearisation<Real>::expand_backward() {
  const std::size_t last = a_.size() - 1;
  const Output<Real> output{model_.network->last().outputs,
                            block_.vectors,
                            block_.count,
                            block_.stride,
                            block_.labels,
                            a_[last].data(),
                            d_[last].data(),
                            nullptr,
                            nullptr};
  if (model_.network->cross_entropy) {
    model_.kernels->cross_entropy(output);
  } else {
    model_.kernels->squared(output);
  }
  for (std::size_t l = last; l > 0; --l) {
    Real* const below = d_[l - 1].data();
    if (!curved()) {
      step_back(l, d_[l].data(), below, unused_.rows(l - 1));
      continue;
    }
    const Product<Real> product =
        model_.transposed(theta_, l, block_, d_[l].data(), q_[l - 1].data());
    model_.kernels->product(product);
    std::copy_n(q_[l - 1].data(), product.rows * block_.stride, below);
    model_.kernels->gate({product.rows,
                          block_.vectors,
                          slope_[l - 1].data(),
                          nullptr,
                          nullptr,
                          nullptr,
                          below,
                          nullptr});
  }
}

template <class Real>
void Linearisation<Real>::pull_back(const Real* covector, GradientSums<Real>& sums) {
  const std::size_t last = a_.size() - 1;
  const std::int64_t classes = model_.network->last().outputs;
  std::copy_n(covector, classes * block_.stride, rd_[last].data());
  model_.kernels->squared_curvature({classes,
                                     block_.vectors,
                                     block_.count,
                                     block_.stride,
                                     block_.labels,
                                     nullptr,
                                     nullptr,
                                     nullptr,
                                     sums.rows(last)},
                                    rd_[last].data());
  for (std::size_t l = last;; --l) {
    sums.correlate(l, block_, rd_[l].data(), input(l));
    if (l == 0) break;
    step_back(l, rd_[l].data(), rd_[l - 1].data(), sums.rows(l - 1));
  }
}

template <class Real>
void Linearisation<Real>::output_curvature(Real* out, Real* row_sums) {
  const Output<Real> output{model_.network->last().outputs,
                            block_.vectors,
                            block_.count,
                            block_.stride,
                            block_.labels,
                            nullptr,
                            d_.back().data(),
                            nullptr,
                            row_sums};
  if (model_.network->cross_entropy) {
    model_.kernels->cross_entropy_curvature(output, out);
  } else {
    model_.kernels->squared_curvature(output, out);
  }
}

template <class Real>
void Linearisation<Real>::hessian(const Real* vector, GradientSums<Real>& sums) {
  const std::size_t last = a_.size() - 1;
  const std::int64_t classes = model_.network->last().outputs;
  const Real* const rz = forward(vector);
  std::copy_n(rz, classes * block_.stride, rd_[last].data());
  output_curvature(rd_[last].data(), sums.rows(last));
  for (std::size_t l = last;; --l) {
    // R ∂ℓ/∂W_l = R d_l a_{l-1}ᵀ + d_l R a_{l-1}ᵀ
    sums.correlate(l, block_, rd_[l].data(), input(l));
    if (l == 0) break;
    sums.correlate(l, block_, d_[l].data(), ra_[l - 1].data());
    // R q_{l-1} = V_lᵀ d_l + W_lᵀ R d_l;  R d_{l-1} = φ' R q_{l-1} + φ'' R z_{l-1} q_{l-1}
    Real* const below = rd_[l - 1].data();
    Product<Real> product = model_.transposed(vector, l, block_, d_[l].data(), below);
    model_.kernels->product(product);
    product = model_.transposed(theta_, l, block_, rd_[l].data(), below);
    product.finish = Finish::add;
    model_.kernels->product(product);
    model_.kernels->gate({product.rows,
                          block_.vectors,
                          slope_[l - 1].data(),
                          curved() ? curvature_[l - 1].data() : nullptr,
                          rz_[l - 1].data(),
                          q_[l - 1].data(),
                          below,
                          sums.rows(l - 1)});
  }
}

template <class Real>
void Linearisation<Real>::example_gradient(std::int64_t e, Real* out) const {
  std::vector<Real> column;
  for (std::size_t l = 0; l < a_.size(); ++l) {
    const Layer& layer = model_.network->layers[l];
    const Real* const d = d_[l].data() + e;
    column.resize(static_cast<std::size_t>(layer.inputs));
    for (std::int64_t i = 0; i < layer.inputs; ++i) {
      column[static_cast<std::size_t>(i)] = input(l)[i * block_.stride + e];
    }
    for (std::int64_t o = 0; o < layer.outputs; ++o) {
      const Real slope = d[o * block_.stride];
      Real* const row = out + layer.weights + o * layer.inputs;
      for (std::int64_t i = 0; i < layer.inputs; ++i)
        row[i] = slope * column[static_cast<std::size_t>(i)];
      if (model_.network->has_biases) out[layer.biases + o] = slope;
    }
  }
}

template class Linearisation<float>;
template class Linearisation<double>;

}  // namespace thermoscape::mlp
