#include "benchmarks/products.hpp"

#include <algorithm>
#include <vector>

#include "benchmarks/clock.hpp"
#include "benchmarks/images.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/objective/catalog.hpp"

namespace thermoscape::bench {

namespace {

double median_of(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace

Json lenet_products(const Json& request) {
  const std::int64_t examples = request.at("examples");
  const std::int64_t block = request.at("block");
  const double seconds = request.at("seconds");
  const data::Labelled images = random_images(examples);
  const auto lenet = make_objective<float>(NetworkOf<Architecture::lenet>{}, &images);
  std::vector<float> theta = lenet->initial(Noise(2));
  const auto width = theta.size();
  std::vector<float> vectors(static_cast<std::size_t>(block) * width);
  Noise(3).normal<float>("bench.vectors", 0, vectors);
  std::vector<float> products(vectors.size());
  const auto timed = [&](std::size_t count) {
    const double begin = thread_seconds();
    lenet->hessian_products(
        theta, {}, std::span(vectors).first(count), std::span(products).first(count));
    return thread_seconds() - begin;
  };
  (void)timed(vectors.size());
  std::vector<double> in_block;
  std::vector<double> kept;
  for (double spent = 0; spent < 2 * seconds || in_block.size() < 3;) {
    theta[0] += 1e-6F;  // another point: its graph is made anew
    in_block.push_back(timed(vectors.size()));
    kept.push_back(timed(width));
    spent += in_block.back() + kept.back();
  }
  return {{"seconds_per_step", median_of(in_block) / static_cast<double>(block)},
          {"kept", median_of(kept)}};
}

}  // namespace thermoscape::bench
