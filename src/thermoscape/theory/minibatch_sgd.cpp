#include "thermoscape/theory/minibatch_sgd.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/require.hpp"

namespace thermoscape::theory {

namespace {

double mean(const std::vector<double>& list) {
  double sum = 0;
  for (const double x : list) sum += x;
  return sum / static_cast<double>(list.size());
}

struct ExampleMoments {
  double slope = 0;   // ⟨a⟩
  double offset = 0;  // ⟨b⟩
  double slope_variance = 0;
  double covariance = 0;
  double offset_variance = 0;

  double noise(double theta) const {
    // A variance: rounding alone takes it below 0.
    return std::max(0.0, (slope_variance * theta - 2 * covariance) * theta + offset_variance);
  }
};

ExampleMoments moments(const LinearExamples& examples) {
  check_range(examples.slopes, kAny, "", "slopes");
  check_range(examples.offsets, kAny, "", "offsets");
  if (examples.slopes.empty() || examples.slopes.size() != examples.offsets.size()) {
    reject({"offsets",
            fmt::format("{} numbers", examples.offsets.size()),
            fmt::format("must be one a slope, for one example or more ({} slopes)",
                        examples.slopes.size()),
            ""});
  }
  ExampleMoments m;
  m.slope = mean(examples.slopes);
  m.offset = mean(examples.offsets);
  require_positive(m.slope, "mean of slopes");
  const auto count = static_cast<double>(examples.slopes.size());
  for (std::size_t i = 0; i < examples.slopes.size(); ++i) {
    const double a = examples.slopes[i] - m.slope;
    const double b = examples.offsets[i] - m.offset;
    m.slope_variance += a * a / count;
    m.covariance += a * b / count;
    m.offset_variance += b * b / count;
  }
  return m;
}

}  // namespace

double example_noise(const LinearExamples& examples, double theta) {
  return moments(examples).noise(theta);
}

Landscape example_landscape(const LinearExamples& examples) {
  const ExampleMoments m = moments(examples);
  Landscape landscape;
  landscape.loss = [m](double theta) { return (m.slope / 2 * theta - m.offset) * theta; };
  landscape.slope = [m](double theta) { return m.slope * theta - m.offset; };
  landscape.curvature = [m](double) { return m.slope; };
  landscape.noise = [m](double theta) { return m.noise(theta); };
  landscape.noise_slope = [m](double theta) {
    return 2 * (m.slope_variance * theta - m.covariance);
  };
  landscape.noise_curvature = [m](double) { return 2 * m.slope_variance; };
  return landscape;
}

MinibatchSgd minibatch_sgd(const LinearExamples& examples,
                           double learning_rate,
                           double batch_size) {
  require_positive(learning_rate, "learning_rate");
  check_range(batch_size, kAtLeastOne, "", "batch_size");
  const ExampleMoments m = moments(examples);
  const double temperature = learning_rate / batch_size;
  MinibatchSgd result;
  result.position = m.offset / m.slope;
  result.gradient_variance = m.noise(result.position);
  const double diffusion = 2 * m.slope - temperature * m.slope_variance;
  if (diffusion > 0) {
    result.diffusion_variance =
        value_within(temperature * result.gradient_variance / diffusion, true);
  }
  // 1 - (1 - λ⟨a⟩)² - (λ²/S) var(a), over λ.
  const double discrete = diffusion - learning_rate * m.slope * m.slope;
  if (discrete > 0) {
    result.discrete_variance =
        value_within(temperature * result.gradient_variance / discrete, true);
  }
  return result;
}

}  // namespace thermoscape::theory
