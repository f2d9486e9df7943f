#pragma once
#include <map>
#include <span>
#include <string>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/figure.hpp"

namespace thermoscape {

/// The mean of independent numbers with the error of their spread, s/√n; too_short for one, which
/// has no error, undefined for none.
[[nodiscard]] Estimate mean_of(std::span<const double> members);

/// The numbers of the members of each point of a sweep, point by point.
struct SweptMembers {
  std::vector<double> x;                     ///< coordinate of each point, increasing
  std::vector<std::vector<double>> members;  ///< [point][member]

  /// Adds a member at a coordinate; coordinates that agree to 1e-9 are one point.
  void add(double at, double value);
  [[nodiscard]] std::vector<Estimate> means() const;
};

/// The exponent p of y ∝ x^p over points with y > 0 and a known error (without errors, all with y >
/// 0); errors as linear_fit gives them.
[[nodiscard]] Estimate exponent_of(const std::vector<double>& x, const std::vector<Estimate>& y);

/// A series of the points whose value is finite, with their errors where known.
[[nodiscard]] Series points_of(const std::string& label,
                               const std::vector<double>& x,
                               const std::vector<Estimate>& y,
                               const std::string& style = "line+points");

}  // namespace thermoscape
