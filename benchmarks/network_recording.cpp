#include "benchmarks/network_recording.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <vector>

#include "benchmarks/clock.hpp"
#include "benchmarks/heap.hpp"
#include "benchmarks/images.hpp"
#include "benchmarks/resident.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/experiments/eigenplane_probe.hpp"
#include "thermoscape/objective/catalog.hpp"
#include "thermoscape/record/run.hpp"
#include "thermoscape/store/stream.hpp"

namespace thermoscape::bench {

namespace {

double median_of(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

}  // namespace

Json network_recording(const Json& request) {
  const std::int64_t steps = request.at("steps");
  const std::filesystem::path path = request.at("path").get<std::string>();
  constexpr std::int64_t kBatch = 128;
  constexpr std::int64_t kDirections = 30;
  NetworkOf<Architecture::resnet10> settings;
  settings.width = 0.25;
  const data::Labelled images = random_images(4 * kBatch);
  const auto network = make_objective<float>(settings, &images);
  // The eigenvectors are found once a run; those of few examples cost as much to project on.
  const data::Labelled few = random_images(8);
  const auto small = make_objective<float>(settings, &few);
  const Schedule each({.every = 1}, 2 * steps, 4);
  const std::vector<Probe<float>> probes{
      eigenplane_probe<float>(*small, kDirections, each, Noise(2))};
  store::StreamWriter writer =
      store::StreamWriter::create(path, {{"eigenplanes", "1", "", probes.front().width}});
  Hooks hooks;
  hooks.receive = [&](std::size_t, std::span<const double> numbers) { writer.append(numbers); };

  const AnyRule rule = Momentum{1e-3, 0.9};
  const std::vector<float> origin = network->initial(Noise(3));
  Sampler sampler({.size = kBatch}, network->examples(), Noise(4));
  State<float> state = std::get<Momentum>(rule).init(origin);
  const auto step = [&](bool recorded) {
    const double begin = thread_seconds();
    (void)run<float>(*network,
                     rule,
                     Noise(5),
                     sampler,
                     state,
                     origin,
                     recorded ? std::span(probes) : std::span<const Probe<float>>(),
                     Stop{state.step + 1},
                     recorded ? hooks : Hooks{});
    return thread_seconds() - begin;
  };
  (void)step(true);  // finds the eigenvectors
  (void)step(false);
  // Steps of either kind in turn, each charged with what it leaves behind, so that what a look
  // keeps is told from what the network keeps. Allocators take their time to settle.
  struct Kind {
    std::vector<double> seconds;
    double heap = 0;
    double pages = 0;
  };
  std::array<Kind, 2> kinds;
  for (Kind& kind : kinds) kind.seconds.reserve(static_cast<std::size_t>(steps));
  for (std::int64_t k = 0; k < steps; ++k) {
    for (const bool recorded : {false, true}) {
      Kind& kind = kinds[recorded ? 1 : 0];
      const double heap = heap_in_use();
      const double pages = resident();
      kind.seconds.push_back(step(recorded));
      if (k < steps / 2) continue;
      kind.pages += resident() - pages;
      kind.heap += heap_in_use() - heap;
    }
  }
  writer.flush();
  const auto bytes = static_cast<double>(std::filesystem::file_size(path));
  std::filesystem::remove(path);
  const auto counted = static_cast<double>(steps - steps / 2);
  return {{"bare", median_of(kinds[0].seconds)},
          {"recorded", median_of(kinds[1].seconds)},
          {"parameters", network->parameters()},
          {"bare_heap_growth", kinds[0].heap / counted},
          {"recorded_heap_growth", kinds[1].heap / counted},
          {"bare_resident_growth", kinds[0].pages},
          {"recorded_resident_growth", kinds[1].pages},
          {"look_bytes", 8.0 * static_cast<double>(probes.front().width)},
          {"bytes", bytes}};
}

}  // namespace thermoscape::bench
