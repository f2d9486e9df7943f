#pragma once
#include <string>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/record/sampler.hpp"
#include "thermoscape/theory/regression_moments.hpp"

namespace thermoscape {

/// Size of the batches drawn with replacement out of D `examples` whose mean gradient has the
/// covariance of these: S itself, or S (D-1)/(D-S) without replacement. Throws Error for batches of
/// all examples, which `measure` can say nothing about: they have no noise.
[[nodiscard]] inline double independent_batch(const std::string& measure,
                                              const SamplerSettings& batch,
                                              double examples) {
  const auto size = static_cast<double>(batch.size);
  if (batch.replacement) return size;
  const double factor = theory::without_replacement_factor(examples, size);
  if (!(factor > 0)) {
    reject({measure + ", batch.size",
            fmt::format("{}", batch.size),
            "must leave some examples out",
            "batches of all examples have no gradient noise"});
  }
  return size / factor;
}

}  // namespace thermoscape
