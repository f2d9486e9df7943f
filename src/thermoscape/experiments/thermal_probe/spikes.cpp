#include "thermoscape/experiments/thermal_probe/spikes.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/analysis/share.hpp"

namespace thermoscape {

namespace {

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Second half less first over the mean of both, of the medians of eight stretches each, which
/// spikes do not move; the error from the scatter of the stretches.
Estimate median_drift(std::span<const double> values) {
  constexpr std::size_t kStretches = 16;
  if (values.size() < kStretches) return {};
  std::vector<Estimate> halves[2];
  for (std::size_t i = 0; i < kStretches; ++i) {
    const std::size_t from = i * values.size() / kStretches;
    const auto stretch = values.subspan(from, (i + 1) * values.size() / kStretches - from);
    halves[2 * i / kStretches].push_back(
        {median_of({stretch.begin(), stretch.end()}), 0, Status::ok});
  }
  const Estimate first = analysis::combine(halves[0]).estimate;
  const Estimate second = analysis::combine(halves[1]).estimate;
  const double mean = (first.value + second.value) / 2;
  if (!(mean > 0)) return {};
  return {(second.value - first.value) / mean,
          std::hypot(first.standard_error, second.standard_error) / mean,
          Status::ok};
}

TaskSpikes spikes_of(const RunView& view,
                     std::size_t index,
                     const SpikePoint& point,
                     const SpikesOptions& options) {
  TaskSpikes result;
  result.task = index;
  result.diverged = view.end(index).status == Status::diverged;
  const Branch& branch = view.branch(index);
  const double duration = point.step * static_cast<double>(branch.stop.steps);
  const auto [from, to] = options.window.resolve(point.temperature, duration);
  const Recorded loss = view.recorded(index, "loss");
  const auto [first, last] = window_of(loss, from, to);
  std::vector<double> values;
  for (std::size_t i = first; i < last && std::isfinite(loss.values[i]); ++i)
    values.push_back(loss.values[i] / point.temperature);
  if (values.size() < 16) return result;
  result.median = median_of(values);
  result.spikes = analysis::find_spikes(values, std::max(2.0, options.threshold / result.median));
  result.steps = (loss.time[first + values.size() - 1] - loss.time[first]) / point.step;
  if (!result.spikes.positions.empty()) {
    result.first = point.temperature *
                   loss.time[first + static_cast<std::size_t>(result.spikes.positions.front())];
  }
  result.mean = analysis::blocking(values).mean;
  result.drift = median_drift(values);
  return result;
}

}  // namespace

std::vector<SpikePoint> spike_points(const RunView& view,
                                     const std::string& phase,
                                     const SpikesOptions& options) {
  std::vector<SpikePoint> points;
  for (const std::size_t index : view.tasks_of(phase)) {
    const Coordinates& where = view.task(index).where;
    auto it = std::find_if(
        points.begin(), points.end(), [&](const SpikePoint& one) { return one.where == where; });
    if (it == points.end()) {
      const Branch& branch = view.branch(index);
      const double temperature = rule_parameter(branch.rule, "temperature").value_or(0);
      if (temperature <= 0)
        reject({"phase " + phase, "", "needs a rule with a temperature above 0 for spikes", ""});
      it = points.insert(points.end(), SpikePoint{where, temperature, time_step(branch.rule), {}});
    }
    it->tasks.push_back(TaskSpikes{index, {}, 0, -1, 0, {}, {}, false});
  }
  std::vector<std::pair<const SpikePoint*, TaskSpikes*>> work;
  for (SpikePoint& point : points) {
    for (TaskSpikes& one : point.tasks) work.emplace_back(&point, &one);
  }
  view.in_parallel(work.size(), [&](std::size_t i) {
    *work[i].second = spikes_of(view, work[i].second->task, *work[i].first, options);
  });
  return points;
}

SpikeSummary summary_of(const SpikePoint& point) {
  SpikeSummary sum;
  std::vector<Estimate> means;
  std::vector<Estimate> medians;
  std::vector<Estimate> drifts;
  double spiked = 0;
  double drifting = 0;
  for (const TaskSpikes& one : point.tasks) {
    spiked += one.spikes.count > 0 || one.diverged ? 1 : 0;
    sum.count += static_cast<double>(one.spikes.count);
    sum.steps += one.steps;
    sum.diverged += one.diverged ? 1 : 0;
    sum.largest = std::max(sum.largest, one.spikes.largest);
    if (one.first >= 0 && (sum.first < 0 || one.first < sum.first)) sum.first = one.first;
    if (one.diverged || one.steps <= 0) continue;
    means.push_back(one.mean);
    medians.push_back({one.median, 0, Status::ok});
    drifts.push_back(one.drift);
    drifting += std::abs(one.drift.value) > std::max(0.1, 3 * one.drift.standard_error) ? 1 : 0;
  }
  sum.spiked_share = analysis::share(spiked, static_cast<double>(point.tasks.size()));
  sum.drifting_share = analysis::share(drifting, static_cast<double>(drifts.size()));
  if (sum.steps > 0) {
    const double millions = sum.steps / 1e6;
    sum.rate = {sum.count / millions, std::sqrt(std::max(sum.count, 1.0)) / millions, Status::ok};
  }
  // An in-run error that cannot be had (a spike dominates) still leaves the spread of the tasks.
  sum.mean = analysis::combine(means, {.exclude_not_ok = false}).estimate;
  sum.median = analysis::combine(medians).estimate;
  sum.drift = analysis::combine(drifts, {.exclude_not_ok = false}).estimate;
  for (Estimate* one : {&sum.mean, &sum.drift}) {
    if (one->status == Status::too_short && point.tasks.size() > 1) one->status = Status::ok;
  }
  return sum;
}

}  // namespace thermoscape
