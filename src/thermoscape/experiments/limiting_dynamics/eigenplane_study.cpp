#include "thermoscape/experiments/limiting_dynamics/eigenplane_study.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <variant>

#include "thermoscape/analysis/moments.hpp"
#include "thermoscape/analysis/oscillation.hpp"
#include "thermoscape/experiments/eigenplane_probe.hpp"
#include "thermoscape/experiments/limiting_dynamics/independent_batch.hpp"
#include "thermoscape/experiments/limiting_dynamics/noise_commutator.hpp"
#include "thermoscape/experiments/limiting_dynamics/phase_start.hpp"
#include "thermoscape/experiments/limiting_dynamics/recorded_noise.hpp"
#include "thermoscape/theory/underdamped_ou.hpp"

namespace thermoscape {

namespace {

std::vector<double> column(const Recorded& recorded, std::size_t index, std::size_t first) {
  std::vector<double> values;
  for (std::size_t k = first; k < recorded.rows; ++k)
    values.push_back(recorded.values[k * recorded.width + index]);
  return values;
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

/// The eigenpairs that the probe of the task found, with values and residuals in double.
analysis::Eigenpairs recorded_pairs(const RunView& view,
                                    std::size_t index,
                                    Objective<double>& objective,
                                    const PhaseStart& start,
                                    std::size_t count) {
  const Noise noise(static_cast<std::uint64_t>(view.recipe().head.seed));
  analysis::Eigenpairs pairs = std::visit(
      [&]<class Real>(const std::shared_ptr<const Objective<Real>>& prototype) {
        const auto own = with_statistics(*prototype, start.buffers);
        const std::vector<Real> origin(start.theta.begin(), start.theta.end());
        return top_eigenpairs<Real>(
            *own, origin, static_cast<std::int64_t>(count), noise.fork("eigenplanes", 0));
      },
      view.ground(index).objective);
  if (static_cast<std::size_t>(pairs.vectors.cols()) != count) {
    reject({"eigenplanes, task",
            view.task(index).id,
            fmt::format("has {} of {} eigenvectors at its start", pairs.vectors.cols(), count),
            "the Hessian there is not finite"});
  }
  Matrix products(pairs.vectors.rows(), pairs.vectors.cols());
  const auto numbers = static_cast<std::size_t>(products.size());
  objective.hessian_products(
      start.theta, {}, {pairs.vectors.data(), numbers}, {products.data(), numbers});
  for (Eigen::Index i = 0; i < products.cols(); ++i) {
    pairs.values(i) = pairs.vectors.col(i).dot(products.col(i));
    pairs.residuals(i) = (products.col(i) - pairs.values(i) * pairs.vectors.col(i)).norm();
  }
  return pairs;
}

/// q·Hq of each eigenvector where the task ended.
Vector curvatures_after(const RunView& view, std::size_t index, const Matrix& vectors) {
  const auto objective = with_statistics(*view.ground(index).in_double(),
                                         last_buffers(view.workshop(), view.task(index)));
  Matrix products(vectors.rows(), vectors.cols());
  const auto numbers = static_cast<std::size_t>(products.size());
  objective->hessian_products(
      view.last_theta(index), {}, {vectors.data(), numbers}, {products.data(), numbers});
  return vectors.cwiseProduct(products).colwise().sum();
}

double step_frequency(double rate, double beta) {
  const double trace = 1 + beta - rate;
  const double square = trace * trace - 4 * beta;
  return square < 0 ? std::atan2(std::sqrt(-square), trace) : 0;
}

/// η²|v|² after each step of the second epoch, where the code of the paper takes the speed.
std::pair<std::size_t, std::size_t> second_epoch_rows(const TaskEigenplanes& task,
                                                      std::size_t rows) {
  const auto epoch = static_cast<std::size_t>(task.steps_per_epoch);
  return {std::min(epoch + 1, rows - 1), std::min(2 * epoch + 1, rows)};
}

void read_path(const Recorded& recorded,
               std::size_t first,
               const std::string& definitions,
               TaskEigenplanes& task) {
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
    plane.orbit = analysis::orbit(x, v, plane.expected_frequency);
    plane.frequency = analysis::fit_oscillation(x).frequency;
    const analysis::Periodogram velocity = analysis::periodogram(v, 1);
    const analysis::Periodogram position = analysis::periodogram(x, 1);
    const double turn = 2 * std::numbers::pi;
    plane.peak_frequency = turn * analysis::peak_frequency(velocity, x.size() / 100);
    plane.mean_frequency = turn * analysis::mean_frequency(position);
  }
  task.step_squares = column(recorded, columns.velocity_square(), 0);
  const double eta = task.sgd.learning_rate;
  for (double& one : task.step_squares) one *= eta * eta;
  const auto [from, to] = of_paper(definitions) ? second_epoch_rows(task, recorded.rows)
                                                : std::pair(first, recorded.rows);
  const std::vector<double> squares(task.step_squares.begin() + static_cast<std::ptrdiff_t>(from),
                                    task.step_squares.begin() + static_cast<std::ptrdiff_t>(to));
  task.step_square = analysis::blocking(squares).mean;
  task.displacement_square = column(recorded, columns.displacement_square(), 0);
}

}  // namespace

TaskEigenplanes task_eigenplanes(const RunView& view,
                                 std::size_t index,
                                 const EigenplaneOptions& options,
                                 bool with_plane,
                                 const Noise& noise) {
  const Branch& branch = view.branch(index);
  const auto* rule = std::get_if<Momentum>(&branch.rule);
  if (rule == nullptr || branch.batch.size == 0) {
    reject({"eigenplanes.phase",
            std::string(name(branch.rule)),
            "must be momentum on batches",
            "set `rule` and `batch`"});
  }
  const PhaseStart start = phase_start(view, index);
  const std::vector<double>& theta = start.theta;
  const std::unique_ptr<Objective<double>> objective =
      with_statistics(*view.ground(index).in_double(), start.buffers);
  const Recorded recorded = view.recorded(index, "eigenplanes");
  const EigenplaneColumns columns = EigenplaneColumns::of_width(recorded.width);
  TaskEigenplanes task;
  task.where = view.task(index).where;
  for (const auto& [key, value] : task.where)
    task.label += fmt::format("{}{} = {:.4g}", task.label.empty() ? "" : ", ", key, value);
  if (task.label.empty()) task.label = view.task(index).id;
  const auto size = static_cast<double>(branch.batch.size);
  const auto examples = static_cast<double>(objective->examples());
  task.sgd.learning_rate = rule->learning_rate;
  task.sgd.momentum = rule->momentum;
  task.sgd.batch_size = independent_batch("eigenplanes", branch.batch, examples);
  task.weight_decay = rule->weight_decay;
  task.steps_per_epoch = static_cast<std::int64_t>(std::ceil(examples / size));

  const analysis::Eigenpairs pairs = recorded_pairs(view, index, *objective, start, columns.planes);
  const Vector after = curvatures_after(view, index, pairs.vectors);
  const NoiseAlong gradients = noise_along(*objective, theta, pairs.vectors);
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
    plane.curvature_after = after(i);
    plane.converged = pairs.converged[static_cast<std::size_t>(i)];
    const double h = plane.curvature + rule->weight_decay;
    plane.centre =
        of_paper(options.definitions) ? -mean(i) / plane.curvature : -(mean(i) + drag(i)) / h;
    plane.noise = variance(i);
    const double second = batches.col(i).squaredNorm() / static_cast<double>(options.batches);
    plane.kurtosis = batches.col(i).array().square().square().mean() / (second * second);
    const double rate = rule->learning_rate * h;
    plane.expected_frequency = rate > 0 ? step_frequency(rate, rule->momentum) : 0;
    const double mean_rate = rate + rule->learning_rate * (after(i) - plane.curvature) / 2;
    plane.mean_curvature_frequency = mean_rate > 0 ? step_frequency(mean_rate, rule->momentum) : 0;
    if (rate > 0) {
      theory::SgdNoise mode = task.sgd;
      mode.curvature = h;
      const theory::UnderdampedMode u = theory::underdamped_mode(mode);
      plane.continuous_frequency = u.damping_ratio < 1 ? rule->learning_rate * u.splitting : 0;
    }
    if (plane.expected_frequency > 0) {
      plane.orbit_expected = std::pow(rule->momentum, std::numbers::pi / plane.expected_frequency);
    }
    task.planes.push_back(plane);
  }
  Matrix correlation = centred.transpose() * centred / examples;
  const Vector inverse = variance.cwiseSqrt().cwiseInverse();
  correlation = (inverse.asDiagonal() * correlation * inverse.asDiagonal()).eval();
  correlation.diagonal().setZero();
  task.noise_correlation = correlation.cwiseAbs().maxCoeff();
  task.noise_commutator = noise_commutator(*objective, theta, pairs.values, gradients.covariance);
  task.tail_index = hill_index(batches);
  task.noise_trace = gradients.trace;
  const double eta = rule->learning_rate;
  const double factor = eta * eta / (task.sgd.batch_size * (1 - rule->momentum * rule->momentum));
  task.expected_step_square = factor * gradients.trace;
  task.expected_along = recorded_noise_trace(view, index, task.sgd.batch_size, options.skip);
  if (task.expected_along) {
    task.expected_along->value *= factor;
    task.expected_along->standard_error *= factor;
  }
  const auto first = static_cast<std::size_t>(options.skip * static_cast<double>(recorded.rows));
  read_path(recorded, first, options.definitions, task);
  if (!with_plane || options.plane_points < 3 || task.planes.size() < 2) return task;
  const auto direction = [&](std::size_t i) {
    const Eigenplane& plane = task.planes[i];
    return PlaneDirection{{pairs.vectors.col(static_cast<Eigen::Index>(i)).data(), theta.size()},
                          plane.position,
                          plane.curvature,
                          plane.centre};
  };
  task.plane = plane_losses(view,
                            index,
                            start,
                            direction(0),
                            direction(task.planes.size() - 1),
                            {eta, rule->momentum, rule->weight_decay},
                            options.plane_points,
                            options.plane_examples);
  return task;
}

}  // namespace thermoscape
