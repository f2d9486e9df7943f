#include "thermoscape/theory/softmax.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::theory {

namespace {

void check_logits(const Vector& logits) {
  if (logits.size() == 0) reject({"logits", "", "must hold at least one number", ""});
  if (!logits.allFinite()) reject({"logits", "not finite", "must be finite numbers", ""});
}

void check_label(std::int64_t label, Eigen::Index classes) {
  if (label >= 0 && label < classes) return;
  reject({"label",
          fmt::format("{}", label),
          fmt::format("must be a class from 0 to {}", classes - 1),
          ""});
}

/// ln(1 + e^x) for any x.
double softplus(double x) {
  return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}

}  // namespace

Vector softmax(const Vector& logits) {
  check_logits(logits);
  const Vector weights = (logits.array() - logits.maxCoeff()).exp();
  return weights / weights.sum();
}

double cross_entropy(const Vector& logits, std::int64_t label) {
  check_logits(logits);
  check_label(label, logits.size());
  // Through the margin where there is one: ln Σ - z_y cancels where the example is well learnt.
  return logits.size() == 1 ? 0 : margin_loss(logits, label).loss;
}

Vector logit_gradient(const Vector& logits, std::int64_t label) {
  Vector p = softmax(logits);
  check_label(label, p.size());
  p[label] = 0;
  p[label] = -p.sum();
  return p;
}

Matrix logit_hessian(const Vector& logits) {
  const Vector p = softmax(logits);
  Matrix hessian = -p * p.transpose();
  hessian.diagonal() += p;
  return hessian;
}

MarginLoss margin_loss(const Vector& logits, std::int64_t label) {
  check_logits(logits);
  check_label(label, logits.size());
  if (logits.size() < 2) reject({"logits", "1 class", "must be at least 2 classes", ""});
  double runner_up = -std::numeric_limits<double>::infinity();
  for (Eigen::Index n = 0; n < logits.size(); ++n) {
    if (n != label) runner_up = std::max(runner_up, logits[n]);
  }
  MarginLoss result;
  for (Eigen::Index n = 0; n < logits.size(); ++n) {
    if (n != label) result.amplitude += std::exp(logits[n] - runner_up);
  }
  result.margin = logits[label] - runner_up;
  result.loss = softplus(std::log(result.amplitude) - result.margin);
  return result;
}

FisherDiagonal fisher_diagonal(const Matrix& weights,
                               const Matrix& inputs,
                               const std::vector<std::int64_t>& labels) {
  const Eigen::Index n = inputs.rows();
  if (n == 0 || inputs.cols() != weights.cols() || static_cast<Eigen::Index>(labels.size()) != n) {
    reject({"fisher diagonal",
            fmt::format("weights {} x {}, inputs {} x {}, {} labels",
                        weights.rows(),
                        weights.cols(),
                        n,
                        inputs.cols(),
                        labels.size()),
            "must be [classes, d], [n, d] and n labels, n >= 1",
            ""});
  }
  if (!inputs.allFinite()) reject({"inputs", "not finite", "must be finite numbers", ""});
  FisherDiagonal fisher;
  fisher.model = Matrix::Zero(weights.rows(), weights.cols());
  fisher.data = fisher.model;
  for (Eigen::Index i = 0; i < n; ++i) {
    const Vector logits = weights * inputs.row(i).transpose();
    const Vector p = softmax(logits);
    const Vector r = logit_gradient(logits, labels[static_cast<std::size_t>(i)]);
    const auto square = inputs.row(i).cwiseAbs2();
    fisher.model += (p.array() * (1 - p.array())).matrix() * square;
    fisher.data += r.cwiseAbs2() * square;
  }
  fisher.model /= static_cast<double>(n);
  fisher.data /= static_cast<double>(n);
  return fisher;
}

}  // namespace thermoscape::theory
