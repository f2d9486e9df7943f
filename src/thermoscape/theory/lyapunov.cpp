#include "thermoscape/theory/lyapunov.hpp"

#include <cmath>
#include <complex>

#include <fmt/format.h>
#include <Eigen/Eigenvalues>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/require_matrix.hpp"

namespace thermoscape::theory {

namespace {

using Complex = std::complex<double>;
using Eigen::Index;
using Eigen::MatrixXcd;
using Eigen::MatrixXd;
using Eigen::VectorXcd;

/// T and U of A = U T Uᴴ.
class Schur {
 public:
  explicit Schur(const MatrixXd& matrix) : schur_(matrix) {
    if (schur_.info() != Eigen::Success) {
      reject({"lyapunov", "", "must have a matrix whose eigenvalues can be found", ""});
    }
  }
  [[nodiscard]] const MatrixXcd& triangle() const { return schur_.matrixT(); }
  [[nodiscard]] MatrixXcd into(const MatrixXd& x) const {
    return schur_.matrixU().adjoint() * x.cast<Complex>() * schur_.matrixU();
  }
  [[nodiscard]] MatrixXd back(const MatrixXcd& y) const {
    const MatrixXd x = (schur_.matrixU() * y * schur_.matrixU().adjoint()).real();
    return (x + x.transpose()) / 2;
  }

 private:
  Eigen::ComplexSchur<MatrixXd> schur_;
};

/// T Y + Y Tᴴ = C, the last column first.
MatrixXd continuous_solution(const Schur& schur, const MatrixXd& noise) {
  const MatrixXcd& t = schur.triangle();
  const MatrixXcd c = schur.into(noise);
  const Index n = t.rows();
  MatrixXcd y = MatrixXcd::Zero(n, n);
  for (Index j = n - 1; j >= 0; --j) {
    VectorXcd right = c.col(j);
    for (Index k = j + 1; k < n; ++k) right -= y.col(k) * std::conj(t(j, k));
    MatrixXcd shifted = t;
    shifted.diagonal().array() += std::conj(t(j, j));
    y.col(j) = shifted.triangularView<Eigen::Upper>().solve(right);
  }
  return schur.back(y);
}

/// Y - T Y Tᴴ = C
MatrixXd discrete_solution(const Schur& schur, const MatrixXd& noise) {
  const MatrixXcd& t = schur.triangle();
  const MatrixXcd c = schur.into(noise);
  const Index n = t.rows();
  MatrixXcd y = MatrixXcd::Zero(n, n);
  for (Index j = n - 1; j >= 0; --j) {
    VectorXcd later = VectorXcd::Zero(n);
    for (Index k = j + 1; k < n; ++k) later += y.col(k) * std::conj(t(j, k));
    const VectorXcd right = c.col(j) + t.triangularView<Eigen::Upper>() * later;
    MatrixXcd shifted = -std::conj(t(j, j)) * t;
    shifted.diagonal().array() += 1;
    y.col(j) = shifted.triangularView<Eigen::Upper>().solve(right);
  }
  return schur.back(y);
}

void check_shapes(const MatrixXd& matrix, const MatrixXd& noise, const char* where) {
  if (matrix.rows() == 0 || matrix.rows() != matrix.cols() || !matrix.allFinite()) {
    reject({where,
            fmt::format("{} x {}", matrix.rows(), matrix.cols()),
            "must be a square matrix of finite numbers",
            ""});
  }
  require_symmetric(noise, matrix.rows(), "lyapunov.noise");
}

[[noreturn]] void reject_unstable(const char* where, const char* rule, Complex eigenvalue) {
  reject({where,
          fmt::format("eigenvalue {:.6g}{:+.6g}i", eigenvalue.real(), eigenvalue.imag()),
          rule,
          "there is no stationary state"});
}

/// Solves, rescales each variable by its own spread (a power of two, so exactly), solves again and
/// once for the residual.
template <class Solve, class Residual>
MatrixXd scaled_solution(const MatrixXd& matrix,
                         const MatrixXd& noise,
                         const Solve& solve,
                         const Residual& residual) {
  const MatrixXd rough = solve(Schur(matrix), noise);
  Eigen::VectorXd scale(matrix.rows());
  for (Index i = 0; i < scale.size(); ++i) {
    const double spread = std::sqrt(std::abs(rough(i, i)));
    scale(i) = spread > 0 && std::isfinite(spread) ? std::exp2(std::round(std::log2(spread))) : 1;
  }
  const auto s = scale.asDiagonal();
  const auto r = scale.cwiseInverse().asDiagonal();
  const MatrixXd scaled = r * matrix * s;
  const MatrixXd scaled_noise = r * noise * r;
  const Schur schur(scaled);
  MatrixXd x = solve(schur, scaled_noise);
  x += solve(schur, residual(scaled, scaled_noise, x));
  return s * x * s;
}

}  // namespace

MatrixXd solve_lyapunov(const MatrixXd& drift, const MatrixXd& noise) {
  check_shapes(drift, noise, "lyapunov.drift");
  const VectorXcd eigenvalues = drift.eigenvalues();
  for (const Complex& one : eigenvalues) {
    if (!(one.real() > 0)) {
      reject_unstable("lyapunov.drift", "must have eigenvalues with a real part > 0", one);
    }
  }
  return scaled_solution(drift,
                         noise,
                         continuous_solution,
                         [](const MatrixXd& a, const MatrixXd& n, const MatrixXd& x) {
                           const MatrixXd ax = a * x;
                           return MatrixXd(n - ax - ax.transpose());
                         });
}

MatrixXd solve_discrete_lyapunov(const MatrixXd& step, const MatrixXd& noise) {
  check_shapes(step, noise, "lyapunov.step");
  const VectorXcd eigenvalues = step.eigenvalues();
  for (const Complex& one : eigenvalues) {
    if (!(std::abs(one) < 1)) {
      reject_unstable("lyapunov.step", "must have eigenvalues of modulus < 1", one);
    }
  }
  return scaled_solution(
      step, noise, discrete_solution, [](const MatrixXd& m, const MatrixXd& n, const MatrixXd& x) {
        return MatrixXd(n + m * x * m.transpose() - x);
      });
}

}  // namespace thermoscape::theory
