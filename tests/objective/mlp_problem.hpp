#pragma once
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "objective/mlp_reference.hpp"
#include "thermoscape/objective/mlp/mlp.hpp"

namespace thermoscape::reference {

/// A network with Gaussian inputs and random labels that every precision holds exactly.
struct Problem {
  PlainMlp plain;
  MlpSettings settings;
  std::vector<double> inputs;
  std::vector<std::int32_t> labels;

  Problem(std::vector<int> sizes,
          std::size_t n,
          std::string activation = "relu",
          std::string loss = "cross-entropy",
          bool biases = true,
          double l2 = 0)
      : plain{std::move(sizes), activation, biases, loss == "cross-entropy", l2} {
    settings.hidden.assign(plain.sizes.begin() + 1, plain.sizes.end() - 1);
    settings.activation = std::move(activation);
    settings.loss = std::move(loss);
    settings.biases = biases;
    settings.l2 = l2;
    inputs.resize(n * static_cast<std::size_t>(plain.sizes[0]));
    Noise(3).normal<double>("test.x", 0, inputs);
    for (double& x : inputs) x = static_cast<float>(x);
    for (std::size_t i = 0; i < n; ++i) {
      labels.push_back(static_cast<std::int32_t>((i * i + i / 3) %
                                                 static_cast<std::size_t>(plain.sizes.back())));
    }
  }

  template <class Real>
  [[nodiscard]] Mlp<Real> build(InstructionSet set = widest_instruction_set()) const {
    return Mlp<Real>(settings, inputs, labels, plain.sizes.back(), set);
  }
  /// Weights of order one over the square root of the width, biases too; exact in float.
  [[nodiscard]] std::vector<double> theta() const {
    std::vector<double> t(static_cast<std::size_t>(build<double>().parameters()));
    Noise(5).normal<double>("test.theta", 0, t);
    for (double& x : t) x = static_cast<float>(0.4 * x);
    return t;
  }
};

inline double norm(const std::vector<double>& a) {
  double sum = 0;
  for (const double x : a) sum += x * x;
  return std::sqrt(sum);
}

template <class Real>
std::vector<Real> cast(const std::vector<double>& a) {
  return std::vector<Real>(a.begin(), a.end());
}

/// |a - b| / |b|
template <class Real>
double relative_distance(const std::vector<Real>& a, const std::vector<double>& b) {
  std::vector<double> difference(b.size());
  for (std::size_t i = 0; i < b.size(); ++i) difference[i] = static_cast<double>(a[i]) - b[i];
  return norm(difference) / std::max(norm(b), 1e-300);
}

inline std::vector<InstructionSet> available_sets() {
  std::vector<InstructionSet> sets;
  for (const InstructionSet set :
       {InstructionSet::portable, InstructionSet::avx2, InstructionSet::avx512}) {
    if (set <= widest_instruction_set()) sets.push_back(set);
  }
  return sets;
}

// Tolerances: rounding of a few hundred operations a number, 5e-6 in float and 1e-13 in double.
inline constexpr double kFloat = 5e-6;
inline constexpr double kDouble = 1e-13;

}  // namespace thermoscape::reference
