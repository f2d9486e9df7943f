#pragma once
#include <vector>

#include <Eigen/Core>

#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// Noise D(θ) in P dimensions for which D^{-1}(∂U + (T/2)∂·D) is the gradient of an effective
/// potential v, so that ρ ∝ e^{-2v/T} (T = λ/S [time], Itô). All throw Error for T <= 0.
/// Reference: shift-curvature, Eq. 5, B.1 with the corrections stated below.

/// v of D_ii = 1/f'(U_i), one loss U_i(θ_i) a coordinate or one U and D = I/f'(U) [time]:
///   v = Σ f(U_i) - (T/2) Σ ln f'(U_i)
/// `values` f(U_i), `slopes` f'(U_i) > 0, of equal length >= 1; for D = I/f'(U) in P dimensions
/// f(U) once and f'(U): then ρ ∝ f'(U) e^{-2f/T}.
[[nodiscard]] double separable_potential(const std::vector<double>& values,
                                         const std::vector<double>& slopes,
                                         double temperature);

/// Variance of θ for D = U = 1 + kθ²/2 in one dimension (f = ln): ρ ∝ U^{-n}, n = 1 + 2/T,
///   ⟨θ²⟩ = (2/k)/(2n - 3) [θ²]
/// undefined unless 2n > 3 (T < 4): the tails are power laws. ρ itself is normalisable for 2n > P.
[[nodiscard]] Value power_law_variance(double stiffness, double temperature);

/// v and ∂v for D = H^{-1}, H = ∂²U positive definite, any such U:
///   v = ½|∂U|² - (T/2) ln det H      ∂_i v = (H ∂U)_i - (T/2) tr(H^{-1} ∂_i H)
/// gradient [P], hessian [P, P], hessian_slopes: ∂_i H for each i. (Print: quadratic U or T -> 0
/// only, without the determinant.) Throws Error for other shapes or an H that is not positive
/// definite.
struct InverseHessianPotential {
  double value = 0;
  Eigen::VectorXd gradient;
};
[[nodiscard]] InverseHessianPotential inverse_hessian_potential(
    const Eigen::VectorXd& gradient,
    const Eigen::MatrixXd& hessian,
    const std::vector<Eigen::MatrixXd>& hessian_slopes,
    double temperature);

}  // namespace thermoscape::theory
