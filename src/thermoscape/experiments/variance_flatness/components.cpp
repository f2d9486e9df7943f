#include "thermoscape/experiments/variance_flatness/components.hpp"

#include <algorithm>

#include "thermoscape/analysis/randomised_pca.hpp"

namespace thermoscape {

double exact_bytes(const analysis::Rows& data) {
  const auto n = static_cast<double>(data.rows), d = static_cast<double>(data.columns);
  return sizeof(double) * (n >= d ? 3 * d * d : 2 * n * n + 2 * n * d);
}

bool is_randomised(const analysis::Rows& data, const std::string& method) {
  constexpr double kMost = 4.0 * (1 << 30);
  return method == "randomised" || (method == "auto" && exact_bytes(data) > kMost);
}

analysis::Pca components_of(const analysis::Rows& data,
                            std::int64_t modes,
                            const std::string& method,
                            const Noise& noise) {
  if (!is_randomised(data, method)) return analysis::pca(data);
  const analysis::RandomisedPcaOptions defaults;
  const std::int64_t room = std::min(data.rows, data.columns) - defaults.oversampling;
  return analysis::randomised_pca(
      data,
      noise,
      {.components = std::clamp<std::int64_t>(modes, 1, std::max<std::int64_t>(1, room))});
}

}  // namespace thermoscape
