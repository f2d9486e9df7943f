#pragma once
#include <functional>
#include <vector>

#include <Eigen/Core>

#include "thermoscape/theory/value.hpp"

namespace thermoscape::theory {

/// The test loss that a mixture of Gaussian basins expects. Train and test minimum of a basin lie a
/// shift s_k = θ_k^test - θ_k^train apart; the test loss has the depth U_k and the curvature C_k at
/// its own minimum.
struct TestBasin {
  double weight = 1;           ///< w_k; the weights are taken as they are
  double depth = 0;            ///< U_k [loss]
  Eigen::MatrixXd curvature;   ///< C_k [P, P], symmetric [loss]/[θ]²
  Eigen::VectorXd shift;       ///< s_k [P] [θ]
  Eigen::VectorXd bias;        ///< b_k = θ_k^train - μ_k [P]; empty for none
  Eigen::MatrixXd covariance;  ///< Σ_k [P, P] [θ]²; empty for none
};

///   E[U_test] ≈ Σ w_k [U_k + ½ s_kᵀC_k s_k + (½ b_kᵀC_k b_k + s_kᵀC_k b_k) + ½ tr(Σ_k C_k)]
/// Second order in s, b and the width of a basin: exact for quadratic basins, off by O(s³) for
/// others, so of little use once |s| reaches the width. `total` is the sum of `depth` and the three
/// parts. Throws Error for no basin, unequal shapes, a C or Σ that is not symmetric, or a weight <
/// 0. (In the print of Eqs. 7 and 8 the ½ multiplies the shift term alone.) Reference:
/// shift-curvature, Eqs. 3, 4, 7 and 8.
struct TestLoss {
  double total = 0;
  double depth = 0;
  double shift = 0;  ///< the shift-curvature
  double bias = 0;
  double covariance = 0;
};
[[nodiscard]] TestLoss expected_test_loss(const std::vector<TestBasin>& basins);

/// s = Proj_G(θ_test - θ_train) [P], G the span of the gradients of single test examples (rows of
/// `gradients` [N, P], of any rank): the shift where the test minimum is not strict. O(N²P).
/// Throws Error if sizes differ or a number is not finite. Reference: shift-curvature, Sec. 5, D.4.
[[nodiscard]] Eigen::VectorXd projected_shift(const Eigen::MatrixXd& gradients,
                                              const Eigen::VectorXd& test_minimum,
                                              const Eigen::VectorXd& train_minimum);

/// Other coordinates y of the parameters, θ = r(y), invertible near the points it is used at.
struct Chart {
  std::function<Eigen::VectorXd(const Eigen::VectorXd&)> map;       ///< r
  std::function<Eigen::MatrixXd(const Eigen::VectorXd&)> jacobian;  ///< J_ij = ∂_j r_i
};

/// y with r(y) = θ, by Newton from `start`. not_converged if that fails: then y is where it
/// stopped.
struct ChartPoint {
  Eigen::VectorXd y;
  Status status = Status::ok;
};
[[nodiscard]] ChartPoint point_in_chart(const Chart& chart,
                                        const Eigen::VectorXd& theta,
                                        const Eigen::VectorXd& start);

/// sᵀC s in θ and the same formed in y,
///   s^r = y_test - y_train      C^r = JᵀC J at y_test      s^rᵀC^r s^r = sᵀC s + O(|s|³)
/// with r(y_train) = r(y_test) - s, found by Newton from y_test. not_converged if that fails.
/// Throws Error for shapes that differ or a C that is not symmetric.
/// Reference: shift-curvature, C.
struct ReparametrisedShift {
  double shift_curvature = 0;
  Value reparametrised;
};
[[nodiscard]] ReparametrisedShift reparametrised_shift(const Chart& chart,
                                                       const Eigen::VectorXd& test_minimum,
                                                       const Eigen::MatrixXd& curvature,
                                                       const Eigen::VectorXd& shift);

}  // namespace thermoscape::theory
