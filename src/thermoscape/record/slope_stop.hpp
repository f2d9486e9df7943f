#pragma once
#include <cstddef>
#include <cstdint>

#include "thermoscape/core/state.hpp"

namespace thermoscape {

/// The end of the fast phase of training: the loss has all but stopped falling.
///   L_k = mean of the batch losses of epoch k;  reached after the first epoch K >= epochs for
///   which the least-squares slope of ln L_k over k = K-epochs+1 ... K is above -slope
/// A window of few epochs follows the drop, a long one the noise of L_k: ln L_k has the relative
/// error of L_k.
struct SlopeStop {
  double slope = -1;        ///< per epoch; negative: never
  std::int64_t epochs = 5;  ///< >= 2, over which it is fitted
};

/// To be called once a step, before it, with the loss on its batch. What it remembers lives in the
/// slot "stop.epochs" of the state, so that a run that goes on decides as one that never paused.
template <class Real>
bool slope_reached(const SlopeStop& stop,
                   std::int64_t steps_per_epoch,
                   double loss,
                   State<Real>& state);

}  // namespace thermoscape
