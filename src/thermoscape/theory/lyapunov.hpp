#pragma once
#include <Eigen/Core>

namespace thermoscape::theory {

/// B with A B + B Aᵀ = N, for A with all eigenvalues in Re λ > 0 and symmetric N.
/// P with P = M P Mᵀ + N, for M with all eigenvalues in |μ| < 1 and symmetric N.
/// Matrices [n, n]; O(n³) by the complex Schur form. Variables of very different size are rescaled
/// to their own spread and the residual is solved for once more, so that small elements are as
/// accurate as large ones: relative error about n ε ‖A‖/min Re λ.
/// Throws Error, naming the eigenvalue, if A or M is not stable, and for a wrong shape.
/// Reference: limiting-dynamics, Eq. 19; the method of Bartels and Stewart (1972).
[[nodiscard]] Eigen::MatrixXd solve_lyapunov(const Eigen::MatrixXd& drift,
                                             const Eigen::MatrixXd& noise);
[[nodiscard]] Eigen::MatrixXd solve_discrete_lyapunov(const Eigen::MatrixXd& step,
                                                      const Eigen::MatrixXd& noise);

}  // namespace thermoscape::theory
