#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/analysis/r_hat.hpp"
#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"

namespace thermoscape::analysis {

/// Where values leave the window: samples above factor × median; neighbours in time are one spike.
struct Spikes {
  std::int64_t count = 0;               ///< separate excursions
  std::int64_t samples = 0;             ///< values above the threshold
  double threshold = 0;                 ///< factor × median
  double largest = 0;                   ///< largest value
  std::vector<std::int64_t> positions;  ///< index where each of the first 100 excursions begins
};

/// Spikes of a series [n] of positive values.
/// Cost: O(n).
/// Throws Error unless factor > 1.
[[nodiscard]] Spikes find_spikes(std::span<const double> series, double factor);

/// Mean of the second half less mean of the first, over the mean of all, errors by blocking of each
/// half; the change across the whole window is about twice as large. Undefined where the mean is 0.
[[nodiscard]] Estimate drift(std::span<const double> series);

struct HealthOptions {
  double drift_significance = 3;
  double drift_tolerance = 0.1;
  double identity_tolerance = 0.1;
  double spike_factor = 10;
  double minimum_half_times = 50;
  double maximum_r_hat = 1.1;
  bool rank_normalised = true;

  static constexpr auto fields() {
    using O = HealthOptions;
    return std::tuple{
        field("drift_significance",
              &O::drift_significance,
              "1",
              "drift in units of its error",
              kPositive),
        field("drift_tolerance",
              &O::drift_tolerance,
              "1",
              "relative drift between halves let pass",
              kNonNegative),
        field("identity_tolerance",
              &O::identity_tolerance,
              "1",
              "departure of ⟨|∇L|²⟩ / T⟨tr H⟩ from 1 let pass",
              kNonNegative),
        field("spike_factor",
              &O::spike_factor,
              "median",
              "a value above this is a spike",
              Range{1, kInfinity, true}),
        field("minimum_half_times", &O::minimum_half_times, "τ½", "shortest window", kNonNegative),
        field("maximum_r_hat",
              &O::maximum_r_hat,
              "1",
              "split R-hat above which chains disagree",
              Range{1, kInfinity}),
        field("rank_normalised", &O::rank_normalised, "1", "R-hat of normal scores")};
  }
};

/// Whether the replicas of one window describe one stationary law, with the numbers behind the
/// judgement.
struct Health {
  Status status = Status::undefined;
  std::string reason;                    ///< one sentence
  Estimate r_hat;                        ///< split R-hat
  Estimate effective_samples;            ///< all chains together
  Estimate drift;                        ///< relative, second half less first, mean over chains
  Estimate half_time;                    ///< τ½ of the trend-free series, mean over chains [time]
  double half_times = 0;                 ///< length of the shortest chain in τ½
  std::int64_t spikes = 0;               ///< excursions, all chains
  std::int64_t spike_chain = -1;         ///< chain of the first spike; -1 without one
  std::int64_t spike_position = -1;      ///< sample of the first spike in it; -1 without one
  std::optional<double> identity;        ///< ⟨|∇L|²⟩ / (T⟨tr H⟩) where it was given
  std::optional<double> identity_error;  ///< its standard error

  static constexpr auto fields() {
    using R = Health;
    return std::tuple{
        field("status", &R::status, "", "verdict"),
        field("reason", &R::reason, "", "why, in one sentence"),
        field("r_hat", &R::r_hat, "1", "split R-hat"),
        field("effective_samples", &R::effective_samples, "1", "independent samples, all chains"),
        field("drift", &R::drift, "1", "relative drift, second half less first"),
        field("half_time", &R::half_time, "time", "half-life of the correlation"),
        field("half_times", &R::half_times, "1", "length of a chain in τ½"),
        field("spikes", &R::spikes, "1", "excursions above the spike threshold"),
        field("spike_chain", &R::spike_chain, "1", "chain of the first spike, -1 for none"),
        field("spike_position",
              &R::spike_position,
              "samples",
              "sample of the first spike, -1 for none"),
        field("identity", &R::identity, "1", "⟨|∇L|²⟩ / (T⟨tr H⟩)"),
        field("identity_error", &R::identity_error, "1", "standard error of the identity")};
  }
};

/// Judges the loss series of the replicas of one window, sampled every `interval` [time]. The first
/// that applies:
///   diverged       a value is not finite
///   spiked         a value above spike_factor × median of its chain
///   relaxing       the drift rises, or the identity lies below 1, by more than its tolerance and
///                  drift_significance standard errors
///   ageing         the same, falling or above 1
///   too_short      fewer than minimum_half_times τ½, or τ½ cannot be told
///   not_converged  split R-hat above its limit: the chains do not describe one law
/// A drift hides in a short window; the identity does not.
/// Throws Error if an option is out of range or no chain is given.
/// Cost: about three FFTs a chain.
/// Reference: r_hat.hpp.
[[nodiscard]] Health chain_health(Chains chains,
                                  double interval = 1,
                                  const std::optional<Estimate>& identity = std::nullopt,
                                  const HealthOptions& options = {});

}  // namespace thermoscape::analysis
