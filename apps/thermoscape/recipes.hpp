#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace thermoscape::app {

/// The folder of recipes: ./recipes, else the installed one, else that of the source tree; empty if
/// there is none.
[[nodiscard]] std::filesystem::path recipe_folder();
/// All recipes below it, sorted.
[[nodiscard]] std::vector<std::filesystem::path> recipe_files();
/// A recipe as the user named it: a file, or "thermal-probe/digits" in the recipe folder. Throws
/// Error with the nearest.
[[nodiscard]] std::filesystem::path find_recipe(const std::string& name);

}  // namespace thermoscape::app
