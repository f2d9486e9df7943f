#pragma once
#include <span>
#include <vector>

#include "thermoscape/core/status.hpp"
#include "thermoscape/objective/batch.hpp"
#include "thermoscape/objective/hessian_term.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

struct HessianSpectrum {
  std::vector<double> eigenvalues;  ///< λ_1 <= ... <= λ_P [loss / θ²]; empty unless ok
  Status status = Status::ok;       ///< diverged: the matrix is not finite; not_converged: LAPACK
};

/// All eigenvalues of a symmetric matrix [n, n], which is overwritten. Householder reduction and QR
/// iteration by LAPACK on the calling thread alone (OpenBLAS is set to one thread for the whole
/// program: tasks run in parallel). The absolute error is about ε |A|: eigenvalues below 1e-15 of
/// the largest are rounding. Throws Error unless the matrix is square. Cost: 4/3 n³ flop.
[[nodiscard]] HessianSpectrum symmetric_eigenvalues(std::span<double> matrix);

/// The exact spectrum of a term of ∇²L at θ [P] on a batch: dense_hessian, then its eigenvalues.
/// Throws Error as dense_hessian does. Memory: P² numbers. Tasks in parallel use a clone of the
/// objective each.
[[nodiscard]] HessianSpectrum hessian_spectrum(Objective<double>& objective,
                                               std::span<const double> theta,
                                               const Batch& batch = {},
                                               HessianTerm term = HessianTerm::full);

}  // namespace thermoscape
