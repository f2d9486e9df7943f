#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "thermoscape/analysis/pca.hpp"
#include "thermoscape/core/dataset.hpp"
#include "thermoscape/experiments/parameter_range.hpp"
#include "thermoscape/record/probe.hpp"

namespace thermoscape {

class RunView;

/// The probe `trajectory`: θ on a range of parameters, at every look. In a float32 run two of them
/// share one number of the stream, so that a step of 2,500 parameters takes 10 kB; a pair of finite
/// floats is never a NaN of the double that carries it. What it records stays in streams/ and is
/// not copied to results.nc.
template <class Real>
[[nodiscard]] Probe<Real> trajectory_probe(const ParameterRange& range, Schedule schedule);
/// Doubles of the stream a look takes.
[[nodiscard]] std::int64_t trajectory_width(std::int64_t parameters, bool float32);

/// A recorded trajectory [rows, parameters], read from its mapped stream without a copy.
class Trajectory {
 public:
  Trajectory(const RunView& view, std::size_t task);

  [[nodiscard]] std::int64_t rows() const { return rows_; }
  [[nodiscard]] const ParameterRange& range() const { return range_; }
  /// Steps between looks, which must be equally spaced; throws Error otherwise.
  [[nodiscard]] std::int64_t every() const { return every_; }
  [[nodiscard]] std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  /// Rows first ... last-1, in double; the trajectory must outlive them.
  [[nodiscard]] analysis::Rows rows(std::int64_t first, std::int64_t last) const;
  /// One row.
  [[nodiscard]] std::vector<double> row(std::int64_t index) const;

 private:
  void read(std::int64_t row, double* out) const;

  Values values_;
  std::int64_t rows_ = 0;
  std::int64_t width_ = 0;
  std::int64_t every_ = 1;
  std::int64_t steps_per_epoch_ = 1;
  bool float32_ = true;
  ParameterRange range_;
};

}  // namespace thermoscape
