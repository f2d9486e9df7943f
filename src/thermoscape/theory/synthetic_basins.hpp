#pragma once
#include <string_view>
#include <vector>

#include "thermoscape/theory/basin_mixture.hpp"
#include "thermoscape/theory/shift_curvature.hpp"
#include "thermoscape/theory/steady_state.hpp"

namespace thermoscape::theory {

/// How the densities N_k = N(θ; m_k, σ_k²), normalised, make a loss. The paper prints the
/// parameters, not the formula; the order of the depths in its captions needs normalised densities
/// and fits either form.
enum class SyntheticForm {
  density,     ///< U = c θ² - Σ w_k N_k: depth w/σ; c confines, so that T <= 0.02 is to be kept
  log_density  ///< U = -ln(c + Σ w_k N_k): quadratic basins of curvature 1/σ²
};

/// A loss of one or more basins, and a test loss U_test(θ) = U(θ + shift): every test minimum lies
/// s = -shift away from its train minimum. Noise D(θ) = Σ d_k θ^k, 1 in the paper; θ between
/// reflecting ends.
/// Reference: shift-curvature, Sec. 3.1, Figs. 4 and 6 and the parameters in G.
struct SyntheticLoss {
  std::vector<double> minima;                    ///< m_k [θ]
  std::vector<double> weights;                   ///< w_k > 0
  std::vector<double> sigmas;                    ///< σ_k > 0 [θ]
  double background = 1e-3;                      ///< c > 0
  double shift = 0.1;                            ///< [θ]
  std::vector<double> noise_coefficients = {1};  ///< d_0, d_1, ...: D > 0 between the ends
  SyntheticForm form = SyntheticForm::density;
  double low = -3;  ///< reflecting ends [θ]; the paper prints none
  double high = 3;
};
/// The parameters of "4L", "4R" (Fig. 4), "6L" or "6R" (Fig. 6); throws Error for another figure.
[[nodiscard]] SyntheticLoss paper_synthetic_loss(std::string_view figure, SyntheticForm form);

/// The train loss; throws Error for empty lists or lists of unequal length, or numbers out of
/// range.
[[nodiscard]] Landscape synthetic_landscape(const SyntheticLoss& loss);
/// The ends and points round every basin, increasing, so that a SteadyState misses no basin between
/// two of them.
[[nodiscard]] std::vector<double> synthetic_breaks(const SyntheticLoss& loss);

/// The exact steady state ρ ∝ e^{-2v/T} at T = λ/S, by quadrature (steady_state.hpp).
struct SyntheticState {
  std::vector<double> probabilities;  ///< of each basin, left to right
  std::vector<double> bounds;         ///< low, maxima of v, high: one more
  double mean = 0;                    ///< ⟨θ⟩
  double variance = 0;                ///< of θ
  double train_loss = 0;              ///< ⟨U⟩
  double test_loss = 0;               ///< ⟨U_test⟩
  double end_density = 0;  ///< the larger ρ at an end over the largest ρ: 0 unless the ends matter
};
[[nodiscard]] SyntheticState synthetic_state(const SyntheticLoss& loss, double temperature);

/// The same by Gaussian basins: weights of basin_mixture.hpp, test loss of shift_curvature.hpp with
/// s = -shift and the bias that D' gives. `test` is Eq. 4; Eq. 8 of the paper is depth + shift.
struct SyntheticLaplace {
  std::vector<Basin> basins;
  TestLoss test;
  double train_loss = 0;  ///< Σ w_k [U_k + ½ C_k (Σ_k + b_k²)]
  /// undefined if a basin has no Gaussian or no minimum of the loss; out_of_range where |shift| > ½
  /// of the narrowest σ_k: the expansion in the shift is then worth little (its first error is of
  /// order s³/σ³).
  Status status = Status::ok;
};
[[nodiscard]] SyntheticLaplace synthetic_laplace(const SyntheticLoss& loss, double temperature);

/// Where temperature has moved half of the weight out of the left basin, and where the test loss is
/// least, for 0 < T < `highest`: the lowest such T and the global minimum on a grid of 60
/// logarithmic steps over four decades below `highest`, refined to 1e-9 and 1e-7 of T. Undefined:
/// P(left) = ½ nowhere; test loss least at an end. About 100 steady states, 50 ms.
struct SyntheticCrossings {
  Value equal_weight;      ///< T at which P(left) = ½
  Value best_temperature;  ///< T of the least ⟨U_test⟩
};
[[nodiscard]] SyntheticCrossings synthetic_crossings(const SyntheticLoss& loss, double highest);

}  // namespace thermoscape::theory
