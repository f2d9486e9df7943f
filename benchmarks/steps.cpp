#include "benchmarks/steps.hpp"

#include <algorithm>
#include <filesystem>
#include <thread>
#include <vector>

#include "benchmarks/clock.hpp"
#include "benchmarks/resident.hpp"
#include "benchmarks/shape.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/record/run.hpp"
#include "thermoscape/store/stream.hpp"

namespace thermoscape::bench {

namespace {

/// A phase that goes on for as many steps as are asked for, with the loss of every step handed to
/// `receive`.
class Phase {
 public:
  Phase(const Shape& shape, AnyRule rule, std::int64_t batch, std::uint64_t seed)
      : objective_(shape.build()),
        rule_(std::move(rule)),
        noise_(seed),
        sampler_({.size = batch, .drop_last = batch > 0}, shape.examples, noise_),
        state_(std::visit([&](const auto& one) { return one.init(objective_.initial(noise_)); },
                          rule_)),
        origin_(state_.theta) {}

  /// Without `receive` nothing is recorded.
  void advance(std::int64_t steps, const std::function<void(double)>& receive) {
    std::vector<Probe<float>> probes;
    Hooks hooks;
    if (receive) {
      probes.push_back({.name = "loss",
                        .axis = "",
                        .unit = "loss",
                        .description = "",
                        .schedule = Schedule({.every = 1, .epochs = {}}, state_.step + steps, 1),
                        .measure = [](Look<float>& look, std::span<double> out) {
                          out[0] = look.source.loss(look.state.theta);
                        }});
      hooks.receive = [&receive](std::size_t, std::span<const double> numbers) {
        receive(numbers[0]);
      };
    }
    const Outcome outcome = run<float>(objective_,
                                       rule_,
                                       noise_,
                                       sampler_,
                                       state_,
                                       origin_,
                                       probes,
                                       {.steps = state_.step + steps},
                                       hooks);
    if (outcome.status != Status::ok) reject({"benchmark", "", "must not diverge", ""});
  }

 private:
  Mlp<float> objective_;
  AnyRule rule_;
  Noise noise_;
  Sampler sampler_;
  State<float> state_;
  std::vector<float> origin_;
};

AnyRule langevin() {
  return Overdamped{.temperature = 1e-5, .time_step = 1e-2};
}

/// Median over chunks of about a millisecond, with the losses kept in memory.
double seconds_per_step(Phase& phase, double seconds) {
  double last = 0;
  const auto receive = [&last](double loss) { last = loss; };
  std::int64_t steps = 16;
  double taken = 0;
  do {
    steps *= 2;
    const double begin = thread_seconds();
    phase.advance(steps, receive);
    taken = thread_seconds() - begin;
  } while (taken < 1e-3);
  std::vector<double> chunks;
  for (double spent = 0; spent < seconds;) {
    const double begin = thread_seconds();
    phase.advance(steps, receive);
    chunks.push_back((thread_seconds() - begin) / static_cast<double>(steps));
    spent += chunks.back() * static_cast<double>(steps);
  }
  return median(std::move(chunks));
}

const Shape kThermalProbe{{10, 20, 20, 10, 3}, 300, true};

}  // namespace

Json langevin_step(const Json& request) {
  const Shape shape = shape_of(request, true);
  Phase phase(shape, langevin(), 0, 2);
  return {{"seconds_per_step", seconds_per_step(phase, request.at("seconds"))},
          {"flop", shape.flop(shape.examples)}};
}

Json sgd_step(const Json& request) {
  const Shape shape = shape_of(request, false);
  const std::int64_t batch = request.at("batch");
  Phase phase(shape, Sgd{.learning_rate = 0.01}, batch, 2);
  return {{"seconds_per_step", seconds_per_step(phase, request.at("seconds"))},
          {"flop", shape.flop(batch)}};
}

Json replicas(const Json& request) {
  const std::int64_t steps = request.at("steps");
  Phase first(kThermalProbe, langevin(), 0, 2);
  Phase second(kThermalProbe, langevin(), 0, 3);
  const auto ignore = [](double) {};
  first.advance(steps, ignore);
  second.advance(steps, ignore);
  std::vector<double> one;
  std::vector<double> two;
  for (int round = 0; round < 15; ++round) {
    double begin = wall_seconds();
    first.advance(steps, ignore);
    one.push_back(wall_seconds() - begin);
    begin = wall_seconds();
    {
      const std::jthread beside([&] { second.advance(steps, ignore); });
      first.advance(steps, ignore);
    }
    two.push_back(wall_seconds() - begin);
  }
  return {{"one", median(one)}, {"two", median(two)}, {"steps", steps}};
}

Json recording(const Json& request) {
  const std::int64_t steps = request.at("steps");
  const std::filesystem::path path = request.at("path").get<std::string>();
  constexpr std::int64_t kChunk = 20'000;
  Phase bare(kThermalProbe, langevin(), 0, 2);
  Phase recorded(kThermalProbe, langevin(), 0, 2);
  store::StreamWriter writer = store::StreamWriter::create(path, {{"loss", "loss"}});
  const auto append = [&writer](double loss) { writer.append(loss); };
  std::vector<double> without;
  std::vector<double> with;
  double resident_before = 0;
  for (std::int64_t done = 0; done < steps; done += kChunk) {
    double begin = thread_seconds();
    recorded.advance(kChunk, append);
    with.push_back(thread_seconds() - begin);
    if (done % (10 * kChunk) == 0) {
      begin = thread_seconds();
      bare.advance(kChunk, {});
      without.push_back(thread_seconds() - begin);
    }
    if (done == 0) resident_before = resident();
  }
  writer.flush();
  const double growth = resident() - resident_before;
  const auto bytes = static_cast<double>(std::filesystem::file_size(path));
  std::filesystem::remove(path);
  return {{"bare", median(without) / kChunk},
          {"recorded", median(with) / kChunk},
          {"resident_growth", growth},
          {"bytes", bytes}};
}

}  // namespace thermoscape::bench
