#pragma once
#include <functional>
#include <vector>

#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// A loss U(θ) in one dimension and the variance D(θ) > 0 of the gradient of a single example.
/// Constant noise is D = 1 as it stands here, or constant_noise(...).
struct Landscape {
  using Function = std::function<double(double)>;
  Function loss;                                          ///< U [loss]
  Function slope;                                         ///< U' [loss]/[θ]
  Function curvature;                                     ///< U'' [loss]/[θ]²
  Function noise = [](double) { return 1.0; };            ///< D [loss]²/[θ]²
  Function noise_slope = [](double) { return 0.0; };      ///< D'
  Function noise_curvature = [](double) { return 0.0; };  ///< D''
  /// ∫U'/D dθ up to a constant, of this very U and D; if empty, by quadrature.
  Function drift_integral;
};
/// D(θ) = noise for every θ; throws Error unless noise > 0.
[[nodiscard]] Landscape constant_noise(Landscape::Function loss,
                                       Landscape::Function slope,
                                       Landscape::Function curvature,
                                       double noise = 1);

/// The stationary law of SGD as a diffusion in the sense of Itô, with t = λn and T = λ/S [time]:
///   dθ = -U' dt + √(T D) dW      ρ ∝ e^{-2v/T}      v = ∫U'/D dθ + (T/2) ln D
/// in one dimension, between reflecting ends. T is the ratio of learning rate and batch size: for D
/// = 1, ρ ∝ e^{-2U/T}, so a Langevin temperature of TD/2.
///
/// Panels end where v has its extrema and are halved until a Gauss rule of 20 points on them stands
/// still, wherever ρ is above e^{-80} of the top of its own basin: relative accuracy 1e-11 of every
/// basin's probability, down to the smallest double, or 1e-15 |v|/T where that is more. A feature
/// much narrower than a twentieth of the gap between two `breaks` can be missed. Construction: 1e4
/// evaluations of U and D a basin in closed form, 2e5 where ∫U'/D is not given. Reference:
/// shift-curvature, Eqs. 5, 24 and B.1.
class SteadyState {
 public:
  /// `breaks`: increasing, the first and last are the reflecting ends. Throws Error for T <= 0, bad
  /// breaks, D <= 0 or a slope that is not finite.
  SteadyState(Landscape landscape, double temperature, std::vector<double> breaks);

  /// On the whole line, looked at from `centre` in steps that double from `scale` until the tails
  /// carry nothing. Throws Error if they still do at 2^100 scales: U does not confine.
  [[nodiscard]] static SteadyState on_line(Landscape landscape,
                                           double temperature,
                                           double centre = 0,
                                           double scale = 1);

  [[nodiscard]] double temperature() const { return temperature_; }
  [[nodiscard]] const Landscape& landscape() const { return landscape_; }
  [[nodiscard]] double low() const { return panels_.front().left; }
  [[nodiscard]] double high() const { return panels_.back().right; }

  /// v(θ) less its value at the most likely θ [time]. θ within the ends.
  [[nodiscard]] double effective_potential(double theta) const;
  /// ρ(θ) [1/θ]; 0 beyond the ends.
  [[nodiscard]] double density(double theta) const;
  /// ∫ f ρ over left..right, clipped to the ends.
  [[nodiscard]] double integral(const Landscape::Function& f, double left, double right) const;
  /// ⟨f⟩.
  [[nodiscard]] double average(const Landscape::Function& f) const;
  [[nodiscard]] double probability(double left, double right) const;
  /// ⟨θ⟩ and ⟨(θ-⟨θ⟩)²⟩. not_converged on the line where the tails carry more than e^{-30} of them:
  /// power laws near the order at which the moment ceases to exist.
  [[nodiscard]] Value mean() const;
  [[nodiscard]] Value variance() const;

  /// Extrema of v inside the ends, increasing.
  [[nodiscard]] const std::vector<double>& minima() const { return minima_; }
  [[nodiscard]] const std::vector<double>& maxima() const { return maxima_; }
  /// Minima of the loss itself.
  [[nodiscard]] const std::vector<double>& loss_minima() const { return loss_minima_; }
  /// low, maxima of v, high: what parts the basins.
  [[nodiscard]] std::vector<double> basin_bounds() const;

 private:
  struct Panel {
    double left;
    double right;
    double drift;  ///< ∫U'/D up to `left`; not read if the landscape has its drift_integral
  };

  [[nodiscard]] double drift_to(const Panel& panel, double theta) const;
  [[nodiscard]] double exponent(const Panel& panel, double theta) const;  ///< 2v/T
  [[nodiscard]] const Panel& panel_of(double theta) const;
  [[nodiscard]] double weigh(const Panel& panel,
                             const Landscape::Function* f,
                             double left,
                             double right) const;
  void find_extrema();
  void refine(const Panel& panel,
              double bottom,
              int depth,
              double before,  ///< by how much the halves of the parent disagreed, relative
              std::vector<Panel>& out) const;

  Landscape landscape_;
  double temperature_;
  std::vector<Panel> panels_;
  std::vector<double> minima_;
  std::vector<double> maxima_;
  std::vector<double> loss_minima_;
  double lowest_ = 0;         ///< smallest 2v/T
  double normalisation_ = 1;  ///< ∫ e^{lowest - 2v/T} dθ
  bool mean_converged_ = true;
  bool variance_converged_ = true;
};

}  // namespace thermoscape::theory
