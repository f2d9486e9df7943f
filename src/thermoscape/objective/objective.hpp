#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
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

/// An objective's own memory, by name: the running statistics of batch norms.
template <class Real>
using Buffers = std::vector<std::pair<std::string, std::vector<Real>>>;

/// A named stretch of θ: a layer, or one of its parameters.
struct ParameterGroup {
  std::string name;
  std::int64_t first = 0;
  std::int64_t count = 0;
};

/// What a step of training has beside θ and its batch.
template <class Real>
struct TrainingStep {
  Buffers<Real>& buffers;  ///< read, and left as the step makes them
  const Noise& noise;      ///< of the run: what a dropout draws is addressed by it and `step`
  std::int64_t step = 0;
};

/// A differentiable loss L(θ) = (1/n) Σ_{i in batch} ℓ_i(θ) + penalty(θ) over n examples, θ in R^P.
///
/// Shapes: θ [P]; a block of k parameter vectors [k, P] row-major; outputs [n, C] row-major, blocks
/// [k, n, C]. n is the size of the batch, or examples() when the batch is all. Loss sums accumulate
/// in double. Results do not depend on earlier calls: the same (θ, batch) gives the same bits, with
/// use_buffers() as the one exception. One
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
  /// The parameters by name, in the order of θ; empty where they have no names.
  [[nodiscard]] virtual std::vector<ParameterGroup> parameter_groups() const { return {}; }
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

  /// The running statistics that evaluations use; empty for most objectives. clone() takes them
  /// along.
  [[nodiscard]] virtual Buffers<Real> buffers() const { return {}; }
  /// Puts others in place; throws Error unless names and sizes are those of buffers().
  virtual void use_buffers(const Buffers<Real>& /*buffers*/) {}
  /// loss_gradient as a step of training takes it: with the statistics of the batch and dropout,
  /// where the model has such. Leaves buffers() alone and writes the new ones to the step.
  virtual double training_gradient(std::span<const Real> theta,
                                   const Batch& batch,
                                   const TrainingStep<Real>& /*step*/,
                                   std::span<Real> gradient) {
    return loss_gradient(theta, batch, gradient);
  }
};

}  // namespace thermoscape
