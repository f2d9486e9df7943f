#include "thermoscape/landscape/boundary.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "thermoscape/core/field.hpp"

namespace thermoscape {

namespace {

constexpr std::size_t kChunk =
    64;  // examples a pullback: every covector passes through all of them

/// 1/|∇(f_m - f_y)| of each of a few examples.
std::vector<double> lengths_of(Objective<double>& objective,
                               std::span<const double> theta,
                               std::span<const std::int32_t> examples,
                               std::span<const std::int32_t> labels) {
  const std::size_t count = examples.size();
  const auto classes = static_cast<std::size_t>(objective.outputs());
  const auto size = static_cast<std::size_t>(objective.parameters());
  const Batch batch{examples};
  std::vector<double> z(count * classes);
  objective.logits(theta, batch, z);
  std::vector<double> covectors(count * count * classes, 0.0);
  for (std::size_t e = 0; e < count; ++e) {
    const auto label = static_cast<std::size_t>(labels[static_cast<std::size_t>(examples[e])]);
    std::size_t rival = label == 0 ? 1 : 0;
    for (std::size_t c = 0; c < classes; ++c) {
      if (c != label && z[e * classes + c] > z[e * classes + rival]) rival = c;
    }
    double* own = covectors.data() + (e * count + e) * classes;
    own[rival] = 1;
    own[label] = -1;
  }
  std::vector<double> gradients(count * size);
  objective.jacobian_pullback(theta, batch, covectors, gradients);
  std::vector<double> lengths(count);
  for (std::size_t e = 0; e < count; ++e) {
    const auto row = gradients.begin() + static_cast<std::ptrdiff_t>(e * size);
    lengths[e] =
        1 / std::sqrt(std::inner_product(row, row + static_cast<std::ptrdiff_t>(size), row, 0.0));
  }
  return lengths;
}

}  // namespace

BoundaryLength boundary_length(Objective<double>& objective,
                               std::span<const double> theta,
                               std::span<const std::int32_t> labels,
                               double share) {
  check_range(share, Range{0, 1, true, false}, "", "boundary_length.share");
  const auto examples = static_cast<std::size_t>(objective.examples());
  if (objective.outputs() < 2 || labels.size() != examples) {
    reject({"boundary_length",
            "",
            "needs an objective with two logits or more and a label for each example",
            ""});
  }
  std::vector<double> losses(examples);
  objective.example_losses(theta, Batch{}, losses);
  std::vector<std::int32_t> order(examples);
  std::iota(order.begin(), order.end(), 0);
  const auto loss_of = [&](std::int32_t i) { return losses[static_cast<std::size_t>(i)]; };
  std::sort(order.begin(), order.end(), [&](auto i, auto j) { return loss_of(i) > loss_of(j); });
  const double total = std::accumulate(losses.begin(), losses.end(), 0.0);
  if (!(total > 0) || !std::isfinite(total)) {
    reject({"boundary_length", std::to_string(total), "needs a finite loss above 0", ""});
  }
  BoundaryLength found;
  double covered = 0;
  double first = 0;
  double second = 0;
  while (covered < share * total && static_cast<std::size_t>(found.examples) < examples) {
    const auto begin = static_cast<std::size_t>(found.examples);
    std::size_t end = begin;
    for (; end < examples && end - begin < kChunk && covered < share * total; ++end) {
      covered += loss_of(order[end]);
    }
    const std::span<const std::int32_t> chunk(order.data() + begin, end - begin);
    const std::vector<double> lengths = lengths_of(objective, theta, chunk, labels);
    for (std::size_t e = 0; e < lengths.size(); ++e) {
      first += loss_of(chunk[e]) * lengths[e];
      second += loss_of(chunk[e]) * lengths[e] * lengths[e];
    }
    found.examples = static_cast<std::int64_t>(end);
  }
  found.length = first / covered;
  found.deviation = std::sqrt(std::max(0.0, second / covered - found.length * found.length));
  return found;
}

std::vector<std::int32_t> predictions(Objective<double>& objective, std::span<const double> theta) {
  const auto classes = static_cast<std::size_t>(objective.outputs());
  const auto examples = static_cast<std::size_t>(objective.examples());
  if (classes == 0) reject({"predictions", "", "needs an objective with logits", ""});
  std::vector<double> z(examples * classes);
  objective.logits(theta, Batch{}, z);
  std::vector<std::int32_t> best(examples);
  for (std::size_t i = 0; i < examples; ++i) {
    const auto row = z.begin() + static_cast<std::ptrdiff_t>(i * classes);
    best[i] = static_cast<std::int32_t>(
        std::max_element(row, row + static_cast<std::ptrdiff_t>(classes)) - row);
  }
  return best;
}

}  // namespace thermoscape
