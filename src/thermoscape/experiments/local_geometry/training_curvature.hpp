#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/experiments/local_geometry/term_densities.hpp"
#include "thermoscape/experiments/local_geometry/training_moments.hpp"
#include "thermoscape/landscape/logit_geometry.hpp"
#include "thermoscape/models/random_hessian.hpp"

namespace thermoscape {

struct TrainingCurvatureOptions {
  std::int64_t moments = 10;
  std::int64_t examples = 300;
  std::int64_t extra = 10;
  std::int64_t dense_below = 4000;
  double tolerance = 1e-2;
  std::int64_t model_draws = 6;
  std::int64_t model_parameters = 1000;
  std::int64_t density_probes = 0;
  std::int64_t density_steps = 40;

  static constexpr auto fields() {
    using O = TrainingCurvatureOptions;
    return std::tuple{
        field("moments",
              &O::moments,
              "",
              "recorded θ that are looked at, at most; the last one always is",
              Range{2, 1e4}),
        field("examples",
              &O::examples,
              "",
              "examples for the clustering of logit gradients and for the random model; 0: all",
              kNonNegative),
        field("extra", &O::extra, "", "eigenpairs beyond the C largest", Range{2, 1e4}),
        field("dense_below",
              &O::dense_below,
              "",
              "parameters below which the whole spectrum is taken, also of the H-term",
              kNonNegative),
        field("tolerance",
              &O::tolerance,
              "",
              "above that: an eigenpair is taken when its residual is this part of its eigenvalue, "
              "which bounds the error of the eigenvalue",
              Range{0, 1, true, true}),
        field("model_draws",
              &O::model_draws,
              "",
              "draws of the random model at the measured SNR and logit variance",
              Range{2, 1e4}),
        field("model_parameters",
              &O::model_parameters,
              "",
              "parameters of the random model",
              Range{20, 1e5}),
        field("density_probes",
              &O::density_probes,
              "",
              "random starts of the densities of bulk and H-term at the end of the first run of "
              "each group, above dense_below; 0: none, else at least 2",
              kNonNegative),
        field("density_steps", &O::density_steps, "", "Lanczos steps of each", kAtLeastOne)};
  }
};

/// The curvature of one moment of a training, on all training examples: the whole spectra by dense
/// algebra for small networks, the largest pairs of the Hessian and the largest eigenvalue of its
/// H-term by Lanczos for others.
struct MomentCurvature {
  Vector eigenvalues;  ///< the C + extra largest, falling
  Vector hessian;      ///< all of them; empty unless dense, as the next two
  Vector h_term;
  Vector g_term;
  LogitGeometry geometry;
  Matrix outlier_vectors;     ///< of the C - 1 largest, where densities are asked for
  double outliers = 0;        ///< before the largest ratio of neighbours
  double above_h_term = 0;    ///< eigenvalues above the largest of the H-term
  double share_of_g = 0;      ///< mean vᵀGv/λ of the C - 1 largest pairs
  double gradient_share = 0;  ///< of |g|² in the C largest eigenvectors
  double bulk_to_h_term = 0;  ///< Kolmogorov-Smirnov distance of bulk and H-term; dense only
  double bulk_to_g_term = 0;  ///< the same to the G-term
  bool dense = false;
  Status status = Status::undefined;
};

/// The random model at the SNR, logit variance, accuracy and number of examples of a moment.
struct ModelBeside {
  RandomHessian model;
  RandomHessianAverages averages;
  bool defined = false;  ///< needs 0 < q_SL < 1
};

struct CurvatureStudy {
  TrainingCurvatureOptions options;
  std::vector<TrainingRun> runs;
  std::vector<std::vector<MomentCurvature>> moments;    ///< [run][moment]
  std::vector<std::vector<ModelBeside>> models;         ///< [run][stage]
  std::vector<std::optional<TermDensities>> densities;  ///< [run], at the end
  std::int64_t classes = 0;                             ///< of the first run

  [[nodiscard]] const MomentCurvature& at_stage(std::size_t run, std::size_t stage) const {
    return moments[run][runs[run].stages[stage]];
  }
};
[[nodiscard]] CurvatureStudy study_training_curvature(const RunView& view,
                                                      const std::string& phase,
                                                      const TrainingCurvatureOptions& options);

/// Eigenvalues by rank, top eigenvalue and its factors, gradient share, spectra of the terms.
[[nodiscard]] std::vector<Figure> training_curvature_figures(const RunView& view,
                                                             const CurvatureStudy& study);

}  // namespace thermoscape
