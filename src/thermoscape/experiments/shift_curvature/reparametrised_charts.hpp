#pragma once
#include <cstdint>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/figure.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape {

/// The terms of Eq. 4 in curved coordinates θ = r(y), for random charts r(y) = y + 0.15 B sin(Wy)
/// of a quadratic test loss in four dimensions. Shift, bias and a cloud of points that stands for
/// the distribution of θ shrink together as ε; in y they are
///   s^r = y_test - y_train    b^r = y_train - mean y_i    Σ^r = cov y_i    C^r = JᵀCJ at y_test
/// with y_i the cloud carried along. Each order is the exponent of ε in what a term changes by.
struct ChartStudy {
  Estimate shift_order;       ///< of ½ sᵀCs
  Estimate bias_order;        ///< of ½ bᵀCb + sᵀCb
  Estimate covariance_order;  ///< of ½ tr ΣC
  Estimate curvature_change;  ///< mean of |ln| of sᵀCs/|s|² after over before, at the least ε
  Figure figure;              ///< the changes of three charts against ε
};
/// Errors from the spread of the charts, `charts` >= 3. Stream "chart". Reference: shift-curvature,
/// C.
[[nodiscard]] ChartStudy study_charts(std::int64_t charts, const Noise& noise);

}  // namespace thermoscape
