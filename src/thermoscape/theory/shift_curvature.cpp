#include "thermoscape/theory/shift_curvature.hpp"

#include <cmath>

#include <fmt/format.h>
#include <Eigen/Dense>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/require.hpp"
#include "thermoscape/theory/require_matrix.hpp"

namespace thermoscape::theory {

TestLoss expected_test_loss(const std::vector<TestBasin>& basins) {
  if (basins.empty()) reject({"basins", "", "must list at least one basin", ""});
  TestLoss loss;
  for (const TestBasin& basin : basins) {
    require_non_negative(basin.weight, "weight");
    check_range(basin.depth, kAny, "", "depth");
    const Eigen::Index size = basin.shift.size();
    require_vector(basin.shift, size, "shift");
    require_symmetric(basin.curvature, size, "curvature");
    loss.depth += basin.weight * basin.depth;
    loss.shift += basin.weight * basin.shift.dot(basin.curvature * basin.shift) / 2;
    if (basin.bias.size() != 0) {
      require_vector(basin.bias, size, "bias");
      const Eigen::VectorXd pull = basin.curvature * basin.bias;
      loss.bias += basin.weight * (basin.bias.dot(pull) / 2 + basin.shift.dot(pull));
    }
    if (basin.covariance.size() != 0) {
      require_symmetric(basin.covariance, size, "covariance");
      loss.covariance += basin.weight * basin.covariance.cwiseProduct(basin.curvature).sum() / 2;
    }
  }
  loss.total = loss.depth + loss.shift + loss.bias + loss.covariance;
  return loss;
}

Eigen::VectorXd projected_shift(const Eigen::MatrixXd& gradients,
                                const Eigen::VectorXd& test_minimum,
                                const Eigen::VectorXd& train_minimum) {
  const Eigen::Index size = test_minimum.size();
  require_vector(test_minimum, size, "test_minimum");
  require_vector(train_minimum, size, "train_minimum");
  if (gradients.cols() != size || !gradients.allFinite()) {
    reject({"gradients",
            fmt::format("{} x {}", gradients.rows(), gradients.cols()),
            fmt::format("must be rows of {} finite numbers", size),
            ""});
  }
  const Eigen::VectorXd difference = test_minimum - train_minimum;
  if (gradients.rows() == 0) return Eigen::VectorXd::Zero(size);
  // Pivoting finds the rank, which is that of distinct gradients: never above min(N, P).
  const Eigen::ColPivHouseholderQR<Eigen::MatrixXd> factor(gradients.transpose());
  const Eigen::MatrixXd basis =
      factor.householderQ() * Eigen::MatrixXd::Identity(size, factor.rank());
  return basis * (basis.transpose() * difference);
}

ChartPoint point_in_chart(const Chart& chart,
                          const Eigen::VectorXd& theta,
                          const Eigen::VectorXd& start) {
  ChartPoint point{start, Status::not_converged};
  for (int iteration = 0; iteration < 50 && point.status != Status::ok; ++iteration) {
    const Eigen::VectorXd step =
        chart.jacobian(point.y).partialPivLu().solve(chart.map(point.y) - theta);
    if (!step.allFinite()) break;
    point.y -= step;
    if (step.norm() <= 1e-14 * (1 + point.y.norm())) point.status = Status::ok;
  }
  return point;
}

ReparametrisedShift reparametrised_shift(const Chart& chart,
                                         const Eigen::VectorXd& test_minimum,
                                         const Eigen::MatrixXd& curvature,
                                         const Eigen::VectorXd& shift) {
  const Eigen::Index size = test_minimum.size();
  require_vector(test_minimum, size, "test_minimum");
  require_vector(shift, size, "shift");
  require_symmetric(curvature, size, "curvature");
  ReparametrisedShift result;
  result.shift_curvature = shift.dot(curvature * shift);

  const ChartPoint train = point_in_chart(chart, chart.map(test_minimum) - shift, test_minimum);
  const Eigen::VectorXd moved = chart.jacobian(test_minimum) * (test_minimum - train.y);
  result.reparametrised = {moved.dot(curvature * moved), train.status};
  return result;
}

}  // namespace thermoscape::theory
