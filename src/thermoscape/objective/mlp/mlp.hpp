#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "thermoscape/core/cpu.hpp"
#include "thermoscape/data/labelled.hpp"
#include "thermoscape/objective/hessian_term.hpp"
#include "thermoscape/objective/mlp/passes.hpp"
#include "thermoscape/objective/mlp/settings.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

namespace mlp {
template <class Real>
class Linearisation;
template <class Real>
class DenseHessian;
}  // namespace mlp

/// Multilayer perceptron with a loss on its logits.
///   a_0 = x,  z_l = W_l a_{l-1} + b_l,  a_l = φ(z_l) for hidden layers;  L = (1/n) Σ ℓ(z_last, y)
///   + ½ λ |θ|²
/// θ: per layer W [outputs, inputs] row-major, then b [outputs] (absent without biases); P numbers.
/// ℓ: cross-entropy ln Σ_k exp(z_k - z_y) [nats], whose digits hold for well-fitted examples down
/// to the smallest normal number, as do those of its derivative; or ½ |z - y|² with one-hot y. The
/// second derivative of relu is taken as zero everywhere and its first as zero at zero. One pass
/// costs 2 n Σ in·out flop forward and twice as much backward; a Jacobian product one forward more
/// per vector, a pullback one backward, a Hessian product two of each. Kernels are chosen by the
/// instruction set of the machine; results are bit-identical between calls, clones and threads, and
/// agree between instruction sets to rounding. Throws Error for settings out of range, labels out
/// of range, inputs that are not finite or spans of the wrong size. Oracle:
/// tests/objective/mlp_test.cpp (loops in double). Reference: thermal-probe, section II.
template <class Real>
class Mlp final : public Objective<Real> {
 public:
  Mlp(const MlpSettings& settings,
      const data::Labelled& data,
      InstructionSet set = instruction_set());
  /// inputs [D, width] row-major, labels [D] in 0 ... classes-1.
  Mlp(const MlpSettings& settings,
      std::span<const double> inputs,
      std::span<const std::int32_t> labels,
      std::int32_t classes,
      InstructionSet set = instruction_set());
  ~Mlp() override;

  [[nodiscard]] std::unique_ptr<Objective<Real>> clone() const override;
  [[nodiscard]] std::int64_t parameters() const override { return model_.network->parameters; }
  [[nodiscard]] std::int64_t examples() const override { return model_.examples->size(); }
  [[nodiscard]] std::int64_t outputs() const override { return model_.network->last().outputs; }
  [[nodiscard]] OutputLoss output_loss() const override {
    return model_.network->cross_entropy ? OutputLoss::cross_entropy : OutputLoss::squared;
  }
  /// "layer1.weight", "layer1.bias", ...
  [[nodiscard]] std::vector<ParameterGroup> parameter_groups() const override;
  /// Weights from the settings' law (variance 2/(in+out) Xavier, 2/in Kaiming), biases zero. Stream
  /// "mlp.initial", one step per layer.
  [[nodiscard]] std::vector<Real> initial(const Noise& noise) const override;

  [[nodiscard]] double loss(std::span<const Real> theta, const Batch& batch) override;
  double loss_gradient(std::span<const Real> theta,
                       const Batch& batch,
                       std::span<Real> gradient) override;
  void example_losses(std::span<const Real> theta,
                      const Batch& batch,
                      std::span<double> losses) override;
  void logits(std::span<const Real> theta, const Batch& batch, std::span<Real> outputs) override;
  void jacobian_products(std::span<const Real> theta,
                         const Batch& batch,
                         std::span<const Real> vectors,
                         std::span<Real> products) override;
  void jacobian_pullback(std::span<const Real> theta,
                         const Batch& batch,
                         std::span<const Real> covectors,
                         std::span<Real> products) override;
  void hessian_products(std::span<const Real> theta,
                        const Batch& batch,
                        std::span<const Real> vectors,
                        std::span<Real> products) override;
  using typename Objective<Real>::GradientBlock;
  void example_gradients(std::span<const Real> theta,
                         const Batch& batch,
                         const GradientBlock& receive) override;
  /// The network, its examples and its kernels: what passes of other kinds (mlp/line.hpp) start
  /// from.
  [[nodiscard]] const mlp::Model<Real>& model() const { return model_; }
  /// A term of the whole Hessian, out [P, P], symmetric to the last bit; the penalty's λ 1 is part
  /// of the full Hessian and of the residual. About n P² flop and P² + O(width² n) numbers of
  /// memory. Throws Error for P > 32768.
  void dense_hessian(std::span<const Real> theta,
                     const Batch& batch,
                     HessianTerm term,
                     std::span<Real> out);

 private:
  explicit Mlp(const mlp::Model<Real>& model);

  [[nodiscard]] std::int64_t size_of(const Batch& batch) const {
    return batch.all() ? examples() : static_cast<std::int64_t>(batch.examples.size());
  }
  [[nodiscard]] mlp::Block<Real> block(const Batch& batch,
                                       const mlp::Blocks& cut,
                                       std::int64_t index);
  [[nodiscard]] double penalty(std::span<const Real> theta) const;
  mlp::Linearisation<Real>& linearisation();
  /// One set of sums per vector of a block of k, cleared.
  std::vector<mlp::GradientSums<Real>>& sums_of(std::int64_t k);

  mlp::Model<Real> model_;
  mlp::Gather<Real> gather_;
  mlp::Passes<Real> passes_;
  mlp::GradientSums<Real> sums_;
  std::unique_ptr<mlp::Linearisation<Real>> linearisation_;  ///< made when first needed
  std::vector<mlp::GradientSums<Real>> many_sums_;
  std::unique_ptr<mlp::DenseHessian<Real>> dense_;  ///< made when first needed
};

}  // namespace thermoscape
