#include "benchmarks/batched.hpp"

#include <algorithm>
#include <vector>

#include "benchmarks/clock.hpp"
#include "benchmarks/shape.hpp"
#include "thermoscape/objective/mlp/replicas.hpp"
#include "thermoscape/record/run_together.hpp"

namespace thermoscape::bench {

namespace {

constexpr Overdamped kRule{.temperature = 1e-5, .time_step = 1e-2};

/// Advances all states by `steps`; the seconds it took.
double advance(const Mlp<float>& network, std::vector<State<float>>& states, std::int64_t steps) {
  const std::int64_t end = states.front().step + steps;
  const std::vector<Probe<float>> probes{{"loss",
                                          1,
                                          "",
                                          "loss",
                                          "",
                                          Schedule({.every = 1, .epochs = {}}, end, 1),
                                          [](Look<float>& look, std::span<double> out) {
                                            out[0] = look.source.loss(look.state.theta);
                                          }}};
  double last = 0;
  std::size_t begun = 0;
  const double begin = thread_seconds();
  (void)run_together<float>(network, [&]() -> std::optional<Replica<float>> {
    if (begun == states.size()) return std::nullopt;
    State<float>& state = states[begun++];
    Hooks hooks;
    hooks.receive = [&last](std::size_t, std::span<const double> numbers) { last = numbers[0]; };
    return Replica<float>{
        kRule, Noise(begun), &state, state.theta, probes, end, hooks, [](const Outcome&) {}, 0};
  });
  return thread_seconds() - begin;
}

}  // namespace

Json batched_step(const Json& request) {
  const Shape shape = shape_of(request, true);
  const double seconds = request.at("seconds");
  const Mlp<float> network = shape.build();
  const auto lanes = static_cast<std::size_t>(mlp::replica_kernels<float>(instruction_set()).lanes);
  std::vector<State<float>> states;
  for (std::size_t l = 0; l < lanes; ++l) states.push_back(kRule.init(network.initial(Noise(l))));
  // Long enough for what a run sets up once not to count.
  std::int64_t steps = 16;
  while (advance(network, states, steps) < 1e-2) steps *= 2;
  std::vector<double> chunks;
  for (double spent = 0; spent < seconds;) {
    const double taken = advance(network, states, steps);
    chunks.push_back(taken / static_cast<double>(steps * static_cast<std::int64_t>(lanes)));
    spent += taken;
  }
  return {{"seconds_per_step", median(std::move(chunks))}, {"lanes", lanes}};
}

}  // namespace thermoscape::bench
