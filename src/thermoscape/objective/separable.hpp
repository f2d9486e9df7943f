#pragma once
#include <algorithm>
#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "thermoscape/core/field.hpp"
#include "thermoscape/objective/objective.hpp"
#include "thermoscape/objective/shapes.hpp"

namespace thermoscape {

/// The loss of one example with its first two derivatives along the one coordinate it depends on.
struct LocalLoss {
  double loss = 0;
  double slope = 0;
  double curvature = 0;
};

/// Settings that define a separable loss: examples(), the number `soft` of coordinates without a
/// loss, check() for what ranges cannot say, and at(i, x), the loss of example i at θ_i = x.
template <class S>
concept SeparableLoss = HasFields<S> && requires(const S& settings, std::int64_t i, double x) {
  { S::kName } -> std::convertible_to<const char*>;
  { settings.examples() } -> std::same_as<std::int64_t>;
  { settings.soft } -> std::convertible_to<std::int64_t>;
  { settings.at(i, x) } -> std::same_as<LocalLoss>;
  settings.check();
};

/// A sum of losses that each depend on one coordinate.            L(θ) = (1/n) Σ_{i in batch}
/// ℓ_i(θ_i) θ: [P], one coordinate for each example, then the soft ones.  No logits, no penalty.
/// initial(): θ = 0. Cost: O(P) an evaluation, O(kP) for k Hessian products; a batch of n adds
/// O(n). Throws Error if the settings are out of range, a span has the wrong size or an example
/// does not exist, and for logits and their Jacobian products.
template <class Real, SeparableLoss Settings>
class Separable final : public Objective<Real> {
 public:
  using typename Objective<Real>::GradientBlock;

  explicit Separable(Settings settings) : settings_(std::move(settings)) {
    validate(settings_, Settings::kName);
    settings_.check();
  }
  [[nodiscard]] std::unique_ptr<Objective<Real>> clone() const override {
    return std::make_unique<Separable>(*this);
  }
  [[nodiscard]] const Settings& settings() const { return settings_; }

  [[nodiscard]] std::int64_t parameters() const override { return examples() + settings_.soft; }
  [[nodiscard]] std::int64_t examples() const override { return settings_.examples(); }
  [[nodiscard]] std::int64_t outputs() const override { return 0; }
  [[nodiscard]] OutputLoss output_loss() const override { return OutputLoss::none; }
  [[nodiscard]] std::vector<Real> initial(const Noise&) const override {
    return std::vector<Real>(static_cast<std::size_t>(parameters()));
  }

  double loss(std::span<const Real> theta, const Batch& batch) override {
    double sum = 0;
    visit(theta, batch, [&](std::int64_t, std::int64_t, const LocalLoss& at) { sum += at.loss; });
    return sum * weight(batch);
  }

  double loss_gradient(std::span<const Real> theta,
                       const Batch& batch,
                       std::span<Real> gradient) override {
    require_size(gradient.size(), parameters(), Settings::kName, "gradient");
    std::fill(gradient.begin(), gradient.end(), Real(0));
    const double share = weight(batch);
    double sum = 0;
    visit(theta, batch, [&](std::int64_t, std::int64_t i, const LocalLoss& at) {
      sum += at.loss;
      gradient[i] += static_cast<Real>(share * at.slope);
    });
    return sum * share;
  }

  void example_losses(std::span<const Real> theta,
                      const Batch& batch,
                      std::span<double> losses) override {
    require_size(losses.size(), batch_size(batch, examples()), Settings::kName, "losses");
    visit(theta, batch, [&](std::int64_t position, std::int64_t, const LocalLoss& at) {
      losses[position] = at.loss;
    });
  }

  void logits(std::span<const Real>, const Batch&, std::span<Real>) override {
    refuse_logits(Settings::kName, "logits");
  }
  void jacobian_products(std::span<const Real>,
                         const Batch&,
                         std::span<const Real>,
                         std::span<Real>) override {
    refuse_logits(Settings::kName, "jacobian_products");
  }
  void jacobian_pullback(std::span<const Real>,
                         const Batch&,
                         std::span<const Real>,
                         std::span<Real>) override {
    refuse_logits(Settings::kName, "jacobian_pullback");
  }

  void hessian_products(std::span<const Real> theta,
                        const Batch& batch,
                        std::span<const Real> vectors,
                        std::span<Real> products) override {
    const std::int64_t rows = rows_of(vectors.size(), parameters(), Settings::kName, "vectors");
    require_size(products.size(), rows * parameters(), Settings::kName, "products");
    std::fill(products.begin(), products.end(), Real(0));
    const double share = weight(batch);
    visit(theta, batch, [&](std::int64_t, std::int64_t i, const LocalLoss& at) {
      for (std::int64_t row = 0; row < rows; ++row) {
        const std::int64_t entry = row * parameters() + i;
        products[entry] += static_cast<Real>(share * at.curvature * vectors[entry]);
      }
    });
  }

  void example_gradients(std::span<const Real> theta,
                         const Batch& batch,
                         const GradientBlock& receive) override {
    std::vector<Real> row(static_cast<std::size_t>(parameters()));
    visit(theta, batch, [&](std::int64_t position, std::int64_t i, const LocalLoss& at) {
      row[i] = static_cast<Real>(at.slope);
      receive(position, 1, row);
      row[i] = 0;
    });
  }

 private:
  [[nodiscard]] double weight(const Batch& batch) const {
    return 1.0 / static_cast<double>(batch_size(batch, examples()));
  }
  template <class F>
  void visit(std::span<const Real> theta, const Batch& batch, F&& f) const {
    require_size(theta.size(), parameters(), Settings::kName, "theta");
    for_each_example(batch, examples(), [&](std::int64_t position, std::int64_t i) {
      f(position, i, settings_.at(i, static_cast<double>(theta[i])));
    });
  }

  Settings settings_;
};

}  // namespace thermoscape
