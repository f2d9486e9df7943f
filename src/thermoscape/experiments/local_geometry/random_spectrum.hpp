#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/experiments/measure.hpp"
#include "thermoscape/models/random_hessian.hpp"
#include "thermoscape/models/spiked_outliers.hpp"

namespace thermoscape {

struct RandomSpectrumOptions {
  RandomHessian model;
  std::int64_t draws = 20;
  std::vector<double> length_ratios = {1, 2, 4, 15};
  std::vector<double> accuracies = {0.5, 0.8, 1.0};

  static constexpr auto fields() {
    using O = RandomSpectrumOptions;
    return std::tuple{
        field("draws", &O::draws, "1", "independent draws of the model", Range{2, 1e5}),
        field("length_ratios",
              &O::length_ratios,
              "1",
              "longest over shortest shared gradient |c_k|, the others between in equal ratios",
              kAtLeastOne),
        field("accuracies",
              &O::accuracies,
              "1",
              "other accuracies at which the share of the gradient is taken as well",
              kUnitInterval)};
  }
};

/// Gaps of one draw whose shared gradients have unequal lengths.
struct LengthGaps {
  double last = 0;  ///< λ_{C-1}/λ_C
  double next = 0;  ///< λ_C/λ_{C+1}
};

/// One draw of the model, looked at in full.
struct RandomDraw {
  std::vector<double> eigenvalues;  ///< of H with cross terms (Eq. 10), largest first [D]
  std::vector<double> separated;    ///< of H without them (Eq. 16)
  std::vector<double> bulk;         ///< of the same draw with c = 0
  std::vector<double> power;        ///< (g·v_k)²/|g|² [D]
  std::vector<double> shares;       ///< Σ_{k<=C} of it at each of `accuracies`
  std::vector<LengthGaps> lengths;  ///< at each of `length_ratios`
  double predicted_share = 0;       ///< theory::gradient_fraction at the draw's p and y
  double trace = 0;
  double trace_over_norm = 0;
  double max_probability = 0;
  double entropy = 0;           ///< mean over the examples [bit]
  double same_logit = 0;        ///< q_SL
  double same_class = 0;        ///< q_SLSC
  double different_logits = 0;  ///< q_DL
  Matrix probabilities;
  Matrix shared;

  /// Eigenvalues before the largest ratio of neighbours among the first 3 C.
  [[nodiscard]] double outliers() const;
  [[nodiscard]] double share(std::size_t top) const;  ///< of the gradient's power
};

/// Draw number `index` of the stream of draws of `noise`.  Throws Error if D <= C + 1.
[[nodiscard]] RandomDraw study_draw(const RandomSpectrumOptions& options,
                                    const Noise& noise,
                                    std::uint64_t index);

/// How the spiked-matrix equation fares: predicted over measured λ_1 ... λ_{C-1}, less 1.
struct SpikedComparison {
  std::vector<double> mean;  ///< of each draw, over the outliers
  std::vector<double> rms;
  std::vector<std::vector<double>> predicted;  ///< [draw][outlier]; shorter where one is missing
  std::vector<double> missing;                 ///< outliers that the equation does not find
};
[[nodiscard]] SpikedComparison compare_spiked(const std::vector<RandomDraw>& draws,
                                              const BulkSpectrum& bulk,
                                              const RandomHessian& model,
                                              SharedPart part);

/// All draws and what the equation makes of them, with the bulk of all draws at c = 0.
struct RandomSpectrumStudy {
  RandomSpectrumOptions options;
  std::vector<RandomDraw> draws;
  double bulk_edge = 0;
  SpikedComparison separated;
  SpikedComparison crossed;
};

/// Fig. 5 and 6: spectrum, ranks with predictions, overlaps of the gradient, gaps against lengths.
[[nodiscard]] std::vector<Figure> random_spectrum_figures(const RandomSpectrumStudy& study);

}  // namespace thermoscape
