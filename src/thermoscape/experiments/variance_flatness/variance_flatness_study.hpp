#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/measure.hpp"
#include "thermoscape/experiments/trajectory.hpp"
#include "thermoscape/experiments/variance_flatness/components.hpp"
#include "thermoscape/experiments/variance_flatness/variance_flatness.hpp"

namespace thermoscape {

/// Options of the measure `variance-flatness`.
struct VarianceFlatnessOptions {
  std::string parameters;
  std::int64_t modes = 1000;
  std::int64_t profiles = 60;
  std::vector<std::int64_t> fit = {2, 200};
  std::string centre = "end";
  bool controls = true;
  std::vector<double> windows = {1.0};
  std::vector<std::int64_t> fit_edges = {2, 20, 200, 1000};
  std::string equilibrium;
  std::string method = "auto";
  ProfileOptions profile;

  static constexpr std::array<std::string_view, 2> kCentres{"end", "mean"};
  static constexpr auto fields() {
    using O = VarianceFlatnessOptions;
    return std::tuple{
        field("parameters",
              &O::parameters,
              "",
              "those of the recorded ones that are looked at: a layer, a glob; empty for all"),
        field("modes", &O::modes, "1", "the highest rank looked at", Range{5, 1e6}),
        field("profiles",
              &O::profiles,
              "1",
              "modes with a loss profile, evenly in ln(rank)",
              Range{5, 1e6}),
        field("fit", &O::fit, "1", "ranks from and to of ψ and γ", kAtLeastOne),
        field("centre",
              &O::centre,
              "",
              "profiles go through the end of the phase, or through the mean of its recorded theta",
              Range{.choices = kCentres}),
        field("controls",
              &O::controls,
              "",
              "whether shuffled increments, random signs and an isotropic walk stand beside"),
        field("windows",
              &O::windows,
              "1",
              "lengths of the window, as parts of the phase, each ending with it",
              Range{0, 1, true, false}),
        field("fit_edges",
              &O::fit_edges,
              "1",
              "ranks between which the map of ψ and γ fits: every pair of them",
              kAtLeastOne),
        field("equilibrium",
              &O::equilibrium,
              "",
              "phase of Langevin dynamics with isotropic noise that stands beside; may be empty"),
        field("method",
              &O::method,
              "",
              "auto, exact, or randomised: the first where the others do not fit into 4 GiB",
              Range{.choices = kComponentMethods})};
  }
};

/// The modes of one trajectory, or of one control of it, and the landscape along them.
struct Condition {
  std::string name;  ///< "sgd", "shuffled", ...
  std::vector<MeasuredMode> modes;
  std::vector<double> variances;  ///< of all ranks; empty for modes of another trajectory
  FlatnessLaw law;                ///< over the fitted ranks
  Estimate gamma;
  double temperature = 0;  ///< of an equilibrium phase
  double loss = 0;         ///< L0 at its centre
};

/// What is measured of one task.
struct VarianceFlatnessStudy {
  Condition data;
  analysis::Pca pca;  ///< of the whole window
  std::vector<Condition> controls;
  FlatnessLaw step_law;               ///< ψ_D: of single steps along the same modes
  std::vector<Condition> of_windows;  ///< one a length of the window
  std::vector<MeasuredMode> shown;    ///< the modes whose profiles are drawn
  double loss = 0;                    ///< L0 at the centre
  double drift_rate = 0;   ///< the mean step is this times the force; NaN where it is not along it
  std::int64_t looks = 0;  ///< in the whole window
  std::int64_t every = 1;  ///< steps between looks
};

/// Of each of the tasks: profiles round its centre along the components of its trajectory, of the
/// controls of it, and of its last parts. Tasks and these conditions are shared out among threads.
[[nodiscard]] std::vector<VarianceFlatnessStudy> study_variance_flatness(
    const RunView& view,
    std::span<const std::size_t> tasks,
    const VarianceFlatnessOptions& options);
/// A phase of Langevin dynamics seen along the components of another trajectory, that of `study`:
/// its variance there, and the loss round its own centre. Its own components would be those of the
/// free diffusion of soft directions.
[[nodiscard]] Condition study_equilibrium(const RunView& view,
                                          std::size_t task,
                                          const VarianceFlatnessStudy& study,
                                          const VarianceFlatnessOptions& options);

/// Steps until a mode relaxes, τ = 1/(α L0 M), M the curvature of ln L and α the rate of drift;
/// infinite unless M > 0.
[[nodiscard]] double relaxation_steps(const MeasuredMode& mode, double drift_rate, double loss);

/// The rate at which a step follows a steady force: α, with momentum α/(1 - β); NaN for Adam, whose
/// step does not follow the gradient.
[[nodiscard]] double drift_rate(const AnyRule& rule);

/// Figures and tables of the studies of the tasks of a phase, the first of each branch drawn.
struct StudiedTask {
  Task task;
  VarianceFlatnessStudy study;
};
[[nodiscard]] std::vector<Figure> variance_flatness_figures(const std::vector<StudiedTask>& studies,
                                                            const std::vector<Condition>& beside);

}  // namespace thermoscape
