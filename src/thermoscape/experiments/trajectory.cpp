#include "thermoscape/experiments/trajectory.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "thermoscape/experiments/run_view.hpp"

namespace thermoscape {

template <class Real>
Probe<Real> trajectory_probe(const ParameterRange& range, Schedule schedule) {
  constexpr bool kFloat = std::is_same_v<Real, float>;
  const auto width = static_cast<std::size_t>(trajectory_width(range.count, kFloat));
  Probe<Real> probe{
      "trajectory", width, "parameter", "1", "parameters of a range", std::move(schedule), {}};
  const auto first = static_cast<std::size_t>(range.first);
  const auto count = static_cast<std::size_t>(range.count);
  probe.measure = [first, count](Look<Real>& look, std::span<double> out) {
    out.back() = 0;  // the unpaired half of the last number
    std::memcpy(out.data(), look.state.theta.data() + first, count * sizeof(Real));
  };
  return probe;
}

std::int64_t trajectory_width(std::int64_t parameters, bool float32) {
  return float32 ? (parameters + 1) / 2 : parameters;
}

Trajectory::Trajectory(const RunView& view, std::size_t task) {
  const Recorded recorded = view.recorded(task, "trajectory");
  const Branch& branch = view.branch(task);
  const auto it = std::find_if(branch.record.begin(),
                               branch.record.end(),
                               [](const RecordSettings& one) { return one.probe == "trajectory"; });
  const Ground& ground = view.ground(task);
  const std::int64_t examples =
      std::visit([](const auto& objective) { return objective->examples(); }, ground.objective);
  range_ = std::visit(
      [&](const auto& objective) {
        return parameter_range(it->parameters, *objective, "trajectory.parameters");
      },
      ground.objective);
  if (it->schedule.every < 1) {
    reject({"trajectory",
            "looks that are not equally spaced",
            "must be recorded with `every`",
            "every = 1 is each step"});
  }
  every_ = it->schedule.every;
  steps_per_epoch_ = Sampler(branch.batch, examples, Noise(0)).steps_per_epoch();
  float32_ = std::holds_alternative<std::shared_ptr<const Objective<float>>>(ground.objective);
  values_ = recorded.values;
  rows_ = static_cast<std::int64_t>(recorded.rows);
  width_ = static_cast<std::int64_t>(recorded.width);
}

void Trajectory::read(std::int64_t row, double* out) const {
  const double* const from = values_.span().data() + row * width_;
  if (!float32_) {
    std::copy_n(from, range_.count, out);
    return;
  }
  float pair[2];
  for (std::int64_t i = 0; i < range_.count; i += 2) {
    std::memcpy(pair, from + i / 2, sizeof pair);
    out[i] = static_cast<double>(pair[0]);
    if (i + 1 < range_.count) out[i + 1] = static_cast<double>(pair[1]);
  }
}

analysis::Rows Trajectory::rows(std::int64_t first, std::int64_t last) const {
  if (first < 0 || first >= last || last > rows_) {
    reject({"trajectory.rows",
            fmt::format("{} to {}", first, last),
            fmt::format("must lie in 0 ... {}", rows_),
            ""});
  }
  return {last - first, range_.count, [this, first](Eigen::Index at, auto block) {
            for (Eigen::Index r = 0; r < block.rows(); ++r)
              read(first + at + r, block.data() + r * block.outerStride());
          }};
}

std::vector<double> Trajectory::row(std::int64_t index) const {
  std::vector<double> out(static_cast<std::size_t>(range_.count));
  read(index, out.data());
  return out;
}

template Probe<float> trajectory_probe(const ParameterRange&, Schedule);
template Probe<double> trajectory_probe(const ParameterRange&, Schedule);

}  // namespace thermoscape
