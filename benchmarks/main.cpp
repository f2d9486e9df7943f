// Measures on request: a line of JSON in, a line of JSON out, so that run.py can alternate with the
// rivals.
//   {"measure": "fma-peak", "seconds": 0.1}                                      -> {"gflops",
//   "instruction_set"}
//   {"measure": "langevin-step", "sizes": [...], "examples": n, "seconds": s}    ->
//   {"seconds_per_step", "flop"}
//   {"measure": "sgd-step", "sizes": [...], "examples": n, "batch": b, ...}      ->
//   {"seconds_per_step", "flop"}
//   {"measure": "replicas", "steps": n}                                          -> {"one", "two"},
//   wall seconds
//   {"measure": "recording", "path": file, "steps": n}      -> {"bare", "recorded",
//   "resident_growth", "bytes"}
#include <iostream>
#include <string>

#include "benchmarks/fma_peak.hpp"
#include "benchmarks/steps.hpp"
#include "thermoscape/core/json.hpp"

namespace thermoscape::bench {
namespace {

Json answer(const Json& request) {
  const std::string measure = request.at("measure");
  if (measure == "fma-peak") {
    const InstructionSet set = instruction_set();
    return {{"gflops", fma_peak(set, request.at("seconds"))}, {"instruction_set", name(set)}};
  }
  if (measure == "langevin-step") return langevin_step(request);
  if (measure == "sgd-step") return sgd_step(request);
  if (measure == "replicas") return replicas(request);
  if (measure == "recording") return recording(request);
  return {{"error", "no measure is called " + measure}};
}

}  // namespace
}  // namespace thermoscape::bench

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    try {
      std::cout << thermoscape::bench::answer(thermoscape::Json::parse(line)).dump() << std::endl;
    } catch (const std::exception& error) {
      std::cout << thermoscape::Json{{"error", error.what()}}.dump() << std::endl;
    }
  }
}
