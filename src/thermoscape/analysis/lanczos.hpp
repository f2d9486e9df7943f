#pragma once
#include <cstdint>

#include "thermoscape/analysis/eigenpairs.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape::analysis {

struct LanczosOptions {
  std::int64_t count =
      20;  ///< pairs wanted, at either end if both; fewer if the operator is smaller
  SpectrumEnd end = SpectrumEnd::largest;
  std::int64_t block = 2;          ///< vectors multiplied at a time
  std::int64_t basis = 0;          ///< vectors kept at most; 0: max(3 wanted, wanted + 60), or
                                   ///< all where the operator is no larger than 1024
  std::int64_t most_products = 0;  ///< where the iteration gives up; 0: max(2000, 100 wanted)
  Certainty certainty = {};
  SolverLook look = {};
};

/// Vectors that the options keep at most for an operator of this size: what decides the memory,
/// 8 · size · (basis + 2 block) bytes, once more for a moment at a restart.
[[nodiscard]] std::int64_t lanczos_basis(const LanczosOptions& options, std::int64_t size);

/// Eigenpairs of a symmetric operator at one end of its spectrum or at both: block Lanczos with
/// full orthogonalisation (twice) and thick restarts.
///   A V = V T + Q R Eᵀ,  T = S Θ Sᵀ  ->  pairs (θ_i, V s_i), ‖A V s_i - θ_i V s_i‖ = ‖R Eᵀ s_i‖
/// A step appends the block Q to the orthonormal basis V and multiplies it once by A. When the
/// basis is full it shrinks to the wanted Ritz vectors and a share of those next to them, which
/// keeps the form above (Wu and Simon 2000). A direction that the operator maps into the basis
/// already is replaced by a random one, so that an operator of small rank, or zero, ends with all
/// that was asked for. The iteration ends when every wanted pair is settled (Certainty), never
/// because values stopped moving; then each pair is certified by a product of its own. A block of b
/// vectors sees up to b copies of a multiple eigenvalue. Where as many have turned up among the
/// wanted ones (two for b = 1; one at zero), the block is doubled by random vectors and the
/// iteration goes on, until there are fewer copies than vectors. What stays hidden is copies of an
/// eigenvalue that a single vector has seen once: use b >= 2 where symmetry may make them.
/// Start: normal numbers, stream "krylov.start".  Throws Error for options out of range.
/// Cost: products as counted in the result, 4 · size · basis flop each.
/// References: Golub and Underwood 1977; Wu and Simon, SIAM J. Matrix Anal. Appl. 22, 602 (2000).
[[nodiscard]] Eigenpairs lanczos(const LinearOperator& a,
                                 const Noise& noise,
                                 const LanczosOptions& options = {});

}  // namespace thermoscape::analysis
