#pragma once
#include <memory>
#include <vector>

#include "thermoscape/experiments/measure.hpp"
#include "thermoscape/experiments/run_view.hpp"

namespace thermoscape {

/// Where a task begins: the end of the one that it continues, or else the initial point, which for
/// a model from a file is what the file holds.
struct PhaseStart {
  std::vector<double> theta;
  Buffers<double> buffers;  ///< running statistics of batch norms; empty without
};
[[nodiscard]] PhaseStart phase_start(const RunView& view, std::size_t task);

/// The tasks of a phase that ended without a problem; those that diverged, or stand on one that
/// did, are named in the notes and have no numbers.
[[nodiscard]] std::vector<std::size_t> tasks_that_went_on(const RunView& view,
                                                          const std::string& phase,
                                                          Measured& measured);

/// A copy of an objective that evaluates with these running statistics.
template <class Real>
[[nodiscard]] std::unique_ptr<Objective<Real>> with_statistics(const Objective<Real>& prototype,
                                                               const Buffers<double>& buffers) {
  std::unique_ptr<Objective<Real>> copy = prototype.clone();
  Buffers<Real> own;
  for (const auto& [name, values] : buffers)
    own.emplace_back(name, std::vector<Real>(values.begin(), values.end()));
  if (!own.empty()) copy->use_buffers(own);
  return copy;
}

}  // namespace thermoscape
