#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "thermoscape/core/json.hpp"
#include "thermoscape/core/noise.hpp"
#include "thermoscape/objective/mlp/mlp.hpp"

namespace thermoscape::bench {

/// A ReLU network with Gaussian inputs and random labels.
struct Shape {
  std::vector<std::int64_t> sizes;
  std::int64_t examples;
  bool biases;

  template <class Real = float>
  [[nodiscard]] Mlp<Real> build() const {
    MlpSettings settings;
    settings.hidden.assign(sizes.begin() + 1, sizes.end() - 1);
    settings.biases = biases;
    std::vector<double> inputs(static_cast<std::size_t>(examples * sizes.front()));
    Noise(1).normal<double>("bench.inputs", 0, inputs);
    std::vector<std::uint32_t> words(static_cast<std::size_t>(examples));
    Noise(1).words("bench.labels", 0, words);
    const auto classes = static_cast<std::int32_t>(sizes.back());
    std::vector<std::int32_t> labels;
    for (const std::uint32_t w : words)
      labels.push_back(static_cast<std::int32_t>(w % sizes.back()));
    return Mlp<Real>(settings, inputs, labels, classes);
  }
  /// Forward, derivative of the weights, derivative of the activations (not of the inputs): 2 flop
  /// a multiply-add.
  [[nodiscard]] double flop(std::int64_t n) const {
    double sum = 0;
    for (std::size_t l = 0; l + 1 < sizes.size(); ++l) {
      sum += (l == 0 ? 4.0 : 6.0) * static_cast<double>(sizes[l] * sizes[l + 1] * n);
    }
    return sum;
  }
};

inline Shape shape_of(const Json& request, bool biases) {
  return {request.at("sizes").get<std::vector<std::int64_t>>(), request.at("examples"), biases};
}

inline double median(std::vector<double> values) {
  std::nth_element(values.begin(),
                   values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

}  // namespace thermoscape::bench
