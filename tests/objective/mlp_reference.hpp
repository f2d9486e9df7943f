#pragma once
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <string>
#include <vector>

namespace thermoscape::reference {

/// The multilayer perceptron as the textbook writes it: one example, one neuron and one weight at a
/// time, in long double. Shares no code with the library.
struct PlainMlp {
  using Number = long double;

  std::vector<int> sizes;  ///< input, hidden ..., classes
  std::string activation = "relu";
  bool biases = true;
  bool cross_entropy = true;
  double l2 = 0;

  [[nodiscard]] Number phi(Number z) const {
    if (activation == "relu") return z > 0 ? z : 0;
    if (activation == "tanh") return std::tanh(z);
    if (activation == "gelu") return z * std::erfc(-z / std::numbers::sqrt2_v<Number>) / 2;
    return z;
  }
  [[nodiscard]] Number slope(Number z) const {
    if (activation == "relu") return z > 0 ? 1 : 0;
    if (activation == "tanh") return 1 - std::tanh(z) * std::tanh(z);
    if (activation == "gelu") {
      return std::erfc(-z / std::numbers::sqrt2_v<Number>) / 2 +
             z * std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi_v<Number>);
    }
    return 1;
  }

  /// ℓ of one example; adds ∂ℓ/∂θ to `gradient`; writes z.
  Number example(const std::vector<double>& theta,
                 const double* x,
                 int label,
                 std::vector<Number>& gradient,
                 std::vector<Number>& z_out) const {
    std::vector<std::vector<Number>> a{std::vector<Number>(x, x + sizes[0])};
    std::vector<std::vector<Number>> z;
    std::vector<std::size_t> begin;
    std::size_t at = 0;
    for (std::size_t l = 1; l < sizes.size(); ++l) {
      begin.push_back(at);
      const auto in = static_cast<std::size_t>(sizes[l - 1]);
      const auto out = static_cast<std::size_t>(sizes[l]);
      z.emplace_back(out);
      for (std::size_t o = 0; o < out; ++o) {
        for (std::size_t i = 0; i < in; ++i) z.back()[o] += theta[at + o * in + i] * a.back()[i];
        if (biases) z.back()[o] += theta[at + out * in + o];
      }
      at += out * in + (biases ? out : 0);
      std::vector<Number> next = z.back();
      for (Number& value : next) value = phi(value);
      a.push_back(next);
    }
    z_out = z.back();
    const auto y = static_cast<std::size_t>(label);
    std::vector<Number> d(z_out.size());
    Number loss = 0;
    if (cross_entropy) {
      Number others = 0;  // Σ_{k≠y} exp(z_k - z_y)
      for (std::size_t k = 0; k < d.size(); ++k)
        others += k == y ? 0 : std::exp(z_out[k] - z_out[y]);
      loss = std::log1p(others);
      for (std::size_t k = 0; k < d.size(); ++k) {
        d[k] = (k == y ? -others : std::exp(z_out[k] - z_out[y])) / (1 + others);
      }
    } else {
      for (std::size_t k = 0; k < d.size(); ++k) {
        d[k] = z_out[k] - (k == y ? 1 : 0);
        loss += d[k] * d[k] / 2;
      }
    }
    for (std::size_t l = sizes.size() - 1; l-- > 0;) {
      const auto in = static_cast<std::size_t>(sizes[l]);
      const auto out = static_cast<std::size_t>(sizes[l + 1]);
      std::vector<Number> below(in);
      for (std::size_t o = 0; o < out; ++o) {
        for (std::size_t i = 0; i < in; ++i) {
          gradient[begin[l] + o * in + i] += d[o] * a[l][i];
          below[i] += theta[begin[l] + o * in + i] * d[o];
        }
        if (biases) gradient[begin[l] + out * in + o] += d[o];
      }
      if (l == 0) break;
      for (std::size_t i = 0; i < in; ++i) below[i] *= slope(z[l - 1][i]);
      d = below;
    }
    return loss;
  }

  /// L over all examples; gradient [P], example losses [n] and logits [n, C] beside it.
  struct Result {
    double loss;
    std::vector<double> gradient;
    std::vector<double> losses;
    std::vector<double> logits;
  };
  [[nodiscard]] Result evaluate(const std::vector<double>& theta,
                                const std::vector<double>& inputs,
                                const std::vector<std::int32_t>& labels) const {
    std::vector<Number> gradient(theta.size());
    Result r{0, std::vector<double>(theta.size()), {}, {}};
    Number sum = 0;
    const auto n = static_cast<Number>(labels.size());
    for (std::size_t i = 0; i < labels.size(); ++i) {
      std::vector<Number> z;
      const double* const x = inputs.data() + i * static_cast<std::size_t>(sizes[0]);
      const Number loss = example(theta, x, labels[i], gradient, z);
      sum += loss;
      r.losses.push_back(static_cast<double>(loss));
      r.logits.insert(r.logits.end(), z.begin(), z.end());
    }
    Number penalty = 0;
    for (std::size_t i = 0; i < theta.size(); ++i) {
      penalty += static_cast<Number>(l2) * theta[i] * theta[i] / 2;
      r.gradient[i] = static_cast<double>(gradient[i] / n + static_cast<Number>(l2) * theta[i]);
    }
    r.loss = static_cast<double>(sum / n + penalty);
    return r;
  }
};

}  // namespace thermoscape::reference
