#include "thermoscape/analysis/slq.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <Eigen/Eigenvalues>

#include "thermoscape/core/field.hpp"

namespace thermoscape::analysis {

namespace {

/// Mean and standard error over independent draws; undefined below two.
Estimate mean_and_error(const Vector& draws) {
  const auto n = static_cast<double>(draws.size());
  if (n < 2) return {};
  const double mean = draws.mean();
  return {mean, std::sqrt((draws.array() - mean).square().sum() / (n * (n - 1))), Status::ok};
}

/// One Lanczos recurrence.
struct Recurrence {
  Matrix basis;  ///< [size, steps]
  std::vector<double> diagonal;
  std::vector<double> below;
  bool finished = false;

  void remove_known(Eigen::Ref<Vector> w, const Eigenpairs* known) const {
    if (known == nullptr || known->count() == 0) return;
    w.noalias() -= known->vectors * (known->vectors.transpose() * w);
  }
  /// Takes in w = A q of the last vector q, whose index is `j`; `most` vectors at most.
  void advance(Vector w, Eigen::Index j, Eigen::Index most, const Eigenpairs* known) {
    const double size = w.norm();
    diagonal.push_back(basis.col(j).dot(w));
    const auto before = basis.leftCols(j + 1);
    for (int pass = 0; pass < 2; ++pass) {
      remove_known(w, known);
      w.noalias() -= before * (before.transpose() * w);
    }
    const double length = w.norm();
    finished = j + 1 == most || length <= 16 * std::numeric_limits<double>::epsilon() * size;
    if (finished) return;
    below.push_back(length);
    basis.col(j + 1) = w / length;
  }
  /// Nodes and weights of the quadrature, weights summing to one.
  void quadrature(Vector& nodes, Vector& weights) const {
    const auto m = static_cast<Eigen::Index>(diagonal.size());
    Eigen::SelfAdjointEigenSolver<Matrix> solver;
    solver.computeFromTridiagonal(Eigen::Map<const Vector>(diagonal.data(), m),
                                  Eigen::Map<const Vector>(below.data(), m - 1));
    nodes = solver.eigenvalues();
    weights = solver.eigenvectors().row(0).array().square().transpose();
  }
};

Vector start(Eigen::Index size, const Noise& noise, std::int64_t probe, const Eigenpairs* known) {
  Vector z(size);
  noise.normal<double>(
      "slq.start", static_cast<std::uint64_t>(probe), {z.data(), static_cast<std::size_t>(size)});
  for (int pass = 0; known != nullptr && known->count() > 0 && pass < 2; ++pass) {
    z -= Vector(known->vectors * (known->vectors.transpose() * z));
  }
  return z.normalized();
}

/// All recurrences of a group, in step; false if one met a number that is not finite or `look`
/// ended it.
bool run_group(const LinearOperator& a,
               std::vector<Recurrence>& group,
               Eigen::Index most,
               const SlqOptions& options,
               const Eigenpairs* known,
               SpectralDensity& result) {
  for (Eigen::Index j = 0; j < most; ++j) {
    std::vector<Recurrence*> active;
    for (Recurrence& one : group) {
      if (!one.finished) active.push_back(&one);
    }
    if (active.empty()) return true;
    Matrix q(a.size(), static_cast<Eigen::Index>(active.size()));
    for (std::size_t i = 0; i < active.size(); ++i) {
      q.col(static_cast<Eigen::Index>(i)) = active[i]->basis.col(j);
    }
    const Matrix w = a * q;
    result.products += q.cols();
    if (!w.allFinite()) {
      result.status = Status::diverged;
      return false;
    }
    for (std::size_t i = 0; i < active.size(); ++i) {
      active[i]->advance(w.col(static_cast<Eigen::Index>(i)), j, most, known);
    }
    const auto complete = static_cast<std::int64_t>(result.nodes.size());
    if (options.look && !options.look(result.products, complete)) {
      result.interrupted = true;
      return false;
    }
  }
  return true;
}

/// Σ over nodes of weight · kernel at each x, for every probe; then mean and error over probes.
template <class Kernel>
void broaden(const SpectralDensity& density, DensityCurve& curve, Kernel&& kernel) {
  const std::size_t probes = density.nodes.size();
  for (const double x : curve.x) {
    Vector sums = Vector::Zero(static_cast<Eigen::Index>(probes));
    for (std::size_t p = 0; p < probes; ++p) {
      const Vector& nodes = density.nodes[p];
      double sum = 0;
      for (Eigen::Index i = 0; i < nodes.size(); ++i) {
        sum += density.weights[p][i] * kernel(x, nodes[i]);
      }
      sums[static_cast<Eigen::Index>(p)] = sum;
    }
    const Estimate one = mean_and_error(sums);
    curve.density.push_back(one.ok() ? one.value : sums.sum());
    curve.error.push_back(one.ok() ? one.standard_error : 0.0);
  }
}

double gauss(double x, double width) {
  const double u = x / width;
  return std::abs(u) > 8 ? 0 : std::exp(-0.5 * u * u) / (width * std::sqrt(2 * std::numbers::pi));
}

std::pair<double, double> body_range(const SpectralDensity& density) {
  double low = kInfinity;
  double high = -kInfinity;
  for (const Vector& nodes : density.nodes) {
    if (nodes.size() == 0) continue;
    low = std::min(low, nodes.minCoeff());
    high = std::max(high, nodes.maxCoeff());
  }
  return {low, high};
}

}  // namespace

Estimate SpectralDensity::mean_of(const std::function<double(double)>& f) const {
  const double unit = 1 / static_cast<double>(std::max<std::int64_t>(size, 1));
  double apart = 0;
  for (const double one : spikes) apart += unit * f(one);
  Vector draws(static_cast<Eigen::Index>(nodes.size()));
  for (std::size_t p = 0; p < nodes.size(); ++p) {
    double sum = apart;
    for (Eigen::Index i = 0; i < nodes[p].size(); ++i) sum += weights[p][i] * f(nodes[p][i]);
    draws[static_cast<Eigen::Index>(p)] = sum;
  }
  if (exact) return {nodes.empty() ? apart : draws[0], 0, Status::ok};
  Estimate mean = mean_and_error(draws);
  if (status == Status::diverged) mean.status = status;
  return mean;
}

std::pair<double, double> SpectralDensity::range() const {
  auto [low, high] = body_range(*this);
  for (const double one : spikes) {
    low = std::min(low, one);
    high = std::max(high, one);
  }
  return low <= high ? std::pair{low, high} : std::pair{0.0, 0.0};
}

SpectralDensity slq(const LinearOperator& a,
                    const Noise& noise,
                    const SlqOptions& options,
                    const Eigenpairs* known) {
  check_range(a.size(), kAtLeastOne, "", "slq.size");
  check_range(options.probes, Range{2, kInfinity}, "", "slq.probes");
  check_range(options.steps, kAtLeastOne, "", "slq.steps");
  check_range(options.together, kNonNegative, "", "slq.together");
  SpectralDensity result;
  result.size = a.size();
  result.status = Status::ok;
  if (known != nullptr) result.spikes = known->values;
  const Eigen::Index room = a.size() - result.spikes.size();
  if (room == 0) {
    result.exact = true;
    return result;
  }
  const Eigen::Index most = std::min<Eigen::Index>(options.steps, room);
  const double body = static_cast<double>(room) / static_cast<double>(a.size());
  const std::int64_t together = options.together > 0 ? options.together : options.probes;
  for (std::int64_t first = 0; first < options.probes; first += together) {
    std::vector<Recurrence> group(
        static_cast<std::size_t>(std::min(together, options.probes - first)));
    for (std::size_t i = 0; i < group.size(); ++i) {
      group[i].basis.resize(a.size(), most);
      group[i].basis.col(0) = start(a.size(), noise, first + static_cast<std::int64_t>(i), known);
    }
    if (!run_group(a, group, most, options, known, result)) break;
    for (const Recurrence& one : group) {
      one.quadrature(result.nodes.emplace_back(), result.weights.emplace_back());
      result.weights.back() *= body;
    }
  }
  return result;
}

SpectralDensity exact_density(const Vector& eigenvalues, std::int64_t spikes) {
  SpectralDensity result;
  result.size = eigenvalues.size();
  result.exact = true;
  result.status = Status::ok;
  std::vector<double> sorted(eigenvalues.begin(), eigenvalues.end());
  std::sort(sorted.begin(), sorted.end());
  const double median = sorted.empty() ? 0 : sorted[sorted.size() / 2];
  std::sort(sorted.begin(), sorted.end(), [median](double x, double y) {
    return std::abs(x - median) > std::abs(y - median);
  });
  const auto apart = std::min<Eigen::Index>(spikes, eigenvalues.size());
  const Eigen::Map<const Vector> all(sorted.data(), eigenvalues.size());
  result.spikes = all.head(apart);
  result.nodes.emplace_back(all.tail(eigenvalues.size() - apart));
  result.weights.emplace_back(
      Vector::Constant(result.nodes[0].size(), 1 / static_cast<double>(result.size)));
  return result;
}

DensityCurve density_of_value(const SpectralDensity& density, std::size_t points) {
  constexpr double kWidths = 80;  // about the number of nodes that resolve the range
  DensityCurve curve;
  const auto [low, high] = body_range(density);
  if (!(low <= high) || points < 2) return curve;
  const double size =
      std::max({high - low, 1e-3 * std::max(std::abs(low), std::abs(high)), 1e-300});
  curve.width = size / kWidths;
  const double from = low - 4 * curve.width;
  const double step = (size + 8 * curve.width) / static_cast<double>(points - 1);
  for (std::size_t i = 0; i < points; ++i) {
    curve.x.push_back(from + step * static_cast<double>(i));
  }
  broaden(density, curve, [&](double x, double node) { return gauss(x - node, curve.width); });
  return curve;
}

DensityCurve density_of_logarithm(const SpectralDensity& density,
                                  int sign,
                                  double least,
                                  std::size_t points) {
  DensityCurve curve;
  const auto [low, high] = body_range(density);
  const double most = sign > 0 ? high : -low;
  if (!(most > least) || !(least > 0) || points < 2) return curve;
  curve.width = 0.12;  // decades
  const double from = std::log10(least);
  const double to = std::log10(most) + 4 * curve.width;
  for (std::size_t i = 0; i < points; ++i) {
    const double at = from + (to - from) * static_cast<double>(i) / static_cast<double>(points - 1);
    curve.x.push_back(std::pow(10.0, at));
  }
  broaden(density, curve, [&](double x, double node) {
    const double value = sign > 0 ? node : -node;
    return value < least ? 0.0 : gauss(std::log10(x) - std::log10(value), curve.width);
  });
  return curve;
}

}  // namespace thermoscape::analysis
