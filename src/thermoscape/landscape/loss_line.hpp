#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

namespace mlp {
template <class Real>
class Line;
}  // namespace mlp

/// The loss on lines θ0 + δ p through one point θ0 [P], on all examples. An Mlp keeps what does not
/// move (objective/mlp/line.hpp: 10 to 50 times faster along a hidden layer); any other objective
/// is evaluated at each point. One instance serves one thread, and the objective must outlive it.
/// Throws Error for spans of the wrong size.
template <class Real>
class LossLine {
 public:
  LossLine(Objective<Real>& objective, std::span<const Real> theta);
  ~LossLine();

  [[nodiscard]] std::int64_t parameters() const { return objective_->parameters(); }
  [[nodiscard]] std::int64_t examples() const { return objective_->examples(); }
  /// L at each δ [m], with the penalty.
  [[nodiscard]] std::vector<double> losses(std::span<const Real> direction,
                                           std::span<const double> deltas);
  /// ℓ_e at each δ, out [m, D].
  void example_losses(std::span<const Real> direction,
                      std::span<const double> deltas,
                      std::span<double> out);
  /// ℓ_e [D] and its exact derivative dℓ_e/dδ [D] at one δ, without the penalty. For objectives
  /// other than Mlp by per-example gradients, a block at a time.
  void example_slopes(std::span<const Real> direction,
                      double delta,
                      std::span<double> losses,
                      std::span<double> slopes);

 private:
  std::span<const Real> at(std::span<const Real> direction, double delta);

  Objective<Real>* objective_;
  std::vector<Real> theta_;
  std::vector<Real> moved_;
  std::unique_ptr<mlp::Line<Real>> line_;  ///< null unless the objective is an Mlp
};

}  // namespace thermoscape
