#pragma once
#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/experiments/measure.hpp"
#include "thermoscape/experiments/plan.hpp"
#include "thermoscape/experiments/variance_flatness/components.hpp"
#include "thermoscape/experiments/variance_flatness/mode_motion.hpp"

namespace thermoscape {

/// Options of the measure `trajectory-pca`.
struct TrajectoryPcaOptions {
  std::string parameters;
  std::int64_t modes = 500;
  std::vector<std::int64_t> fit = {20, 200};
  double share = 0.9;
  std::string method = "auto";

  static constexpr auto fields() {
    using O = TrajectoryPcaOptions;
    return std::tuple{
        field("parameters",
              &O::parameters,
              "",
              "those of the recorded ones that are looked at: a layer, a glob; empty for all"),
        field("modes", &O::modes, "1", "modes whose motion is looked at", Range{2, 1e6}),
        field("fit", &O::fit, "1", "ranks from and to of the power law σ² ∝ i^-γ", kAtLeastOne),
        field("share",
              &O::share,
              "1",
              "of the variance without the first mode: how many modes hold it",
              Range{0, 1, true, true}),
        field("method",
              &O::method,
              "",
              "auto, exact, or randomised: the first where the others do not fit into 4 GiB",
              Range{.choices = kComponentMethods})};
  }
};

/// What one task gives.
struct TaskPca {
  analysis::Pca pca;
  Eigen::MatrixXd projections;
  std::vector<ModeMotion> motion;
  std::vector<double> time;
  double epoch_time = 1;
  bool randomised = false;  ///< whether the components are those of randomised PCA
};

/// The figures of the measure, still without series.
[[nodiscard]] std::vector<Figure> trajectory_figures();
/// Adds what one task gives; paths and projections of the first alone.
void draw(std::vector<Figure>& figures,
          const Task& task,
          const TaskPca& one,
          const TrajectoryPcaOptions& options);

}  // namespace thermoscape
