#include "thermoscape/experiments/loss_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "thermoscape/analysis/autocorrelation.hpp"
#include "thermoscape/analysis/equipartition.hpp"
#include "thermoscape/analysis/gamma_fit.hpp"
#include "thermoscape/analysis/identity.hpp"
#include "thermoscape/landscape/hessian_trace.hpp"

namespace thermoscape {

namespace {

using Member = Estimate ReplicaStatistics::*;

/// The gravest status of a task and the tasks it continues.
Status lineage_status(const RunView& view, std::size_t index) {
  Status status = view.end(index).status;
  for (auto parent = view.task(index).parent; parent; parent = view.task(*parent).parent) {
    status = analysis::worse(status, view.end(*parent).status);
  }
  return status;
}

/// ⟨|∇L|²⟩ / (T⟨tr H⟩) from the θ recorded in the window.
Estimate identity_of(const RunView& view,
                     std::size_t index,
                     const SweepPoint& point,
                     std::int64_t probes) {
  const Recorded theta = view.recorded(index, "theta");
  const auto [first, last] = window_of(theta, point.from, point.to);
  const std::unique_ptr<Objective<double>> objective = view.objective(index);
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view.recipe().head.seed)).fork(view.task(index).id, 1);
  std::vector<double> gradient(theta.width);
  std::vector<double> squares;
  std::vector<double> traces;
  for (std::size_t i = first; i < last; ++i) {
    const std::span<const double> at = theta.values.span().subspan(i * theta.width, theta.width);
    (void)objective->loss_gradient(at, Batch{}, gradient);
    double sum = 0;
    for (const double g : gradient) sum += g * g;
    squares.push_back(sum);
    traces.push_back(hessian_trace(*objective, at, noise, i, probes).value);
  }
  return squares.size() < 2 ? Estimate{}
                            : analysis::equilibrium_identity(squares, traces, point.temperature);
}

Estimate effective_examples_of(const RunView& view, std::size_t index, const SweepPoint& point) {
  const Recorded phi = view.recorded(index, "effective_examples");
  const auto [first, last] = window_of(phi, point.from, point.to);
  return analysis::blocking(phi.values.span().subspan(first, last - first)).mean;
}

void fill(const RunView& view,
          const SweepPoint& point,
          const LossStatisticsOptions& options,
          ReplicaStatistics& own) {
  own.status = lineage_status(view, own.task);
  const Recorded loss = view.recorded(own.task, "loss");
  const auto [first, last] = window_of(loss, point.from, point.to);
  own.losses.assign(loss.values.begin() + static_cast<std::ptrdiff_t>(first),
                    loss.values.begin() + static_cast<std::ptrdiff_t>(last));
  if (own.losses.size() < 16) {
    own.status = analysis::worse(own.status, Status::too_short);
    return;
  }
  own.interval = loss.time[first + 1] - loss.time[first];
  const analysis::Equipartition equipartition =
      analysis::equipartition(own.losses, point.temperature);
  own.mean = equipartition.mean_over_temperature;
  own.deviation = equipartition.deviation_over_temperature;
  own.shape = analysis::gamma_fit(own.losses).shape;
  own.rate = equipartition.rate_times_temperature;
  own.fluctuation_ratio = equipartition.fluctuation_ratio;
  analysis::AutocorrelationOptions lags;
  lags.minimum_half_times = options.health.minimum_half_times;
  const analysis::Autocorrelation correlation =
      analysis::autocorrelation(own.losses, own.interval, lags);
  own.half_time = correlation.half_time;
  const double length = std::sqrt(point.temperature * own.half_time.value);
  own.length = {length,
                0.5 * length * own.half_time.standard_error / own.half_time.value,
                own.half_time.status};
  own.chi = correlation.chi;
  if (view.records(own.task, "effective_examples"))
    own.effective_examples = effective_examples_of(view, own.task, point);
  if (view.records(own.task, "theta"))
    own.identity = identity_of(view, own.task, point, options.trace_probes);
}

analysis::Health health_of(const std::vector<ReplicaStatistics>& replicas,
                           const analysis::HealthOptions& options) {
  analysis::Health health;
  std::vector<std::span<const double>> chains;
  std::vector<Estimate> identities;
  for (const ReplicaStatistics& one : replicas) {
    if (one.status != Status::ok) {
      health.status = one.status;
      health.reason = "the run or the one it continues: " + std::string(explanation(one.status));
      return health;
    }
    chains.emplace_back(one.losses);
    if (std::isfinite(one.identity.value)) identities.push_back(one.identity);
  }
  std::optional<Estimate> identity;
  if (!identities.empty())
    identity = analysis::combine(identities, {.exclude_not_ok = false}).estimate;
  return analysis::chain_health(chains, replicas.front().interval, identity, options);
}

}  // namespace

Status SweepPoint::status() const {
  Status worst = Status::ok;
  for (const analysis::Health& one : health) {
    if (one.status == Status::ok) return Status::ok;
    worst = analysis::worse(worst, one.status);
  }
  return worst;
}

std::string SweepPoint::reason() const {
  std::string text;
  for (std::size_t m = 0; m < health.size(); ++m) {
    if (health[m].status == Status::ok) continue;
    text += (text.empty() ? "" : "; ") + fmt::format("minimum {}: {}", m, health[m].reason);
  }
  return text;
}

SweepPoint SweepPoint::alone(std::size_t minimum) const {
  SweepPoint one{where, temperature, from, to, {minima[minimum]}, {health[minimum]}};
  for (ReplicaStatistics& replica : one.minima.front()) {
    replica.losses = {};
    replica.chi = {};
  }
  return one;
}

analysis::Nested SweepPoint::combined(Member quantity) const {
  const bool any_healthy = status() == Status::ok;
  std::vector<std::vector<Estimate>> members;
  for (std::size_t m = 0; m < minima.size(); ++m) {
    if (any_healthy && health[m].status != Status::ok) continue;
    std::vector<Estimate>& row = members.emplace_back();
    for (const ReplicaStatistics& one : minima[m]) {
      Estimate estimate = one.*quantity;
      // A window too short for its own error bar still counts: the spread of the replicas carries
      // the error.
      if (estimate.status == Status::too_short && minima[m].size() > 1)
        estimate.status = Status::ok;
      row.push_back(estimate);
    }
  }
  analysis::Nested nested = analysis::combine_minima(members, {.exclude_not_ok = any_healthy});
  if (!any_healthy) nested.estimate.status = analysis::worse(nested.estimate.status, status());
  return nested;
}

std::string Family::label() const {
  std::string text;
  for (const auto& [key, value] : where)
    text += fmt::format("{}{} = {:.3g}", text.empty() ? "" : ", ", key, value);
  return text;
}

std::vector<Family> families_of(const std::vector<SweepPoint>& points) {
  std::vector<Family> families;
  for (const SweepPoint& point : points) {
    Coordinates rest;
    std::copy_if(point.where.begin(),
                 point.where.end(),
                 std::back_inserter(rest),
                 [](const auto& coordinate) { return coordinate.first != "temperature"; });
    auto it = std::find_if(
        families.begin(), families.end(), [&](const Family& one) { return one.where == rest; });
    if (it == families.end()) it = families.insert(families.end(), Family{rest, {}});
    it->points.push_back(point);
  }
  return families;
}

std::vector<SweepPoint> loss_statistics(const RunView& view,
                                        const std::string& phase,
                                        const LossStatisticsOptions& options) {
  std::vector<SweepPoint> points;
  for (const std::size_t index : view.tasks_of(phase)) {
    const Task& task = view.task(index);
    auto it = std::find_if(points.begin(), points.end(), [&](const SweepPoint& one) {
      return one.where == task.where;
    });
    if (it == points.end()) {
      SweepPoint& point = points.emplace_back();
      point.where = task.where;
      const Branch& branch = view.branch(index);
      point.temperature = rule_parameter(branch.rule, "temperature").value_or(0);
      if (point.temperature <= 0) {
        reject({"phase " + phase,
                "",
                "needs a rule with a temperature above 0 for loss statistics",
                ""});
      }
      const double duration = time_step(branch.rule) * static_cast<double>(branch.stop.steps);
      std::tie(point.from, point.to) = options.window.resolve(point.temperature, duration);
      point.minima.resize(static_cast<std::size_t>(view.recipe().head.minima));
      it = points.end() - 1;
    }
    ReplicaStatistics replica;
    replica.task = index;
    it->minima[static_cast<std::size_t>(task.minimum)].push_back(std::move(replica));
  }
  std::vector<std::pair<const SweepPoint*, ReplicaStatistics*>> work;
  for (SweepPoint& point : points) {
    for (auto& replicas : point.minima) {
      for (ReplicaStatistics& one : replicas) work.emplace_back(&point, &one);
    }
  }
  view.in_parallel(work.size(),
                   [&](std::size_t i) { fill(view, *work[i].first, options, *work[i].second); });
  for (SweepPoint& point : points) {
    for (const auto& replicas : point.minima)
      point.health.push_back(health_of(replicas, options.health));
  }
  return points;
}

}  // namespace thermoscape
