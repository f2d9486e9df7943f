#pragma once
#include <cstdint>

#include "thermoscape/analysis/eigenpairs.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape::analysis {

struct SubspaceOptions {
  std::int64_t count = 20;         ///< pairs wanted
  std::int64_t extra = 0;          ///< vectors carried beyond them; 0: max(4, count / 4)
  std::int64_t most_products = 0;  ///< where the iteration gives up; 0: 500 a vector
  Certainty certainty = {};
  SolverLook look = {};
};

/// The eigenpairs of largest |λ| of a symmetric operator by orthogonal iteration with a
/// Rayleigh-Ritz step in every round: X <- orth(A X), all vectors in one block. The error of pair i
/// falls by |λ_{m+1}/λ_i| a round, m = count + extra, which makes it several times dearer than
/// lanczos(); it is here because the literature uses it, and as an independent check. Ends as
/// lanczos() does, on residuals alone, and certifies every pair.
/// Start: stream "krylov.start".  Throws Error for options out of range.
[[nodiscard]] Eigenpairs subspace_iteration(const LinearOperator& a,
                                            const Noise& noise,
                                            const SubspaceOptions& options = {});

}  // namespace thermoscape::analysis
