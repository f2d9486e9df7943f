#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace thermoscape {

/// Whether `text` matches a pattern of letters, ? (one character) and * (any number of them).
[[nodiscard]] bool matches_glob(std::string_view text, std::string_view pattern);

/// Positions of the names chosen by comma-separated globs, in order: "layer3.*,!*.bias" takes what
/// matches a plain glob and no glob behind !. Only ! globs take away from all; empty takes all.
/// Throws Error "WHERE = GLOBS: ..." listing names if none is left.
[[nodiscard]] std::vector<std::size_t> choose_names(const std::vector<std::string>& names,
                                                    std::string_view globs,
                                                    std::string_view where);

}  // namespace thermoscape
