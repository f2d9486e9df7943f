#include <algorithm>

#include "thermoscape/objective/mlp/check.hpp"
#include "thermoscape/objective/mlp/dense_hessian.hpp"
#include "thermoscape/objective/mlp/linearisation.hpp"
#include "thermoscape/objective/mlp/mlp.hpp"

namespace thermoscape {

template <class Real>
mlp::Linearisation<Real>& Mlp<Real>::linearisation() {
  if (!linearisation_) linearisation_ = std::make_unique<mlp::Linearisation<Real>>(model_);
  return *linearisation_;
}

template <class Real>
std::vector<mlp::GradientSums<Real>>& Mlp<Real>::sums_of(std::int64_t k) {
  while (static_cast<std::int64_t>(many_sums_.size()) < k) many_sums_.emplace_back(model_);
  for (std::int64_t i = 0; i < k; ++i) many_sums_[static_cast<std::size_t>(i)].clear();
  return many_sums_;
}

template <class Real>
void Mlp<Real>::jacobian_products(std::span<const Real> theta,
                                  const Batch& batch,
                                  std::span<const Real> vectors,
                                  std::span<Real> products) {
  const std::int64_t n = size_of(batch);
  mlp::check_size("theta", theta.size(), parameters());
  const std::int64_t k = mlp::block_size("vectors", vectors.size(), parameters());
  mlp::check_size("products", products.size(), k * n * outputs());
  mlp::Linearisation<Real>& around = linearisation();
  const mlp::Blocks cut = model_.cut(n);
  for (std::int64_t i = 0; i < cut.count; ++i) {
    const mlp::Block<Real> b = block(batch, cut, i);
    around.expand(b, theta.data(), false);
    for (std::int64_t v = 0; v < k; ++v) {
      const Real* const rz = around.forward(vectors.data() + v * parameters());
      mlp::to_rows(b, outputs(), rz, products.data() + v * n * outputs());
    }
  }
}

template <class Real>
void Mlp<Real>::jacobian_pullback(std::span<const Real> theta,
                                  const Batch& batch,
                                  std::span<const Real> covectors,
                                  std::span<Real> products) {
  const std::int64_t n = size_of(batch);
  mlp::check_size("theta", theta.size(), parameters());
  const std::int64_t k = mlp::block_size("covectors", covectors.size(), n * outputs());
  mlp::check_size("products", products.size(), k * parameters());
  mlp::Linearisation<Real>& around = linearisation();
  std::vector<mlp::GradientSums<Real>>& sums = sums_of(k);
  const mlp::Blocks cut = model_.cut(n);
  mlp::Buffer<Real> covector;
  for (std::int64_t i = 0; i < cut.count; ++i) {
    const mlp::Block<Real> b = block(batch, cut, i);
    around.expand(b, theta.data(), false);
    covector.resize(static_cast<std::size_t>(outputs() * b.stride));
    for (std::int64_t v = 0; v < k; ++v) {
      mlp::from_rows(b, outputs(), covectors.data() + v * n * outputs(), covector.data());
      around.pull_back(covector.data(), sums[static_cast<std::size_t>(v)]);
    }
  }
  for (std::int64_t v = 0; v < k; ++v) {
    sums[static_cast<std::size_t>(v)].write(1, products.data() + v * parameters());
  }
}

template <class Real>
void Mlp<Real>::hessian_products(std::span<const Real> theta,
                                 const Batch& batch,
                                 std::span<const Real> vectors,
                                 std::span<Real> products) {
  const std::int64_t n = size_of(batch);
  mlp::check_size("theta", theta.size(), parameters());
  const std::int64_t k = mlp::block_size("vectors", vectors.size(), parameters());
  mlp::check_size("products", products.size(), k * parameters());
  mlp::Linearisation<Real>& around = linearisation();
  std::vector<mlp::GradientSums<Real>>& sums = sums_of(k);
  const mlp::Blocks cut = model_.cut(n);
  for (std::int64_t i = 0; i < cut.count; ++i) {
    around.expand(block(batch, cut, i), theta.data(), true);
    around.expand_backward();
    for (std::int64_t v = 0; v < k; ++v) {
      around.hessian(vectors.data() + v * parameters(), sums[static_cast<std::size_t>(v)]);
    }
  }
  const Real scale = static_cast<Real>(1 / static_cast<double>(n));
  for (std::int64_t v = 0; v < k; ++v) {
    sums[static_cast<std::size_t>(v)].write(scale, products.data() + v * parameters());
  }
  const Real l2 = static_cast<Real>(model_.network->l2);
  if (l2 == 0) return;
  for (std::size_t i = 0; i < products.size(); ++i) products[i] += l2 * vectors[i];
}

template <class Real>
void Mlp<Real>::example_gradients(std::span<const Real> theta,
                                  const Batch& batch,
                                  const GradientBlock& receive) {
  mlp::check_size("theta", theta.size(), parameters());
  constexpr std::int64_t kMostNumbers = 1 << 20;
  const std::int64_t most_rows = std::max<std::int64_t>(1, kMostNumbers / parameters());
  mlp::Linearisation<Real>& around = linearisation();
  std::vector<Real> rows;
  const mlp::Blocks cut = model_.cut(size_of(batch));
  for (std::int64_t i = 0; i < cut.count; ++i) {
    const mlp::Block<Real> b = block(batch, cut, i);
    around.expand(b, theta.data(), false);
    around.expand_backward();
    for (std::int64_t first = 0; first < b.count; first += most_rows) {
      const std::int64_t count = std::min(most_rows, b.count - first);
      rows.resize(static_cast<std::size_t>(count * parameters()));
      for (std::int64_t e = 0; e < count; ++e) {
        around.example_gradient(first + e, rows.data() + e * parameters());
      }
      receive(b.first + first, count, rows);
    }
  }
}

template <class Real>
void Mlp<Real>::dense_hessian(std::span<const Real> theta,
                              const Batch& batch,
                              HessianTerm term,
                              std::span<Real> out) {
  constexpr std::int64_t kMost = 32768;
  const std::int64_t p = parameters();
  if (p > kMost) {
    reject({"mlp.dense_hessian",
            std::to_string(p) + " parameters",
            "must be at most " + std::to_string(kMost),
            "P² numbers would not fit; use Hessian products instead"});
  }
  mlp::check_size("theta", theta.size(), p);
  mlp::check_size("hessian", out.size(), p * p);
  if (!dense_) dense_ = std::make_unique<mlp::DenseHessian<Real>>(model_);
  mlp::Linearisation<Real>& around = linearisation();
  std::fill(out.begin(), out.end(), Real(0));
  const mlp::Blocks cut = model_.cut(size_of(batch));
  const Real scale = static_cast<Real>(1 / static_cast<double>(cut.examples));
  for (std::int64_t i = 0; i < cut.count; ++i) {
    around.expand(block(batch, cut, i), theta.data(), true);
    around.expand_backward();
    dense_->add(around, term, scale, out.data());
  }
  if (term == HessianTerm::gauss_newton) return;
  for (std::int64_t i = 0; i < p; ++i) {
    out[static_cast<std::size_t>(i * (p + 1))] += static_cast<Real>(model_.network->l2);
  }
}

// The class is instantiated in mlp.cpp; these are the members defined here.
template class Mlp<float>;
template class Mlp<double>;

}  // namespace thermoscape
