#include "thermoscape/analysis/pca.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <vector>

#include <fmt/format.h>
#include <Eigen/Dense>

#include "thermoscape/analysis/dense.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape::analysis {
namespace {

constexpr Eigen::Index kBlock = 512;
/// A diagonalised covariance gives its modes to about 1e-17 of the largest (measured: 3e-18 to
/// 1e-17, tests/analysis/pca_test.cpp), so those above this share of it are good to 1e-7.
constexpr double kResolved = 1e-10;
/// Modes below this share of the second are left as they come.
constexpr double kOfInterest = 1e-10;
/// Share of the largest mode above which rounding does not move another.
constexpr double kRounding = 2e-15;
/// How far the first mode may stand above the second before the others are resolved without it.
constexpr double kDominant = 3;

void require_finite(bool finite, const Rows& data) {
  if (finite && data.rows > 0 && data.columns > 0) return;
  reject({"pca.data",
          fmt::format("{} x {}", data.rows, data.columns),
          "must be a finite matrix that is not empty",
          ""});
}

Eigen::VectorXd mean_of(const Rows& data) {
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(data.columns);
  for_each_block(data, [&](Eigen::Index, Eigen::Ref<RowMatrix> block) {
    sum += block.colwise().sum().transpose();
  });
  require_finite(sum.allFinite(), data);
  return sum / static_cast<double>(data.rows);
}

/// f(xᵀ) for blocks of rows less the mean, transposed: [columns, .].
template <class F>
void for_each_centred(const Rows& data, const Eigen::VectorXd& mean, F&& f) {
  for_each_block(data, [&](Eigen::Index first, Eigen::Ref<RowMatrix> block) {
    block.rowwise() -= mean.transpose();
    f(first, Eigen::Map<const Eigen::MatrixXd>(block.data(), block.cols(), block.rows()));
  });
}

/// Makes the columns orthonormal in order; columns that are (near) zero become a completion of the
/// basis.
void orthonormalise(Eigen::MatrixXd& columns) {
  const Eigen::HouseholderQR<Eigen::MatrixXd> qr(columns);
  const Eigen::MatrixXd q =
      qr.householderQ() * Eigen::MatrixXd::Identity(columns.rows(), columns.cols());
  columns = q;
}

/// How many of `values`, ascending, lie below `bound`.
Eigen::Index below(const Eigen::VectorXd& values, Eigen::Index count, double bound) {
  return std::lower_bound(values.data(), values.data() + count, bound) - values.data();
}

/// Refined modes and those below the floor may cross.
void sort_ascending(Eigen::VectorXd& values, Eigen::MatrixXd& vectors) {
  if (std::is_sorted(values.begin(), values.end())) return;
  std::vector<Eigen::Index> order(static_cast<std::size_t>(values.size()));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
    return values(a) < values(b);
  });
  values = Eigen::VectorXd(values(order));
  vectors = Eigen::MatrixXd(vectors(Eigen::all, order));
}

/// (1/n) Σ x (xᵀ basis): one pass.
Eigen::MatrixXd covariance_times(const Rows& data,
                                 const Eigen::VectorXd& mean,
                                 const Eigen::MatrixXd& basis) {
  Eigen::MatrixXd out = Eigen::MatrixXd::Zero(basis.rows(), basis.cols());
  for_each_centred(data, mean, [&](Eigen::Index, const auto& x) {
    out += dense::product(x, dense::product(x, basis, dense::Form::transposed));
  });
  return out / static_cast<double>(data.rows);
}

/// The first mode of a drifting trajectory, far above the rest.
struct Drift {
  Eigen::VectorXd axis;
  double variance = 0;
};

/// The first mode to 1e-11 of its variance if it dominates, by subspace iteration from a fixed
/// start; nothing if it does not, or if the passes do not suffice.
std::optional<Drift> dominant_mode(const Rows& data, const Eigen::VectorXd& mean) {
  constexpr Eigen::Index kWidth = 8;
  constexpr int kPasses = 12;
  constexpr double kGoal = 1e-12, kEnough = 1e-11;
  if (data.columns <= 2 * kWidth) return std::nullopt;
  Eigen::MatrixXd basis(data.columns, kWidth);
  std::vector<double> draws(static_cast<std::size_t>(basis.size()));
  Noise(1).normal<double>("pca.start", 0, draws);
  basis = Eigen::Map<const Eigen::MatrixXd>(draws.data(), basis.rows(), basis.cols());
  orthonormalise(basis);
  std::optional<Drift> found;
  double best = kEnough;
  for (int pass = 0; pass < kPasses; ++pass) {
    const Eigen::MatrixXd image = covariance_times(data, mean, basis);
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> ritz(basis.transpose() * image);
    const double first = ritz.eigenvalues()(kWidth - 1), second = ritz.eigenvalues()(kWidth - 2);
    if (pass >= 2 && first < kDominant * second) return std::nullopt;
    const Eigen::VectorXd leading = ritz.eigenvectors().col(kWidth - 1);
    const Eigen::VectorXd axis = basis * leading;
    const double residual = (image * leading - first * axis).norm() / first;
    if (!(residual < best) && found) break;  // rounding is all that is left
    if (residual < best) {
      found = Drift{axis.normalized(), first};
      best = residual;
    }
    if (best < kGoal) break;
    basis = image;
    orthonormalise(basis);
  }
  return found;
}

/// The reflection that takes an axis to the last coordinate, up to its sign.
class Reflection {
 public:
  explicit Reflection(const Eigen::VectorXd& axis) : normal_(axis) {
    normal_(normal_.size() - 1) += std::copysign(1.0, normal_(normal_.size() - 1));
    normal_.normalize();
  }
  void apply(Eigen::MatrixXd& columns) const {
    const Eigen::RowVectorXd along = normal_.transpose() * columns;
    columns.noalias() -= 2 * normal_ * along;
  }

 private:
  Eigen::VectorXd normal_;
};

/// The covariance of what is orthogonal to a drift, its eigenvalues and its axes, ascending, the
/// drift last. In coordinates without the drift nothing large rounds the rest away.
void diagonalise_without(const Drift& drift,
                         const Rows& data,
                         Pca& out,
                         Eigen::MatrixXd& vectors,
                         Eigen::VectorXd& all) {
  const Reflection reflection(drift.axis);
  const Eigen::Index rest = data.columns - 1;
  const double weight = 1 / static_cast<double>(data.rows);
  Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(rest, rest);
  for_each_centred(data, out.mean, [&](Eigen::Index, const auto& x) {
    Eigen::MatrixXd turned = x;
    reflection.apply(turned);
    dense::add_outer(turned.topRows(rest), weight, covariance);
  });
  out.total_variance = covariance.trace() + drift.variance;
  all.resize(data.columns);
  all.head(rest) = dense::diagonalise(covariance);
  all(rest) = drift.variance;
  vectors = Eigen::MatrixXd::Zero(data.columns, data.columns);
  vectors.topLeftCorner(rest, rest) = covariance;
  covariance.resize(0, 0);
  vectors(rest, rest) = 1;
  reflection.apply(vectors);
}

/// Diagonalises again, among themselves, the modes which rounding hides beside the largest of the
/// first `level`: values and vectors ascending, covariance_along(axes) that of the data along some
/// of the vectors (its lower half).
template <class CovarianceAlong>
void resolve_again(Eigen::Index level,
                   Eigen::VectorXd& values,
                   Eigen::MatrixXd& vectors,
                   CovarianceAlong&& covariance_along) {
  const double second = values(std::max<Eigen::Index>(0, values.size() - 2));
  const double floor = 0.1 * kOfInterest * second;
  while (level > 1) {
    const double largest = values(level - 1);
    if (kResolved * largest <= kDominant * kOfInterest * second) break;
    const Eigen::Index last = below(values, level, kResolved * largest);
    // What lies below the floor stays as it came, where rounding lets one see the floor.
    const Eigen::Index first = floor > kRounding * largest ? below(values, last, floor) : 0;
    if (last == level || last <= first) break;
    const auto axes = vectors.middleCols(first, last - first);
    Eigen::MatrixXd covariance = covariance_along(axes);
    values.segment(first, last - first) = dense::diagonalise(covariance);
    vectors.middleCols(first, last - first) = dense::product(axes, covariance);
    level = last;
  }
  sort_ascending(values, vectors);
}

/// Diagonalises the covariance, without a dominating mode where there is one, and again that of the
/// modes which rounding still hides; ascending.
void diagonalise_tall(const Rows& data, Pca& out, Eigen::MatrixXd& vectors, Eigen::VectorXd& all) {
  const double weight = 1 / static_cast<double>(data.rows);
  Eigen::Index level = data.columns;  // modes below it were resolved together, the last the largest
  if (const auto drift = dominant_mode(data, out.mean)) {
    diagonalise_without(*drift, data, out, vectors, all);
    --level;
  } else {
    vectors = Eigen::MatrixXd::Zero(data.columns, data.columns);
    for_each_centred(
        data, out.mean, [&](Eigen::Index, const auto& x) { dense::add_outer(x, weight, vectors); });
    out.total_variance = vectors.trace();
    all = dense::diagonalise(vectors);
  }
  resolve_again(level, all, vectors, [&](const Eigen::Ref<const Eigen::MatrixXd>& axes) {
    Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(axes.cols(), axes.cols());
    for_each_centred(data, out.mean, [&](Eigen::Index, const auto& x) {
      dense::add_outer(dense::product(axes, x, dense::Form::transposed), weight, covariance);
    });
    return covariance;
  });
}

/// By the Gram matrix of the rows, n < d, and again that of the modes which rounding hides in it.
void diagonalise_wide(
    const Rows& data, Eigen::Index k, Pca& out, Eigen::MatrixXd& vectors, Eigen::VectorXd& all) {
  Eigen::MatrixXd centred(data.columns, data.rows);
  for_each_centred(data, out.mean, [&](Eigen::Index first, const auto& x) {
    centred.middleCols(first, x.cols()) = x;
  });
  Eigen::MatrixXd gram = Eigen::MatrixXd::Zero(data.rows, data.rows);
  const double weight = 1 / static_cast<double>(data.rows);
  dense::add_inner(centred, weight, gram);
  out.total_variance = gram.trace();
  all = dense::diagonalise(gram);
  resolve_again(data.rows, all, gram, [&](const Eigen::Ref<const Eigen::MatrixXd>& axes) {
    Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(axes.cols(), axes.cols());
    dense::add_inner(dense::product(centred, axes), weight, covariance);
    return covariance;
  });
  // Columns in descending order, so that the null vector of the mean comes last into the QR.
  Eigen::MatrixXd axes = dense::product(centred, gram.rightCols(k).rowwise().reverse());
  for (Eigen::Index i = 0; i < k; ++i) {
    const double norm = axes.col(i).norm();
    if (norm > 0) axes.col(i) /= norm;
  }
  orthonormalise(axes);
  vectors = axes.rowwise().reverse();
}

}  // namespace

void for_each_block(const Rows& data,
                    const std::function<void(Eigen::Index, Eigen::Ref<RowMatrix>)>& f) {
  RowMatrix block(std::min(kBlock, data.rows), data.columns);
  for (Eigen::Index first = 0; first < data.rows; first += kBlock) {
    const Eigen::Index count = std::min(kBlock, data.rows - first);
    Eigen::Ref<RowMatrix> part = block.topRows(count);
    data.read(first, part);
    f(first, part);
  }
}

Rows rows_of(const Eigen::Ref<const Eigen::MatrixXd>& data) {
  const Eigen::Map<const Eigen::MatrixXd, 0, Eigen::OuterStride<>> view(
      data.data(), data.rows(), data.cols(), Eigen::OuterStride<>(data.outerStride()));
  return {data.rows(), data.cols(), [view](Eigen::Index first, Eigen::Ref<RowMatrix> block) {
            block = view.middleRows(first, block.rows());
          }};
}

Rows rows_of(std::span<const double> values, Eigen::Index columns) {
  const Eigen::Index rows = static_cast<Eigen::Index>(values.size()) / columns;
  return {rows, columns, [values, columns](Eigen::Index first, Eigen::Ref<RowMatrix> block) {
            block =
                Eigen::Map<const RowMatrix>(values.data() + first * columns, block.rows(), columns);
          }};
}

Eigen::MatrixXd Pca::project(const Rows& data) const {
  if (data.columns != mean.size()) {
    reject({"pca.project",
            fmt::format("{} columns", data.columns),
            fmt::format("must have {} columns", mean.size()),
            ""});
  }
  Eigen::MatrixXd out(data.rows, components.cols());
  for_each_centred(data, mean, [&](Eigen::Index first, const auto& x) {
    out.middleRows(first, x.cols()) = dense::product(x, components, dense::Form::transposed);
  });
  return out;
}

Eigen::MatrixXd Pca::project(const Eigen::Ref<const Eigen::MatrixXd>& data) const {
  return project(rows_of(data));
}

Pca pca(const Rows& data, const PcaOptions& options) {
  require_finite(true, data);
  const Eigen::Index most = std::min(data.rows, data.columns);
  if (options.components < 0 || options.components > most) {
    reject({"pca.components",
            fmt::format("{}", options.components),
            fmt::format("must lie in [0, {}]", most),
            ""});
  }
  const Eigen::Index k = options.components == 0 ? most : options.components;
  Pca out;
  out.mean = mean_of(data);
  Eigen::MatrixXd vectors;
  Eigen::VectorXd all;
  if (data.columns <= data.rows) {
    diagonalise_tall(data, out, vectors, all);
  } else {
    diagonalise_wide(data, k, out, vectors, all);
  }
  out.variances = all.reverse().head(k).cwiseMax(0);
  out.components = vectors.rowwise().reverse().leftCols(k);
  for (Eigen::Index i = 0; i < k; ++i) {
    Eigen::Index largest = 0;
    out.components.col(i).cwiseAbs().maxCoeff(&largest);
    if (out.components(largest, i) < 0) out.components.col(i) *= -1;
  }
  return out;
}

Pca pca(const Eigen::Ref<const Eigen::MatrixXd>& data, const PcaOptions& options) {
  return pca(rows_of(data), options);
}

}  // namespace thermoscape::analysis
