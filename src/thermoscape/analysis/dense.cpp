#include "thermoscape/analysis/dense.hpp"

#include <cblas.h>
#include <lapacke.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis::dense {

namespace {

/// Tasks run in parallel, so that threads inside one would only compete with the others.
void use_one_thread() {
  static const bool done = [] {
    openblas_set_num_threads(1);
    return true;
  }();
  static_cast<void>(done);
}

int size(Eigen::Index n) {
  return static_cast<int>(n);
}

void add_square(const Eigen::Ref<const Eigen::MatrixXd>& a,
                CBLAS_TRANSPOSE form,
                double scale,
                Eigen::MatrixXd& c) {
  use_one_thread();
  const Eigen::Index depth = form == CblasNoTrans ? a.cols() : a.rows();
  cblas_dsyrk(CblasColMajor,
              CblasLower,
              form,
              size(c.rows()),
              size(depth),
              scale,
              a.data(),
              size(a.outerStride()),
              1,
              c.data(),
              size(c.rows()));
}

}  // namespace

void add_outer(const Eigen::Ref<const Eigen::MatrixXd>& a, double scale, Eigen::MatrixXd& c) {
  add_square(a, CblasNoTrans, scale, c);
}

void add_inner(const Eigen::Ref<const Eigen::MatrixXd>& a, double scale, Eigen::MatrixXd& c) {
  add_square(a, CblasTrans, scale, c);
}

Eigen::MatrixXd product(const Eigen::Ref<const Eigen::MatrixXd>& a,
                        const Eigen::Ref<const Eigen::MatrixXd>& b,
                        Form form_a,
                        Form form_b) {
  use_one_thread();
  const bool at = form_a == Form::transposed, bt = form_b == Form::transposed;
  Eigen::MatrixXd c(at ? a.cols() : a.rows(), bt ? b.rows() : b.cols());
  if (c.size() == 0) return c;
  cblas_dgemm(CblasColMajor,
              at ? CblasTrans : CblasNoTrans,
              bt ? CblasTrans : CblasNoTrans,
              size(c.rows()),
              size(c.cols()),
              size(at ? a.rows() : a.cols()),
              1,
              a.data(),
              size(a.outerStride()),
              b.data(),
              size(b.outerStride()),
              0,
              c.data(),
              size(c.rows()));
  return c;
}

Eigen::VectorXd diagonalise(Eigen::MatrixXd& matrix) {
  use_one_thread();
  Eigen::VectorXd values(matrix.rows());
  if (matrix.rows() == 0) return values;
  const lapack_int failed = LAPACKE_dsyevd(LAPACK_COL_MAJOR,
                                           'V',
                                           'L',
                                           size(matrix.rows()),
                                           matrix.data(),
                                           size(matrix.rows()),
                                           values.data());
  if (failed != 0) throw MachineError("diagonalise: LAPACK's dsyevd did not converge");
  return values;
}

}  // namespace thermoscape::analysis::dense
