#include "thermoscape/experiments/parameter_range.hpp"

#include "thermoscape/core/error.hpp"
#include "thermoscape/experiments/parameter_subset.hpp"

namespace thermoscape {

ParameterRange parameter_range(const std::string& text,
                               std::span<const ParameterGroup> groups,
                               std::int64_t parameters,
                               const std::string& where) {
  const ParameterSubset subset = parameter_subset(text, groups, parameters, where);
  if (subset.parts().size() != 1) reject({where, text, "must choose neighbours in θ", ""});
  return subset.parts().front();
}

}  // namespace thermoscape
