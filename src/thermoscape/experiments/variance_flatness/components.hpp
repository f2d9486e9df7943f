#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "thermoscape/analysis/pca.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape {

/// How the components of a trajectory are found. "auto" is exact where that takes no more than four
/// GiB beside the recording, and else randomised: a function of the recipe, not of the machine.
inline constexpr std::array<std::string_view, 3> kComponentMethods{"auto", "exact", "randomised"};

/// Bytes that analysis::pca takes for data of that shape.
[[nodiscard]] double exact_bytes(const analysis::Rows& data);

/// Whether components_of takes randomised PCA for this matrix.
[[nodiscard]] bool is_randomised(const analysis::Rows& data, const std::string& method);

/// The components of `data` by one of kComponentMethods: all of them exactly, or the first `modes`
/// to the tolerance of analysis::randomised_pca.
[[nodiscard]] analysis::Pca components_of(const analysis::Rows& data,
                                          std::int64_t modes,
                                          const std::string& method,
                                          const Noise& noise);

}  // namespace thermoscape
