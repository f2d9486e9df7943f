#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"

namespace thermoscape::analysis {

struct CombineOptions {
  bool exclude_not_ok = true;

  static constexpr auto fields() {
    return std::tuple{
        field("exclude_not_ok",
              &CombineOptions::exclude_not_ok,
              "1",
              "leave out members whose status is not ok; otherwise the worst status is kept")};
  }
};

/// The mean of like measurements with both of its error bars; `estimate` quotes the larger.
struct Combined {
  Estimate estimate;
  double within_error = 0;  ///< from the members' own errors, sqrt(Σ SE²)/k
  double spread_error = 0;  ///< from their scatter, s/sqrt(k); 0 for one member
  std::int64_t used = 0;
  std::int64_t excluded = 0;

  static constexpr auto fields() {
    return std::tuple{
        field("estimate", &Combined::estimate, "", "mean, with the larger error"),
        field("within_error", &Combined::within_error, "", "error propagated from inside the runs"),
        field("spread_error", &Combined::spread_error, "", "error from the spread of the members"),
        field("used", &Combined::used, "1", "members used"),
        field("excluded", &Combined::excluded, "1", "members left out")};
  }
};

/// Unweighted mean of `members` (replicas of equal length): in-run errors miss slow modes, so
/// weighting by them would favour the runs that saw least.
/// Status: ok, or with exclude_not_ok = false the worst of the members; if none is left, the worst
/// of those left out. Members with a value that is not finite are always left out.
[[nodiscard]] Combined combine(std::span<const Estimate> members,
                               const CombineOptions& options = {});

/// Replicas inside minima: three error bars, of which `estimate` quotes the largest.
struct Nested {
  Estimate estimate;
  double within_error = 0;   ///< in-run errors propagated through both means
  double replica_error = 0;  ///< spread of the replicas of each minimum, propagated
  double minimum_error = 0;  ///< spread of the minima's means, s/sqrt(minima); 0 for one minimum
  std::int64_t minima_used = 0;
  std::int64_t minima_excluded = 0;
  std::int64_t used = 0;      ///< replicas, all minima together
  std::int64_t excluded = 0;  ///< replicas left out

  static constexpr auto fields() {
    return std::tuple{
        field("estimate", &Nested::estimate, "", "mean over minima, with the largest error"),
        field("within_error", &Nested::within_error, "", "error propagated from inside the runs"),
        field("replica_error", &Nested::replica_error, "", "error from the spread of replicas"),
        field("minimum_error", &Nested::minimum_error, "", "error from the spread of minima"),
        field("minima_used", &Nested::minima_used, "1", "minima used"),
        field("minima_excluded", &Nested::minima_excluded, "1", "minima without a usable replica"),
        field("used", &Nested::used, "1", "replicas used"),
        field("excluded", &Nested::excluded, "1", "replicas left out")};
  }
};

/// members[minimum][replica]; each minimum counts once, however many replicas it has.
[[nodiscard]] Nested combine_minima(std::span<const std::vector<Estimate>> members,
                                    const CombineOptions& options = {});

/// The graver of two statuses: ok < too_short < not_converged < ageing < relaxing < out_of_range <
/// spiked < diverged < undefined.
[[nodiscard]] Status worse(Status a, Status b);

}  // namespace thermoscape::analysis
