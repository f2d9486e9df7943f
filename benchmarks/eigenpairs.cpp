#include "benchmarks/eigenpairs.hpp"

#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "benchmarks/clock.hpp"
#include "thermoscape/analysis/lanczos.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/data/npy.hpp"
#include "thermoscape/landscape/hessian_spectrum.hpp"
#include "thermoscape/landscape/operators.hpp"
#include "thermoscape/objective/catalog.hpp"
#include "thermoscape/objective/mlp/mlp.hpp"
#include "thermoscape/objective/widened.hpp"

namespace thermoscape::bench {

namespace {

/// Five clouds of points in 20 dimensions.
Mlp<double> clouds() {
  constexpr int kInputs = 20;
  constexpr int kClasses = 5;
  constexpr int kExamples = 300;
  MlpSettings settings;
  settings.hidden = {16, 16};
  settings.activation = "tanh";
  std::vector<double> inputs(kExamples * kInputs);
  std::vector<double> centres(kClasses * kInputs);
  Noise(1).normal<double>("bench.inputs", 0, inputs);
  Noise(1).normal<double>("bench.centres", 0, centres);
  std::vector<std::int32_t> labels;
  for (std::size_t i = 0; i < kExamples; ++i) {
    labels.push_back(static_cast<std::int32_t>(i % kClasses));
    for (std::size_t j = 0; j < kInputs; ++j) {
      inputs[i * kInputs + j] += 0.9 * centres[i % kClasses * kInputs + j];
    }
  }
  return Mlp<double>(settings, inputs, labels, kClasses);
}

/// Full-batch Adam until the loss is `target`; returns the loss.
double train(Mlp<double>& mlp, std::vector<double>& theta, double target) {
  std::vector<double> gradient(theta.size());
  std::vector<double> mean(theta.size(), 0);
  std::vector<double> square(theta.size(), 0);
  double loss = 0;
  for (int t = 1; t < 100000; ++t) {
    loss = mlp.loss_gradient(theta, {}, gradient);
    if (loss <= target) break;
    for (std::size_t i = 0; i < theta.size(); ++i) {
      mean[i] = 0.9 * mean[i] + 0.1 * gradient[i];
      square[i] = 0.999 * square[i] + 0.001 * gradient[i] * gradient[i];
      theta[i] -= 3e-3 * (mean[i] / (1 - std::pow(0.9, t))) /
                  (std::sqrt(square[i] / (1 - std::pow(0.999, t))) + 1e-8);
    }
  }
  return loss;
}

/// The largest residual over |λ|.
double worst(const analysis::Eigenpairs& pairs) {
  return (pairs.residuals.array() / pairs.values.array().abs()).maxCoeff();
}

}  // namespace

Json top20_products(const Json& request) {
  Mlp<double> mlp = clouds();
  std::vector<double> theta = mlp.initial(Noise(2));
  const double loss = train(mlp, theta, 9e-5);
  const LinearOperator hessian = hessian_operator(mlp, theta);
  std::int64_t most = 0;
  double residual = 0;
  double error = 0;
  const HessianSpectrum all = hessian_spectrum(mlp, theta);
  const std::int64_t seeds = request.at("seeds");
  std::int64_t certification = 0;
  bool converged = true;
  for (std::int64_t seed = 0; seed < seeds; ++seed) {
    const analysis::Eigenpairs found = analysis::lanczos(
        hessian, Noise(static_cast<std::uint64_t>(seed)), {.count = 20, .block = 1});
    most = std::max(most, found.products);
    certification = found.certification;
    converged = converged && found.status == Status::ok;
    residual = std::max(residual, worst(found));
    for (std::size_t i = 0; i < 20; ++i) {
      const double truth = all.eigenvalues[all.eigenvalues.size() - 1 - i];
      error = std::max(error, std::abs(found.values[static_cast<Eigen::Index>(i)] / truth - 1));
    }
  }
  return {{"parameters", mlp.parameters()},
          {"loss", loss},
          {"products", most},
          {"certification", certification},
          {"converged", converged},
          {"residual", residual},
          {"deviation", error}};
}

Json top10_lenet(const Json& request) {
  const std::filesystem::path folder(request.at("folder").get<std::string>());
  const data::Labelled images =
      data::read_labelled_npy(folder / "inputs.npy", folder / "labels.npy");
  const data::Npy theta = data::read_npy(folder / "theta.npy");
  Widened lenet(make_objective<float>(NetworkOf<Architecture::lenet>{}, &images));
  const LinearOperator hessian = hessian_operator(lenet, theta.values);
  analysis::LanczosOptions options{.count = 10, .block = request.value("block", 1)};
  options.certainty.rounding = 1.2e-7;
  const double begin = thread_seconds();
  const analysis::Eigenpairs found = analysis::lanczos(hessian, Noise(1), options);
  const double seconds = thread_seconds() - begin;
  return {{"seconds", seconds},
          {"products", found.products},
          {"certification", found.certification},
          {"converged", found.status == Status::ok},
          {"residual", worst(found)},
          {"eigenvalues", std::vector<double>(found.values.begin(), found.values.end())}};
}

}  // namespace thermoscape::bench
