#pragma once
#include <vector>

#include "thermoscape/objective/mlp/passes.hpp"

namespace thermoscape::mlp {

/// The network around θ on one block: activations, slopes and derivatives are kept, so that many
/// vectors pass through. Notation: R is the derivative along a vector v = (V, c) of parameters; q_l
/// = ∂ℓ/∂a_l, d_l = ∂ℓ/∂z_l = φ'(z_l) q_l.
template <class Real>
class Linearisation {
 public:
  explicit Linearisation(const Model<Real>& model);

  /// Keeps a_l, φ'(z_l) and, where `second`, φ''(z_l). θ and block must live until the last call
  /// about them.
  void expand(const Block<Real>& block, const Real* theta, bool second);
  /// R z of the output layer.
  const Real* forward(const Real* vector);
  /// After expand: d of all layers from the loss; q as well where expand kept φ''.
  void expand_backward();
  /// Adds Σ_e Jᵀ w to `sums` for w [classes][stride], zero in the padding.
  void pull_back(const Real* covector, GradientSums<Real>& sums);
  /// After expand_backward: adds Σ_e ∇²ℓ v to `sums`.
  void hessian(const Real* vector, GradientSums<Real>& sums);
  /// After expand_backward: ∇ℓ [P] of the block's example e.
  void example_gradient(std::int64_t e, Real* out) const;

  // What expand and expand_backward kept, [.][stride] of the block.
  [[nodiscard]] const Block<Real>& block() const { return block_; }
  [[nodiscard]] const Real* theta() const { return theta_; }
  /// Whether φ'' and q were kept: not for relu and identity, where φ'' = 0.
  [[nodiscard]] bool curved() const { return second_ && curvature_exists_; }
  [[nodiscard]] const Real* input(std::size_t l) const {
    return l == 0 ? block_.x : a_[l - 1].data();
  }
  [[nodiscard]] const Real* slope(std::size_t l) const { return slope_[l].data(); }
  [[nodiscard]] const Real* curvature(std::size_t l) const { return curvature_[l].data(); }
  [[nodiscard]] const Real* q(std::size_t l) const { return q_[l].data(); }
  [[nodiscard]] const Real* d(std::size_t l) const { return d_[l].data(); }
  /// out <- (∂²ℓ/∂z²) out for out [classes][stride], zero in the padding.
  void output_curvature(Real* out, Real* row_sums);

 private:
  /// d of layer l-1 from d of layer l: into `below`, through slopes; row sums to `rows`.
  void step_back(std::size_t l, const Real* d, Real* below, Real* rows);

  Model<Real> model_;
  bool curvature_exists_;
  bool second_ = false;
  Block<Real> block_;
  const Real* theta_ = nullptr;
  // Per layer [outputs][stride]: the output layer has z in place of a.
  std::vector<Buffer<Real>> a_, slope_, curvature_, q_, d_, ra_, rz_, rd_;
  GradientSums<Real> unused_;  ///< row sums that nobody reads
};

}  // namespace thermoscape::mlp
