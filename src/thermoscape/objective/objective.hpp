#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "thermoscape/core/noise.hpp"
#include "thermoscape/objective/batch.hpp"

namespace thermoscape {

/// How the loss of one example follows from its logits z [C].
enum class OutputLoss {
  none,           ///< the model returns its loss: there are no logits
  cross_entropy,  ///< ℓ = ln Σ_k exp(z_k - z_y) [nats]
  squared         ///< ℓ = ½ |z - y|²; y one-hot for labelled data
};

/// A differentiable loss L(θ) = (1/n) Σ_{i in batch} ℓ_i(θ) + penalty(θ) over n examples, θ in R^P.
///
/// Shapes: θ [P]; a block of k parameter vectors [k, P] row-major; outputs [n, C] row-major, blocks
/// [k, n, C]. n is the size of the batch, or examples() when the batch is all. Loss sums accumulate
/// in double. Results do not depend on earlier calls: the same (θ, batch) gives the same bits. One
/// instance serves one thread, since it owns scratch memory; clone() makes another that shares the
/// data. What a model without logits cannot answer throws Error.
template <class Real>
class Objective {
 public:
  virtual ~Objective() = default;
  [[nodiscard]] virtual std::unique_ptr<Objective> clone() const = 0;

  [[nodiscard]] virtual std::int64_t parameters() const = 0;  ///< P
  [[nodiscard]] virtual std::int64_t examples() const = 0;    ///< D >= 1
  [[nodiscard]] virtual std::int64_t outputs() const = 0;     ///< C, 0 without logits
  [[nodiscard]] virtual OutputLoss output_loss() const = 0;
  /// A starting point drawn from `noise`, for example Xavier-normal weights.
  [[nodiscard]] virtual std::vector<Real> initial(const Noise& noise) const = 0;

  [[nodiscard]] virtual double loss(std::span<const Real> theta, const Batch& batch) = 0;
  /// Returns L and writes ∇L [P].
  virtual double loss_gradient(std::span<const Real> theta,
                               const Batch& batch,
                               std::span<Real> gradient) = 0;
  /// ℓ_i [n], without the penalty.
  virtual void example_losses(std::span<const Real> theta,
                              const Batch& batch,
                              std::span<double> losses) = 0;
  /// z [n, C].
  virtual void logits(std::span<const Real> theta, const Batch& batch, std::span<Real> outputs) = 0;
  /// J v for k vectors: [k, P] -> [k, n, C], J = ∂z/∂θ.
  virtual void jacobian_products(std::span<const Real> theta,
                                 const Batch& batch,
                                 std::span<const Real> vectors,
                                 std::span<Real> products) = 0;
  /// Jᵀ w for k vectors, summed (not averaged) over examples: [k, n, C] -> [k, P].
  virtual void jacobian_pullback(std::span<const Real> theta,
                                 const Batch& batch,
                                 std::span<const Real> covectors,
                                 std::span<Real> products) = 0;
  /// ∇²L v for k vectors, penalty included: [k, P] -> [k, P].
  virtual void hessian_products(std::span<const Real> theta,
                                const Batch& batch,
                                std::span<const Real> vectors,
                                std::span<Real> products) = 0;
  /// Called with the first row's position in the batch and a block [rows, P] of ∇ℓ_i, without the
  /// penalty.
  using GradientBlock =
      std::function<void(std::int64_t first, std::int64_t rows, std::span<const Real> block)>;
  virtual void example_gradients(std::span<const Real> theta,
                                 const Batch& batch,
                                 const GradientBlock& receive) = 0;
};

}  // namespace thermoscape
