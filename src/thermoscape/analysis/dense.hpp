#pragma once
#include <Eigen/Core>

namespace thermoscape::analysis::dense {

/// Large dense products and eigenproblems by OpenBLAS on the calling thread alone: Eigen compiled
/// for any processor takes four times as long. Column-major; the shapes are those of the formulas.

/// C += scale A Aᵀ, lower half only; C [m, m], A [m, n].
void add_outer(const Eigen::Ref<const Eigen::MatrixXd>& a, double scale, Eigen::MatrixXd& c);
/// C += scale Aᵀ A, lower half only; C [n, n], A [m, n].
void add_inner(const Eigen::Ref<const Eigen::MatrixXd>& a, double scale, Eigen::MatrixXd& c);
/// A B, with either transposed.
enum class Form { as_is, transposed };
[[nodiscard]] Eigen::MatrixXd product(const Eigen::Ref<const Eigen::MatrixXd>& a,
                                      const Eigen::Ref<const Eigen::MatrixXd>& b,
                                      Form form_a = Form::as_is,
                                      Form form_b = Form::as_is);
/// Replaces the symmetric matrix (its lower half is read) by its orthonormal eigenvectors; returns
/// the eigenvalues, ascending. Throws MachineError if LAPACK gives up.
[[nodiscard]] Eigen::VectorXd diagonalise(Eigen::MatrixXd& matrix);

}  // namespace thermoscape::analysis::dense
