#pragma once
#include <cstdint>

#include "thermoscape/analysis/eigenpairs.hpp"
#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape::analysis {

struct TraceOptions {
  double relative_error = 0.02;      ///< wanted standard error of the trace over |trace|
  std::int64_t most_products = 400;  ///< an operator no larger than this is traced exactly
  std::int64_t sketch = 10;          ///< random vectors that look for large eigenvalues
  std::int64_t block = 8;            ///< vectors multiplied at a time
  SolverLook look = {};
};

/// Trace and size of a symmetric operator. Standard errors are zero where the numbers are exact.
struct TraceEstimate {
  Estimate trace;                 ///< tr A
  Estimate frobenius;             ///< ‖A‖_F = √(tr A²)
  Estimate trace_over_frobenius;  ///< its error allows for the correlation of the two
  bool exact = false;
  bool reached = false;  ///< whether the error of the trace is as small as was asked for
  std::int64_t probes = 0;
  std::int64_t products = 0;
  bool interrupted = false;
};

/// Hutch++: with orthonormal columns Q near the dominant eigenvectors and B = 1 - QQᵀ,
///   tr A = tr QᵀAQ + <zᵀBABz>,  ‖A‖_F² = ‖AQ‖_F² + <|ABz|²>,  z random signs,
/// both from the same products, errors by the jackknife over probes. Q is the span of a random
/// sketch A S or, where `known` pairs are given, their vectors, at no product at all. After 16
/// probes, blocks of further ones are added until the standard error is as small as asked for: the
/// rule is an error bar, not successive change.
/// Status of the estimates: diverged if a product is not finite; undefined if interrupted before
/// two probes.  Streams "hutchpp.sketch", "hutchpp.signs".  Throws Error for options out of range.
/// Cost: 2 sketch + probes products; at most size of them where that is no more than most_products.
/// Reference: Meyer, Musco, Musco and Woodruff, Hutch++: Optimal Stochastic Trace Estimation
/// (2021).
[[nodiscard]] TraceEstimate hutchpp(const LinearOperator& a,
                                    const Noise& noise,
                                    const TraceOptions& options = {},
                                    const Eigenpairs* known = nullptr);

/// The same numbers of a spectrum all of which is known.
[[nodiscard]] TraceEstimate trace_of(const Vector& eigenvalues);

}  // namespace thermoscape::analysis
