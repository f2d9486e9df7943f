#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace thermoscape {

/// How many directions stand out of a spectrum λ_1 >= λ_2 >= ... (largest first), by three rules.
struct Outliers {
  /// The k with the largest λ_k / λ_{k+1} among the first `gap_ranks` positive eigenvalues: the gap
  /// rule. 0 if fewer than two are positive.
  std::int64_t before_gap = 0;
  double gap_ratio = 1;  ///< λ_k / λ_{k+1} there
  /// Eigenvalues above |λ_min|: the curvature of the network itself (the H-term) fills a bulk
  /// around zero whose edge on the negative side is λ_min, and nothing but data pushes beyond it.
  std::int64_t above_bulk = 0;
  /// (Σλ)²/Σλ² over λ > 0: how many eigenvalues share the trace.
  double participation = 0;
};
/// Eigenvalues below 1e-12 max|λ| in size count as zero.  Throws Error if they are not sorted.
[[nodiscard]] Outliers outliers(std::span<const double> eigenvalues, std::int64_t gap_ranks = 50);

/// sup_x |F_a(x) - F_b(x)| of the empirical distributions of two samples (Kolmogorov-Smirnov), in
/// [0, 1].  Throws Error if one is empty.  Cost: two sorts.
[[nodiscard]] double kolmogorov_smirnov(std::vector<double> a, std::vector<double> b);

}  // namespace thermoscape
