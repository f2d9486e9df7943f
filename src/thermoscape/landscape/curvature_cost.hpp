#pragma once
#include <string>
#include <vector>

#include "thermoscape/landscape/curvature.hpp"

namespace thermoscape {

/// How a study will be done: the options with every choice made.
struct CurvaturePlan {
  struct Part {
    std::string name;
    double products = 0;  ///< expected, with single vectors
    double bytes = 0;
  };
  bool dense = false;
  bool subspace = false;
  std::int64_t basis = 0;     ///< of lanczos
  std::int64_t together = 0;  ///< probes of the density at a time
  std::vector<Part> parts;

  [[nodiscard]] double products() const;
  [[nodiscard]] double bytes() const;  ///< of the largest part: they come one after the other
};

/// Chooses method, basis and grouping for P parameters so that they fit into `bytes` of memory.
/// A basis or a group of probes shrinks to what fits as long as that costs time alone. Throws Error
/// where even the least does not fit, naming the nearest that does.
[[nodiscard]] CurvaturePlan plan_curvature(const CurvatureOptions& options,
                                           std::int64_t parameters,
                                           std::int64_t layers,
                                           double bytes);

/// Memory that the study may use [bytes]: options.memory, or four fifths of what the system has
/// free, control groups included.
[[nodiscard]] double memory_for(const CurvatureOptions& options);

/// Seconds a product takes, by one block of them at θ.
[[nodiscard]] double seconds_per_product(Objective<double>& objective,
                                         const std::vector<double>& theta,
                                         std::int64_t block);

}  // namespace thermoscape
