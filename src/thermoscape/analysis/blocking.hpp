#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"

namespace thermoscape::analysis {

struct BlockingOptions {
  std::int64_t minimum_blocks = 10;

  static constexpr auto fields() {
    return std::tuple{field("minimum_blocks",
                            &BlockingOptions::minimum_blocks,
                            "1",
                            "fewest blocks an error bar may rest on",
                            Range{4, kInfinity})};
  }
};

/// The mean of a correlated series and what its error bar rests on.
struct Blocking {
  Estimate mean;
  double statistical_inefficiency = 1;  ///< g = n SE² / σ² = 2 τ_int [samples]
  double effective_samples = 0;         ///< n / g
  std::int64_t samples = 0;
  std::int64_t block_length = 1;

  static constexpr auto fields() {
    return std::tuple{
        field("mean", &Blocking::mean, "", "mean"),
        field("statistical_inefficiency",
              &Blocking::statistical_inefficiency,
              "samples",
              "samples per independent one, g = 2 τ_int"),
        field("effective_samples", &Blocking::effective_samples, "1", "independent samples n / g"),
        field("samples", &Blocking::samples, "1", "samples n"),
        field("block_length", &Blocking::block_length, "samples", "length of a block")};
  }
};

/// Flyvbjerg-Petersen blocking of a stream, all block lengths 1, 2, 4, ... at once.
///   s²(B) = var(block means) / (number of blocks),  g(B) = s²(B) / s²(1);
///   the plateau is taken at the smallest B with B³ > 2 n g(B)²,
/// where bias (∝ 1/B) and noise (∝ sqrt(B/n)) of the error bar balance.
/// Cost: O(1) amortised a value, O(log n) memory.
/// Status: diverged if a value is not finite, undefined below two values, too_short if no B with
/// enough blocks satisfies the rule (the largest s² seen is then quoted).
/// Reference: Flyvbjerg and Petersen, J. Chem. Phys. 91, 461 (1989); the rule: Lee et al., Phys.
/// Rev. E 83, 066706 (2011).
class Blocker {
 public:
  void push(double x) {
    if (levels_[0].count == 0) shift_ = x;
    double d = x - shift_;
    for (Level& level : levels_) {
      level.sum += d;
      level.squares += d * d;
      if (++level.count % 2 == 1) {
        level.carry = d;
        return;
      }
      d = 0.5 * (level.carry + d);
    }
  }
  /// Throws Error if an option is out of range.
  [[nodiscard]] Blocking result(const BlockingOptions& options = {}) const;

 private:
  struct Level {
    std::int64_t count = 0;
    double sum = 0;
    double squares = 0;
    double carry = 0;
  };
  std::array<Level, 40> levels_{};
  double shift_ = 0;
};

/// Mean of `series` [n] with an error bar that accounts for its correlation, as class Blocker.
[[nodiscard]] Blocking blocking(std::span<const double> series,
                                const BlockingOptions& options = {});

}  // namespace thermoscape::analysis
