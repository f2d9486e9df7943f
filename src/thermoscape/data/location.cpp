#include "thermoscape/data/location.hpp"

#include <cstdlib>

#include "thermoscape/core/error.hpp"

namespace thermoscape::data {

namespace {
std::filesystem::path from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}
}  // namespace

std::filesystem::path user_cache() {
  // The XDG rule: a relative XDG_CACHE_HOME is invalid and ignored.
  std::filesystem::path base = from_environment("XDG_CACHE_HOME");
  if (!base.is_absolute()) {
    base = from_environment("HOME");
    if (base.empty())
      reject({"HOME", "", "must be set to find the user's cache", "or set THERMOSCAPE_DATA"});
    base /= ".cache";
  }
  return base / "thermoscape" / "data";
}

std::vector<std::filesystem::path> data_folders() {
  const std::filesystem::path chosen = from_environment("THERMOSCAPE_DATA");
  if (!chosen.empty()) return {chosen};
  std::vector<std::filesystem::path> folders = {std::filesystem::path("..") / "shared" / "data"};
  const bool has_cache =
      !from_environment("HOME").empty() || from_environment("XDG_CACHE_HOME").is_absolute();
  if (has_cache) folders.push_back(user_cache());
  return folders;
}

}  // namespace thermoscape::data
