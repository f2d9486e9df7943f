#include "thermoscape/experiments/limiting_dynamics/regression_planes.hpp"

#include <algorithm>
#include <cmath>
#include <variant>

#include "thermoscape/analysis/lanczos.hpp"
#include "thermoscape/experiments/trajectory.hpp"
#include "thermoscape/theory/regression_moments.hpp"
#include "thermoscape/theory/sgdm_discrete.hpp"

namespace thermoscape {

namespace {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using FloatRows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr const char* kWhere = "regression-planes";

/// Inputs and one-hot targets of a task, and its θ as [outputs, inputs].
struct Examples {
  Eigen::Map<const FloatRows> x;
  Matrix y;

  explicit Examples(const data::Labelled& data)
      : x(data.inputs.data(), data.size(), data.width()),
        y(Matrix::Zero(data.size(), data.classes)) {
    for (Eigen::Index i = 0; i < y.rows(); ++i) y(i, data.labels[static_cast<std::size_t>(i)]) = 1;
  }
  [[nodiscard]] Matrix residuals(const std::vector<double>& theta) const {
    const Eigen::Map<const RowMatrix> w(theta.data(), y.cols(), x.cols());
    return times(w.transpose()) - y;
  }
  /// X v for columns v, in double, some examples at a time.
  [[nodiscard]] Matrix times(const Matrix& v) const {
    Matrix out(x.rows(), v.cols());
    for (Eigen::Index i = 0; i < x.rows(); i += kRows) {
      const Eigen::Index count = std::min(kRows, x.rows() - i);
      out.middleRows(i, count).noalias() = x.middleRows(i, count).cast<double>() * v;
    }
    return out;
  }
  [[nodiscard]] Matrix transposed_times(const Matrix& w) const {
    Matrix out = Matrix::Zero(x.cols(), w.cols());
    for (Eigen::Index i = 0; i < x.rows(); i += kRows) {
      const Eigen::Index count = std::min(kRows, x.rows() - i);
      out.noalias() += x.middleRows(i, count).cast<double>().transpose() * w.middleRows(i, count);
    }
    return out;
  }
  static constexpr Eigen::Index kRows = 256;
};

analysis::Eigenpairs input_eigenpairs(const Examples& examples, std::int64_t count, Noise noise) {
  const auto n = static_cast<double>(examples.x.rows());
  const LinearOperator second_moment(
      examples.x.cols(), [&](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) {
        out = examples.transposed_times(examples.times(in)) / n;
      });
  analysis::LanczosOptions options;
  options.count = std::min<std::int64_t>(count, examples.x.cols());
  options.certainty.tolerance = 1e-9;
  return analysis::lanczos(second_moment, noise, options);
}

/// Gradients of examples along each plane, s_ni = (w_i·r_n)(u_i·x_n).
Matrix gradients_along(const Matrix& residuals, const Matrix& along_inputs, const Matrix& outputs) {
  return (residuals * outputs).cwiseProduct(along_inputs);
}

Vector variance_of(const Matrix& s) {
  const auto n = static_cast<double>(s.rows());
  return s.colwise().squaredNorm().transpose() / n -
         (s.colwise().sum().transpose() / n).cwiseAbs2();
}

/// Variances of the means of random batches over those of theory, plane by plane.
std::vector<Estimate> batch_variances(const Matrix& s,
                                      std::int64_t size,
                                      bool replacement,
                                      std::int64_t batches,
                                      const Noise& noise) {
  const std::int64_t n = s.rows();
  const Vector mean = s.colwise().mean();
  double factor = 1 / static_cast<double>(size);
  if (!replacement)
    factor *= theory::without_replacement_factor(static_cast<double>(n), static_cast<double>(size));
  const Vector expected = factor * variance_of(s);
  // Without replacement only the first batch of an ordering is used: batches stay independent.
  Sampler sampler({.size = size, .replacement = replacement}, n, noise);
  Matrix squares(batches, s.cols());
  for (std::int64_t b = 0; b < batches; ++b) {
    const Batch batch = sampler.at(b * sampler.steps_per_epoch());
    Vector sum = Vector::Zero(s.cols());
    for (const std::int32_t i : batch.examples) sum += s.row(i).transpose();
    squares.row(b) = (sum / static_cast<double>(size) - mean).cwiseAbs2().transpose();
  }
  std::vector<Estimate> ratios;
  for (Eigen::Index i = 0; i < s.cols(); ++i) {
    const Vector own = squares.col(i) / expected(i);
    const double average = own.mean();
    const double error =
        std::sqrt((own.array() - average).square().sum()) / static_cast<double>(batches);
    ratios.push_back({average, error, Status::ok});
  }
  return ratios;
}

PlanePath follow(const RegressionPlane& plane,
                 const TaskPlanes& task,
                 double batch_size,
                 const Vector& moved) {
  const double eta = task.learning_rate;
  theory::SgdNoise measured{eta,
                            task.momentum,
                            batch_size / task.replacement_factor,
                            plane.noise_at_end,
                            plane.curvature};
  theory::SgdNoise assumed = measured;
  assumed.gradient_variance = plane.assumed_noise;
  assumed.batch_size = batch_size;
  PlanePath path;
  for (Eigen::Index k = 0; k < moved.size(); ++k) {
    const auto step = static_cast<double>(k);
    path.position.push_back(plane.start + moved(k));
    path.velocity.push_back(k == 0 ? 0 : (moved(k) - moved(k - 1)) / eta);
    path.exact.push_back(theory::discrete_mean(measured, {plane.start, 0}, step));
    path.shifted.push_back(theory::half_step_mean(measured, plane.start, step));
    path.plain.push_back(theory::underdamped_mean(measured, {plane.start, 0}, eta * step));
    path.spread.push_back(theory::discrete_covariance(measured, step));
    path.paper.push_back(theory::underdamped_covariance(assumed, eta * step));
  }
  return path;
}

void read_rule(const Branch& branch, TaskPlanes& task, double& weight_decay) {
  if (const auto* momentum = std::get_if<Momentum>(&branch.rule)) {
    task.learning_rate = momentum->learning_rate;
    task.momentum = momentum->momentum;
    weight_decay = momentum->weight_decay;
  } else if (const auto* sgd = std::get_if<Sgd>(&branch.rule)) {
    task.learning_rate = sgd->learning_rate;
    weight_decay = sgd->weight_decay;
  } else {
    reject(
        {kWhere, std::string(name(branch.rule)), "must be of a phase under sgd or momentum", ""});
  }
}

}  // namespace

TaskPlanes task_planes(const RunView& view,
                       std::size_t index,
                       const RegressionPlanesOptions& options,
                       const Noise& noise) {
  const Ground& ground = view.ground(index);
  const Branch& branch = view.branch(index);
  const auto* settings = std::get_if<LinearRegressionSettings>(&ground.settings);
  if (settings == nullptr || settings->bias || settings->l2 != 0 || !ground.train) {
    reject({kWhere, "", "needs an objective of kind linear without bias and l2", ""});
  }
  if (branch.batch.size == 0) reject({kWhere, "0", "needs batches of some examples", ""});
  TaskPlanes task;
  double weight_decay = 0;
  read_rule(branch, task, weight_decay);
  task.where = view.task(index).where;
  for (const auto& [key, value] : task.where)
    task.label += fmt::format("{}{} = {:.4g}", task.label.empty() ? "" : ", ", key, value);
  const Trajectory trajectory(view, index);
  if (trajectory.every() != 1)
    reject({kWhere, "", "needs the trajectory of every step", "every = 1"});
  const Examples examples(*ground.train);
  const std::vector<double> first = trajectory.row(0);
  const std::vector<double> last = view.last_theta(index);
  const analysis::Eigenpairs pairs =
      input_eigenpairs(examples, options.planes, noise.fork("eigenpairs", 0));
  const auto n = static_cast<double>(examples.x.rows());
  const Matrix along = examples.times(pairs.vectors);
  const Matrix residual_at_start = examples.residuals(first);
  const Matrix residual_at_end = examples.residuals(last);
  const Eigen::Map<const RowMatrix> theta(first.data(), examples.y.cols(), examples.x.cols());
  // G u = [outputs, planes] of the gradient at the start, weight decay included.
  Matrix outputs =
      residual_at_start.transpose() * along / n + weight_decay * (theta * pairs.vectors);
  const Vector slope = outputs.colwise().norm();
  outputs.colwise().normalize();
  const Matrix s_start = gradients_along(residual_at_start, along, outputs);
  const Matrix s_end = gradients_along(residual_at_end, along, outputs);
  const Vector noise_start = variance_of(s_start);
  const Vector noise_end = variance_of(s_end);
  const Vector residual_square = (residual_at_end * outputs).colwise().squaredNorm() / n;
  if (!branch.batch.replacement)
    task.replacement_factor =
        theory::without_replacement_factor(n, static_cast<double>(branch.batch.size));
  const auto with = batch_variances(
      s_end, branch.batch.size, true, options.batches, noise.fork("with_replacement", 0));
  const auto without = batch_variances(
      s_end, branch.batch.size, false, options.batches, noise.fork("without_replacement", 0));
  for (Eigen::Index i = 0; i < pairs.values.size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    RegressionPlane plane;
    plane.curvature = pairs.values(i) + weight_decay;
    plane.start = slope(i) / plane.curvature;
    plane.noise_at_start = noise_start(i);
    plane.noise_at_end = noise_end(i);
    plane.assumed_noise = residual_square(i) * pairs.values(i);
    plane.with_replacement = with[at];
    plane.without_replacement = without[at];
    task.planes.push_back(plane);
  }
  const Matrix centred = s_end.rowwise() - s_end.colwise().mean();
  const Vector inverse = noise_end.cwiseSqrt().cwiseInverse();
  Matrix correlation =
      inverse.asDiagonal() * (centred.transpose() * centred / n) * inverse.asDiagonal();
  correlation.diagonal().setZero();
  task.noise_correlation = correlation.cwiseAbs().maxCoeff();

  Matrix moved(trajectory.rows(), pairs.values.size());
  const analysis::Rows rows = trajectory.rows(0, trajectory.rows());
  analysis::for_each_block(rows, [&](Eigen::Index at, const auto& block) {
    for (Eigen::Index r = 0; r < block.rows(); ++r) {
      const Eigen::Map<const RowMatrix> w(
          block.row(r).data(), examples.y.cols(), examples.x.cols());
      moved.row(at + r) = ((w - theta) * pairs.vectors).cwiseProduct(outputs).colwise().sum();
    }
  });
  for (Eigen::Index i = 0; i < moved.cols(); ++i) {
    task.paths.push_back(follow(task.planes[static_cast<std::size_t>(i)],
                                task,
                                static_cast<double>(branch.batch.size),
                                moved.col(i)));
  }
  return task;
}

}  // namespace thermoscape
