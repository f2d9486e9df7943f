#pragma once
#include <memory>
#include <span>
#include <vector>

#include "thermoscape/objective/mlp/replicas.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// The network as the probes of one lane see it: loss and gradient at the θ that is shown are those
/// that the lane moves by; everything else is answered by a clone of the network.
template <class Real>
class LaneView final : public Objective<Real> {
 public:
  LaneView(const Objective<Real>& network, const mlp::Replicas<Real>& replicas)
      : own_(network.clone()), replicas_(&replicas) {}

  /// θ of a lane as it was evaluated last; valid until the next evaluation.
  void show(std::size_t lane, std::span<const Real> theta) {
    lane_ = lane;
    shown_ = theta.data();
  }

  [[nodiscard]] std::unique_ptr<Objective<Real>> clone() const override { return own_->clone(); }
  [[nodiscard]] std::int64_t parameters() const override { return own_->parameters(); }
  [[nodiscard]] std::int64_t examples() const override { return own_->examples(); }
  [[nodiscard]] std::int64_t outputs() const override { return own_->outputs(); }
  [[nodiscard]] OutputLoss output_loss() const override { return own_->output_loss(); }
  [[nodiscard]] std::vector<ParameterGroup> parameter_groups() const override {
    return own_->parameter_groups();
  }
  [[nodiscard]] std::vector<Real> initial(const Noise& noise) const override {
    return own_->initial(noise);
  }

  [[nodiscard]] double loss(std::span<const Real> theta, const Batch& batch) override {
    return shows(theta, batch) ? replicas_->loss(lane_) : own_->loss(theta, batch);
  }
  double loss_gradient(std::span<const Real> theta,
                       const Batch& batch,
                       std::span<Real> gradient) override {
    if (!shows(theta, batch)) return own_->loss_gradient(theta, batch, gradient);
    replicas_->gradient(lane_, gradient);
    return replicas_->loss(lane_);
  }
  void example_losses(std::span<const Real> theta,
                      const Batch& batch,
                      std::span<double> losses) override {
    own_->example_losses(theta, batch, losses);
  }
  void logits(std::span<const Real> theta, const Batch& batch, std::span<Real> outputs) override {
    own_->logits(theta, batch, outputs);
  }
  void jacobian_products(std::span<const Real> theta,
                         const Batch& batch,
                         std::span<const Real> vectors,
                         std::span<Real> products) override {
    own_->jacobian_products(theta, batch, vectors, products);
  }
  void jacobian_pullback(std::span<const Real> theta,
                         const Batch& batch,
                         std::span<const Real> covectors,
                         std::span<Real> products) override {
    own_->jacobian_pullback(theta, batch, covectors, products);
  }
  void hessian_products(std::span<const Real> theta,
                        const Batch& batch,
                        std::span<const Real> vectors,
                        std::span<Real> products) override {
    own_->hessian_products(theta, batch, vectors, products);
  }
  using typename Objective<Real>::GradientBlock;
  void example_gradients(std::span<const Real> theta,
                         const Batch& batch,
                         const GradientBlock& receive) override {
    own_->example_gradients(theta, batch, receive);
  }

 private:
  [[nodiscard]] bool shows(std::span<const Real> theta, const Batch& batch) const {
    return theta.data() == shown_ && batch.all() && batch.augmentation == nullptr;
  }

  std::unique_ptr<Objective<Real>> own_;
  const mlp::Replicas<Real>* replicas_;
  std::size_t lane_ = 0;
  const Real* shown_ = nullptr;
};

}  // namespace thermoscape
