#include "thermoscape/models/minibatch_ensemble.hpp"

#include <cmath>
#include <string>

#include "thermoscape/core/field.hpp"

namespace thermoscape {

namespace {

using Cubic = std::array<double, 4>;

double value_of(const Cubic& c, double theta) {
  return c[0] + theta * (c[1] + theta * (c[2] + theta * c[3]));
}

Cubic mean_of_examples(const CubicExamples& examples) {
  Cubic mean{};
  for (const Cubic& one : examples.coefficients) {
    for (std::size_t k = 0; k < 4; ++k)
      mean[k] += one[k] / static_cast<double>(examples.coefficients.size());
  }
  return mean;
}

void need_examples(const CubicExamples& examples) {
  if (examples.coefficients.empty())
    reject({"CubicExamples", "0", "needs at least one example", ""});
}

double polynomial(const std::vector<double>& c, double theta) {
  double sum = 0;
  for (std::size_t k = c.size(); k-- > 0;) sum = sum * theta + c[k];
  return sum;
}

std::vector<double> derivative(const std::vector<double>& c) {
  std::vector<double> out;
  for (std::size_t k = 1; k < c.size(); ++k) out.push_back(static_cast<double>(k) * c[k]);
  return out;
}

theory::Landscape::Function function_of(std::vector<double> coefficients) {
  return [c = std::move(coefficients)](double theta) { return polynomial(c, theta); };
}

}  // namespace

theory::Landscape cubic_landscape(const CubicExamples& examples) {
  need_examples(examples);
  const Cubic mean = mean_of_examples(examples);
  const std::vector<double> slope(mean.begin(), mean.end());
  std::vector<double> loss{0};
  for (std::size_t k = 0; k < 4; ++k) loss.push_back(mean[k] / static_cast<double>(k + 1));
  std::vector<double> noise(7, 0.0);
  for (const Cubic& one : examples.coefficients) {
    for (std::size_t j = 0; j < 4; ++j) {
      for (std::size_t k = 0; k < 4; ++k) {
        noise[j + k] += (one[j] - mean[j]) * (one[k] - mean[k]) /
                        static_cast<double>(examples.coefficients.size());
      }
    }
  }
  theory::Landscape landscape;
  landscape.curvature = function_of(derivative(slope));
  landscape.slope = function_of(slope);
  landscape.loss = function_of(loss);
  landscape.noise_slope = function_of(derivative(noise));
  landscape.noise_curvature = function_of(derivative(derivative(noise)));
  landscape.noise = function_of(noise);
  return landscape;
}

double third_cumulant(const CubicExamples& examples, double theta) {
  need_examples(examples);
  const double mean = value_of(mean_of_examples(examples), theta);
  double sum = 0;
  for (const Cubic& one : examples.coefficients) {
    const double off = value_of(one, theta) - mean;
    sum += off * off * off;
  }
  return sum / static_cast<double>(examples.coefficients.size());
}

MinibatchEnsemble::MinibatchEnsemble(CubicExamples examples,
                                     double learning_rate,
                                     std::int64_t batch_size,
                                     const Noise& noise,
                                     std::vector<double> start)
    : examples_(std::move(examples)),
      learning_rate_(learning_rate),
      batch_size_(batch_size),
      noise_(noise),
      theta_(std::move(start)) {
  need_examples(examples_);
  check_range(learning_rate, kPositive, "[time]", "MinibatchEnsemble.learning_rate");
  check_range(batch_size, kAtLeastOne, "", "MinibatchEnsemble.batch_size");
  if (theta_.empty()) reject({"MinibatchEnsemble", "0 paths", "needs at least one path", ""});
}

void MinibatchEnsemble::advance(std::int64_t steps) {
  const auto size = static_cast<std::size_t>(batch_size_);
  const auto count = static_cast<std::uint64_t>(examples_.coefficients.size());
  const double rate = learning_rate_ / static_cast<double>(batch_size_);
  std::vector<std::uint32_t> words(theta_.size() * size);
  for (std::int64_t s = 0; s < steps && status_ == Status::ok; ++s, ++step_) {
    noise_.words("minibatch.draw", static_cast<std::uint64_t>(step_), words);
    for (std::size_t p = 0; p < theta_.size(); ++p) {
      Cubic sum{};
      for (std::size_t b = 0; b < size; ++b) {
        // Of 2^32 words each example has its share up to N/2^32.
        const auto i = static_cast<std::size_t>((words[p * size + b] * count) >> 32);
        for (std::size_t k = 0; k < 4; ++k) sum[k] += examples_.coefficients[i][k];
      }
      theta_[p] -= rate * value_of(sum, theta_[p]);
      if (!std::isfinite(theta_[p])) status_ = Status::diverged;
    }
  }
}

}  // namespace thermoscape
