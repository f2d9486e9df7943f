#pragma once
#include <cstdint>
#include <vector>

#include "thermoscape/objective/hessian_term.hpp"
#include "thermoscape/objective/mlp/linearisation.hpp"

namespace thermoscape::mlp {

/// The Hessian block by block of layers, from the derivatives between layers. With ã = (a, 1), W̃ =
/// (W | b), z_l = W̃_l ã_{l-1}, and for layers l <= m
///   D_ml = ∂a_m/∂z_l,  K_ml = ∂d_m/∂z_l = ∂²ℓ/∂z_m∂z_l:
///   ∂²ℓ / ∂W̃_l[o,i] ∂W̃_m[p,j] = ã_{l-1}[i] (K_ml[p,o] ã_{m-1}[j] + d_m[p] D_{m-1,l}[j,o])
/// so that a pair of layers costs one multiply-add per entry and example, as if every example were
/// a product of two vectors, whatever the number of classes. The recursions over layers,
///   Z_ll = 1, D_ml = φ'_m Z_ml, Z_{m+1,l} = W_{m+1} D_ml,
///   K_last,l = (∂²ℓ/∂z²) Z_last,l,  K_ml = φ'_m W_{m+1}ᵀ K_{m+1,l} + φ''_m q_m Z_ml,
/// cost a factor of the width less. G has the K without φ'' and no second term, R what is left.
template <class Real>
class DenseHessian {
 public:
  explicit DenseHessian(const Model<Real>& model);

  /// After expand(second) and expand_backward: adds scale * the block's sum of a term to out [P,
  /// P].
  void add(Linearisation<Real>& around, HessianTerm term, Real scale, Real* out);

 private:
  /// Jacobians Z and D of all layers above with respect to z_l.
  void jacobians(std::size_t l);
  /// K_ml for all m >= l.
  void curvatures(std::size_t l);
  void add_pair(std::size_t l, std::size_t m, Real scale, Real* out);
  /// The entries between the weights of output o of layer l and output p of layer m, both halves.
  void scatter(std::size_t l, std::int64_t o, std::size_t m, std::int64_t p, Real* out) const;

  [[nodiscard]] std::int64_t outputs(std::size_t m) const {
    return model_.network->layers[m].outputs;
  }
  /// Inputs of layer m, the one of the bias included.
  [[nodiscard]] std::int64_t columns(std::size_t m) const {
    return model_.network->layers[m].inputs + (model_.network->has_biases ? 1 : 0);
  }
  /// Ones on the diagonal of [size][size][stride].
  void identity(std::int64_t size, Buffer<Real>& out) const;

  Model<Real> model_;
  Linearisation<Real>* around_ = nullptr;
  HessianTerm term_ = HessianTerm::full;
  std::int64_t stride_ = 0;
  std::vector<Buffer<Real>> inputs_;  ///< ã of each layer [columns][stride]
  std::vector<Buffer<Real>> bend_;    ///< φ'' q of the hidden layers [outputs][stride]
  // Of layer m with respect to the present l, [outputs of m][outputs of l][stride].
  std::vector<Buffer<Real>> z_, d_, k_;
  Buffer<Real> column_, terms_, packed_, tile_;
};

}  // namespace thermoscape::mlp
