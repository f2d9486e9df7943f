#include "benchmarks/curvature.hpp"

#include "benchmarks/clock.hpp"
#include "benchmarks/shape.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/landscape/hessian_spectrum.hpp"

namespace thermoscape::bench {

namespace {

/// Median processor time of work(), over chunks of about a millisecond.
template <class F>
double seconds_each(double seconds, F&& work) {
  const auto timed = [&](std::int64_t calls) {
    const double begin = thread_seconds();
    for (std::int64_t i = 0; i < calls; ++i) work();
    return thread_seconds() - begin;
  };
  std::int64_t calls = 1;
  while (timed(calls) < 1e-3) calls *= 2;
  std::vector<double> chunks;
  for (double spent = 0; spent < seconds; spent += chunks.back()) chunks.push_back(timed(calls));
  return median(std::move(chunks)) / static_cast<double>(calls);
}

}  // namespace

Json gradient(const Json& request) {
  const Shape shape = shape_of(request, request.value("biases", true));
  const double seconds = request.at("seconds");
  Mlp<float> mlp = shape.build();
  std::vector<float> theta = mlp.initial(Noise(2));
  std::vector<float> out(theta.size());
  double loss = 0;
  const double each = seconds_each(seconds, [&] { loss += mlp.loss_gradient(theta, {}, out); });
  std::uint64_t step = 0;
  const double kick = seconds_each(
      seconds, [&] { Noise(3).kick<float>("bench.kick", ++step, 1e-6F, 0.0F, out, theta); });
  return {{"seconds", each},
          {"noise_seconds", kick},
          {"flop", shape.flop(shape.examples)},
          {"loss", loss}};
}

Json dense_hessian(const Json& request) {
  const Shape shape = shape_of(request, true);
  const double seconds = request.at("seconds");
  Mlp<float> mlp = shape.build();
  const std::vector<float> theta = mlp.initial(Noise(2));
  std::vector<float> out(theta.size() * theta.size());
  const auto measure = [&](HessianTerm term) {
    return seconds_each(seconds / 3, [&] { mlp.dense_hessian(theta, {}, term, out); });
  };
  return {{"seconds", measure(HessianTerm::full)},
          {"gauss_newton", measure(HessianTerm::gauss_newton)},
          {"residual", measure(HessianTerm::residual)}};
}

Json dense_spectrum(const Json& request) {
  const Shape shape = shape_of(request, true);
  Mlp<double> mlp = shape.build<double>();
  const std::vector<double> theta = mlp.initial(Noise(2));
  std::vector<double> matrix(theta.size() * theta.size());
  const double hessian =
      seconds_each(0.2, [&] { mlp.dense_hessian(theta, {}, HessianTerm::full, matrix); });
  double largest = 0;
  const double both = seconds_each(
      request.at("seconds"), [&] { largest = hessian_spectrum(mlp, theta).eigenvalues.back(); });
  return {{"seconds", both}, {"hessian_seconds", hessian}, {"largest", largest}};
}

}  // namespace thermoscape::bench
