#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "thermoscape/analysis/pca.hpp"
#include "thermoscape/core/dataset.hpp"
#include "thermoscape/objective/parameter_subset.hpp"
#include "thermoscape/record/probe.hpp"

namespace thermoscape {

class RunView;

/// The probe `trajectory`: θ on some of its parameters, at every look. In a float32 run two of them
/// share one number of the stream, so that a step of 2,500 parameters takes 10 kB; a pair of finite
/// floats is never a NaN of the double that carries it. What it records stays in streams/ and is
/// not copied to results.nc.
template <class Real>
[[nodiscard]] Probe<Real> trajectory_probe(const ParameterSubset& subset, Schedule schedule);
/// Doubles of the stream a look takes.
[[nodiscard]] std::int64_t trajectory_width(std::int64_t parameters, bool float32);

/// A recorded trajectory [rows, parameters], read from its mapped stream without a copy.
class Trajectory {
 public:
  /// Of all that was recorded, or of the part of it that `parameters` names; throws Error if that
  /// names what was not recorded.
  Trajectory(const RunView& view, std::size_t task, const std::string& parameters = "");

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] const ParameterSubset& subset() const { return subset_; }
  /// Steps between looks, which must be equally spaced; throws Error otherwise.
  [[nodiscard]] std::int64_t every() const { return every_; }
  [[nodiscard]] std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  /// Rows first ... last-1, in double; the trajectory must outlive them.
  [[nodiscard]] analysis::Rows rows(std::int64_t first, std::int64_t last) const;
  /// One row.
  [[nodiscard]] std::vector<double> row(std::int64_t index) const;

 private:
  void read(std::int64_t row, double* out) const;
  /// Makes `subset` what is read of each row, `recorded` being what it holds.
  void choose(const ParameterSubset& recorded,
              const ParameterSubset& subset,
              const std::string& parameters);

  Values values_;
  std::int64_t rows_ = 0;
  std::int64_t width_ = 0;
  std::int64_t every_ = 1;
  std::int64_t steps_per_epoch_ = 1;
  bool float32_ = true;
  ParameterSubset subset_;
  std::vector<ParameterRange> columns_;  ///< of a row, one stretch a part of the subset
};

}  // namespace thermoscape
