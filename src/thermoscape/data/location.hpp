#pragma once
#include <filesystem>
#include <vector>

namespace thermoscape::data {

/// The user's own data folder: $XDG_CACHE_HOME, else ~/.cache, and thermoscape/data below it.
/// Throws Error if neither XDG_CACHE_HOME nor HOME says where that is.
[[nodiscard]] std::filesystem::path user_cache();

/// Where named sets are sought, first match first: the folder of THERMOSCAPE_DATA and no other if
/// it is set, else
/// ../shared/data and the user's cache. A set is a sub-folder of its name. Folders that do not
/// exist are listed too, so that messages can say where was looked.
[[nodiscard]] std::vector<std::filesystem::path> data_folders();

}  // namespace thermoscape::data
