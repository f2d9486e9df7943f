#include "thermoscape/experiments/local_geometry/training_curvature.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/analysis/dense.hpp"
#include "thermoscape/analysis/lanczos.hpp"
#include "thermoscape/landscape/dense_hessian.hpp"
#include "thermoscape/landscape/hessian_spectrum.hpp"
#include "thermoscape/landscape/operators.hpp"
#include "thermoscape/landscape/spectrum.hpp"

namespace thermoscape {

namespace {

std::vector<double> numbers(const Vector& values, Eigen::Index from = 0) {
  const Vector tail = values.tail(std::max<Eigen::Index>(0, values.size() - from));
  return {tail.begin(), tail.end()};
}

/// Pairs of the Hessian, largest eigenvalue first: all of them, or those at the top.
struct Pairs {
  Vector values;
  Matrix vectors;
};

Vector falling(Objective<double>& objective, std::span<const double> theta, HessianTerm term) {
  const HessianSpectrum spectrum = hessian_spectrum(objective, theta, {}, term);
  const Eigen::Map<const Vector> rising(spectrum.eigenvalues.data(),
                                        static_cast<Eigen::Index>(spectrum.eigenvalues.size()));
  return rising.reverse();
}

/// Whole spectra of the Hessian and of both terms.
Pairs dense_pairs(Objective<double>& objective,
                  std::span<const double> theta,
                  MomentCurvature& out) {
  Matrix matrix(objective.parameters(), objective.parameters());
  dense_hessian<double>(objective,
                        theta,
                        {},
                        HessianTerm::full,
                        {matrix.data(), static_cast<std::size_t>(matrix.size())});
  if (!matrix.allFinite()) {
    out.status = Status::diverged;
    return {};
  }
  const Vector rising = analysis::dense::diagonalise(matrix);
  out.hessian = rising.reverse();
  out.h_term = falling(objective, theta, HessianTerm::residual);
  out.g_term = falling(objective, theta, HessianTerm::gauss_newton);
  out.status = Status::ok;
  return {out.hessian, matrix.rowwise().reverse()};
}

/// The largest pairs of the Hessian, and the largest eigenvalue of the H-term.
Pairs top_pairs(Objective<double>& objective,
                const std::vector<double>& theta,
                const TrainingCurvatureOptions& options,
                const Noise& noise,
                MomentCurvature& out) {
  analysis::LanczosOptions wanted;
  wanted.count = objective.outputs() + options.extra;
  wanted.certainty.tolerance = options.tolerance;
  const analysis::Eigenpairs pairs =
      analysis::lanczos(hessian_operator(objective, theta), noise.fork("hessian", 0), wanted);
  wanted.count = 1;
  const analysis::Eigenpairs edge = analysis::lanczos(
      hessian_operator(objective, theta, HessianTerm::residual), noise.fork("h_term", 0), wanted);
  out.status = analysis::worse(pairs.status, edge.status);
  out.h_term = edge.values;
  if (edge.values.size() == 0) return {};
  return {pairs.values, pairs.vectors};
}

MomentCurvature look(const RunView& view,
                     const TrainingCurvatureOptions& options,
                     const TrainingRun& run,
                     std::size_t moment) {
  const auto objective = view.objective(run.task);
  const auto classes = static_cast<std::size_t>(objective->outputs());
  const std::vector<double>& theta = run.moments[moment].theta;
  const Noise noise = Noise(static_cast<std::uint64_t>(view.recipe().head.seed))
                          .fork(view.task(run.task).id, moment);
  MomentCurvature out;
  const LinearOperator g_term = hessian_operator(*objective, theta, HessianTerm::gauss_newton);
  const Pairs pairs = objective->parameters() < options.dense_below
                          ? dense_pairs(*objective, theta, out)
                          : top_pairs(*objective, theta, options, noise, out);
  const std::vector<std::int32_t> chosen =
      chosen_examples(view, objective->examples(), options.examples);
  out.geometry = logit_geometry(*objective, theta, view.ground(run.task).labels(), Batch{chosen});
  if (pairs.values.size() < static_cast<Eigen::Index>(classes)) return out;
  out.eigenvalues = pairs.values.head(
      std::min<Eigen::Index>(pairs.values.size(), objective->outputs() + options.extra));
  out.dense = out.hessian.size() > 0;
  const std::vector<double> top = numbers(out.eigenvalues);
  out.outliers =
      static_cast<double>(outliers(top, 3 * static_cast<std::int64_t>(classes)).before_gap);
  if (options.density_probes > 0 && moment + 1 == run.moments.size() && !out.dense)
    out.outlier_vectors = pairs.vectors.leftCols(static_cast<Eigen::Index>(classes) - 1);
  const Matrix own = pairs.vectors.leftCols(static_cast<Eigen::Index>(classes));
  const Matrix moved = g_term * own;
  for (std::size_t k = 0; k + 1 < classes; ++k) {
    const auto at = static_cast<Eigen::Index>(k);
    out.share_of_g +=
        own.col(at).dot(moved.col(at)) / pairs.values[at] / static_cast<double>(classes - 1);
  }
  Vector gradient(objective->parameters());
  (void)objective->loss_gradient(
      theta, {}, {gradient.data(), static_cast<std::size_t>(gradient.size())});
  out.gradient_share = (own.transpose() * gradient).squaredNorm() / gradient.squaredNorm();
  out.above_h_term = static_cast<double>(
      std::count_if(top.begin(), top.end(), [&](double x) { return x > out.h_term[0]; }));
  if (out.dense) {
    const auto skipped = static_cast<Eigen::Index>(classes) - 1;
    const std::vector<double> bulk = numbers(out.hessian, skipped);
    out.bulk_to_h_term = kolmogorov_smirnov(bulk, numbers(out.h_term));
    out.bulk_to_g_term = kolmogorov_smirnov(bulk, numbers(out.g_term, skipped));
  }
  return out;
}

ModelBeside model_beside(const RunView& view,
                         const TrainingCurvatureOptions& options,
                         const LogitGeometry& geometry) {
  ModelBeside out;
  const double snr = geometry.signal_to_noise.value;
  if (!(snr > 0) || !std::isfinite(snr) || !(geometry.logit_variance.value > 0)) return out;
  out.model.examples = std::min<std::int64_t>(geometry.examples, 300);
  out.model.classes = geometry.probabilities.rows();
  out.model.parameters = std::max(options.model_parameters, out.model.classes + 2);
  out.model.logit_deviation = std::sqrt(geometry.logit_variance.value);
  out.model.shared_deviation = 1 / std::sqrt(static_cast<double>(out.model.parameters));
  out.model.residual_deviation = out.model.shared_deviation / std::sqrt(snr);
  out.model.accuracy = geometry.accuracy.value;
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view.recipe().head.seed)).fork("training-curvature", 0);
  out.averages = average_spectrum(out.model, noise, options.model_draws);
  out.defined = true;
  return out;
}

std::optional<TermDensities> densities_at_end(const RunView& view,
                                              const TrainingCurvatureOptions& options,
                                              const TrainingRun& run,
                                              const MomentCurvature& late,
                                              const ModelBeside& beside) {
  if (late.outlier_vectors.size() == 0) return {};
  analysis::Eigenpairs outliers;
  outliers.vectors = late.outlier_vectors;
  outliers.values = late.eigenvalues.head(outliers.vectors.cols());
  // In the model |c_k|² = D σ_c²; that of the network gives its eigenvalues their unit.
  const RandomHessian& model = beside.model;
  const double scale =
      late.geometry.shared_length_squared() /
      (static_cast<double>(model.parameters) * model.shared_deviation * model.shared_deviation);
  return term_densities(*view.objective(run.task),
                        run.moments.back().theta,
                        outliers,
                        {.probes = options.density_probes, .steps = options.density_steps},
                        beside.defined ? &model : nullptr,
                        scale,
                        Noise(static_cast<std::uint64_t>(view.recipe().head.seed))
                            .fork(view.task(run.task).id, run.moments.size()));
}

}  // namespace

CurvatureStudy study_training_curvature(const RunView& view,
                                        const std::string& phase,
                                        const TrainingCurvatureOptions& options) {
  CurvatureStudy study;
  study.options = options;
  study.runs = training_runs(view, phase, options.moments);
  study.classes = view.objective(study.runs.front().task)->outputs();
  std::vector<std::pair<std::size_t, std::size_t>> all;
  for (std::size_t r = 0; r < study.runs.size(); ++r) {
    study.moments.emplace_back(study.runs[r].moments.size());
    study.models.emplace_back(kStages.size());
    for (std::size_t m = 0; m < study.runs[r].moments.size(); ++m) all.emplace_back(r, m);
  }
  view.in_parallel(all.size(), [&](std::size_t i) {
    study.moments[all[i].first][all[i].second] =
        look(view, options, study.runs[all[i].first], all[i].second);
  });
  // The model stands beside the first minimum of each group: its own error bars are over draws.
  const std::vector<RunGroup> groups = groups_of(view, study.runs);
  view.in_parallel(groups.size() * kStages.size(), [&](std::size_t i) {
    const std::size_t run = groups[i / kStages.size()].runs.front();
    const std::size_t stage = i % kStages.size();
    study.models[run][stage] = model_beside(view, options, study.at_stage(run, stage).geometry);
  });
  study.densities.resize(study.runs.size());
  view.in_parallel(groups.size(), [&](std::size_t i) {
    const std::size_t run = groups[i].runs.front();
    study.densities[run] = densities_at_end(
        view, options, study.runs[run], study.moments[run].back(), study.models[run].back());
  });
  return study;
}

}  // namespace thermoscape
