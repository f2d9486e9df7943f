#include "thermoscape/landscape/logit_geometry.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <fmt/format.h>
#include <Eigen/Eigenvalues>

#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/shapes.hpp"

namespace thermoscape {

namespace {

constexpr std::int64_t kMicroBatch = 64;  // examples a product with J

Estimate mean_of(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  if (!std::isfinite(mean)) return {};
  return {
      mean, n > 1 ? std::sqrt(squares / (n * (n - 1))) : 0, n > 1 ? Status::ok : Status::too_short};
}

/// The value and the delete-one values of a statistic as an estimate.
Estimate jackknifed(double value, std::span<const double> without, bool too_short) {
  const Estimate spread = mean_of(without);
  if (!std::isfinite(value) || !spread.ok()) return {};
  return {value,
          spread.standard_error * static_cast<double>(without.size() - 1),
          too_short ? Status::too_short : Status::ok};
}

/// The examples of a batch by number, and how many of each class there are.
struct Members {
  std::vector<std::int32_t> examples;
  std::vector<std::size_t> labels;
  std::vector<double> sizes;  ///< [C]
  double with_pairs = 0;      ///< classes with two examples or more
};

Members members_of(const Objective<double>& objective,
                   std::span<const std::int32_t> labels,
                   const Batch& batch) {
  const std::int64_t classes = objective.outputs();
  if (classes < 2 || static_cast<std::int64_t>(labels.size()) != objective.examples()) {
    reject({"logit_geometry",
            fmt::format("{} logits, {} labels", classes, labels.size()),
            "needs two logits or more and a label for each example",
            "regression and models that return their loss have no classes"});
  }
  Members members;
  members.sizes.assign(static_cast<std::size_t>(classes), 0.0);
  for_each_example(batch, objective.examples(), [&](std::int64_t, std::int64_t i) {
    const std::int32_t label = labels[static_cast<std::size_t>(i)];
    if (label < 0 || label >= classes) {
      reject({"label",
              fmt::format("{}", label),
              fmt::format("must be a class from 0 to {}", classes - 1),
              ""});
    }
    members.examples.push_back(static_cast<std::int32_t>(i));
    members.labels.push_back(static_cast<std::size_t>(label));
    members.sizes[static_cast<std::size_t>(label)] += 1;
  });
  for (const double size : members.sizes) members.with_pairs += size > 1 ? 1 : 0;
  if (members.examples.size() < 2) {
    reject({"logit_geometry", "1 example", "needs at least 2 to make a pair", ""});
  }
  return members;
}

/// What one pass over the gradients leaves: sums of unit vectors and what only the pass can know.
struct Sums {
  Matrix vectors;               ///< S_k, then the same over class k, then Σ_k S_k [P, 2C + 1]
  Matrix shared;                ///< Σ J_k over the examples of class k [P, C]
  std::vector<double> lengths;  ///< |J_k^μ| [n, C]
  std::vector<double> crossed;  ///< Σ_{k≠l} u_k·u_l of each example [n]
  bool vanished = false;        ///< some gradient has no direction
};

Sums pass(Objective<double>& objective, std::span<const double> theta, const Members& members) {
  const Eigen::Index classes = objective.outputs();
  const Eigen::Index size = objective.parameters();
  Sums sums;
  sums.vectors = Matrix::Zero(size, 2 * classes + 1);
  sums.shared = Matrix::Zero(size, classes);
  std::vector<double> covectors(static_cast<std::size_t>(classes * classes), 0.0);
  for (Eigen::Index k = 0; k < classes; ++k) {
    covectors[static_cast<std::size_t>(k * classes + k)] = 1;
  }
  Matrix gradients(size, classes);
  for (std::size_t i = 0; i < members.examples.size(); ++i) {
    objective.jacobian_pullback(theta,
                                Batch{{&members.examples[i], 1}},
                                covectors,
                                {gradients.data(), static_cast<std::size_t>(gradients.size())});
    const auto own = static_cast<Eigen::Index>(members.labels[i]);
    sums.shared.col(own) += gradients.col(own);
    for (Eigen::Index k = 0; k < classes; ++k) {
      const double length = gradients.col(k).norm();
      sums.lengths.push_back(length);
      if (!(length > 0) || !std::isfinite(length)) {
        sums.vanished = true;
        continue;
      }
      gradients.col(k) /= length;
      sums.vectors.col(k) += gradients.col(k);
      if (k == own) sums.vectors.col(classes + k) += gradients.col(k);
    }
    sums.crossed.push_back(gradients.rowwise().sum().squaredNorm() - static_cast<double>(classes));
  }
  sums.vectors.col(2 * classes) = sums.vectors.leftCols(classes).rowwise().sum();
  return sums;
}

/// u_k^μ · S for the sums S that a gradient is part of: its logit's, its class's, everybody's.
struct Overlaps {
  Matrix logit;     ///< u_k·S_k [C, n]
  Vector of_class;  ///< u_y·S of class y [n]
  Matrix all;       ///< u_k·Σ S_l [C, n]
};

Overlaps overlaps_of(Objective<double>& objective,
                     std::span<const double> theta,
                     const Members& members,
                     const Sums& sums) {
  const Eigen::Index classes = objective.outputs();
  const auto count = static_cast<std::int64_t>(members.examples.size());
  Overlaps out{Matrix(classes, count), Vector(count), Matrix(classes, count)};
  const std::span<const double> vectors(sums.vectors.data(),
                                        static_cast<std::size_t>(sums.vectors.size()));
  std::vector<double> products;
  for (std::int64_t first = 0; first < count; first += kMicroBatch) {
    const std::int64_t rows = std::min(kMicroBatch, count - first);
    products.resize(static_cast<std::size_t>((2 * classes + 1) * rows * classes));
    objective.jacobian_products(
        theta,
        Batch{{members.examples.data() + first, static_cast<std::size_t>(rows)}},
        vectors,
        products);
    const auto at = [&](Eigen::Index vector, std::int64_t row, Eigen::Index k) {
      return products[static_cast<std::size_t>((vector * rows + row) * classes + k)];
    };
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::int64_t i = first + row;
      const double* const length = sums.lengths.data() + i * classes;
      const auto own = static_cast<Eigen::Index>(members.labels[static_cast<std::size_t>(i)]);
      for (Eigen::Index k = 0; k < classes; ++k) {
        out.logit(k, i) = at(k, row, k) / length[k];
        out.all(k, i) = at(2 * classes, row, k) / length[k];
      }
      out.of_class[i] = at(classes + own, row, own) / length[own];
    }
  }
  return out;
}

/// The three mean cosines, with all examples and without each of them in turn.
void cluster(const Members& members,
             const Sums& sums,
             const Overlaps& overlaps,
             LogitGeometry& out) {
  const Eigen::Index classes = sums.shared.cols();
  const auto c = static_cast<double>(classes);
  const auto n = static_cast<double>(members.examples.size());
  Vector logit(classes);     // |S_k|²
  Vector of_class(classes);  // the same within class k
  for (Eigen::Index k = 0; k < classes; ++k) {
    logit[k] = sums.vectors.col(k).squaredNorm();
    of_class[k] = sums.vectors.col(classes + k).squaredNorm();
  }
  const double all = sums.vectors.col(2 * classes).squaredNorm();
  const double crossed = std::accumulate(sums.crossed.begin(), sums.crossed.end(), 0.0);
  const auto same_logit = [&](double squares, double count) {
    return (squares - c * count) / (c * count * (count - 1));
  };
  const auto different = [&](double squares_of_sum, double squares, double inside, double count) {
    return (squares_of_sum - squares - inside) / (c * (c - 1) * count * (count - 1));
  };
  const auto class_part = [&](double square, double size) {
    return size > 1 ? (square - size) / (members.with_pairs * size * (size - 1)) : 0.0;
  };
  double same_class = 0;
  for (Eigen::Index k = 0; k < classes; ++k) {
    same_class += class_part(of_class[k], members.sizes[static_cast<std::size_t>(k)]);
  }
  std::vector<double> without_class;
  std::vector<double> without_logit;
  std::vector<double> without_different;
  bool small_class = false;
  for (std::size_t i = 0; i < members.examples.size(); ++i) {
    const auto at = static_cast<Eigen::Index>(i);
    const auto own = static_cast<Eigen::Index>(members.labels[i]);
    const double size = members.sizes[members.labels[i]];
    small_class = small_class || size == 2;
    const double smaller = of_class[own] - 2 * overlaps.of_class[at] + 1;
    without_class.push_back(same_class - class_part(of_class[own], size) +
                            class_part(smaller, size - 1));
    const double squares = logit.sum() - 2 * overlaps.logit.col(at).sum() + c;
    without_logit.push_back(same_logit(squares, n - 1));
    const double of_sum = all - 2 * overlaps.all.col(at).sum() + c + sums.crossed[i];
    without_different.push_back(different(of_sum, squares, crossed - sums.crossed[i], n - 1));
  }
  if (members.with_pairs > 0)
    out.same_logit_same_class = jackknifed(same_class, without_class, small_class);
  out.same_logit = jackknifed(same_logit(logit.sum(), n), without_logit, n < 4);
  out.different_logits =
      jackknifed(different(all, logit.sum(), crossed, n), without_different, n < 4);
  const double q = out.same_logit.value;
  if (out.same_logit.status != Status::undefined && q < 1) {
    out.signal_to_noise = {q / (1 - q),
                           out.same_logit.standard_error / ((1 - q) * (1 - q)),
                           q > 0 ? out.same_logit.status : Status::out_of_range};
  }
}

/// What the logits alone say.
void read_logits(Objective<double>& objective,
                 std::span<const double> theta,
                 const Members& members,
                 LogitGeometry& out) {
  const Eigen::Index classes = objective.outputs();
  const auto count = static_cast<Eigen::Index>(members.examples.size());
  Matrix logits(classes, count);
  objective.logits(
      theta, Batch{members.examples}, {logits.data(), static_cast<std::size_t>(logits.size())});
  out.probabilities = Matrix(classes, count);
  std::vector<double> variances;
  std::vector<double> entropies;
  std::vector<double> right;
  for (Eigen::Index i = 0; i < count; ++i) {
    const Vector z = logits.col(i);
    Eigen::Index best = 0;
    const double top = z.maxCoeff(&best);
    const Vector weights = (z.array() - top).exp();
    const Vector p = weights / weights.sum();
    out.probabilities.col(i) = p;
    variances.push_back((z.array() - z.mean()).square().sum() / static_cast<double>(classes - 1));
    double entropy = 0;
    for (const double one : p) entropy -= one > 0 ? one * std::log2(one) : 0;
    entropies.push_back(entropy);
    right.push_back(
        static_cast<std::size_t>(best) == members.labels[static_cast<std::size_t>(i)] ? 1 : 0);
  }
  out.logit_variance = mean_of(variances);
  out.probability_entropy = mean_of(entropies);
  out.accuracy = mean_of(right);
  out.mean_logit_hessian =
      -out.probabilities * out.probabilities.transpose() / static_cast<double>(count);
  out.mean_logit_hessian.diagonal() += out.probabilities.rowwise().mean();
}

double largest(const Matrix& symmetric) {
  return Eigen::SelfAdjointEigenSolver<Matrix>(symmetric, Eigen::EigenvaluesOnly)
      .eigenvalues()
      .tail(1)[0];
}

}  // namespace

double LogitGeometry::top_logit_curvature() const {
  return largest(mean_logit_hessian);
}

double LogitGeometry::shared_length_squared() const {
  return shared_gram.trace() / static_cast<double>(classes_present);
}

double LogitGeometry::top_shared_curvature() const {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(shared_gram);
  const Matrix root =
      solver.eigenvectors() * solver.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal();
  return largest(root.transpose() * mean_logit_hessian * root);
}

void check_logit_geometry(const Objective<double>& objective,
                          std::span<const std::int32_t> labels,
                          const Batch& batch) {
  (void)members_of(objective, labels, batch);
}

LogitGeometry logit_geometry(Objective<double>& objective,
                             std::span<const double> theta,
                             std::span<const std::int32_t> labels,
                             const Batch& batch) {
  const Members members = members_of(objective, labels, batch);
  LogitGeometry out;
  out.examples = static_cast<std::int64_t>(members.examples.size());
  read_logits(objective, theta, members, out);
  Sums sums = pass(objective, theta, members);
  const std::size_t classes = members.sizes.size();
  std::vector<double> squares;
  for (std::size_t i = 0; i < sums.lengths.size(); i += classes) {
    double sum = 0;
    for (std::size_t k = 0; k < classes; ++k) sum += sums.lengths[i + k] * sums.lengths[i + k];
    squares.push_back(sum / static_cast<double>(classes));
  }
  out.gradient_length_squared = mean_of(squares);
  for (std::size_t k = 0; k < classes; ++k) {
    sums.shared.col(static_cast<Eigen::Index>(k)) /= std::max(members.sizes[k], 1.0);
    if (members.sizes[k] > 0) ++out.classes_present;
  }
  out.classes_with_pairs = static_cast<std::int64_t>(members.with_pairs);
  out.shared_gram = sums.shared.transpose() * sums.shared;
  if (!sums.vanished) {
    cluster(members, sums, overlaps_of(objective, theta, members, sums), out);
  }
  return out;
}

}  // namespace thermoscape
