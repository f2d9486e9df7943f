// Measures on request: a line of JSON in, a line of JSON out, so that run.py can alternate with the
// rivals: {"measure": NAME, ...}, with the keys that the functions of the headers
// below read; {"measure": "fma-peak", "seconds": s} -> {"gflops", "instruction_set"}.
#include <iostream>
#include <string>

#include "benchmarks/batched.hpp"
#include "benchmarks/clustering.hpp"
#include "benchmarks/curvature.hpp"
#include "benchmarks/diffusion.hpp"
#include "benchmarks/eigenpairs.hpp"
#include "benchmarks/flatness.hpp"
#include "benchmarks/fma_peak.hpp"
#include "benchmarks/limiting.hpp"
#include "benchmarks/line_scan.hpp"
#include "benchmarks/network_recording.hpp"
#include "benchmarks/products.hpp"
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
  if (measure == "batched-step") return batched_step(request);
  if (measure == "sgd-step") return sgd_step(request);
  if (measure == "gradient") return gradient(request);
  if (measure == "dense-hessian") return dense_hessian(request);
  if (measure == "dense-spectrum") return dense_spectrum(request);
  if (measure == "replicas") return replicas(request);
  if (measure == "recording") return recording(request);
  if (measure == "sde-ensemble") return sde_ensemble(request);
  if (measure == "line-scan") return line_scan(request);
  if (measure == "fokker-planck") return fokker_planck(request);
  if (measure == "theory-curves") return theory_curves(request);
  if (measure == "linear-regression-step") return linear_regression_step(request);
  if (measure == "network-recording") return network_recording(request);
  if (measure == "stream-bandwidth") return stream_bandwidth(request);
  if (measure == "sgd-step-recorded") return sgd_step_recorded(request);
  if (measure == "trajectory-pca") return trajectory_pca(request);
  if (measure == "profile") return profile(request);
  if (measure == "lenet-products") return lenet_products(request);
  if (measure == "clustering-memory") return clustering_memory(request);
  if (measure == "top20-products") return top20_products(request);
  if (measure == "top10-lenet") return top10_lenet(request);
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
