#pragma once
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/core/status.hpp"

namespace thermoscape::analysis {

/// Which eigenvalues are wanted, by value, not by size: `both` asks for `count` at either end.
enum class SpectrumEnd { largest, smallest, both };

/// What an iteration reports after each block of products; returning false ends it, and what has
/// converged by then is kept.
using SolverLook = std::function<bool(std::int64_t products, std::int64_t converged)>;

/// When a pair counts as converged, and how far an iteration may go for it.
///   ‖A v - λ v‖ <= tolerance · max(|λ|, 1e-6 ‖A‖),  ‖v‖ = 1
struct Certainty {
  double tolerance = 1e-4;
  /// Relative rounding of a product: 2.2e-16 in double, 1.2e-7 where A is computed in float. An
  /// iteration also ends where residuals are as small as 4 · rounding · ‖A‖, since no step makes
  /// them smaller; the pair is not called converged for that.
  double rounding = std::numeric_limits<double>::epsilon();

  [[nodiscard]] double bound(double value, double norm) const {
    return tolerance * std::max(std::abs(value), kZero * norm);
  }
  /// Whether an iteration may leave the pair alone.
  [[nodiscard]] bool settled(double residual, double value, double norm) const {
    return residual <= std::max(kMargin * bound(value, norm), 4 * rounding * norm);
  }
  static constexpr double kZero = 1e-6;
  static constexpr double kMargin = 0.9;  ///< the residual of the separate product differs a little
};

/// Eigenpairs of a symmetric operator, each with the residual that says how good it is: an
/// eigenvalue of A lies within the residual of the value.
struct Eigenpairs {
  Vector values;                ///< λ_1 >= λ_2 >= ... [k]
  Matrix vectors;               ///< orthonormal columns [size, k]
  Vector residuals;             ///< ‖A v - λ v‖ by a product of its own [k]
  std::vector<bool> converged;  ///< [k]
  double norm = 0;              ///< the largest |λ| seen
  /// Pairs that cannot be told from λ = 0: |λ| <= max(residual, tolerance · 1e-6 ‖A‖).
  std::int64_t zeros = 0;
  std::int64_t products = 0;       ///< with single vectors, to find the pairs
  std::int64_t certification = 0;  ///< more of them for the residuals
  /// ok: every pair converged; not_converged: some did not; diverged: a product was not finite, and
  /// what is here was found before.
  Status status = Status::undefined;
  bool interrupted = false;

  [[nodiscard]] std::int64_t count() const { return values.size(); }
  [[nodiscard]] std::int64_t converged_count() const;
  /// The pairs that converged alone.
  [[nodiscard]] Eigenpairs only_converged() const;
};

/// Rayleigh quotients λ = vᵀAv of orthonormal columns and ‖A v - λ v‖ by products of their own,
/// `block` at a time; sorts the pairs and judges them. `found` brings vectors, norm, products and
/// interrupted; all else is filled in. If a product is not finite, no pairs are left and the status
/// is diverged.
[[nodiscard]] Eigenpairs certify(const LinearOperator& a,
                                 Eigenpairs found,
                                 const Certainty& certainty,
                                 std::int64_t block);

}  // namespace thermoscape::analysis
