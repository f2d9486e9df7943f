#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "thermoscape/core/cpu.hpp"
#include "thermoscape/core/noise.hpp"
#include "thermoscape/objective/mlp/mlp.hpp"
#include "thermoscape/objective/mlp/replica_kernels.hpp"

namespace thermoscape::mlp {

/// Replicas of one network that go through their passes together, one a vector lane: no sum is
/// folded over lanes and no example is padded, so a step costs less than theirs one by one where
/// examples or units are few (docs/performance.md). All replicas are evaluated on all examples; a
/// lane's numbers do not depend on what the other lanes hold, and are those of Mlp to rounding (the
/// order of sums differs). Not for gelu, see `can_batch`.
/// θ and gradients are kept as [P][lanes]. Cost: that of `lanes` gradients. One serves one thread.
template <class Real>
class Replicas {
 public:
  explicit Replicas(const Mlp<Real>& network, InstructionSet set = instruction_set());

  [[nodiscard]] std::size_t lanes() const { return lanes_; }
  /// θ of a lane. Lanes start at zero.
  void put(std::size_t lane, std::span<const Real> theta);
  void get(std::size_t lane, std::span<Real> theta) const;

  /// Losses and gradients of all lanes at their θ.
  void evaluate();
  [[nodiscard]] double loss(std::size_t lane) const { return losses_[lane]; }
  void gradient(std::size_t lane, std::span<Real> out) const;

  /// After evaluate: θ += amplitude ξ - eta gradient in every lane, ξ as Noise::kick draws it from
  /// the lane's key and step. All are [lanes].
  void kick(Stream stream,
            std::span<const std::uint64_t> keys,
            std::span<const std::uint64_t> steps,
            std::span<const Real> amplitude,
            std::span<const Real> eta);

 private:
  void forward(std::int64_t first, std::int64_t count);
  void backward(std::int64_t first, std::int64_t count);
  [[nodiscard]] double penalty(std::size_t lane) const;
  /// Where the sums of a layer's ∂ℓ/∂z go: the gradient of its biases, if it has any.
  [[nodiscard]] Real* sums_of(std::size_t l);
  [[nodiscard]] Real* at(Buffer<Real>& all, std::int64_t parameter) {
    return all.data() + parameter * static_cast<std::int64_t>(lanes_);
  }

  Model<Real> model_;
  InstructionSet set_;
  const ReplicaKernels<Real>* kernels_;
  std::size_t lanes_;
  std::int64_t examples_;
  std::int64_t block_;  ///< examples whose activations are kept at a time
  Buffer<Real> x_;      ///< inputs [width][examples]
  std::vector<std::int32_t> labels_;
  Buffer<Real> theta_;
  Buffer<Real> gradient_;
  std::vector<Buffer<Real>> values_;  ///< of each layer [outputs][block][lanes]
  Buffer<Real> unused_;               ///< sums that nobody reads
  std::vector<double> losses_;
};

/// Whether Replicas knows the activation of a network.
[[nodiscard]] inline bool can_batch(const MlpSettings& settings) {
  return settings.activation != "gelu";
}

}  // namespace thermoscape::mlp
