#include "thermoscape/landscape/dense_spectrum.hpp"

#include <algorithm>
#include <vector>

#include <cblas.h>
#include <fmt/format.h>
#include <lapacke.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {

using analysis::SpectrumEnd;

/// The tridiagonal form QᵀAQ; A is overwritten by Q.
struct Tridiagonal {
  std::vector<double> diagonal;
  std::vector<double> below;
  std::vector<double> scalars;
  bool failed = false;

  explicit Tridiagonal(Matrix& matrix) {
    const auto n = static_cast<std::size_t>(matrix.rows());
    diagonal.resize(n);
    below.resize(n);
    scalars.resize(n);
    const auto size = static_cast<lapack_int>(n);
    failed = LAPACKE_dsytrd(LAPACK_COL_MAJOR,
                            'L',
                            size,
                            matrix.data(),
                            size,
                            diagonal.data(),
                            below.data(),
                            scalars.data()) != 0;
  }
  /// All eigenvalues, ascending; empty if the iteration fails.
  [[nodiscard]] std::vector<double> values() const {
    std::vector<double> d = diagonal;
    std::vector<double> e = below;
    const auto size = static_cast<lapack_int>(d.size());
    return LAPACKE_dsterf(size, d.data(), e.data()) == 0 ? d : std::vector<double>();
  }
  /// Eigenvectors of A for ascending ranks first ... first + count - 1; throws
  /// MachineError if it fails.
  [[nodiscard]] Matrix vectors(const Matrix& q, Eigen::Index first, Eigen::Index count) const {
    std::vector<double> d = diagonal;
    std::vector<double> e = below;
    const auto size = static_cast<lapack_int>(d.size());
    std::vector<double> values(d.size());
    Matrix z(q.rows(), count);
    std::vector<lapack_int> support(2 * d.size());
    lapack_int found = 0;
    lapack_logical accurate = 1;
    bool broken = LAPACKE_dstemr(LAPACK_COL_MAJOR,
                                 'V',
                                 'I',
                                 size,
                                 d.data(),
                                 e.data(),
                                 0,
                                 0,
                                 static_cast<lapack_int>(first) + 1,
                                 static_cast<lapack_int>(first + count),
                                 &found,
                                 values.data(),
                                 z.data(),
                                 size,
                                 static_cast<lapack_int>(count),
                                 support.data(),
                                 &accurate) != 0;
    broken = broken || LAPACKE_dormtr(LAPACK_COL_MAJOR,
                                      'L',
                                      'L',
                                      'N',
                                      size,
                                      static_cast<lapack_int>(count),
                                      q.data(),
                                      size,
                                      scalars.data(),
                                      z.data(),
                                      size) != 0;
    if (broken) throw MachineError("dense_spectrum: LAPACK found no eigenvectors");
    return z;
  }
};

}  // namespace

DenseSpectrum dense_spectrum(const LinearOperator& a,
                             Matrix matrix,
                             std::int64_t count,
                             SpectrumEnd end,
                             const analysis::Certainty& certainty) {
  if (matrix.rows() != a.size() || matrix.cols() != a.size()) {
    reject({"dense_spectrum.matrix",
            fmt::format("{} x {}", matrix.rows(), matrix.cols()),
            fmt::format("must be {0} x {0}, as the operator is", a.size()),
            ""});
  }
  DenseSpectrum result;
  result.pairs.vectors.resize(a.size(), 0);
  if (!matrix.allFinite()) {
    result.status = result.pairs.status = Status::diverged;
    return result;
  }
  openblas_set_num_threads(1);
  const Tridiagonal tridiagonal(matrix);
  const std::vector<double> ascending =
      tridiagonal.failed ? std::vector<double>() : tridiagonal.values();
  if (ascending.empty()) {
    result.status = result.pairs.status = Status::not_converged;
    return result;
  }
  result.values = Eigen::Map<const Vector>(ascending.data(), a.size()).reverse();
  const Eigen::Index n = a.size();
  const Eigen::Index each = std::min<Eigen::Index>(count, n);
  const bool all = end == SpectrumEnd::both && 2 * each >= n;
  const Eigen::Index low = all ? n : end == SpectrumEnd::largest ? 0 : each;
  const Eigen::Index high = all || end == SpectrumEnd::smallest ? 0 : each;
  Matrix vectors(n, low + high);
  if (low > 0) vectors.leftCols(low) = tridiagonal.vectors(matrix, 0, low);
  if (high > 0) vectors.rightCols(high) = tridiagonal.vectors(matrix, n - high, high);
  result.pairs.vectors = std::move(vectors);
  result.pairs.norm = result.values.cwiseAbs().maxCoeff();
  constexpr std::int64_t kTogether = 8;
  result.pairs = analysis::certify(a, std::move(result.pairs), certainty, kTogether);
  return result;
}

}  // namespace thermoscape
