#include "benchmarks/line_scan.hpp"

#include <vector>

#include "benchmarks/clock.hpp"
#include "benchmarks/shape.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/landscape/line_scan.hpp"

namespace thermoscape::bench {

namespace {
constexpr std::int64_t kBlock = 500;
}  // namespace

Json line_scan(const Json& request) {
  const Shape shape = shape_of(request, false);
  const int points = request.at("points");
  const double seconds = request.at("seconds");
  Mlp<float> objective = shape.build();
  const std::vector<float> theta = objective.initial(Noise(2));
  const std::vector<float> direction = objective.initial(Noise(3));
  std::vector<std::int32_t> labels;
  for (std::int64_t i = 0; i < shape.examples; ++i)
    labels.push_back(static_cast<std::int32_t>(i % shape.sizes.back()));
  std::vector<double> positions;
  for (int i = 0; i < points; ++i) positions.push_back(0.01 * (i - points / 2));
  std::vector<double> times;
  double sum = 0;
  for (double spent = 0; spent < seconds || times.size() < 3;) {
    const double begin = thread_seconds();
    sum += scan_line<float>(objective, theta, direction, positions, labels, kBlock).loss[0];
    times.push_back(thread_seconds() - begin);
    spent += times.back();
  }
  return {{"seconds_per_step", median(times)},
          {"blocks", (shape.examples + kBlock - 1) / kBlock},
          {"check", sum}};
}

}  // namespace thermoscape::bench
