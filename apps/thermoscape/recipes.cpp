#include "recipes.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "terminal.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/experiments/recipe.hpp"
#include "verbs.hpp"

namespace thermoscape::app {

namespace fs = std::filesystem;

fs::path recipe_folder() {
  for (const fs::path candidate :
       {"recipes", THERMOSCAPE_INSTALLED_RECIPES, THERMOSCAPE_SOURCE_RECIPES}) {
    if (fs::is_directory(candidate)) return candidate;
  }
  return {};
}

std::vector<fs::path> recipe_files() {
  std::vector<fs::path> files;
  const fs::path root = recipe_folder();
  if (root.empty()) return files;
  for (const auto& entry : fs::recursive_directory_iterator(root)) {
    if (entry.is_regular_file() && entry.path().extension() == ".toml")
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

fs::path find_recipe(const std::string& name) {
  if (fs::exists(name)) {
    if (fs::is_directory(name)) reject({"recipe", name, "must be a file", "a folder was given"});
    return name;
  }
  const fs::path root = recipe_folder();
  for (const std::string& ending : {std::string(), std::string(".toml")}) {
    if (!root.empty() && fs::is_regular_file(root / (name + ending))) return root / (name + ending);
  }
  std::vector<std::string> known;
  for (const fs::path& file : recipe_files()) {
    known.push_back((file.parent_path().filename() / file.stem()).string());
  }
  const std::string near = did_you_mean(name, known);
  reject({"recipe",
          name,
          "is no such file",
          near.empty() ? "`thermoscape recipes` lists what there is" : near});
}

void add_recipes_verb(CLI::App& program, int& exit_code) {
  static bool json = false;
  CLI::App* verb =
      program.add_subcommand("recipes", "list the recipes by topic, paper figure and time");
  verb->add_flag("--json", json, "print one JSON object");
  verb->callback([&exit_code] {
    Table table{
        "recipes", "", "", {"recipe", "what it does", "figures", "demo", "paper scale"}, {}};
    Json list = Json::array();
    for (const fs::path& file : recipe_files()) {
      const Recipe recipe = load_recipe(file, "demo", {});
      const std::string id = (file.parent_path().filename() / file.stem()).string();
      const RecipeHead& head = recipe.head;
      table.rows.push_back({id,
                            head.title,
                            fmt::format("{}", fmt::join(head.figures, ", ")),
                            head.demo_time,
                            head.paper_time});
      list.push_back({{"recipe", id},
                      {"file", file.string()},
                      {"title", head.title},
                      {"topic", file.parent_path().filename().string()},
                      {"reference", head.reference},
                      {"figures", head.figures},
                      {"demo_time", head.demo_time},
                      {"paper_time", head.paper_time}});
    }
    if (json) {
      fmt::print("{}\n", Json{{"recipes", list}}.dump(2));
    } else {
      fmt::print("{}", as_text(table));
    }
    exit_code = 0;
  });
}

}  // namespace thermoscape::app
