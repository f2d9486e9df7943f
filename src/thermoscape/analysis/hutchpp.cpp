#include "thermoscape/analysis/hutchpp.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include <Eigen/QR>

#include "thermoscape/analysis/jackknife.hpp"
#include "thermoscape/core/field.hpp"

namespace thermoscape::analysis {

namespace {

constexpr std::int64_t kLeastProbes = 16;  // below that the spread is no error bar

/// What is known exactly, Q, and the two sums that come from it.
struct Dominant {
  Matrix q;
  double trace = 0;
  double squares = 0;  ///< ‖AQ‖_F²
};

/// The random numbers of the complement, one a probe.
struct Draws {
  std::vector<double> forms;    ///< zᵀBABz
  std::vector<double> squares;  ///< |ABz|²
};

double mean(const std::vector<double>& list) {
  return std::accumulate(list.begin(), list.end(), 0.0) / static_cast<double>(list.size());
}

/// f of the two means, by leaving out one probe at a time.
template <class F>
Estimate by_jackknife(const Draws& draws, F&& f) {
  const auto n = static_cast<double>(draws.forms.size());
  if (n < 2) return {};
  const double forms = mean(draws.forms);
  const double squares = mean(draws.squares);
  std::vector<double> without;
  for (std::size_t i = 0; i < draws.forms.size(); ++i) {
    without.push_back(
        f((n * forms - draws.forms[i]) / (n - 1), (n * squares - draws.squares[i]) / (n - 1)));
  }
  return jackknife(f(forms, squares), without);
}

void estimate(TraceEstimate& result, const Dominant& dominant, const Draws& draws) {
  const auto trace = [&](double form, double) { return dominant.trace + form; };
  const auto norm = [&](double, double square) {
    return std::sqrt(std::max(0.0, dominant.squares + square));
  };
  result.trace = by_jackknife(draws, trace);
  result.frobenius = by_jackknife(draws, norm);
  result.trace_over_frobenius = by_jackknife(
      draws, [&](double form, double square) { return trace(form, square) / norm(form, square); });
  result.probes = static_cast<std::int64_t>(draws.forms.size());
}

void set_exact(TraceEstimate& result, double trace, double squares) {
  result.exact = true;
  result.reached = true;
  const double norm = std::sqrt(squares);
  result.trace = {trace, 0, Status::ok};
  result.frobenius = {norm, 0, Status::ok};
  if (norm > 0) result.trace_over_frobenius = {trace / norm, 0, Status::ok};
}

void set_diverged(TraceEstimate& result) {
  for (Estimate* one : {&result.trace, &result.frobenius, &result.trace_over_frobenius}) {
    one->status = Status::diverged;
  }
}

/// One pass of the estimator: its operator, its counters and what may end it early.
struct Estimator {
  const LinearOperator& a;
  const Noise& noise;
  const TraceOptions& options;
  TraceEstimate result = {};
  bool broken = false;

  /// A times every column, in blocks; false if it is to end here.
  bool multiply(const Matrix& in, Matrix& out) {
    out.resize(in.rows(), in.cols());
    for (Eigen::Index first = 0; first < in.cols(); first += options.block) {
      const Eigen::Index width = std::min<Eigen::Index>(options.block, in.cols() - first);
      a.apply(in.middleCols(first, width), out.middleCols(first, width));
      result.products += width;
      if (!out.middleCols(first, width).allFinite()) {
        broken = true;
        return false;
      }
      result.interrupted = options.look && !options.look(result.products, result.probes);
      if (result.interrupted && first + width < in.cols()) return false;
    }
    return true;
  }
  bool exactly() {
    double trace = 0;
    double squares = 0;
    for (Eigen::Index first = 0; first < a.size(); first += options.block) {
      const Eigen::Index width = std::min<Eigen::Index>(options.block, a.size() - first);
      Matrix units = Matrix::Zero(a.size(), width);
      units.middleRows(first, width).setIdentity();
      Matrix products;
      if (!multiply(units, products) || result.interrupted) return false;
      trace += products.middleRows(first, width).trace();
      squares += products.squaredNorm();
    }
    set_exact(result, trace, squares);
    return true;
  }
  bool sketch(Dominant& dominant) {
    const Eigen::Index width = std::min<Eigen::Index>(options.sketch, a.size());
    dominant.q.resize(a.size(), 0);
    if (width == 0) return true;
    Matrix s(a.size(), width);
    noise.normal<double>("hutchpp.sketch", 0, {s.data(), static_cast<std::size_t>(s.size())});
    Matrix as;
    Matrix aq;
    if (!multiply(s, as) || result.interrupted) return false;
    dominant.q =
        Eigen::HouseholderQR<Matrix>(as).householderQ() * Matrix::Identity(a.size(), width);
    if (!multiply(dominant.q, aq) || result.interrupted) return false;
    dominant.trace = dominant.q.cwiseProduct(aq).sum();
    dominant.squares = aq.squaredNorm();
    return true;
  }
  /// Probes `from` ... `from + count`, out of Q.
  bool probe(const Dominant& dominant, std::int64_t from, std::int64_t count, Draws& draws) {
    Matrix z(a.size(), count);
    std::vector<std::uint32_t> words(static_cast<std::size_t>(a.size()));
    for (std::int64_t i = 0; i < count; ++i) {
      noise.words("hutchpp.signs", static_cast<std::uint64_t>(from + i), words);
      for (Eigen::Index k = 0; k < a.size(); ++k) {
        z(k, i) = (words[static_cast<std::size_t>(k)] & 1U) != 0 ? 1 : -1;
      }
    }
    if (dominant.q.cols() > 0) z -= Matrix(dominant.q * (dominant.q.transpose() * z));
    Matrix products;
    if (!multiply(z, products)) return false;
    for (std::int64_t i = 0; i < count; ++i) {
      draws.forms.push_back(z.col(i).dot(products.col(i)));
      draws.squares.push_back(products.col(i).squaredNorm());
    }
    return true;
  }
  void adapt(const Dominant& dominant) {
    Draws draws;
    while (!result.interrupted && !broken) {
      const bool first = draws.forms.empty();
      const auto done = static_cast<std::int64_t>(draws.forms.size());
      const std::int64_t left = options.most_products - result.products;
      const std::int64_t count = first ? kLeastProbes : std::min(options.block, left);
      if (count <= 0 || !probe(dominant, done, count, draws)) break;
      estimate(result, dominant, draws);
      result.reached =
          result.trace.standard_error <= options.relative_error * std::abs(result.trace.value);
      if (result.reached) break;
    }
  }
};

}  // namespace

TraceEstimate hutchpp(const LinearOperator& a,
                      const Noise& noise,
                      const TraceOptions& options,
                      const Eigenpairs* known) {
  check_range(a.size(), kAtLeastOne, "", "hutchpp.size");
  check_range(options.relative_error, kPositive, "", "hutchpp.relative_error");
  check_range(options.most_products, kAtLeastOne, "", "hutchpp.most_products");
  check_range(options.sketch, kNonNegative, "", "hutchpp.sketch");
  check_range(options.block, kAtLeastOne, "", "hutchpp.block");
  Estimator estimator{a, noise, options};
  Dominant dominant;
  bool whole = true;
  if (a.size() <= options.most_products) {
    whole = estimator.exactly();
    if (!estimator.broken) return estimator.result;
  } else if (known != nullptr && known->count() > 0) {
    dominant.q = known->vectors;
    dominant.trace = known->values.sum();
    dominant.squares = known->values.squaredNorm() + known->residuals.squaredNorm();
  } else {
    whole = estimator.sketch(dominant);
  }
  if (whole) estimator.adapt(dominant);
  if (estimator.broken) set_diverged(estimator.result);
  return estimator.result;
}

TraceEstimate trace_of(const Vector& eigenvalues) {
  TraceEstimate result;
  set_exact(result, eigenvalues.sum(), eigenvalues.squaredNorm());
  return result;
}

}  // namespace thermoscape::analysis
