#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "thermoscape/objective/mlp/passes.hpp"

namespace thermoscape::mlp {

/// The losses of all examples on lines θ0 + δ p through one point θ0 [P].
/// What does not move is computed once: with f the first layer that p [P] touches, the input of f
/// depends on neither δ nor p, and the sums of f are affine in δ, z_f(δ) = z_f + δ (P_f a_{f-1} +
/// p_f). A point on the line costs the layers above f alone, so that along directions in a hidden
/// layer the first one, which holds most of the multiplications, is passed once for all lines.
/// Cost of a line with m points: the products P_f a_{f-1} of all examples, and m times the layers
/// above f; twice that with slopes. Memory: inputs and sums of layer f for all examples.
template <class Real>
class Line {
 public:
  Line(const Model<Real>& model, std::span<const Real> theta);

  /// Of one block of examples at point number `point`: ℓ_e and, if asked for, dℓ_e/dδ; `first` is
  /// the position of the first example.
  using Receive = std::function<void(std::size_t point,
                                     std::int64_t first,
                                     std::span<const Real> losses,
                                     std::span<const Real> slopes)>;
  /// Visits every block at every δ; returns the mean of ℓ over the examples at each δ, in double,
  /// with the penalty. `receive` may be empty.
  std::vector<double> walk(std::span<const Real> direction,
                           std::span<const double> deltas,
                           bool slopes,
                           const Receive& receive);

 private:
  /// Passes the layers below f and f itself at θ0 for all examples, unless that was done.
  void stand_at(std::size_t layer, const Blocks& cut);
  void move_weights(std::span<const Real> direction, std::span<const double> deltas);
  /// y = W x + b of layer l with the weights at `weights`, laid out as θ from that layer on.
  void product(std::size_t l,
               const Real* theta,
               const Block<Real>& block,
               const Real* x,
               Real* y,
               Finish finish);
  double point(const Block<Real>& block, std::size_t index, double delta, bool slopes);

  Model<Real> model_;
  std::vector<Real> theta_;
  std::int64_t standing_ = -1;  ///< the layer that input_ and sums_ belong to
  Buffer<Real> input_;          ///< [block][inputs of f][stride]
  Buffer<Real> sums_;           ///< [block][outputs of f][stride]
  std::size_t layer_ = 0;
  std::vector<bool> moves_;               ///< whether the direction touches a layer
  std::vector<std::vector<Real>> moved_;  ///< θ0 + δ p at each point
  std::vector<Real> direction_;
  const Real* base_ = nullptr;  ///< sums of layer f of the block
  Buffer<Real> rate_;           ///< d z_f / dδ of the block
  Buffer<Real> one_, delta_;    ///< [stride]
  std::vector<Buffer<Real>> values_, slopes_, rates_;
  Buffer<Real> losses_, loss_rates_;
};

}  // namespace thermoscape::mlp
