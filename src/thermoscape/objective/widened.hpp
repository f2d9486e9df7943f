#pragma once
#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// An objective that computes in single precision behind the interface of double precision: what a
/// measurement with `--precision float32` works on. Values and vectors are rounded at the border.
class Widened final : public Objective<double> {
 public:
  explicit Widened(std::unique_ptr<Objective<float>> inner) : inner_(std::move(inner)) {}
  [[nodiscard]] std::unique_ptr<Objective<double>> clone() const override {
    return std::make_unique<Widened>(inner_->clone());
  }

  [[nodiscard]] std::int64_t parameters() const override { return inner_->parameters(); }
  [[nodiscard]] std::int64_t examples() const override { return inner_->examples(); }
  [[nodiscard]] std::int64_t outputs() const override { return inner_->outputs(); }
  [[nodiscard]] OutputLoss output_loss() const override { return inner_->output_loss(); }
  [[nodiscard]] std::vector<double> initial(const Noise& noise) const override {
    const std::vector<float> theta = inner_->initial(noise);
    return {theta.begin(), theta.end()};
  }

  double loss(std::span<const double> theta, const Batch& batch) override {
    return inner_->loss(narrow(theta, theta_), batch);
  }
  double loss_gradient(std::span<const double> theta,
                       const Batch& batch,
                       std::span<double> gradient) override {
    const double value = inner_->loss_gradient(narrow(theta, theta_), batch, room(gradient));
    widen(gradient);
    return value;
  }
  void example_losses(std::span<const double> theta,
                      const Batch& batch,
                      std::span<double> losses) override {
    inner_->example_losses(narrow(theta, theta_), batch, losses);
  }
  void logits(std::span<const double> theta,
              const Batch& batch,
              std::span<double> outputs) override {
    inner_->logits(narrow(theta, theta_), batch, room(outputs));
    widen(outputs);
  }
  void jacobian_products(std::span<const double> theta,
                         const Batch& batch,
                         std::span<const double> vectors,
                         std::span<double> products) override {
    inner_->jacobian_products(
        narrow(theta, theta_), batch, narrow(vectors, vectors_), room(products));
    widen(products);
  }
  void jacobian_pullback(std::span<const double> theta,
                         const Batch& batch,
                         std::span<const double> covectors,
                         std::span<double> products) override {
    inner_->jacobian_pullback(
        narrow(theta, theta_), batch, narrow(covectors, vectors_), room(products));
    widen(products);
  }
  void hessian_products(std::span<const double> theta,
                        const Batch& batch,
                        std::span<const double> vectors,
                        std::span<double> products) override {
    inner_->hessian_products(
        narrow(theta, theta_), batch, narrow(vectors, vectors_), room(products));
    widen(products);
  }
  void example_gradients(std::span<const double> theta,
                         const Batch& batch,
                         const GradientBlock& receive) override {
    std::vector<double> wide;
    inner_->example_gradients(
        narrow(theta, theta_),
        batch,
        [&](std::int64_t first, std::int64_t rows, std::span<const float> block) {
          wide.assign(block.begin(), block.end());
          receive(first, rows, wide);
        });
  }

  [[nodiscard]] std::vector<ParameterGroup> parameter_groups() const override {
    return inner_->parameter_groups();
  }
  [[nodiscard]] Buffers<double> buffers() const override {
    return converted<double>(inner_->buffers());
  }
  void use_buffers(const Buffers<double>& buffers) override {
    inner_->use_buffers(converted<float>(buffers));
  }
  double training_gradient(std::span<const double> theta,
                           const Batch& batch,
                           const TrainingStep<double>& step,
                           std::span<double> gradient) override {
    Buffers<float> buffers = converted<float>(step.buffers);
    const double value = inner_->training_gradient(
        narrow(theta, theta_), batch, {buffers, step.noise, step.step}, room(gradient));
    step.buffers = converted<double>(buffers);
    widen(gradient);
    return value;
  }

 private:
  static std::span<const float> narrow(std::span<const double> values, std::vector<float>& out) {
    out.resize(values.size());
    std::transform(
        values.begin(), values.end(), out.begin(), [](double x) { return static_cast<float>(x); });
    return out;
  }
  std::span<float> room(std::span<const double> like) {
    results_.resize(like.size());
    return results_;
  }
  void widen(std::span<double> out) const {
    std::copy(results_.begin(), results_.end(), out.begin());
  }
  template <class To, class From>
  static Buffers<To> converted(const Buffers<From>& buffers) {
    Buffers<To> out;
    for (const auto& [name, values] : buffers) {
      std::vector<To>& list = out.emplace_back(name, std::vector<To>()).second;
      for (const From x : values) list.push_back(static_cast<To>(x));
    }
    return out;
  }

  std::unique_ptr<Objective<float>> inner_;
  std::vector<float> theta_;
  std::vector<float> vectors_;
  std::vector<float> results_;
};

}  // namespace thermoscape
