#pragma once
#include <string>
#include <vector>

#include "thermoscape/analysis/chain_health.hpp"
#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/analysis/histogram.hpp"
#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/measure.hpp"

namespace thermoscape {

struct LossStatisticsOptions {
  WindowSettings window;
  analysis::HealthOptions health;
  std::int64_t trace_probes = 16;

  static constexpr auto fields() {
    return std::tuple{field("trace_probes",
                            &LossStatisticsOptions::trace_probes,
                            "1",
                            "random vectors for tr H at each recorded θ",
                            Range{2, 1e6})};
  }
};

/// The loss fluctuations of one replica in its window.
struct ReplicaStatistics {
  std::size_t task = 0;
  std::vector<double> losses;   ///< in the window
  double interval = 0;          ///< between them [time]
  Status status = Status::ok;   ///< of the task and its ancestors
  Estimate mean;                ///< μ/T
  Estimate deviation;           ///< σ/T
  Estimate shape;               ///< α
  Estimate rate;                ///< βT
  Estimate fluctuation_ratio;   ///< σ²/(μT)
  Estimate effective_examples;  ///< φ
  Estimate half_time;           ///< τ½ [time]
  Estimate length;              ///< L = √(T τ½) [θ]
  Estimate identity;            ///< ⟨|∇L|²⟩ / (T⟨tr H⟩)
  std::vector<double> chi;      ///< autocorrelation of the loss, trend removed
};

/// All replicas and minima at one point of the sweep.
struct SweepPoint {
  Coordinates where;
  double temperature = 0;
  double from = 0;  ///< window [time]
  double to = 0;
  std::vector<std::vector<ReplicaStatistics>> minima;  ///< [minimum][replica]
  std::vector<analysis::Health> health;                ///< [minimum]

  /// Mean over the minima whose chains are healthy, the larger of within-run, replica and minimum
  /// errors quoted; if none is healthy the mean over all, with the gravest status.
  [[nodiscard]] Estimate pooled(Estimate ReplicaStatistics::*quantity) const {
    return combined(quantity).estimate;
  }
  /// The same with all three errors apart.
  [[nodiscard]] analysis::Nested combined(Estimate ReplicaStatistics::*quantity) const;
  [[nodiscard]] Status status() const;
  [[nodiscard]] std::string reason() const;
  /// The point as one minimum alone saw it, without the recorded series.
  [[nodiscard]] SweepPoint alone(std::size_t minimum) const;
};

/// The points of a sweep that differ only in temperature, and the coordinates they share.
struct Family {
  Coordinates where;  ///< without the temperature
  std::vector<SweepPoint> points;

  /// "time_step = 0.01", empty if temperature is all that was swept.
  [[nodiscard]] std::string label() const;
};
[[nodiscard]] std::vector<Family> families_of(const std::vector<SweepPoint>& points);

/// Statistics of the loss in the window at every point of the sweep of a phase, in order of the
/// sweep. Chains are judged (chain_health.hpp) a minimum at a time. The identity needs recorded θ,
/// φ needs `effective_examples`; where a phase does not record them they stay undefined.
[[nodiscard]] std::vector<SweepPoint> loss_statistics(const RunView& view,
                                                      const std::string& phase,
                                                      const LossStatisticsOptions& options);

/// The figures of the loss statistics: P(L/T) with its Gamma law, moments, α and φ, βT, τ½ and
/// autocorrelations against temperature, a curve a family; and α, μ/T and βT against every other
/// coordinate of the sweep.
[[nodiscard]] std::vector<Figure> loss_statistics_figures(const std::vector<Family>& families);

}  // namespace thermoscape
