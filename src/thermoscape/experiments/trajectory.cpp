#include "thermoscape/experiments/trajectory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <type_traits>

#include "thermoscape/experiments/run_view.hpp"

namespace thermoscape {

template <class Real>
Probe<Real> trajectory_probe(const ParameterSubset& subset, Schedule schedule) {
  constexpr bool kFloat = std::is_same_v<Real, float>;
  const auto width = static_cast<std::size_t>(trajectory_width(subset.count(), kFloat));
  Probe<Real> probe{
      "trajectory", width, "parameter", "1", "some of the parameters", std::move(schedule), {}};
  probe.measure = [subset](Look<Real>& look, std::span<double> out) {
    out.back() = 0;  // the unpaired half of the last number
    auto* to = reinterpret_cast<std::byte*>(out.data());
    for (const ParameterRange& part : subset.parts()) {
      const std::size_t bytes = static_cast<std::size_t>(part.count) * sizeof(Real);
      std::memcpy(to, look.state.theta.data() + part.first, bytes);
      to += bytes;
    }
  };
  return probe;
}

std::int64_t trajectory_width(std::int64_t parameters, bool float32) {
  return float32 ? (parameters + 1) / 2 : parameters;
}

Trajectory::Trajectory(const RunView& view, std::size_t task, const std::string& parameters) {
  const Recorded recorded = view.recorded(task, "trajectory");
  const Branch& branch = view.branch(task);
  const auto it = std::find_if(branch.record.begin(),
                               branch.record.end(),
                               [](const RecordSettings& one) { return one.probe == "trajectory"; });
  const Ground& ground = view.ground(task);
  const std::int64_t examples =
      std::visit([](const auto& objective) { return objective->examples(); }, ground.objective);
  const auto named = [&](const std::string& text) {
    return named_parameters(text, ground, "trajectory.parameters");
  };
  const ParameterSubset all = named(it->parameters);
  choose(all, parameters.empty() ? all : named(parameters), parameters);
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

void Trajectory::choose(const ParameterSubset& recorded,
                        const ParameterSubset& subset,
                        const std::string& parameters) {
  subset_ = subset;
  for (const ParameterRange& wanted : subset.parts()) {
    std::int64_t column = 0;
    bool found = false;
    for (const ParameterRange& part : recorded.parts()) {
      found = wanted.first >= part.first && wanted.first + wanted.count <= part.first + part.count;
      if (found) {
        columns_.push_back({column + wanted.first - part.first, wanted.count});
        break;
      }
      column += part.count;
    }
    if (!found) {
      reject({"parameters",
              parameters,
              "must be among what the phase records",
              "see `parameters` of its trajectory"});
    }
  }
}

void Trajectory::read(std::int64_t row, double* out) const {
  const double* const from = values_.span().data() + row * width_;
  for (const ParameterRange& part : columns_) {
    if (float32_) {
      const auto* bytes = reinterpret_cast<const std::byte*>(from) +
                          static_cast<std::size_t>(part.first) * sizeof(float);
      for (std::int64_t i = 0; i < part.count; ++i, bytes += sizeof(float)) {
        float one = 0;
        std::memcpy(&one, bytes, sizeof one);
        *out++ = static_cast<double>(one);
      }
    } else {
      out = std::copy_n(from + part.first, part.count, out);
    }
  }
}

analysis::Rows Trajectory::rows(std::int64_t first, std::int64_t last) const {
  if (first < 0 || first >= last || last > rows_) {
    reject({"trajectory.rows",
            fmt::format("{} to {}", first, last),
            fmt::format("must lie in 0 ... {}", rows_),
            ""});
  }
  return {last - first, subset_.count(), [this, first](Eigen::Index at, auto block) {
            for (Eigen::Index r = 0; r < block.rows(); ++r)
              read(first + at + r, block.data() + r * block.outerStride());
          }};
}

std::vector<double> Trajectory::row(std::int64_t index) const {
  std::vector<double> out(static_cast<std::size_t>(subset_.count()));
  read(index, out.data());
  return out;
}

template Probe<float> trajectory_probe(const ParameterSubset&, Schedule);
template Probe<double> trajectory_probe(const ParameterSubset&, Schedule);

}  // namespace thermoscape
