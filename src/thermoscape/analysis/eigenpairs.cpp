#include "thermoscape/analysis/eigenpairs.hpp"

#include <algorithm>
#include <numeric>

namespace thermoscape::analysis {

namespace {

/// The pairs in the order of `chosen`.
void choose(Eigenpairs& pairs, const std::vector<Eigen::Index>& chosen) {
  pairs.values = Vector(pairs.values(chosen));
  pairs.residuals = Vector(pairs.residuals(chosen));
  pairs.vectors = Matrix(pairs.vectors(Eigen::all, chosen));
  std::vector<bool> converged;
  for (const Eigen::Index i : chosen) {
    converged.push_back(pairs.converged[static_cast<std::size_t>(i)]);
  }
  pairs.converged = std::move(converged);
}

void count_zeros(Eigenpairs& pairs, const Certainty& certainty) {
  pairs.zeros = 0;
  for (Eigen::Index i = 0; i < pairs.values.size(); ++i) {
    const double least = certainty.tolerance * Certainty::kZero * pairs.norm;
    pairs.zeros += std::abs(pairs.values[i]) <= std::max(pairs.residuals[i], least);
  }
}

}  // namespace

std::int64_t Eigenpairs::converged_count() const {
  return std::count(converged.begin(), converged.end(), true);
}

Eigenpairs Eigenpairs::only_converged() const {
  Eigenpairs kept = *this;
  std::vector<Eigen::Index> chosen;
  for (std::size_t i = 0; i < converged.size(); ++i) {
    if (converged[i]) chosen.push_back(static_cast<Eigen::Index>(i));
  }
  choose(kept, chosen);
  return kept;
}

Eigenpairs certify(const LinearOperator& a,
                   Eigenpairs found,
                   const Certainty& certainty,
                   std::int64_t block) {
  const Eigen::Index count = found.vectors.cols();
  found.values.resize(count);
  found.residuals.resize(count);
  const bool broken = found.status == Status::diverged;
  for (Eigen::Index first = 0; first < count; first += block) {
    const Eigen::Index width = std::min<Eigen::Index>(block, count - first);
    const auto vectors = found.vectors.middleCols(first, width);
    Matrix products = a * vectors;
    found.certification += width;
    if (!products.allFinite()) {
      found.vectors.resize(a.size(), 0);
      found.values.resize(0);
      found.residuals.resize(0);
      found.converged.clear();
      found.zeros = 0;
      found.status = Status::diverged;
      return found;
    }
    for (Eigen::Index i = 0; i < width; ++i) {
      const double value = vectors.col(i).dot(products.col(i));
      products.col(i) -= value * vectors.col(i);
      found.values[first + i] = value;
      found.residuals[first + i] = products.col(i).norm();
    }
  }
  found.norm = std::max(found.norm, count > 0 ? found.values.cwiseAbs().maxCoeff() : 0.0);
  found.converged.clear();
  for (Eigen::Index i = 0; i < count; ++i) {
    found.converged.push_back(found.residuals[i] <= certainty.bound(found.values[i], found.norm));
  }
  std::vector<Eigen::Index> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](Eigen::Index i, Eigen::Index j) {
    return found.values[i] > found.values[j];
  });
  choose(found, order);
  count_zeros(found, certainty);
  const bool all = found.converged_count() == count && !found.interrupted;
  found.status = broken ? Status::diverged : all ? Status::ok : Status::not_converged;
  return found;
}

}  // namespace thermoscape::analysis
