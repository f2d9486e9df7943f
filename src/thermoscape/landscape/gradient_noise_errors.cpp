#include "thermoscape/landscape/gradient_noise_errors.hpp"

#include <cmath>

#include "thermoscape/analysis/jackknife.hpp"
#include "thermoscape/objective/shapes.hpp"

namespace thermoscape {

namespace {

/// Of each example: |g|², and g along the mean and along each direction.
struct Projections {
  Vector squares;  ///< [D]
  Matrix along;    ///< [D, 1 + k], ḡ·g first
};

Projections project(Objective<double>& objective,
                    std::span<const double> theta,
                    const GradientNoise& moments,
                    const Matrix& directions) {
  const Eigen::Index width = objective.parameters();
  require_size(moments.mean.size(), width, "gradient_noise_estimates", "mean");
  if (directions.rows() != width) {
    reject({"gradient_noise_estimates",
            fmt::format("directions of {} numbers", directions.rows()),
            fmt::format("must have {}", width),
            ""});
  }
  Matrix onto(width, 1 + directions.cols());
  onto.col(0) = Eigen::Map<const Vector>(moments.mean.data(), width);
  onto.rightCols(directions.cols()) = directions;
  Projections out{Vector(objective.examples()), Matrix(objective.examples(), onto.cols())};
  objective.example_gradients(
      theta, Batch{}, [&](std::int64_t first, std::int64_t rows, std::span<const double> block) {
        const Eigen::Map<const Matrix> gradients(block.data(), width, rows);  // one a column
        out.squares.segment(first, rows) = gradients.colwise().squaredNorm().transpose();
        out.along.middleRows(first, rows).noalias() = gradients.transpose() * onto;
      });
  return out;
}

/// Unbiased tr Σ and |⟨g⟩|² from sums over n examples.
struct Unbiased {
  double trace = 0;
  double mean_square = 0;
};
Unbiased unbiased(double n, double sum_of_squares, double mean_square) {
  const double trace = (sum_of_squares - n * mean_square) / (n - 1);
  return {trace, mean_square - trace / n};
}

/// A mean over the examples and the error of it, where `influences` say how each moves it.
Estimate with_influence(double value, const Vector& influences) {
  const auto n = static_cast<double>(influences.size());
  if (n < 3) return {value, std::nan(""), Status::too_short};
  const double spread = (influences.array() - influences.mean()).square().sum();
  const double error = std::sqrt(spread / (n * (n - 1)));
  if (!std::isfinite(value) || !std::isfinite(error)) return {};
  return {value, error, Status::ok};
}

}  // namespace

GradientNoiseEstimates gradient_noise_estimates(Objective<double>& objective,
                                                std::span<const double> theta,
                                                const GradientNoise& moments,
                                                const Matrix& directions,
                                                double learning_rate,
                                                const BatchDraw& draw) {
  const Projections seen = project(objective, theta, moments, directions);
  const auto n = static_cast<double>(seen.squares.size());
  GradientNoiseEstimates out;

  if (n < 3) {
    for (Estimate* one : {&out.trace, &out.mean_square, &out.scale})
      one->status = Status::too_short;
  } else {
    const double sum = seen.squares.sum();
    const Unbiased all = unbiased(n, sum, moments.mean_square);
    std::vector<double> traces, means, scales;
    for (Eigen::Index e = 0; e < seen.squares.size(); ++e) {
      const double left_mean =
          (n * n * moments.mean_square - 2 * n * seen.along(e, 0) + seen.squares[e]) /
          ((n - 1) * (n - 1));
      const Unbiased left = unbiased(n - 1, sum - seen.squares[e], left_mean);
      traces.push_back(left.trace);
      means.push_back(left.mean_square);
      scales.push_back(left.trace / left.mean_square);
    }
    out.trace = analysis::jackknife(all.trace, traces);
    out.mean_square = analysis::jackknife(all.mean_square, means);
    out.scale = analysis::jackknife(all.trace / all.mean_square, scales);
    if (!(out.mean_square.value > 2 * out.mean_square.standard_error))
      out.scale.status = Status::out_of_range;
  }

  const double half_rate = 0.5 * learning_rate;
  const double factor = draw.factor();
  for (Eigen::Index k = 1; k < seen.along.cols(); ++k) {
    const Vector x = seen.along.col(k);
    const double mean = x.mean();
    const Vector off = x.array() - mean;
    const double variance = off.squaredNorm() / n;
    const Vector square = off.array().square();
    out.means.push_back(with_influence(mean, x));
    out.variances.push_back(with_influence(variance, square));
    out.temperatures.push_back(with_influence(half_rate * (mean * mean + factor * variance),
                                              half_rate * (2 * mean * off + factor * square)));
  }
  return out;
}

}  // namespace thermoscape
