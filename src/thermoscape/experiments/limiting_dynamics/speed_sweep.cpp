#include "thermoscape/experiments/limiting_dynamics/speed_sweep.hpp"

#include <algorithm>
#include <cmath>
#include <variant>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/experiments/eigenplane_probe.hpp"
#include "thermoscape/experiments/limiting_dynamics/independent_batch.hpp"
#include "thermoscape/experiments/limiting_dynamics/phase_start.hpp"
#include "thermoscape/experiments/limiting_dynamics/recorded_noise.hpp"
#include "thermoscape/experiments/spread.hpp"
#include "thermoscape/landscape/gradient_noise.hpp"

namespace thermoscape {

namespace {

/// tr Σ over all examples at a place, in the precision that the task ran in.
double noise_trace(const RunView& view, std::size_t task, const PhaseStart& place) {
  return std::visit(
      [&]<class Real>(const std::shared_ptr<const Objective<Real>>& prototype) {
        const auto objective = with_statistics(*prototype, place.buffers);
        const std::vector<Real> at(place.theta.begin(), place.theta.end());
        return gradient_noise<Real>(*objective, at, 0, objective->parameters()).trace;
      },
      view.ground(task).objective);
}

bool same(const SpeedPlace& a, const SpeedPlace& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (std::abs(a[i] - b[i]) > 1e-9 * std::abs(b[i])) return false;
  return true;
}

}  // namespace

TaskSpeed task_speed(const RunView& view, std::size_t index, const SpeedSweepOptions& options) {
  const Branch& branch = view.branch(index);
  const auto* rule = std::get_if<Momentum>(&branch.rule);
  if (rule == nullptr || branch.batch.size == 0) {
    reject({"speed-sweep.phase",
            std::string(name(branch.rule)),
            "must be momentum on batches",
            "set `rule` and `batch`"});
  }
  const auto size = static_cast<double>(branch.batch.size);
  const auto examples = static_cast<double>(std::visit(
      [](const auto& objective) { return objective->examples(); }, view.ground(index).objective));
  const double beta = rule->momentum;
  const double eta = rule->learning_rate;
  TaskSpeed t;
  t.at = {eta, size, beta};
  t.where = view.task(index).where;
  const double batch = independent_batch("speed-sweep", branch.batch, examples);
  t.factor = eta * eta / (batch * (1 - beta * beta));
  t.trace_along = recorded_noise_trace(view, index, batch, options.skip);
  t.trace_before = noise_trace(view, index, phase_start(view, index));
  t.trace_after = noise_trace(
      view, index, {view.last_theta(index), last_buffers(view.workshop(), view.task(index))});

  const Recorded recorded = view.recorded(index, "eigenplanes");
  const EigenplaneColumns columns = EigenplaneColumns::of_width(recorded.width);
  const auto epoch = static_cast<std::int64_t>(std::ceil(examples / size));
  const auto rows = static_cast<std::int64_t>(recorded.rows);
  const bool paper = of_paper(options.definitions);
  const auto first = paper ? std::min(epoch + 1, rows - 1)
                           : static_cast<std::int64_t>(options.skip * static_cast<double>(rows));
  const std::int64_t last = paper ? std::min(2 * epoch + 1, rows) : rows;
  std::vector<double> squares;
  std::vector<double> displacement;
  double path_square = 0;
  for (std::int64_t k = 0; k < rows; ++k) {
    const auto row = static_cast<std::size_t>(k) * recorded.width;
    displacement.push_back(recorded.values[row + columns.displacement_square()]);
    const double square = eta * eta * recorded.values[row + columns.velocity_square()];
    if (k > 0) path_square += square;
    if (k >= first && k < last) squares.push_back(square);
  }
  t.step_square = analysis::blocking(squares).mean;
  const auto steps = static_cast<double>(rows - 1);
  t.straight_share = displacement.back() / (steps * path_square);
  t.exponent = exponent_over(
      displacement, paper ? second_epoch(epoch) : FitRange{1, rows - 1}, options.definitions);
  return t;
}

std::vector<SpeedPoint> speed_points(const std::vector<TaskSpeed>& tasks) {
  std::vector<SpeedPoint> points;
  for (const TaskSpeed& one : tasks) {
    const auto known = [&](const SpeedPoint& p) { return same(p.at, one.at); };
    if (std::any_of(points.begin(), points.end(), known)) continue;
    SpeedPoint point;
    point.at = one.at;
    point.where = one.where;
    point.factor = one.factor;
    std::vector<Estimate> speeds, measured, diffusive, start, exponents;
    std::vector<double> straight;
    for (const TaskSpeed& t : tasks) {
      if (!same(t.at, one.at)) continue;
      const auto over = [&](double divisor) {
        return Estimate{t.step_square.value / divisor,
                        t.step_square.standard_error / divisor,
                        t.step_square.status};
      };
      point.trace += t.trace();
      speeds.push_back(t.step_square);
      measured.push_back(over(t.factor * t.trace()));
      diffusive.push_back(over(t.factor * t.trace() / (1 - t.straight_share)));
      start.push_back(over(t.factor * t.trace_before));
      exponents.push_back(t.exponent);
      straight.push_back(t.straight_share);
    }
    point.trace /= static_cast<double>(speeds.size());
    const analysis::CombineOptions all{.exclude_not_ok = false};
    point.step_square = analysis::combine(speeds, all).estimate;
    point.over_measured = analysis::combine(measured, all).estimate;
    point.diffusive_over_measured = analysis::combine(diffusive, all).estimate;
    point.over_start = analysis::combine(start, all).estimate;
    point.exponent = analysis::combine(exponents, all).estimate;
    point.straight_share = mean_of(straight);
    if (exponents.size() == 1) point.exponent.status = Status::too_short;
    points.push_back(std::move(point));
  }
  return points;
}

std::size_t default_point(const std::vector<SpeedPoint>& points) {
  SpeedPlace middle{};
  for (std::size_t axis = 0; axis < middle.size(); ++axis) {
    std::ptrdiff_t best = 0;
    for (const SpeedPoint& p : points) {
      const auto count = std::count_if(points.begin(), points.end(), [&](const SpeedPoint& other) {
        return other.at[axis] == p.at[axis];
      });
      if (count <= best) continue;
      best = count;
      middle[axis] = p.at[axis];
    }
  }
  for (std::size_t i = 0; i < points.size(); ++i)
    if (same(points[i].at, middle)) return i;
  reject({"speed-sweep.phase",
          fmt::format("learning_rate {}, batch {}, momentum {}", middle[0], middle[1], middle[2]),
          "must be a point of the sweep",
          "vary one of the three at a time about a middle, with zip = true"});
}

std::vector<std::size_t> along_axis(const std::vector<SpeedPoint>& points,
                                    std::size_t middle,
                                    std::size_t axis) {
  std::vector<std::size_t> list;
  for (std::size_t i = 0; i < points.size(); ++i) {
    SpeedPlace moved = points[i].at;
    moved[axis] = points[middle].at[axis];
    if (same(moved, points[middle].at)) list.push_back(i);
  }
  std::sort(list.begin(), list.end(), [&](std::size_t a, std::size_t b) {
    return points[a].at[axis] < points[b].at[axis];
  });
  return list;
}

}  // namespace thermoscape
