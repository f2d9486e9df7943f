#include "thermoscape/objective/quadratic.hpp"

namespace thermoscape {

void QuadraticSettings::check() const {
  if (!stiffness.empty()) return;
  reject({"quadratic.stiffness", "[]", "must list at least one stiffness", "stiffness = [1.0]"});
}

template class Separable<float, QuadraticSettings>;
template class Separable<double, QuadraticSettings>;

}  // namespace thermoscape
