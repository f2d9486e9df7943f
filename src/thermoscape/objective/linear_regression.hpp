#pragma once
#include <cstdint>
#include <memory>
#include <string_view>
#include <tuple>
#include <vector>

#include "thermoscape/core/field.hpp"
#include "thermoscape/data/labelled.hpp"
#include "thermoscape/objective/huge_pages.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

struct LinearRegressionSettings {
  bool bias = false;
  double l2 = 0;

  static constexpr const char* kName = "linear";
  static constexpr auto fields() {
    using S = LinearRegressionSettings;
    return std::tuple{field("bias", &S::bias, "", "adds an intercept to each output"),
                      field("l2",
                            &S::l2,
                            "[loss]/[θ]²",
                            "strength λ of the penalty ½ λ |θ|² (intercepts included)",
                            kNonNegative)};
  }
};

/// Inputs and targets as plain numbers, both row-major: one example after the other.
struct RegressionData {
  std::int64_t examples = 0;  ///< N
  std::int64_t inputs = 0;    ///< d
  std::int64_t targets = 0;   ///< K
  std::vector<double> x;      ///< [N, d]
  std::vector<double> y;      ///< [N, K]
  std::vector<std::int64_t> image =
      {};  ///< {channels, height, width} of an input, where augmentation is wanted
};

/// Linear least squares.                     L(θ) = (1/n) Σ_i ½ |W x_i + c - y_i|² + ½ λ |θ|²
/// θ: [P], W [K, d] row-major, then c [K] with `bias`.  Logits z = W x + c [n, K].  Labelled data:
/// y one-hot, K classes. initial(): θ = 0.  The Hessian is constant: I_K ⊗ (XᵀX/n) + λ.  Cost: 4 n
/// P operations a gradient, and one pass over its examples in memory. The receiver of
/// example_gradients must not call the same instance. Augmentation acts on images [channels,
/// height, width] in single precision. Throws Error if the data are empty, disagree in size or are
/// not finite, a setting is out of range, a span has the wrong size, an example does not exist, or
/// augmentation is asked of inputs that are no images.
template <class Real>
class LinearRegression final : public Objective<Real> {
 public:
  using typename Objective<Real>::GradientBlock;

  LinearRegression(LinearRegressionSettings settings, const RegressionData& data);
  LinearRegression(LinearRegressionSettings settings, const data::Labelled& data);
  [[nodiscard]] std::unique_ptr<Objective<Real>> clone() const override;

  [[nodiscard]] std::int64_t parameters() const override {
    return outputs() * (data_->inputs + (settings_.bias ? 1 : 0));
  }
  [[nodiscard]] std::int64_t examples() const override { return data_->examples; }
  [[nodiscard]] std::int64_t outputs() const override { return data_->targets; }
  [[nodiscard]] OutputLoss output_loss() const override { return OutputLoss::squared; }
  [[nodiscard]] std::vector<Real> initial(const Noise& noise) const override;

  double loss(std::span<const Real> theta, const Batch& batch) override;
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
  void example_gradients(std::span<const Real> theta,
                         const Batch& batch,
                         const GradientBlock& receive) override;

 private:
  struct Data {
    std::int64_t examples;
    std::int64_t inputs;
    std::int64_t targets;
    std::vector<std::int64_t> image;
    HugeVector<Real> x;   ///< [N, d]
    std::vector<Real> y;  ///< [N, K]
  };
  /// The rows of a batch: the data itself, or a gathered copy in scratch memory.
  struct Rows {
    std::int64_t count;
    const Real* x;
    const Real* y;
  };

  [[nodiscard]] Rows rows(const Batch& batch);
  /// Points x_rows_ and y_rows_ at the examples of a batch, where they lie if nothing changes them.
  void collect(const Batch& batch);
  void augment(const Batch& batch, std::int64_t example, const Real* image, Real* out);
  /// z = W x + c for the parameter vector at `theta`.
  void map(const Rows& rows, const Real* theta, Real* z) const;
  /// out = Σ_i w_i ⊗ (x_i, 1).
  void pull_back(const Rows& rows, const Real* w, Real* out) const;
  /// The residuals W x + c - y in scratch memory.
  const std::vector<Real>& residuals(const Rows& rows, std::span<const Real> theta);
  [[nodiscard]] double penalty(std::span<const Real> theta) const;

  LinearRegressionSettings settings_;
  std::shared_ptr<const Data> data_;
  std::vector<Real> gathered_x_;
  std::vector<Real> gathered_y_;
  std::vector<Real> outputs_;
  HugeVector<Real> packed_weights_;  ///< scratch of loss_gradient, as linear_kernels.hpp packs them
  HugeVector<Real> packed_gradient_;
  std::vector<const Real*> x_rows_;
  std::vector<const Real*> y_rows_;
};

extern template class LinearRegression<float>;
extern template class LinearRegression<double>;

}  // namespace thermoscape
