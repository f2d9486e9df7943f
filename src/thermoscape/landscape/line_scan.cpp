#include "thermoscape/landscape/line_scan.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {

/// ℓ of one row of logits: ln Σ exp(z_k - z_y) with its digits kept where it is small, or ½|z -
/// y|².
template <class Real>
double loss_of(const Real* z, std::size_t classes, std::size_t label, OutputLoss kind) {
  double sum = 0;
  if (kind == OutputLoss::squared) {
    for (std::size_t k = 0; k < classes; ++k) {
      const double off = static_cast<double>(z[k]) - (k == label ? 1.0 : 0.0);
      sum += off * off / 2;
    }
    return sum;
  }
  const double own = z[label];
  double top = 0;
  for (std::size_t k = 0; k < classes; ++k) top = std::max(top, static_cast<double>(z[k]) - own);
  if (top == 0) {
    for (std::size_t k = 0; k < classes; ++k) {
      if (k != label) sum += std::exp(static_cast<double>(z[k]) - own);
    }
    return std::log1p(sum);
  }
  for (std::size_t k = 0; k < classes; ++k) sum += std::exp(static_cast<double>(z[k]) - own - top);
  return top + std::log(sum);
}

void check_sizes(std::int64_t parameters,
                 std::int64_t examples,
                 std::size_t theta,
                 std::size_t direction,
                 std::size_t labels,
                 std::int64_t block) {
  const auto size = static_cast<std::size_t>(parameters);
  if (theta != size || direction != size) {
    reject({"scan_line",
            std::to_string(theta) + " and " + std::to_string(direction) + " numbers",
            "needs a point and a direction of " + std::to_string(size) + " parameters",
            ""});
  }
  if (labels != 0 && labels != static_cast<std::size_t>(examples)) {
    reject({"scan_line", std::to_string(labels) + " labels", "needs a label for each example", ""});
  }
  if (block < 1) reject({"scan_line.block", std::to_string(block), "must be >= 1", ""});
}

}  // namespace

template <class Real>
LineScan scan_line(Objective<Real>& objective,
                   std::span<const Real> theta,
                   std::span<const Real> direction,
                   std::span<const double> positions,
                   std::span<const std::int32_t> labels,
                   std::int64_t block) {
  const std::int64_t examples = objective.examples();
  check_sizes(
      objective.parameters(), examples, theta.size(), direction.size(), labels.size(), block);
  const auto classes = static_cast<std::size_t>(objective.outputs());
  const bool by_logits = classes > 1 && !labels.empty();
  LineScan scan;
  scan.loss.assign(positions.size(), 0.0);
  if (by_logits) scan.accuracy.assign(positions.size(), 0.0);
  std::vector<Real> moved(theta.size());
  std::vector<std::int32_t> members;
  std::vector<Real> z;
  std::vector<double> losses;
  for (std::int64_t first = 0; first < examples; first += block) {
    const std::int64_t count = std::min(block, examples - first);
    members.resize(static_cast<std::size_t>(count));
    std::iota(members.begin(), members.end(), static_cast<std::int32_t>(first));
    const Batch batch{.examples = members};
    z.resize(members.size() * classes);
    losses.resize(members.size());
    for (std::size_t p = 0; p < positions.size(); ++p) {
      for (std::size_t i = 0; i < moved.size(); ++i) {
        moved[i] = static_cast<Real>(static_cast<double>(theta[i]) +
                                     positions[p] * static_cast<double>(direction[i]));
      }
      if (!by_logits) {
        objective.example_losses(moved, batch, losses);
        scan.loss[p] += std::accumulate(losses.begin(), losses.end(), 0.0);
        continue;
      }
      objective.logits(moved, batch, z);
      for (std::size_t e = 0; e < members.size(); ++e) {
        const Real* row = z.data() + e * classes;
        const auto label = static_cast<std::size_t>(labels[static_cast<std::size_t>(members[e])]);
        scan.loss[p] += loss_of(row, classes, label, objective.output_loss());
        const auto best = static_cast<std::size_t>(std::max_element(row, row + classes) - row);
        scan.accuracy[p] += best == label ? 1 : 0;
      }
    }
  }
  for (double& one : scan.loss) one /= static_cast<double>(examples);
  for (double& one : scan.accuracy) one /= static_cast<double>(examples);
  return scan;
}

template LineScan scan_line(Objective<float>&,
                            std::span<const float>,
                            std::span<const float>,
                            std::span<const double>,
                            std::span<const std::int32_t>,
                            std::int64_t);
template LineScan scan_line(Objective<double>&,
                            std::span<const double>,
                            std::span<const double>,
                            std::span<const double>,
                            std::span<const std::int32_t>,
                            std::int64_t);

}  // namespace thermoscape
