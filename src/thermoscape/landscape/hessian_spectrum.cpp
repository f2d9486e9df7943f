#include "thermoscape/landscape/hessian_spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <cblas.h>
#include <lapacke.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/landscape/dense_hessian.hpp"

namespace thermoscape {

HessianSpectrum symmetric_eigenvalues(std::span<double> matrix) {
  const auto n =
      static_cast<lapack_int>(std::lround(std::sqrt(static_cast<double>(matrix.size()))));
  const auto size = static_cast<std::size_t>(n);
  if (size * size != matrix.size()) {
    reject({"symmetric_eigenvalues.matrix",
            std::to_string(matrix.size()) + " numbers",
            "must be a square",
            ""});
  }
  if (!std::all_of(matrix.begin(), matrix.end(), [](double x) { return std::isfinite(x); })) {
    return {{}, Status::diverged};
  }
  HessianSpectrum spectrum{std::vector<double>(size), Status::ok};
  if (n == 0) return spectrum;
  static const bool one_thread = [] {
    openblas_set_num_threads(1);
    return true;
  }();
  static_cast<void>(one_thread);
  // Half the time of Eigen's solver, whose reduction to tridiagonal form is not blocked.
  const lapack_int failed =
      LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'N', 'L', n, matrix.data(), n, spectrum.eigenvalues.data());
  if (failed != 0) return {{}, Status::not_converged};
  return spectrum;
}

HessianSpectrum hessian_spectrum(Objective<double>& objective,
                                 std::span<const double> theta,
                                 const Batch& batch,
                                 HessianTerm term) {
  const auto n = static_cast<std::size_t>(objective.parameters());
  std::vector<double> matrix(n * n);
  dense_hessian<double>(objective, theta, batch, term, matrix);
  return symmetric_eigenvalues(matrix);
}

}  // namespace thermoscape
