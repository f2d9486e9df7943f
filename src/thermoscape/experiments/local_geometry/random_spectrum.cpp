#include "thermoscape/experiments/local_geometry/random_spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "thermoscape/analysis/dense.hpp"
#include "thermoscape/experiments/local_geometry/class_simplex.hpp"
#include "thermoscape/landscape/hessian_spectrum.hpp"
#include "thermoscape/landscape/spectrum.hpp"
#include "thermoscape/models/softmax_hessian.hpp"
#include "thermoscape/theory/logit_clustering.hpp"

namespace thermoscape {

namespace {

std::vector<double> eigenvalues_of(Matrix matrix) {
  const std::span<double> numbers(matrix.data(), static_cast<std::size_t>(matrix.size()));
  std::vector<double> values = symmetric_eigenvalues(numbers).eigenvalues;
  std::ranges::reverse(values);
  return values;
}

/// The draw with shared gradient k of length ratio^(k/(C-1) - 1/2).
RandomHessianDraw stretched(const RandomHessianDraw& draw, double ratio) {
  RandomHessianDraw out = draw;
  const Eigen::Index classes = draw.shared.cols();
  for (Eigen::Index k = 0; k < classes; ++k) {
    const double length =
        std::pow(ratio, static_cast<double>(k) / static_cast<double>(classes - 1) - 0.5);
    const Vector added = (length - 1) * draw.shared.col(k);
    out.shared.col(k) += added;
    for (Eigen::Index i = k; i < out.jacobian.cols(); i += classes) out.jacobian.col(i) += added;
  }
  return out;
}

/// All eigenpairs, largest eigenvalue first.
struct Pairs {
  Vector values;
  Matrix vectors;
};

Pairs pairs_of(Matrix matrix) {
  const Vector ascending = analysis::dense::diagonalise(matrix);
  return {ascending.reverse(), matrix.rowwise().reverse()};
}

double share_of(const Pairs& pairs, const Vector& gradient, Eigen::Index top) {
  return (pairs.vectors.leftCols(top).transpose() * gradient).squaredNorm() /
         gradient.squaredNorm();
}

}  // namespace

double RandomDraw::outliers() const {
  return static_cast<double>(
      thermoscape::outliers(eigenvalues, 3 * static_cast<std::int64_t>(shared.cols())).before_gap);
}

double RandomDraw::share(std::size_t top) const {
  return std::accumulate(power.begin(), power.begin() + static_cast<std::ptrdiff_t>(top), 0.0);
}

RandomDraw study_draw(const RandomSpectrumOptions& options,
                      const Noise& noise,
                      std::uint64_t index) {
  const RandomHessian& model = options.model;
  const RandomHessianDraw draw = sample(model, noise, index);
  const Eigen::Index classes = model.classes;
  RandomDraw out;
  out.probabilities = draw.probabilities;
  out.shared = draw.shared;
  {
    const RandomHessianSpectrum plain = spectrum(draw);  // refuses D <= C
    out.trace = plain.trace;
    out.trace_over_norm = plain.trace_over_norm;
    out.max_probability = plain.max_probability;
  }
  const Pairs pairs = pairs_of(softmax_hessian(draw.probabilities, draw.jacobian));
  out.eigenvalues.assign(pairs.values.begin(), pairs.values.end());
  const Vector gradient = softmax_gradient(draw.probabilities, draw.jacobian, draw.labels);
  const Vector cosines = pairs.vectors.transpose() * gradient / gradient.norm();
  const Vector power = cosines.cwiseAbs2();
  out.power.assign(power.begin(), power.end());
  for (const double accuracy : options.accuracies) {
    RandomHessian relabelled = model;
    relabelled.accuracy = accuracy;
    // The same streams: the same logits and gradients under other labels.
    const std::vector<std::int64_t> labels = sample(relabelled, noise, index).labels;
    out.shares.push_back(
        share_of(pairs, softmax_gradient(draw.probabilities, draw.jacobian, labels), classes));
  }
  Matrix residuals = draw.probabilities;
  for (std::size_t i = 0; i < draw.labels.size(); ++i) {
    residuals(draw.labels[i], static_cast<Eigen::Index>(i)) -= 1;
  }
  out.predicted_share = theory::gradient_fraction(
      residuals.transpose(), std::pow(model.residual_deviation / model.shared_deviation, 2));

  const Matrix own = draw.jacobian - draw.shared.replicate(1, draw.probabilities.cols());
  const Matrix bulk = softmax_hessian(draw.probabilities, own);
  out.separated = eigenvalues_of(bulk + draw.shared * mean_logit_hessian(draw.probabilities) *
                                            draw.shared.transpose());
  out.bulk = eigenvalues_of(bulk);

  const std::vector<double> entropies = class_entropies(draw.probabilities);
  out.entropy = std::accumulate(entropies.begin(), entropies.end(), 0.0) /
                static_cast<double>(entropies.size());
  const std::span<const double> rows(draw.jacobian.data(),
                                     static_cast<std::size_t>(draw.jacobian.size()));
  const theory::LogitClustering q = theory::logit_clustering(rows, draw.labels, classes);
  out.same_logit = q.same_logit;
  out.same_class = q.same_logit_same_class;
  out.different_logits = q.different_logits;
  for (const double ratio : options.length_ratios) {
    const RandomHessianSpectrum one = spectrum(stretched(draw, ratio));
    out.lengths.push_back({one.outlier_gap, one.bulk_gap});
  }
  return out;
}

SpikedComparison compare_spiked(const std::vector<RandomDraw>& draws,
                                const BulkSpectrum& bulk,
                                const RandomHessian& model,
                                SharedPart part) {
  SpikedComparison out;
  for (const RandomDraw& draw : draws) {
    const std::vector<double>& measured =
        part == SharedPart::separated ? draw.separated : draw.eigenvalues;
    std::vector<double> predicted =
        spiked_outliers(draw.probabilities, draw.shared, bulk, model.residual_deviation, part);
    double sum = 0;
    double squares = 0;
    for (std::size_t i = 0; i < predicted.size(); ++i) {
      const double deviation = predicted[i] / measured[i] - 1;
      sum += deviation;
      squares += deviation * deviation;
    }
    const auto count = static_cast<double>(std::max<std::size_t>(predicted.size(), 1));
    out.mean.push_back(sum / count);
    out.rms.push_back(std::sqrt(squares / count));
    out.missing.push_back(static_cast<double>(draw.shared.cols() - 1) -
                          static_cast<double>(predicted.size()));
    out.predicted.push_back(std::move(predicted));
  }
  return out;
}

}  // namespace thermoscape
