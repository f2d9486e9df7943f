#include "thermoscape/experiments/limiting_dynamics/plane_losses.hpp"

#include <algorithm>
#include <cmath>

#include <Eigen/Cholesky>

#include "thermoscape/core/linear_operator.hpp"

namespace thermoscape {

namespace {

/// Indices of at most `count` of `all` examples, equally spaced; empty for all.
std::vector<std::int32_t> spread_over(std::int64_t all, std::int64_t count) {
  std::vector<std::int32_t> list;
  if (count >= all) return list;
  for (std::int64_t i = 0; i < count; ++i)
    list.push_back(static_cast<std::int32_t>(i * all / count));
  return list;
}

/// `points` places about the middle of the path, `reach` to either side.
std::vector<double> places(std::span<const double> path, double reach, std::int64_t points) {
  const auto [low, high] = std::minmax_element(path.begin(), path.end());
  std::vector<double> list;
  for (std::int64_t i = 0; i < points; ++i) {
    const double share = 2.0 * static_cast<double>(i) / static_cast<double>(points - 1) - 1;
    list.push_back((*low + *high) / 2 + share * reach);
  }
  return list;
}

double half_range(std::span<const double> path) {
  const auto [low, high] = std::minmax_element(path.begin(), path.end());
  return (*high - *low) / 2;
}

/// The loss at every point of the plane, in the precision that the phase runs in.
template <class Real>
std::vector<double> losses_on(const Objective<Real>& prototype,
                              const PhaseStart& start,
                              const PlaneDirection& first,
                              const PlaneDirection& last,
                              const PlaneLosses& plane,
                              std::int64_t examples) {
  const auto objective = with_statistics(prototype, start.buffers);
  const std::vector<std::int32_t> chosen = spread_over(objective->examples(), examples);
  std::vector<Real> at(start.theta.size());
  std::vector<double> losses;
  for (const double y : plane.y) {
    for (const double x : plane.x) {
      for (std::size_t i = 0; i < at.size(); ++i)
        at[i] = static_cast<Real>(start.theta[i] + x * first.vector[i] + y * last.vector[i]);
      losses.push_back(objective->loss(at, {chosen}));
    }
  }
  return losses;
}

}  // namespace

PlaneLosses plane_losses(const RunView& view,
                         std::size_t task,
                         const PhaseStart& start,
                         const PlaneDirection& first,
                         const PlaneDirection& last,
                         const ModifiedLoss& modified,
                         std::int64_t points,
                         std::int64_t examples) {
  PlaneLosses plane;
  const double reach = 1.25 * std::max(half_range(first.path), half_range(last.path));
  plane.x = places(first.path, reach, points);
  plane.y = places(last.path, reach, points);
  const auto on = [&](const Ground& ground) {
    return std::visit(
        [&](const auto& objective) {
          return losses_on(*objective, start, first, last, plane, examples);
        },
        ground.objective);
  };
  plane.train = on(view.ground(task));
  const Ground& home = (*view.workshop().grounds)[view.task(task).ground];
  const Ground* test = test_ground(view.recipe(), home, view.branch(task).place);
  if (test != nullptr) plane.test = on(*test);
  const auto part = [&](const PlaneDirection& d, double at) {
    return (1 + modified.weight_decay / d.curvature) /
           (modified.learning_rate * (1 + modified.momentum)) * (at - d.centre) * (at - d.centre);
  };
  if (!(first.curvature > 0 && last.curvature > 0)) return plane;
  for (const double y : plane.y)
    for (const double x : plane.x) plane.modified.push_back(part(first, x) + part(last, y));
  return plane;
}

Estimate curvature_ratio(const PlaneLosses& plane, std::span<const double> values) {
  if (values.empty()) return {};
  const auto rows = static_cast<Eigen::Index>(values.size());
  Matrix design(rows, 6);
  Vector target(rows);
  // In units of the reach about the middle, so that all columns are alike.
  const double reach = (plane.x.back() - plane.x.front()) / 2;
  const double middle_x = (plane.x.back() + plane.x.front()) / 2;
  const double middle_y = (plane.y.back() + plane.y.front()) / 2;
  for (Eigen::Index k = 0; k < rows; ++k) {
    const auto at = static_cast<std::size_t>(k);
    const double x = (plane.x[at % plane.x.size()] - middle_x) / reach;
    const double y = (plane.y[at / plane.x.size()] - middle_y) / reach;
    design.row(k) << 1, x, y, x * y, x * x, y * y;
    target(k) = values[at] - values[0];
  }
  const Eigen::LDLT<Matrix> normal(design.transpose() * design);
  const Vector fit = normal.solve(design.transpose() * target);
  if (!(reach > 0) || !(fit(4) > 0) || !(fit(5) > 0)) return {};
  const double residual = (target - design * fit).squaredNorm() / static_cast<double>(rows - 6);
  const Matrix covariance = residual * normal.solve(Matrix::Identity(6, 6));
  const double relative = covariance(4, 4) / (fit(4) * fit(4)) +
                          covariance(5, 5) / (fit(5) * fit(5)) -
                          2 * covariance(4, 5) / (fit(4) * fit(5));
  const double ratio = fit(4) / fit(5);
  return {ratio, ratio * std::sqrt(std::max(0.0, relative)), Status::ok};
}

}  // namespace thermoscape
