#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "thermoscape/analysis/errors_in_both.hpp"
#include "thermoscape/analysis/pca.hpp"
#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/run_view.hpp"
#include "thermoscape/landscape/profile.hpp"
#include "thermoscape/objective/parameter_subset.hpp"

namespace thermoscape {

/// One principal component with the landscape along it.
struct MeasuredMode {
  std::int64_t rank = 1;   ///< from 1
  double variance = 0;     ///< σ² in the window [θ]²
  double step_square = 0;  ///< D = ⟨Δθ²⟩ of single steps along it [θ]²
  Profile profile;
};

/// Ranks 1 ... highest, all the first ones and then about evenly in ln(rank): at most `count`.
[[nodiscard]] std::vector<std::int64_t> spaced_ranks(std::int64_t highest, std::int64_t count);

/// The same with those of `wanted` that are at most `highest` among them, in order.
[[nodiscard]] std::vector<std::int64_t> ranks_with(std::int64_t highest,
                                                   std::int64_t count,
                                                   const std::vector<std::int64_t>& wanted);

/// Profiles of the loss of a task along components of some of its parameters, round θ0 [P].
/// Float32 or float64 as the run. Cost: a profile a rank.
[[nodiscard]] std::vector<MeasuredMode> measure_modes(const Ground& ground,
                                                      std::span<const double> theta,
                                                      const ParameterSubset& subset,
                                                      const analysis::Pca& pca,
                                                      std::span<const std::int64_t> ranks,
                                                      ProfileOptions options);

/// What is held against flatness.
enum class Spread { variance, step_square };

/// σ² ∝ F^-ψ over the modes with first <= rank <= last whose width is known.
struct FlatnessLaw {
  Estimate psi;               ///< ψ = -slope of ln σ² on ln F, errors in both axes
  double direct = 0;          ///< ψ of the regression of ln σ² on ln F, all weighted alike
  double inverse = 0;         ///< ψ of that of ln F on ln σ²
  Estimate rank_correlation;  ///< Spearman's, its error 1/√(n-1) as without any relation
  analysis::FitQuality quality;
};
/// Errors: the local scatter of ln F and of ln σ² about smooth curves in the rank; for σ² at least
/// 1e-3, since sorting makes it smooth. Status too_short below five modes; undefined where the rank
/// correlation is below two of its errors: a line with errors in both axes has no slope then.
[[nodiscard]] FlatnessLaw flatness_law(std::span<const MeasuredMode> modes,
                                       std::int64_t first,
                                       std::int64_t last,
                                       Spread spread = Spread::variance);

/// σ² ∝ i^-γ over all ranks first ... last of the variances.
[[nodiscard]] Estimate rank_exponent(std::span<const double> variances,
                                     std::int64_t first,
                                     std::int64_t last);

}  // namespace thermoscape
