#pragma once
#include <string>
#include <vector>

#include "thermoscape/objective/objective.hpp"

namespace thermoscape::networks {

struct SelfTest {
  std::string name;            ///< stands in messages
  bool examples_alone = true;  ///< an example's output must not depend on the others
  bool differences =
      true;  ///< compare with finite differences; to a tenth only in single precision
};

/// Tests a model of unknown make on all examples of `objective` (a few are enough), at θ:
///   finite loss and gradient; six calls of loss, gradient and Hv give the same bits; an example's
///   output does not depend on the others; u·Hv = v·Hu; ∇L·v and Hv match central differences of L
///   and ∇L, at the best of five steps (a kink or rounding may spoil one).
/// Throws Error with the reason for the first that fails. Cost: about 30 products.
template <class Real>
void self_test(Objective<Real>& objective, const std::vector<Real>& theta, const SelfTest& test);

}  // namespace thermoscape::networks
