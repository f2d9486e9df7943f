#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "thermoscape/theory/steady_state.hpp"

namespace thermoscape {

struct FokkerPlanckSettings {
  double temperature = 1;  ///< T = λ/S [time] > 0
  double low = -1;         ///< reflecting ends [θ]
  double high = 1;
  std::int64_t cells = 1000;  ///< >= 2
  double time_step = 1e-2;    ///< > 0
};

/// The density ρ(θ, t) of the diffusion of SGD in one dimension (Itô), between reflecting ends,
///   ∂_t ρ = -∂J      J = -U'ρ - (T/2) ∂(Dρ)
/// on cells of width h, ρ_i their mean. Exponential fitting (Scharfetter and Gummel 1969), exact
/// for constant J and U'/D on a face:
///   J_{i+1/2} = (T/2h) [B(δ) D_i ρ_i - B(-δ) D_{i+1} ρ_{i+1}]
///   B(x) = x/(e^x - 1)      δ = (2/T) ∫_{θ_i}^{θ_{i+1}} U'/D dθ
/// so that ρ_i ∝ e^{-(2/T)∫U'/D}/D_i is stationary for any h, and no cell Reynolds number limits h.
/// Time by TR-BDF2 (Bank et al. 1985): order 2, L-stable, one tridiagonal factorisation for both
/// stages. Probability is conserved to rounding; a step much longer than the relaxation of a cell
/// may undershoot zero where ρ has a jump. Error O(h² + Δt²). Memory: 8 numbers a cell. Cost: about
/// 30 flop a cell and step.
class FokkerPlanck {
 public:
  /// `density` is the start, evaluated at the centres and normalised. Throws Error for settings out
  /// of range, D <= 0, a slope or density that is not finite, a density that is negative or 0
  /// everywhere.
  FokkerPlanck(const theory::Landscape& landscape,
               const FokkerPlanckSettings& settings,
               const std::function<double(double)>& density);

  void advance(std::int64_t steps);

  [[nodiscard]] double time() const { return static_cast<double>(step_) * settings_.time_step; }
  [[nodiscard]] double width() const { return width_; }  ///< h
  [[nodiscard]] double centre(std::size_t cell) const {
    return settings_.low + width_ * (static_cast<double>(cell) + 0.5);
  }
  [[nodiscard]] std::span<const double> density() const { return density_; }  ///< [1/θ]
  /// Σ ρ_i f(θ_i) h.
  [[nodiscard]] double average(const std::function<double(double)>& f) const;
  /// A cell that `left` or `right` cuts counts by its share.
  [[nodiscard]] double probability(double left, double right) const;
  /// Σ_i |∂_t ρ_i| h [1/time]: 0 in the steady state.
  [[nodiscard]] double rate_of_change() const;

 private:
  [[nodiscard]] double rate(std::size_t cell) const;  ///< ∂_t ρ_i
  void solve(std::vector<double>& values) const;      ///< (I - ½γΔt A) x = values, in place

  FokkerPlanckSettings settings_;
  double width_ = 0;
  std::int64_t step_ = 0;
  std::vector<double> density_;
  std::vector<double> stage_;
  // ∂_t ρ_i = below_i ρ_{i-1} - leave_i ρ_i + above_i ρ_{i+1}
  std::vector<double> below_;
  std::vector<double> leave_;
  std::vector<double> above_;
  // The factors of I - ½γΔt A.
  std::vector<double> multiplier_;
  std::vector<double> pivot_inverse_;
};

}  // namespace thermoscape
