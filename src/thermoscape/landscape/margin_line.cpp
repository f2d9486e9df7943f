#include "thermoscape/landscape/margin_line.hpp"

#include <algorithm>
#include <limits>

#include "thermoscape/objective/shapes.hpp"

namespace thermoscape {

namespace {

template <class Real>
double margin(std::span<const Real> logits, std::int32_t label) {
  double other = -std::numeric_limits<double>::infinity();
  for (std::size_t c = 0; c < logits.size(); ++c) {
    if (c != static_cast<std::size_t>(label))
      other = std::max(other, static_cast<double>(logits[c]));
  }
  return static_cast<double>(logits[static_cast<std::size_t>(label)]) - other;
}

void fit_lines(std::span<const double> delta, std::size_t examples, MarginLine& out) {
  const auto n = static_cast<double>(delta.size());
  double middle = 0, spread = 0;
  for (const double d : delta) middle += d / n;
  for (const double d : delta) spread += (d - middle) * (d - middle);
  for (std::size_t k = 0; k < examples; ++k) {
    double mean = 0, product = 0, total = 0;
    for (std::size_t m = 0; m < delta.size(); ++m) mean += out.margins[m * examples + k] / n;
    for (std::size_t m = 0; m < delta.size(); ++m) {
      const double rise = out.margins[m * examples + k] - mean;
      product += (delta[m] - middle) * rise;
      total += rise * rise;
    }
    out.rates[k] = product / spread;
    out.r_squared[k] = total > 0 ? product * product / spread / total : 1;
  }
}

}  // namespace

template <class Real>
MarginLine margin_line(Objective<Real>& objective,
                       std::span<const Real> theta,
                       std::span<const std::int32_t> labels,
                       std::span<const Real> direction,
                       std::span<const double> delta) {
  require_size(theta.size(), objective.parameters(), "margin_line", "theta");
  require_size(direction.size(), objective.parameters(), "margin_line", "direction");
  require_size(labels.size(), objective.examples(), "margin_line", "labels");
  if (objective.outputs() < 2)
    reject({"margin_line.objective", "", "must have two logits or more", ""});
  const auto [low, high] = std::minmax_element(delta.begin(), delta.end());
  if (delta.size() < 3 || !(*high > *low))
    reject({"margin_line.delta", "", "must be three or more displacements, not all equal", ""});
  const std::size_t examples = labels.size();
  const auto classes = static_cast<std::size_t>(objective.outputs());
  MarginLine out{{delta.begin(), delta.end()},
                 std::vector<double>(delta.size() * examples),
                 std::vector<double>(examples),
                 std::vector<double>(examples)};
  std::vector<Real> moved(theta.size()), logits(examples * classes);
  for (std::size_t m = 0; m < delta.size(); ++m) {
    for (std::size_t i = 0; i < moved.size(); ++i)
      moved[i] = theta[i] + static_cast<Real>(delta[m]) * direction[i];
    objective.logits(moved, Batch{}, logits);
    for (std::size_t k = 0; k < examples; ++k) {
      const std::span<const Real> own(logits.data() + k * classes, classes);
      out.margins[m * examples + k] = margin(own, labels[k]);
    }
  }
  fit_lines(delta, examples, out);
  return out;
}

template MarginLine margin_line(Objective<float>&,
                                std::span<const float>,
                                std::span<const std::int32_t>,
                                std::span<const float>,
                                std::span<const double>);
template MarginLine margin_line(Objective<double>&,
                                std::span<const double>,
                                std::span<const std::int32_t>,
                                std::span<const double>,
                                std::span<const double>);

}  // namespace thermoscape
