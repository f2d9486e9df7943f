#include "thermoscape/experiments/recipe.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

#include "thermoscape/experiments/conventions.hpp"
#include "thermoscape/experiments/sgd_lights.hpp"
#include "thermoscape/experiments/toml_reader.hpp"

namespace thermoscape {

namespace {

/// Refuses keys with control characters anywhere below `node`: no recipe has such a key, and they
/// do not survive being written out again.
void check_keys(const toml::node& node, const std::string& name) {
  if (const toml::table* table = node.as_table()) {
    for (const auto& [key, child] : *table) {
      const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
      if (key.empty() || std::any_of(key.begin(), key.end(), control)) {
        reject({name + ", key", std::string(key.str()), "must be printable text", ""});
      }
      check_keys(child, name);
    }
  } else if (const toml::array* array = node.as_array()) {
    for (const toml::node& child : *array) check_keys(child, name);
  }
}

std::shared_ptr<toml::table> parse_text(std::string_view text, const std::string& name) {
  try {
    auto table = std::make_shared<toml::table>(toml::parse(text, name));
    check_keys(*table, name);
    return table;
  } catch (const toml::parse_error& e) {
    reject({name + ", line " + std::to_string(e.source().begin.line),
            "",
            std::string(e.description()),
            ""});
  }
}

/// "value" as TOML; what is not TOML is taken as text, so that `--set objective.loss=mse` needs no
/// quotes.
toml::table parse_value(const std::string& text) {
  try {
    return toml::parse("value = " + text);
  } catch (const toml::parse_error&) {
    return toml::table{{"value", text}};
  }
}

toml::table* named_element(toml::array& list, std::string_view name) {
  for (toml::node& element : list) {
    toml::table* table = element.as_table();
    if (table != nullptr && table->get("name") != nullptr &&
        table->get("name")->value_or(std::string()) == name) {
      return table;
    }
  }
  return nullptr;
}

void apply_scale(toml::table& table, const std::string& scale, const std::string& name) {
  const toml::node* scales = table.get("scale");
  if (scales != nullptr) {
    if (!scales->is_table())
      reject({name + ", scale", "", "must be tables [scale.smoke], [scale.paper]", ""});
    for (const auto& [key, unused] : *scales->as_table()) {
      if (key.str() != "smoke" && key.str() != "paper") {
        reject({name + ", [scale." + std::string(key.str()) + "]",
                "",
                "the scales are smoke and paper; the body is demo",
                ""});
      }
    }
    const toml::node* chosen = scales->as_table()->get(scale);
    if (chosen != nullptr) {
      if (!chosen->is_table())
        reject({name + ", [scale." + scale + "]", "", "must be a table", ""});
      const toml::table overrides = *chosen->as_table();
      for (const auto& [path, value] : overrides) set_path(table, path.str(), value);
    }
    table.erase("scale");
  }
}

/// The tables of [[key]], or nothing; refuses what is not a list of tables.
std::vector<const toml::table*> tables_of(const toml::table& table,
                                          std::string_view key,
                                          const std::string& name) {
  std::vector<const toml::table*> list;
  const toml::node* node = table.get(key);
  if (node == nullptr) return list;
  const toml::array* array = node->as_array();
  if (array == nullptr)
    reject({name, std::string(key), "must be written as [[" + std::string(key) + "]]", ""});
  for (const toml::node& element : *array) {
    if (!element.is_table())
      reject({name, std::string(key), "must be written as [[" + std::string(key) + "]]", ""});
    list.push_back(element.as_table());
  }
  return list;
}

void read_data(const toml::table& table, Recipe& recipe, const std::string& name) {
  const toml::node* node = table.get("data");
  if (node == nullptr) return;
  if (!node->is_table()) reject({name, "data", "must be tables [data.NAME]", ""});
  for (const auto& [key, one] : *node->as_table()) {
    const std::string where = name + ", [data." + std::string(key.str()) + "]";
    if (!one.is_table())
      reject({where, as_text(one), "must be a table", "write [data.NAME] and its keys below"});
    TomlReader reader(*one.as_table(), where);
    data::DataSettings settings;
    reader.read(settings);
    reader.finish();
    data::check_settings(settings, where);
    recipe.data.emplace(key.str(), settings);
  }
}

void read_objective(const toml::table& table, Recipe& recipe, const std::string& name) {
  const toml::node* node = table.get("objective");
  const std::string where = name + ", [objective]";
  if (node == nullptr && recipe.phases.empty()) return;  // its measures sample models of their own
  if (node == nullptr || !node->is_table())
    reject({where, "", "is missing: every recipe needs one", "kind = \"mlp\""});
  TomlReader reader(*node->as_table(), where);
  std::string kind;
  reader.require("kind", kind);
  recipe.objective = default_objective(kind, where + ", kind");
  std::visit([&reader](auto& settings) { reader.read(settings); }, recipe.objective);
  reader.read_key("precision", recipe.precision);
  if (recipe.precision != "float32" && recipe.precision != "float64") {
    reject({where + ", precision", recipe.precision, "must be one of float32, float64", ""});
  }
  const bool named = reader.read_key("data", recipe.objective_data);
  reader.finish();
  if (!named && !recipe.data.empty()) {
    if (recipe.data.size() > 1)
      reject({where + ", data", "", "must name one of several data sets", ""});
    recipe.objective_data = recipe.data.begin()->first;
  }
  if (named && !recipe.data.contains(recipe.objective_data)) {
    reject({where + ", data", recipe.objective_data, "must name a [data.NAME] of this recipe", ""});
  }
}

void read_expectations(const toml::table& table, Recipe& recipe, const std::string& name) {
  int number = 0;
  for (const toml::table* one : tables_of(table, "expect", name)) {
    TomlReader reader(*one, name + ", [[expect]] " + std::to_string(++number));
    ExpectSettings expect;
    std::string quantity;
    double tolerance = 0;
    double expected = 0;
    reader.require("quantity", quantity);
    reader.require("value", expected);
    reader.require("tolerance", tolerance);
    reader.read(expect);
    reader.skip("where");
    if (const toml::node* where = one->get("where")) {
      if (!where->is_table())
        reject({reader.where() + ", where", as_text(*where), "must be a table of numbers", ""});
      for (const auto& [key, value] : *where->as_table()) {
        if (!value.is_number())
          reject({reader.where() + ", where", as_text(value), "must be a number", ""});
        expect.where[std::string(key.str())] = *value.value<double>();
      }
    }
    // The keys of `where` are coordinates, checked against the sweep later.
    toml::table rest = *one;
    rest.erase("where");
    TomlReader strict(rest, reader.where());
    ExpectSettings unused;
    strict.read(unused);
    strict.finish();
    recipe.expectations.push_back(expect);
  }
}

void read_variants(const toml::table& table, Recipe& recipe, const std::string& name) {
  int number = 0;
  for (const toml::table* one : tables_of(table, "variant", name)) {
    TomlReader reader(*one, name + ", [[variant]] " + std::to_string(++number));
    VariantAxis axis;
    reader.require("name", axis.name);
    reader.require("path", axis.path);
    reader.read_key("coordinates", axis.coordinates);
    reader.skip("values");
    reader.finish();
    if (!axis.path.starts_with("objective.") && !axis.path.starts_with("data.")) {
      reject({reader.where() + ", path",
              axis.path,
              "must lead into [objective] or [data.NAME]",
              "phases have `sweep`"});
    }
    const toml::array* values = one->get_as<toml::array>("values");
    if (values == nullptr || values->empty())
      reject({reader.where() + ", values", "", "must be a list of values", ""});
    const bool numbers = axis.coordinates.empty();
    for (const toml::node& value : *values) {
      axis.values.push_back(as_text(value));
      if (!numbers) continue;
      if (!value.is_number())
        reject({reader.where(), as_text(value), "needs `coordinates`: it is not a number", ""});
      axis.coordinates.push_back(*value.value<double>());
    }
    if (axis.coordinates.size() != axis.values.size()) {
      reject({reader.where() + ", coordinates",
              std::to_string(axis.coordinates.size()) + " numbers",
              "must be one a value",
              ""});
    }
    recipe.variants.push_back(std::move(axis));
  }
}

void check_names(const Recipe& recipe, const std::string& name) {
  std::set<std::string> seen;
  const auto check = [&](const std::vector<const toml::table*>& tables, const std::string& kind) {
    for (const toml::table* one : tables) {
      TomlReader reader(*one, name + ", [[" + kind + "]]");
      std::string own;
      reader.require("name", own);
      const auto allowed = [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_';
      };
      if (own.empty() || !std::all_of(own.begin(), own.end(), allowed)) {
        reject({name + ", [[" + kind + "]] name", own, "must be letters, digits, - and _", ""});
      }
      if (own == "findings" || own == "claims" || own == "figures" || own == "tables") {
        reject({name + ", [[" + kind + "]] name",
                own,
                "names a group that every run has",
                "choose another name"});
      }
      if (!seen.insert(own).second)
        reject({name + ", [[" + kind + "]] name", own, "is used twice", ""});
    }
  };
  check(recipe.phases, "phase");
  check(recipe.measures, "measure");
  if (recipe.phases.empty() && recipe.measures.empty()) {
    reject({name, "", "needs at least one [[phase]], or a [[measure]] that needs none", ""});
  }
}

}  // namespace

void set_path(toml::table& table, std::string_view path, const toml::node& value) {
  toml::table* place = &table;
  std::string_view rest = path;
  for (;;) {
    const std::size_t dot = rest.find('.');
    const std::string_view head = rest.substr(0, dot);
    if (head.empty())
      reject({"override",
              std::string(path),
              "must be a dotted path such as phase.probe.time_step",
              ""});
    if (dot == std::string_view::npos) {
      value.visit([&](const auto& one) { place->insert_or_assign(head, one); });
      return;
    }
    rest = rest.substr(dot + 1);
    toml::node* next = place->get(head);
    if (next == nullptr) {
      place = place->insert_or_assign(head, toml::table{}).first->second.as_table();
    } else if (next->is_table()) {
      place = next->as_table();
    } else if (next->is_array()) {
      const std::size_t end = rest.find('.');
      toml::table* element = named_element(*next->as_array(), rest.substr(0, end));
      if (element == nullptr || end == std::string_view::npos) {
        reject({"override",
                std::string(path),
                "names no element of [[" + std::string(head) + "]]",
                "use its `name`"});
      }
      place = element;
      rest = rest.substr(end + 1);
    } else {
      reject({"override",
              std::string(path),
              "goes through `" + std::string(head) + "`, which is a value",
              ""});
    }
  }
}

namespace {

Recipe read_recipe(std::string_view text,
                   const std::string& name,
                   const std::string& scale,
                   const std::vector<std::string>& overrides,
                   bool with_lights) {
  if (scale != "smoke" && scale != "demo" && scale != "paper") {
    reject({"--scale", scale, "must be one of smoke, demo, paper", ""});
  }
  const std::shared_ptr<toml::table> table = parse_text(text, name);
  apply_scale(*table, scale, name);
  for (const std::string& one : overrides) {
    const std::size_t equals = one.find('=');
    if (equals == std::string::npos)
      reject({"--set", one, "must be path=value", "--set phase.probe.time_step=5e-3"});
    if (one.find_first_of("\r\n") != std::string::npos)
      reject({"--set", one, "must be one line", ""});
    const toml::table value = parse_value(one.substr(equals + 1));
    if (value.get("value") == nullptr) reject({"--set", one, "needs a value after `=`", ""});
    set_path(*table, one.substr(0, equals), *value.get("value"));
  }
  Recipe recipe;
  recipe.stem = std::filesystem::path(name).stem().string();
  recipe.scale = scale;
  recipe.overrides = overrides;
  TomlReader reader(*table, name);
  reader.require("title", recipe.head.title);
  reader.read(recipe.head);
  for (const char* key : {"data", "objective", "phase", "measure", "expect", "variant"})
    reader.skip(key);
  for (const auto& [key, node] : *table) {
    if (key.str() != "data" && key.str() != "objective") continue;
    if (!node.is_table()) reject({name, std::string(key.str()), "must be a table", ""});
  }
  reader.finish();
  apply_conventions(*table, recipe.head.conventions, name);
  if (with_lights) add_sgd_lights(*table);
  recipe.phases = tables_of(*table, "phase", name);
  recipe.measures = tables_of(*table, "measure", name);
  read_data(*table, recipe, name);
  read_objective(*table, recipe, name);
  check_names(recipe, name);
  read_variants(*table, recipe, name);
  read_expectations(*table, recipe, name);
  recipe.table = table;
  return recipe;
}

}  // namespace

Recipe parse_recipe(std::string_view text,
                    const std::string& name,
                    const std::string& scale,
                    const std::vector<std::string>& overrides) {
  return read_recipe(text, name, scale, overrides, false);
}

Recipe load_recipe(const std::filesystem::path& file,
                   const std::string& scale,
                   const std::vector<std::string>& overrides) {
  std::ifstream in(file);
  if (!in)
    reject(
        {"recipe", file.string(), "cannot be read", "`thermoscape recipes` lists what there is"});
  std::ostringstream text;
  text << in.rdbuf();
  return read_recipe(text.str(), file.string(), scale, overrides, true);
}

Recipe variant_of(const Recipe& recipe, const VariantAxis& axis, std::size_t value) {
  toml::table table = *recipe.table;
  table.erase("variant");
  Recipe varied = parse_recipe(
      as_text(table), recipe.stem, recipe.scale, {axis.path + "=" + axis.values[value]});
  varied.stem = recipe.stem;
  return varied;
}

std::string resolved_text(const Recipe& recipe) {
  std::ostringstream out;
  out << "# Resolved from " << recipe.stem << " at scale " << recipe.scale << ".\n"
      << as_text(*recipe.table) << "\n";
  return out.str();
}

}  // namespace thermoscape
