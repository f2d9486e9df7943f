#include "thermoscape/experiments/shift_curvature/reparametrised_charts.hpp"

#include <array>
#include <cmath>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <Eigen/Core>

#include "thermoscape/experiments/spread.hpp"
#include "thermoscape/theory/shift_curvature.hpp"

namespace thermoscape {

namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr Eigen::Index kSize = 4;
constexpr Eigen::Index kCloud = 8;
constexpr std::size_t kTerms = 3;
constexpr std::array<const char*, kTerms> kNames{"½ sᵀCs", "½ bᵀCb + sᵀCb", "½ tr ΣC"};

/// A chart and the geometry of one basin in it, all lengths of order one.
struct Draw {
  theory::Chart chart;
  VectorXd at;  ///< y of the test minimum
  MatrixXd curvature;
  VectorXd shift;
  VectorXd bias;
  MatrixXd cloud;  ///< columns of mean zero
};

Draw draw(const Noise& noise, std::int64_t number) {
  std::vector<double> words(static_cast<std::size_t>(3 * kSize * kSize + (3 + kCloud) * kSize));
  noise.normal<double>("chart", static_cast<std::uint64_t>(number), words);
  const double* next = words.data();
  const auto take = [&next](Eigen::Index columns) {
    const MatrixXd block = Eigen::Map<const MatrixXd>(next, kSize, columns);
    next += kSize * columns;
    return block;
  };
  const MatrixXd bend = take(kSize);
  const MatrixXd wave = take(kSize);
  const MatrixXd root = take(kSize);
  Draw one;
  one.at = take(1);
  one.shift = take(1).normalized();
  one.bias = take(1).normalized() / 2;
  one.cloud = take(kCloud);
  one.cloud.colwise() -= VectorXd(one.cloud.rowwise().mean());
  one.curvature = root * root.transpose();
  // Invertible as long as 0.15 |B||W| is small, and Newton says if not.
  one.chart = {[bend, wave](const VectorXd& y) -> VectorXd {
                 return y + 0.15 * bend * (wave * y).array().sin().matrix();
               },
               [bend, wave](const VectorXd& y) -> MatrixXd {
                 return MatrixXd::Identity(kSize, kSize) +
                        0.15 * bend * (wave * y).array().cos().matrix().asDiagonal() * wave;
               }};
  return one;
}

MatrixXd covariance_of(const MatrixXd& points) {
  const MatrixXd off = points.colwise() - VectorXd(points.rowwise().mean());
  return off * off.transpose() / static_cast<double>(points.cols());
}

std::array<double, kTerms> terms_of(const theory::TestBasin& basin) {
  const theory::TestLoss loss = theory::expected_test_loss({basin});
  return {loss.shift, loss.bias, loss.covariance};
}

/// What the chart changes at one ε: each term, and ln of the curvature along the shift.
struct Change {
  std::array<double, kTerms> terms;
  double curvature = 0;
};

std::optional<Change> change_at(const Draw& one, double epsilon) {
  const VectorXd test = one.chart.map(one.at);
  const VectorXd train = test - epsilon * one.shift;
  const VectorXd centre = train - epsilon * one.bias;
  bool found = true;
  const auto image = [&](const VectorXd& theta) {
    const theory::ChartPoint point = theory::point_in_chart(one.chart, theta, one.at);
    found = found && point.status == Status::ok;
    return point.y;
  };
  const VectorXd y_train = image(train);
  MatrixXd carried(kSize, kCloud);
  for (Eigen::Index i = 0; i < kCloud; ++i)
    carried.col(i) = image(centre + epsilon * one.cloud.col(i));
  if (!found) return std::nullopt;
  const MatrixXd jacobian = one.chart.jacobian(one.at);
  const MatrixXd bent = jacobian.transpose() * one.curvature * jacobian;
  const theory::TestBasin before{1,
                                 0,
                                 one.curvature,
                                 epsilon * one.shift,
                                 epsilon * one.bias,
                                 epsilon * epsilon * covariance_of(one.cloud)};
  const theory::TestBasin after{1,
                                0,
                                (bent + bent.transpose()) / 2,
                                one.at - y_train,
                                y_train - carried.rowwise().mean(),
                                covariance_of(carried)};
  Change change;
  const auto a = terms_of(before);
  const auto b = terms_of(after);
  for (std::size_t k = 0; k < kTerms; ++k) change.terms[k] = std::abs(b[k] - a[k]);
  change.curvature =
      std::abs(std::log(b[0] / a[0] * before.shift.squaredNorm() / after.shift.squaredNorm()));
  return change;
}

}  // namespace

ChartStudy study_charts(std::int64_t charts, const Noise& noise) {
  ChartStudy study;
  study.figure = {"charts",
                  "Terms of the test loss in curved coordinates",
                  "What each term of Eq. 4 changes by in random charts θ = y + B sin(Wy) of a "
                  "quadratic loss in four dimensions, against ε, the scale of shift, bias and "
                  "spread: invariant to O(ε³).",
                  {"ε [1]", "log"},
                  {"change [loss]", "log"},
                  {}};
  std::array<std::vector<double>, kTerms> orders;
  std::vector<double> curvatures;
  for (std::int64_t c = 0; c < charts; ++c) {
    const Draw one = draw(noise, c);
    std::vector<double> scales;
    std::array<std::vector<Estimate>, kTerms> changes;
    double curvature = 0;
    for (int halving = 5; halving <= 10; ++halving) {
      const double epsilon = std::pow(0.5, halving);
      const std::optional<Change> change = change_at(one, epsilon);
      if (!change) continue;
      scales.push_back(epsilon);
      for (std::size_t k = 0; k < kTerms; ++k)
        changes[k].push_back({change->terms[k], 0, Status::too_short});
      curvature = change->curvature;
    }
    if (scales.size() < 4) continue;
    curvatures.push_back(curvature);
    for (std::size_t k = 0; k < kTerms; ++k) {
      const Estimate order = exponent_of(scales, changes[k]);
      if (std::isfinite(order.value)) orders[k].push_back(order.value);
      if (c < 3)
        study.figure.series.push_back(
            points_of(fmt::format("{}, chart {}", kNames[k], c + 1), scales, changes[k]));
    }
  }
  study.shift_order = mean_of(orders[0]);
  study.bias_order = mean_of(orders[1]);
  study.covariance_order = mean_of(orders[2]);
  study.curvature_change = mean_of(curvatures);
  return study;
}

}  // namespace thermoscape
