#include "benchmarks/clustering.hpp"

#include <fstream>
#include <string>
#include <vector>

#include "benchmarks/clock.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/landscape/logit_geometry.hpp"
#include "thermoscape/objective/catalog.hpp"

namespace thermoscape::bench {

namespace {

/// A line of /proc/self/status in bytes.
double memory(const std::string& key) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(key + ":")) return 1024 * std::stod(line.substr(key.size() + 1));
  }
  return 0;
}

}  // namespace

Json clustering_memory(const Json& request) {
  const std::int64_t examples = request.at("examples");
  data::Labelled images;
  images.name = "images";
  images.shape = {3, 32, 32};
  images.classes = 10;
  images.inputs.resize(static_cast<std::size_t>(examples * 3072));
  Noise(1).normal<float>("bench.images", 0, images.inputs);
  for (std::int64_t i = 0; i < examples; ++i)
    images.labels.push_back(static_cast<std::int32_t>(i % 10));
  const auto lenet = make_objective<double>(NetworkOf<Architecture::lenet>{}, &images);
  const std::vector<double> theta = lenet->initial(Noise(2));
  const double before = memory("VmRSS");
  std::ofstream("/proc/self/clear_refs") << 5;  // the largest resident memory starts anew
  const double begin = thread_seconds();
  const LogitGeometry geometry = logit_geometry(*lenet, theta, images.labels);
  return {{"peak", memory("VmHWM")},
          {"before", before},
          {"parameters", lenet->parameters()},
          {"same_logit", geometry.same_logit.value},
          {"seconds", thread_seconds() - begin}};
}

}  // namespace thermoscape::bench
