#include "thermoscape/data/standardise.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::data {

Standardisation fit_standardisation(const Labelled& train, Grouping grouping) {
  if (train.labels.empty())
    reject({train.name, "0 examples", "standardising needs at least one", ""});
  if (grouping == Grouping::channel && train.shape.size() < 2) {
    reject({train.name + ", standardise",
            "channel",
            "needs inputs with a channel axis",
            "use `feature` for flat inputs"});
  }
  Standardisation out;
  out.grouping = grouping;
  const std::int64_t groups = grouping == Grouping::channel ? train.shape[0] : train.width();
  out.group_width = train.width() / groups;
  const auto width = static_cast<std::size_t>(train.width());
  const auto group_width = static_cast<std::size_t>(out.group_width);
  const double n = static_cast<double>(train.size() * out.group_width);
  out.mean.assign(static_cast<std::size_t>(groups), 0.0);
  std::vector<double> square(out.mean.size(), 0.0);
  for (std::size_t i = 0; i < train.inputs.size(); ++i)
    out.mean[i % width / group_width] += train.inputs[i];
  for (double& m : out.mean) m /= n;
  // Two passes: the variance of pixels near 1 would cancel in one.
  for (std::size_t i = 0; i < train.inputs.size(); ++i) {
    const std::size_t g = i % width / group_width;
    const double difference = train.inputs[i] - out.mean[g];
    square[g] += difference * difference;
  }
  for (std::size_t g = 0; g < square.size(); ++g) {
    const double deviation = std::sqrt(square[g] / n);
    // Below the rounding of the float inputs themselves there is no variation to scale up.
    const bool varies = deviation > 1e-7 * std::abs(out.mean[g]) && deviation > 1e-30;
    out.scale.push_back(varies ? deviation : 1.0);
    out.constant += varies ? 0 : 1;
  }
  return out;
}

Labelled apply(const Standardisation& standardisation, Labelled set) {
  const auto width = static_cast<std::size_t>(set.width());
  const std::size_t groups = standardisation.mean.size();
  const auto group_width = static_cast<std::size_t>(standardisation.group_width);
  if (groups * group_width != width) {
    reject({set.name,
            fmt::format("{} inputs", width),
            fmt::format("must be {}, as where the scales were measured", groups * group_width),
            ""});
  }
  for (std::size_t i = 0; i < set.inputs.size(); ++i) {
    const std::size_t g = i % width / group_width;
    set.inputs[i] =
        static_cast<float>((set.inputs[i] - standardisation.mean[g]) / standardisation.scale[g]);
  }
  const bool channel = standardisation.grouping == Grouping::channel;
  const std::string axis = channel ? "channel" : "feature";
  std::string step =
      fmt::format("each {} standardised by the mean and deviation of the training set", axis);
  if (standardisation.constant > 0) {
    step += fmt::format(
        "; {} of {} do not vary there and were only centred", standardisation.constant, groups);
  }
  set.steps.push_back(std::move(step));
  const auto record =
      [&](std::string name, const std::vector<double>& values, std::string description) {
        set.records.push_back({.name = std::move(name),
                               .dimensions = {axis},
                               .shape = {groups},
                               .values = values,
                               .unit = "1",
                               .description = std::move(description),
                               .source = "standardise",
                               .attributes = {}});
      };
  record("input_mean", standardisation.mean, "mean subtracted from the inputs");
  record("input_scale",
         standardisation.scale,
         "standard deviation the inputs were divided by; 1 if constant");
  return set;
}

}  // namespace thermoscape::data
