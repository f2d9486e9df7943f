#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/objective/objective.hpp"
#include "thermoscape/objective/parameter_subset.hpp"

namespace thermoscape {

/// A quadratic form that holds some parameters near a point,
///   R(θ) = ½ Σ_i k_i (p_i·(w - w1))²   w = θ[subset] [n]
/// p_i: orthonormal rows of `directions` [k, n], or the coordinate axes where it is empty (k = n).
/// k_i >= 0: `stiffness` [k], [loss]/[θ]². A landscape-dependent constraint has k_i = 2λ/F_i²,
/// elastic weight consolidation k_j = λ F_jj (theory/landscape_constraint.hpp).
class QuadraticPenalty {
 public:
  /// Throws Error if lengths differ, a number is not finite, a stiffness is negative or the rows
  /// are not orthonormal to 1e-6: the proximal step needs that.
  QuadraticPenalty(ParameterSubset subset, Vector centre, Matrix directions, Vector stiffness);

  [[nodiscard]] double value(std::span<const double> theta) const;
  /// gradient += ∇R.
  void add_gradient(std::span<const double> theta, std::span<double> gradient) const;
  /// product += ∇²R v.
  void add_product(std::span<const double> vector, std::span<double> product) const;
  /// θ <- argmin_x R(x) + |x - θ|²/(2 step): each p_i·(w - w1) shrinks by 1/(1 + step k_i). Stable
  /// for every step, where the explicit one needs step < 2/max k.
  void shrink(std::span<double> theta, double step) const;
  /// max k_i.
  [[nodiscard]] double stiffest() const;
  /// p_i·(w - w1) [k].
  [[nodiscard]] Vector displacements(std::span<const double> theta) const;
  /// One past the last parameter that it holds.
  [[nodiscard]] std::int64_t end() const { return subset_.end(); }

 private:
  [[nodiscard]] Vector part(std::span<const double> theta) const;
  /// p_i·v, v on the subset.
  [[nodiscard]] Vector along(const Vector& part) const;
  /// values[subset] += Σ amounts_i p_i.
  void add_lifted(const Vector& amounts, std::span<double> values) const;

  ParameterSubset subset_;
  Vector centre_;
  Matrix directions_;
  Vector stiffness_;
};

/// An objective with quadratic penalties added: L(θ) + Σ R(θ). Logits, losses and gradients of
/// examples are those of the whole without them. A plain gradient step needs learning_rate times
/// stiffest() < 2; above that use shrink() after a step on whole() instead.
/// Throws Error if a penalty reaches beyond the parameters or a span has the wrong size.
/// Oracle: theory/landscape_constraint.hpp, constrained_minimum. Reference: variance-flatness,
/// Eq. 15.
template <class Real>
class Penalised final : public Objective<Real> {
 public:
  using typename Objective<Real>::GradientBlock;

  Penalised(std::unique_ptr<Objective<Real>> whole, std::vector<QuadraticPenalty> penalties);

  [[nodiscard]] Objective<Real>& whole() { return *whole_; }
  [[nodiscard]] double stiffest() const;
  /// The proximal step of all penalties, one after the other; exact where they act on parameters or
  /// directions of their own, a splitting otherwise.
  void shrink(std::span<Real> theta, double step) const;

  [[nodiscard]] std::unique_ptr<Objective<Real>> clone() const override;
  [[nodiscard]] std::int64_t parameters() const override { return whole_->parameters(); }
  [[nodiscard]] std::int64_t examples() const override { return whole_->examples(); }
  [[nodiscard]] std::int64_t outputs() const override { return whole_->outputs(); }
  [[nodiscard]] OutputLoss output_loss() const override { return whole_->output_loss(); }
  [[nodiscard]] std::vector<ParameterGroup> parameter_groups() const override {
    return whole_->parameter_groups();
  }
  [[nodiscard]] std::vector<Real> initial(const Noise& noise) const override {
    return whole_->initial(noise);
  }
  [[nodiscard]] double loss(std::span<const Real> theta, const Batch& batch) override;
  double loss_gradient(std::span<const Real> theta,
                       const Batch& batch,
                       std::span<Real> gradient) override;
  void example_losses(std::span<const Real> theta,
                      const Batch& batch,
                      std::span<double> losses) override {
    whole_->example_losses(theta, batch, losses);
  }
  void logits(std::span<const Real> theta, const Batch& batch, std::span<Real> outputs) override {
    whole_->logits(theta, batch, outputs);
  }
  void jacobian_products(std::span<const Real> theta,
                         const Batch& batch,
                         std::span<const Real> vectors,
                         std::span<Real> products) override {
    whole_->jacobian_products(theta, batch, vectors, products);
  }
  void jacobian_pullback(std::span<const Real> theta,
                         const Batch& batch,
                         std::span<const Real> covectors,
                         std::span<Real> products) override {
    whole_->jacobian_pullback(theta, batch, covectors, products);
  }
  void hessian_products(std::span<const Real> theta,
                        const Batch& batch,
                        std::span<const Real> vectors,
                        std::span<Real> products) override;
  void example_gradients(std::span<const Real> theta,
                         const Batch& batch,
                         const GradientBlock& receive) override {
    whole_->example_gradients(theta, batch, receive);
  }
  [[nodiscard]] Buffers<Real> buffers() const override { return whole_->buffers(); }
  void use_buffers(const Buffers<Real>& buffers) override { whole_->use_buffers(buffers); }

 private:
  std::unique_ptr<Objective<Real>> whole_;
  std::vector<QuadraticPenalty> penalties_;
};

}  // namespace thermoscape
