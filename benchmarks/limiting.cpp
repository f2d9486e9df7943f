#include "benchmarks/limiting.hpp"

#include <cmath>

#include "benchmarks/clock.hpp"
#include "benchmarks/shape.hpp"
#include "benchmarks/stream_read.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/objective/linear_regression.hpp"
#include "thermoscape/record/sampler.hpp"
#include "thermoscape/theory/displacement_curve.hpp"

namespace thermoscape::bench {

namespace {

/// Median processor time of work() over single calls, at least three.
template <class F>
double seconds_each(double seconds, F&& work) {
  work();
  std::vector<double> calls;
  double spent = 0;
  while (spent < seconds || calls.size() < 3) {
    const double begin = thread_seconds();
    work();
    calls.push_back(thread_seconds() - begin);
    spent += calls.back();
  }
  return median(std::move(calls));
}

}  // namespace

Json theory_curves(const Json& request) {
  const auto modes = request.at("modes").get<std::size_t>();
  const auto count = request.at("times").get<std::size_t>();
  constexpr double kRate = 1e-4;
  std::vector<double> curvatures;
  for (std::size_t l = 0; l < modes; ++l)
    curvatures.push_back(60 * std::pow(static_cast<double>(l + 1), -1.2));
  std::vector<double> times;
  for (std::size_t i = 0; i < count; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(count - 1);
    times.push_back(kRate * std::pow(10.0, 6 * share));
  }
  const theory::SgdNoise sgd{kRate, 0.9, 256};
  double last = 0;
  const double each = seconds_each(request.at("seconds"), [&] {
    last = theory::displacement_curve(sgd, curvatures, curvatures, times).displacement.back();
  });
  return {{"seconds_per_step", each}, {"last", last}};
}

Json linear_regression_step(const Json& request) {
  RegressionData data;
  data.examples = request.at("examples");
  data.inputs = request.at("inputs");
  data.targets = request.at("targets");
  const std::int64_t batch = request.at("batch");
  data.x.resize(static_cast<std::size_t>(data.examples * data.inputs));
  data.y.resize(static_cast<std::size_t>(data.examples * data.targets));
  Noise(1).normal<double>("bench.inputs", 0, data.x);
  Noise(1).normal<double>("bench.targets", 0, data.y);
  LinearRegression<float> regression({}, data);
  std::vector<float> theta(static_cast<std::size_t>(regression.parameters()));
  std::vector<float> gradient(theta.size());
  Sampler sampler({.size = batch, .drop_last = true}, data.examples, Noise(2));
  std::int64_t step = 0;
  double loss = 0;
  const double each = seconds_each(request.at("seconds"), [&] {
    loss += regression.loss_gradient(theta, sampler.at(step++), gradient);
  });
  const auto numbers = static_cast<double>(batch * data.inputs);
  return {{"seconds_per_step", each},
          {"bytes", 4 * numbers},
          {"flop", 4 * numbers * static_cast<double>(data.targets)},
          {"loss", loss}};
}

Json stream_bandwidth(const Json& request) {
  return {{"bytes_per_second", stream_read(instruction_set(), request.at("seconds"))}};
}

}  // namespace thermoscape::bench
