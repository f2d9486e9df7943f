#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "thermoscape/objective/mlp/examples.hpp"
#include "thermoscape/objective/mlp/kernels.hpp"
#include "thermoscape/objective/mlp/network.hpp"

namespace thermoscape::mlp {

/// What every pass over the network reads: shared by clones, never written.
template <class Real>
struct Model {
  std::shared_ptr<const Network> network;
  std::shared_ptr<const Examples<Real>> examples;
  const Kernels<Real>* kernels;

  /// The cut of n examples into blocks whose activations stay close to the core.
  [[nodiscard]] Blocks cut(std::int64_t n) const;
  /// W and b of layer l in a vector shaped like θ; b is null without biases.
  [[nodiscard]] const Real* weights(const Real* theta, std::size_t l) const {
    return theta + network->layers[l].weights;
  }
  [[nodiscard]] const Real* biases(const Real* theta, std::size_t l) const {
    return network->has_biases ? theta + network->layers[l].biases : nullptr;
  }
  /// y = W_l x + b_l of a block; `theta` may be any vector shaped like θ.
  [[nodiscard]] Product<Real> layer(
      const Real* theta, std::size_t l, const Block<Real>& block, const Real* x, Real* y) const;
  /// y = W_lᵀ x.
  [[nodiscard]] Product<Real> transposed(
      const Real* theta, std::size_t l, const Block<Real>& block, const Real* x, Real* y) const;
};

/// Sums over examples of ∂/∂W and ∂/∂b, kept as the kernels make them until they are written out.
template <class Real>
class GradientSums {
 public:
  explicit GradientSums(const Model<Real>& model);

  void clear();
  /// W_l's sums += Σ_e d[r][e] a[c][e]; for l = 0, a is the block's x.
  void correlate(std::size_t l, const Block<Real>& block, const Real* d, const Real* a);
  /// b_l's sums [outputs][lanes], for the kernels to add to.
  [[nodiscard]] Real* rows(std::size_t l) { return rows_.data() + row_at_[l]; }
  /// out [P] = scale * sums.
  void write(Real scale, Real* out) const;

 private:
  Model<Real> model_;
  std::vector<std::int64_t> packed_at_;
  std::vector<std::int64_t> row_at_;
  Buffer<Real> packed_;
  Buffer<Real> rows_;
};

/// Forward and backward over one block, fused and in place: what a training step needs.
template <class Real>
class Passes {
 public:
  explicit Passes(const Model<Real>& model);

  /// Logits of the block, feature-major with the block's stride; valid until the next call.
  const Real* forward(const Block<Real>& block, const Real* theta);
  /// After forward: Σ ℓ over the block; writes ℓ [stride] if `losses` is given. Turns the logits
  /// into ∂ℓ/∂z and adds its row sums to `sums` if given.
  double losses(const Block<Real>& block, const Real** losses, GradientSums<Real>* sums);
  /// After losses: adds the block's ∂Σℓ/∂θ to `sums`, overwriting activations by their derivatives.
  void backward(const Block<Real>& block, const Real* theta, GradientSums<Real>& sums);

 private:
  Model<Real> model_;
  std::vector<Buffer<Real>> values_;  ///< of each layer: activations, then ∂ℓ/∂z
  std::vector<Buffer<Real>> slopes_;  ///< φ'(z) of hidden layers where it does not follow from φ(z)
  Buffer<Real> losses_;
};

/// The finish that multiplies by φ' given a (or φ' itself for gelu).
[[nodiscard]] Finish gate_of(Activation activation);

}  // namespace thermoscape::mlp
