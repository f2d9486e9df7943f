#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include <Eigen/Core>

#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// The coordinates that a subspace along axes leaves free, strictly increasing.
using FreeCoordinates = std::vector<std::int64_t>;
/// Columns that span a subspace of R^P, [P, d]; orthonormal ones keep distances.
template <class Real>
using SubspaceBasis = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;

/// The coordinates of the parameters of `objective` that comma-separated globs choose by name, as
/// objective/globs.hpp reads them: one layer, all weights.  Throws Error "WHERE = GLOBS: ..." if
/// nothing is chosen or the parameters have no names.
template <class Real>
[[nodiscard]] FreeCoordinates chosen_coordinates(const Objective<Real>& objective,
                                                 std::string_view globs,
                                                 std::string_view where);

/// An objective confined to an affine subspace: z in R^d stands for θ = θ0 + P z, P [P, d] a basis
/// or the unit vectors of the free coordinates.
///   L(z) = L(θ0 + Pz),  ∇_z L = Pᵀ∇L,  J_z = J P,  ∇²_z L = Pᵀ ∇²L P
/// Examples, outputs and buffers are those of the whole; initial() is z = 0, that is θ0.
/// Throws Error if shapes do not fit, coordinates are not increasing or a span has the wrong size.
/// Cost: that of the whole, and P d more for each vector where there is a basis.
/// Reference: Li, Farkhoor, Liu and Yosinski, arXiv:1804.08838; local-geometry, property 4.
template <class Real>
class Embedded final : public Objective<Real> {
 public:
  using Subspace = std::variant<FreeCoordinates, SubspaceBasis<Real>>;
  using typename Objective<Real>::GradientBlock;

  Embedded(std::unique_ptr<Objective<Real>> whole, std::vector<Real> origin, Subspace subspace);

  [[nodiscard]] std::unique_ptr<Objective<Real>> clone() const override;
  /// θ0 + P z for z [d].
  [[nodiscard]] std::vector<Real> whole_theta(std::span<const Real> z) const;

  [[nodiscard]] std::int64_t parameters() const override { return size_; }
  [[nodiscard]] std::int64_t examples() const override { return whole_->examples(); }
  [[nodiscard]] std::int64_t outputs() const override { return whole_->outputs(); }
  [[nodiscard]] OutputLoss output_loss() const override { return whole_->output_loss(); }
  [[nodiscard]] std::vector<Real> initial(const Noise& noise) const override;

  [[nodiscard]] double loss(std::span<const Real> z, const Batch& batch) override;
  double loss_gradient(std::span<const Real> z,
                       const Batch& batch,
                       std::span<Real> gradient) override;
  void example_losses(std::span<const Real> z,
                      const Batch& batch,
                      std::span<double> losses) override;
  void logits(std::span<const Real> z, const Batch& batch, std::span<Real> outputs) override;
  void jacobian_products(std::span<const Real> z,
                         const Batch& batch,
                         std::span<const Real> vectors,
                         std::span<Real> products) override;
  void jacobian_pullback(std::span<const Real> z,
                         const Batch& batch,
                         std::span<const Real> covectors,
                         std::span<Real> products) override;
  void hessian_products(std::span<const Real> z,
                        const Batch& batch,
                        std::span<const Real> vectors,
                        std::span<Real> products) override;
  void example_gradients(std::span<const Real> z,
                         const Batch& batch,
                         const GradientBlock& receive) override;
  [[nodiscard]] Buffers<Real> buffers() const override { return whole_->buffers(); }
  void use_buffers(const Buffers<Real>& buffers) override { whole_->use_buffers(buffers); }
  double training_gradient(std::span<const Real> z,
                           const Batch& batch,
                           const TrainingStep<Real>& step,
                           std::span<Real> gradient) override;

 private:
  /// P v for each of k vectors [k, d] -> [k, P].
  [[nodiscard]] std::vector<Real> lifted(std::span<const Real> vectors) const;
  /// Pᵀ g for each of k vectors [k, P] -> [k, d].
  void lowered(std::span<const Real> vectors, std::span<Real> out) const;

  std::unique_ptr<Objective<Real>> whole_;
  std::vector<Real> origin_;
  Subspace subspace_;
  std::int64_t size_;
};

}  // namespace thermoscape
