#include "thermoscape/landscape/gradient_noise.hpp"

#include <numeric>

#include "thermoscape/objective/shapes.hpp"

namespace thermoscape {

double BatchDraw::factor() const {
  if (size < 1 || size > examples) {
    reject({"batch.size",
            fmt::format("{}", size),
            fmt::format("must be in 1 ... {}, the number of examples", examples),
            ""});
  }
  const auto d = static_cast<double>(examples), s = static_cast<double>(size);
  if (replacement || examples == 1) return 1 / s;
  return (d - s) / (d - 1) / s;
}

template <class Real>
SlopeMoments slope_moments(LossLine<Real>& line, std::span<const Real> direction, double delta) {
  const auto size = static_cast<std::size_t>(line.examples());
  std::vector<double> losses(size), slopes(size);
  line.example_slopes(direction, delta, losses, slopes);
  const auto count = static_cast<double>(size);
  SlopeMoments out;
  out.loss = std::accumulate(losses.begin(), losses.end(), 0.0) / count;
  out.mean = std::accumulate(slopes.begin(), slopes.end(), 0.0) / count;
  for (const double one : slopes) out.variance += (one - out.mean) * (one - out.mean) / count;
  return out;
}

ActiveTemperature active_temperature(const SlopeMoments& moments,
                                     double learning_rate,
                                     const BatchDraw& draw) {
  return {0.5 * learning_rate * moments.batch_square(draw),
          0.5 * learning_rate * draw.factor() * moments.variance};
}

template <class Real>
GradientNoise gradient_noise(Objective<Real>& objective,
                             std::span<const Real> theta,
                             std::int64_t first,
                             std::int64_t count) {
  const auto width = static_cast<std::size_t>(objective.parameters());
  const auto begin = static_cast<std::size_t>(first), size = static_cast<std::size_t>(count);
  if (first < 0 || count < 1 || begin + size > width) {
    reject({"gradient_noise",
            fmt::format("parameters {} to {}", first, first + count - 1),
            fmt::format("must lie in 0 ... {}", objective.parameters() - 1),
            ""});
  }
  GradientNoise out;
  out.mean.assign(size, 0.0);
  double squares = 0;
  const auto examples = static_cast<double>(objective.examples());
  objective.example_gradients(
      theta, Batch{}, [&](std::int64_t, std::int64_t rows, std::span<const Real> block) {
        for (std::int64_t r = 0; r < rows; ++r) {
          const Real* const gradient = block.data() + static_cast<std::size_t>(r) * width + begin;
          for (std::size_t i = 0; i < size; ++i) {
            const double g = static_cast<double>(gradient[i]);
            out.mean[i] += g;
            squares += g * g;
          }
        }
      });
  for (double& one : out.mean) {
    one /= examples;
    out.mean_square += one * one;
  }
  out.trace = squares / examples - out.mean_square;
  return out;
}

template SlopeMoments slope_moments(LossLine<float>&, std::span<const float>, double);
template SlopeMoments slope_moments(LossLine<double>&, std::span<const double>, double);
template GradientNoise gradient_noise(Objective<float>&,
                                      std::span<const float>,
                                      std::int64_t,
                                      std::int64_t);
template GradientNoise gradient_noise(Objective<double>&,
                                      std::span<const double>,
                                      std::int64_t,
                                      std::int64_t);

}  // namespace thermoscape
