#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "thermoscape/core/noise.hpp"
#include "thermoscape/core/status.hpp"
#include "thermoscape/theory/steady_state.hpp"

namespace thermoscape {

/// Examples whose gradients are cubic in one parameter, g_i(θ) = Σ_k c_ik θ^k, k < 4: least squares
/// with one weight (g = a θ - b), and with two tied layers, f = θ² x (g = 2x²θ³ - 2xyθ).
struct CubicExamples {
  std::vector<std::array<double, 4>> coefficients;  ///< c_ik, N >= 1 of them
};

/// The examples as a loss U with the variance D of their gradients, both polynomials: what
/// diffusion makes of them. D may be zero somewhere, which SteadyState refuses.
[[nodiscard]] theory::Landscape cubic_landscape(const CubicExamples& examples);
/// The third cumulant ω_3(θ) of the gradients over the examples [loss]³/[θ]³.
[[nodiscard]] double third_cumulant(const CubicExamples& examples, double theta);

/// Independent paths of SGD as it is, B examples a step drawn with replacement:
///   θ' = θ - (λ/B) Σ g_i(θ)
/// Stream "minibatch.draw", B words a path and step. Cost: B draws and one cubic a path and step.
/// Oracle: theory/minibatch_sgd.hpp (exact variance for linear gradients).
class MinibatchEnsemble {
 public:
  /// Throws Error for no example, learning_rate <= 0, batch_size < 1 or no path.
  MinibatchEnsemble(CubicExamples examples,
                    double learning_rate,
                    std::int64_t batch_size,
                    const Noise& noise,
                    std::vector<double> start);

  void advance(std::int64_t steps);
  [[nodiscard]] std::span<const double> positions() const { return theta_; }
  [[nodiscard]] std::int64_t step() const { return step_; }
  /// diverged as soon as one path is not finite.
  [[nodiscard]] Status status() const { return status_; }

 private:
  CubicExamples examples_;
  double learning_rate_;
  std::int64_t batch_size_;
  Noise noise_;
  std::vector<double> theta_;
  std::int64_t step_ = 0;
  Status status_ = Status::ok;
};

}  // namespace thermoscape
