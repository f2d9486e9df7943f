#include "thermoscape/experiments/limiting_dynamics/eigenplane_study.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <variant>

#include "thermoscape/analysis/moments.hpp"
#include "thermoscape/analysis/oscillation.hpp"
#include "thermoscape/experiments/eigenplane_probe.hpp"
#include "thermoscape/theory/regression_moments.hpp"
#include "thermoscape/theory/underdamped_ou.hpp"

namespace thermoscape {

namespace {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

std::vector<double> column(const Recorded& recorded, std::size_t index, std::size_t first) {
  std::vector<double> values;
  for (std::size_t k = first; k < recorded.rows; ++k)
    values.push_back(recorded.values[k * recorded.width + index]);
  return values;
}

/// Gradients of all examples along each eigenvector [D, k], and the trace of their covariance.
struct GradientsAlong {
  Matrix along;
  double trace = 0;
};
GradientsAlong gradients_along(Objective<double>& objective,
                               std::span<const double> theta,
                               const Matrix& vectors) {
  GradientsAlong g{Matrix(objective.examples(), vectors.cols())};
  Vector sum = Vector::Zero(vectors.rows());
  double squares = 0;
  objective.example_gradients(
      theta, {}, [&](std::int64_t first, std::int64_t rows, std::span<const double> block) {
        const Eigen::Map<const RowMatrix> gradients(block.data(), rows, vectors.rows());
        g.along.middleRows(first, rows).noalias() = gradients * vectors;
        sum += gradients.colwise().sum().transpose();
        squares += gradients.squaredNorm();
      });
  const auto examples = static_cast<double>(objective.examples());
  g.trace = squares / examples - (sum / examples).squaredNorm();
  return g;
}

/// Means of random batches, drawn with replacement, along each eigenvector [batches, k].
Matrix batch_means(const Matrix& along, std::int64_t size, std::int64_t batches, Noise noise) {
  Sampler sampler({.size = size, .replacement = true}, along.rows(), noise);
  Matrix means(batches, along.cols());
  for (std::int64_t b = 0; b < batches; ++b) {
    Vector sum = Vector::Zero(along.cols());
    for (const std::int32_t i : sampler.at(b).examples) sum += along.row(i).transpose();
    means.row(b) = sum.transpose() / static_cast<double>(size);
  }
  return means.rowwise() - means.colwise().mean();
}

/// Hill's estimate of the index of a power-law tail from the largest two per cent.
double hill_index(const Matrix& noise) {
  std::vector<double> sizes;
  for (Eigen::Index i = 0; i < noise.cols(); ++i) {
    const double deviation =
        std::sqrt(noise.col(i).squaredNorm() / static_cast<double>(noise.rows()));
    if (!(deviation > 0)) continue;
    for (const double x : noise.col(i)) sizes.push_back(std::abs(x) / deviation);
  }
  std::sort(sizes.rbegin(), sizes.rend());
  const std::size_t top = sizes.size() / 50;
  double sum = 0;
  for (std::size_t i = 0; i < top; ++i) sum += std::log(sizes[i] / sizes[top]);
  return sum > 0 ? static_cast<double>(top) / sum : 0;
}

double step_frequency(double rate, double beta) {
  const double trace = 1 + beta - rate;
  const double square = trace * trace - 4 * beta;
  return square < 0 ? std::atan2(std::sqrt(-square), trace) : 0;
}

void read_path(const Recorded& recorded, std::size_t first, TaskEigenplanes& task) {
  const EigenplaneColumns columns = EigenplaneColumns::of_width(recorded.width);
  for (std::size_t i = 0; i < task.planes.size(); ++i) {
    Eigenplane& plane = task.planes[i];
    plane.position = column(recorded, columns.position(i), 0);
    plane.velocity = column(recorded, columns.velocity(i), 0);
    const std::vector<double> x = column(recorded, columns.position(i), first);
    const std::vector<double> v = column(recorded, columns.velocity(i), first);
    plane.position_variance = analysis::moments(x).variance;
    plane.velocity_variance = analysis::moments(v).variance;
    plane.turning = analysis::mean_turning(x, v);
    plane.frequency = analysis::fit_oscillation(x).frequency;
    const analysis::Periodogram velocity = analysis::periodogram(v, 1);
    const analysis::Periodogram position = analysis::periodogram(x, 1);
    const double turn = 2 * std::numbers::pi;
    plane.peak_frequency = turn * analysis::peak_frequency(velocity, x.size() / 100);
    plane.mean_frequency = turn * analysis::mean_frequency(position);
  }
  std::vector<double> squares = column(recorded, columns.velocity_square(), first);
  const double eta = task.sgd.learning_rate;
  for (double& one : squares) one *= eta * eta;
  task.step_square = analysis::blocking(squares).mean;
  task.displacement_square = column(recorded, columns.displacement_square(), 0);
}

}  // namespace

TaskEigenplanes task_eigenplanes(const RunView& view,
                                 std::size_t index,
                                 const EigenplaneOptions& options,
                                 const Noise& noise) {
  const Branch& branch = view.branch(index);
  const auto* rule = std::get_if<Momentum>(&branch.rule);
  if (rule == nullptr || branch.batch.size == 0 || !view.task(index).parent) {
    reject({"eigenplanes.phase",
            std::string(name(branch.rule)),
            "must continue another phase under momentum on batches",
            "set `from`"});
  }
  const std::size_t parent = *view.task(index).parent;
  const std::unique_ptr<Objective<double>> objective = view.objective(parent);
  const std::vector<double> theta = view.last_theta(parent);
  const Recorded recorded = view.recorded(index, "eigenplanes");
  const EigenplaneColumns columns = EigenplaneColumns::of_width(recorded.width);
  TaskEigenplanes task;
  task.where = view.task(index).where;
  for (const auto& [key, value] : task.where)
    task.label += fmt::format("{}{} = {:.4g}", task.label.empty() ? "" : ", ", key, value);
  if (task.label.empty()) task.label = view.task(index).id;
  const auto size = static_cast<double>(branch.batch.size);
  const auto examples = static_cast<double>(objective->examples());
  const double factor =
      branch.batch.replacement ? 1 : theory::without_replacement_factor(examples, size);
  task.sgd.learning_rate = rule->learning_rate;
  task.sgd.momentum = rule->momentum;
  task.sgd.batch_size = size / factor;
  task.weight_decay = rule->weight_decay;
  task.steps_per_epoch = static_cast<std::int64_t>(std::ceil(examples / size));

  const analysis::Eigenpairs pairs = top_eigenpairs<double>(
      *objective, theta, static_cast<std::int64_t>(columns.planes), noise.fork("eigenpairs", 0));
  const GradientsAlong gradients = gradients_along(*objective, theta, pairs.vectors);
  const Vector mean = gradients.along.colwise().mean();
  const Matrix centred = gradients.along.rowwise() - gradients.along.colwise().mean();
  const Vector variance = centred.colwise().squaredNorm() / examples;
  const Matrix batches =
      batch_means(gradients.along, branch.batch.size, options.batches, noise.fork("batches", 0));
  const Vector drag =
      rule->weight_decay * pairs.vectors.transpose() *
      Eigen::Map<const Vector>(theta.data(), static_cast<Eigen::Index>(theta.size()));
  for (Eigen::Index i = 0; i < pairs.values.size(); ++i) {
    Eigenplane plane;
    plane.curvature = pairs.values(i);
    plane.residual = pairs.residuals(i);
    plane.converged = pairs.converged[static_cast<std::size_t>(i)];
    const double h = plane.curvature + rule->weight_decay;
    plane.centre = -(mean(i) + drag(i)) / h;
    plane.noise = variance(i);
    const double second = batches.col(i).squaredNorm() / static_cast<double>(options.batches);
    plane.kurtosis = batches.col(i).array().square().square().mean() / (second * second);
    const double rate = rule->learning_rate * h;
    plane.expected_frequency = rate > 0 ? step_frequency(rate, rule->momentum) : 0;
    if (rate > 0) {
      theory::SgdNoise mode = task.sgd;
      mode.curvature = h;
      const theory::UnderdampedMode u = theory::underdamped_mode(mode);
      plane.continuous_frequency = u.damping_ratio < 1 ? rule->learning_rate * u.splitting : 0;
    }
    task.planes.push_back(plane);
  }
  Matrix correlation = centred.transpose() * centred / examples;
  const Vector inverse = variance.cwiseSqrt().cwiseInverse();
  correlation = (inverse.asDiagonal() * correlation * inverse.asDiagonal()).eval();
  correlation.diagonal().setZero();
  task.noise_correlation = correlation.cwiseAbs().maxCoeff();
  task.tail_index = hill_index(batches);
  task.noise_trace = gradients.trace;
  const double eta = rule->learning_rate;
  task.expected_step_square =
      eta * eta * gradients.trace / (task.sgd.batch_size * (1 - rule->momentum * rule->momentum));
  const auto first = static_cast<std::size_t>(options.skip * static_cast<double>(recorded.rows));
  read_path(recorded, first, task);
  return task;
}

}  // namespace thermoscape
