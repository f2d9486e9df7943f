#pragma once
#include "thermoscape/analysis/eigenpairs.hpp"
#include "thermoscape/core/linear_operator.hpp"

namespace thermoscape {

/// All eigenvalues of a symmetric operator, and the pairs at the wanted end certified by products.
struct DenseSpectrum {
  Vector values;               ///< λ_1 >= λ_2 >= ... [size]; empty unless ok
  analysis::Eigenpairs pairs;  ///< as lanczos() gives them; `products` counts none here
  Status status = Status::ok;  ///< diverged: the matrix is not finite; not_converged: LAPACK
};

/// By LAPACK on the calling thread: reduction to tridiagonal form, all eigenvalues by QL, the
/// eigenvectors wanted by relatively robust representations. `matrix` is that of `a`, whose
/// products certify the pairs; both may differ by the rounding of single precision.  Absolute error
/// about ε |A|.  Throws Error unless the sizes agree.  Cost: 4/3 n³ flop; memory: the matrix.
[[nodiscard]] DenseSpectrum dense_spectrum(const LinearOperator& a,
                                           Matrix matrix,
                                           std::int64_t count,
                                           analysis::SpectrumEnd end,
                                           const analysis::Certainty& certainty);

}  // namespace thermoscape
