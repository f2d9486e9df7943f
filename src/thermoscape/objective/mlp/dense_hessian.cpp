#include "thermoscape/objective/mlp/dense_hessian.hpp"

#include <algorithm>

namespace thermoscape::mlp {

namespace {
/// Memory for n numbers, whatever they are.
template <class Real>
Real* room(Buffer<Real>& buffer, std::int64_t n) {
  if (buffer.size() < static_cast<std::size_t>(n)) buffer.resize(static_cast<std::size_t>(n));
  return buffer.data();
}
}  // namespace

template <class Real>
DenseHessian<Real>::DenseHessian(const Model<Real>& model) : model_(model) {
  const std::size_t layers = model.network->layers.size();
  for (auto* buffers : {&inputs_, &bend_, &z_, &d_, &k_}) buffers->resize(layers);
}

template <class Real>
void DenseHessian<Real>::add(Linearisation<Real>& around, HessianTerm term, Real scale, Real* out) {
  around_ = &around;
  term_ = term;
  const Block<Real>& block = around.block();
  stride_ = block.stride;
  const std::size_t layers = model_.network->layers.size();
  for (std::size_t m = 0; m < layers; ++m) {
    const std::int64_t inputs = model_.network->layers[m].inputs;
    Real* const to = room(inputs_[m], columns(m) * stride_);
    std::copy_n(around.input(m), inputs * stride_, to);
    if (model_.network->has_biases) std::fill_n(to + inputs * stride_, stride_, Real(1));
    if (!around.curved() || m + 1 == layers) continue;
    const std::int64_t vectors = outputs(m) * block.vectors;
    Real* const bend = room(bend_[m], outputs(m) * stride_);
    model_.kernels->blend(
        {1, vectors, around.curvature(m), around.q(m), 0, nullptr, nullptr, 0, bend, 0});
  }
  for (std::size_t l = 0; l < layers; ++l) {
    jacobians(l);
    curvatures(l);
    for (std::size_t m = l; m < layers; ++m) add_pair(l, m, scale, out);
  }
}

template <class Real>
void DenseHessian<Real>::identity(std::int64_t size, Buffer<Real>& out) const {
  const std::int64_t row = size * stride_;
  Real* const to = room(out, size * row);
  std::fill_n(to, size * row, Real(0));
  for (std::int64_t o = 0; o < size; ++o) std::fill_n(to + o * (row + stride_), stride_, Real(1));
}

template <class Real>
void DenseHessian<Real>::jacobians(std::size_t l) {
  const std::int64_t row = outputs(l) * stride_;
  const std::int64_t vectors = around_->block().vectors;
  identity(outputs(l), z_[l]);
  for (std::size_t m = l; m + 1 < z_.size(); ++m) {
    Real* const d = room(d_[m], outputs(m) * row);
    for (std::int64_t p = 0; p < outputs(m); ++p) {
      const Real* const slope = around_->slope(m) + p * stride_;
      model_.kernels->blend({outputs(l),
                             vectors,
                             slope,
                             z_[m].data() + p * row,
                             stride_,
                             nullptr,
                             nullptr,
                             0,
                             d + p * row,
                             stride_});
    }
    Real* const z = room(z_[m + 1], outputs(m + 1) * row);
    Product<Real> product = model_.layer(around_->theta(), m + 1, around_->block(), d, z);
    product.vectors = outputs(l) * vectors;
    product.x_stride = row;
    product.y_stride = row;
    product.bias = nullptr;
    model_.kernels->product(product);
  }
}

template <class Real>
void DenseHessian<Real>::curvatures(std::size_t l) {
  const std::int64_t row = outputs(l) * stride_;
  const std::int64_t vectors = around_->block().vectors;
  const std::size_t last = k_.size() - 1;
  Real* const top = room(k_[last], outputs(last) * row);
  if (term_ == HessianTerm::residual) {
    if (!around_->curved()) return;  // K vanishes
    std::fill_n(top, outputs(last) * row, Real(0));
  } else {
    Real* const column = room(column_, outputs(last) * stride_);
    for (std::int64_t o = 0; o < outputs(l); ++o) {
      for (std::int64_t c = 0; c < outputs(last); ++c) {
        std::copy_n(z_[last].data() + c * row + o * stride_, stride_, column + c * stride_);
      }
      around_->output_curvature(column, nullptr);
      for (std::int64_t c = 0; c < outputs(last); ++c) {
        std::copy_n(column + c * stride_, stride_, top + c * row + o * stride_);
      }
    }
  }
  const bool bent = around_->curved() && term_ != HessianTerm::gauss_newton;
  for (std::size_t m = last; m-- > l;) {
    Real* const k = room(k_[m], outputs(m) * row);
    Product<Real> product =
        model_.transposed(around_->theta(), m + 1, around_->block(), k_[m + 1].data(), k);
    product.vectors = outputs(l) * vectors;
    product.x_stride = row;
    product.y_stride = row;
    model_.kernels->product(product);
    for (std::int64_t p = 0; p < outputs(m); ++p) {
      model_.kernels->blend({outputs(l),
                             vectors,
                             around_->slope(m) + p * stride_,
                             k + p * row,
                             stride_,
                             bent ? bend_[m].data() + p * stride_ : nullptr,
                             z_[m].data() + p * row,
                             stride_,
                             k + p * row,
                             stride_});
    }
  }
}

template <class Real>
void DenseHessian<Real>::add_pair(std::size_t l, std::size_t m, Real scale, Real* out) {
  const bool has_k = term_ != HessianTerm::residual || around_->curved();
  const bool has_d = term_ != HessianTerm::gauss_newton && m > l;
  if (!has_k && !has_d) return;
  const std::int64_t inputs = model_.network->layers[m].inputs;
  const std::int64_t vectors = around_->block().vectors;
  const std::int64_t row = outputs(l) * stride_;
  Real* const terms = room(terms_, columns(m) * stride_);
  const std::int64_t packed = model_.kernels->packed_size(columns(l), columns(m));
  Real* const tile = room(tile_, columns(l) * columns(m));
  for (std::int64_t o = 0; o < outputs(l); ++o) {
    for (std::int64_t p = m == l ? o : 0; p < outputs(m); ++p) {
      const Real* const k = has_k ? k_[m].data() + p * row + o * stride_ : nullptr;
      Blend<Real> blend{
          inputs, vectors, k, inputs_[m].data(), stride_, nullptr, nullptr, 0, terms, stride_};
      if (has_d) {
        blend.v = around_->d(m) + p * stride_;
        blend.b = d_[m - 1].data() + o * stride_;
        blend.b_stride = row;
      }
      model_.kernels->blend(blend);
      if (columns(m) > inputs) {
        if (has_k) {
          std::copy_n(k, stride_, terms + inputs * stride_);
        } else {
          std::fill_n(terms + inputs * stride_, stride_, Real(0));
        }
      }
      std::fill_n(room(packed_, packed), packed, Real(0));
      model_.kernels->correlate({columns(l),
                                 columns(m),
                                 vectors,
                                 inputs_[l].data(),
                                 stride_,
                                 terms,
                                 stride_,
                                 packed_.data()});
      model_.kernels->unpack(columns(l), columns(m), packed_.data(), scale, tile);
      if (l == m && o == p) {
        const std::int64_t width = columns(m);
        for (std::int64_t i = 0; i < width; ++i) {  // equal but for rounding
          for (std::int64_t j = 0; j < i; ++j) tile[i * width + j] = tile[j * width + i];
        }
      }
      scatter(l, o, m, p, out);
    }
  }
}

template <class Real>
void DenseHessian<Real>::scatter(
    std::size_t l, std::int64_t o, std::size_t m, std::int64_t p, Real* out) const {
  const Layer& from = model_.network->layers[l];
  const Layer& to = model_.network->layers[m];
  const std::int64_t parameters = model_.network->parameters;
  const std::int64_t width = columns(m);
  const auto left = [&](std::int64_t i) {
    return i < from.inputs ? from.weights + o * from.inputs + i : from.biases + o;
  };
  const auto right = [&](std::int64_t j) {
    return j < to.inputs ? to.weights + p * to.inputs + j : to.biases + p;
  };
  for (std::int64_t i = 0; i < columns(l); ++i) {
    const Real* const values = tile_.data() + i * width;
    Real* const line = out + left(i) * parameters;
    Real* const part = line + right(0);
    for (std::int64_t j = 0; j < to.inputs; ++j) part[j] += values[j];
    if (width > to.inputs) line[right(to.inputs)] += values[to.inputs];
  }
  if (l == m && o == p) return;  // has both halves
  for (std::int64_t j = 0; j < width; ++j) {
    const Real* const values = tile_.data() + j;
    Real* const line = out + right(j) * parameters;
    Real* const part = line + left(0);
    for (std::int64_t i = 0; i < from.inputs; ++i) part[i] += values[i * width];
    if (columns(l) > from.inputs) line[left(from.inputs)] += values[from.inputs * width];
  }
}

template class DenseHessian<float>;
template class DenseHessian<double>;

}  // namespace thermoscape::mlp
