#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <span>

#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// r <- (∂²ℓ/∂z²) r for one example with logits z [C]: the identity for squared errors, diag p -
/// ppᵀ with p = softmax z for the cross-entropy. Measured from the largest logit, so that the
/// curvature of a well-fitted example keeps its digits.
template <class Real>
void apply_output_curvature(OutputLoss loss, std::span<const Real> z, std::span<Real> r) {
  if (loss == OutputLoss::squared) return;
  const auto top = static_cast<std::size_t>(std::max_element(z.begin(), z.end()) - z.begin());
  const auto weight = [&](std::size_t c) {
    return std::exp(static_cast<double>(z[c]) - static_cast<double>(z[top]));
  };
  const auto base = static_cast<double>(r[top]);
  double sum = 0;
  double mean = 0;
  for (std::size_t c = 0; c < z.size(); ++c) {
    sum += weight(c);
    mean += weight(c) * (static_cast<double>(r[c]) - base);
  }
  mean /= sum;
  for (std::size_t c = 0; c < z.size(); ++c) {
    r[c] = static_cast<Real>(weight(c) / sum * (static_cast<double>(r[c]) - base - mean));
  }
}

/// z <- ∂ℓ/∂z of one example with logits z [C] and a label: z - 1_y, or softmax z - 1_y. That of
/// the label is minus the sum of the others, so that it keeps its digits too.
template <class Real>
void to_output_gradient(OutputLoss loss, std::int32_t label, std::span<Real> z) {
  const auto own = static_cast<std::size_t>(label);
  if (loss == OutputLoss::squared) {
    z[own] -= 1;
    return;
  }
  const auto top = static_cast<double>(*std::max_element(z.begin(), z.end()));
  double sum = 0;
  for (const Real one : z) sum += std::exp(static_cast<double>(one) - top);
  double others = 0;
  for (std::size_t c = 0; c < z.size(); ++c) {
    const double p = std::exp(static_cast<double>(z[c]) - top) / sum;
    z[c] = static_cast<Real>(p);
    if (c != own) others += p;
  }
  z[own] = static_cast<Real>(-others);
}

}  // namespace thermoscape
