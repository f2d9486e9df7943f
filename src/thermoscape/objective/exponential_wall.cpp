#include "thermoscape/objective/exponential_wall.hpp"

#include <fmt/format.h>

namespace thermoscape {

void ExponentialWallSettings::check() const {
  if (form == "softplus" && prefactor != 1) {
    reject({"exponential-wall.prefactor",
            fmt::format("{}", prefactor),
            "belongs to form = exponential",
            "softplus is shifted by `offset`"});
  }
  if (form == "exponential" && offset != 0) {
    reject({"exponential-wall.offset",
            fmt::format("{}", offset),
            "belongs to form = softplus",
            "the exponential is scaled by `prefactor`"});
  }
}

template class Separable<float, ExponentialWallSettings>;
template class Separable<double, ExponentialWallSettings>;

}  // namespace thermoscape
