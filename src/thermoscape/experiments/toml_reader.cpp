#include "thermoscape/experiments/toml_reader.hpp"

#include <sstream>

namespace thermoscape {

std::string as_text(const toml::node& node) {
  std::ostringstream out;
  constexpr auto kFlags =
      toml::toml_formatter::default_flags &
      ~(toml::format_flags::allow_literal_strings | toml::format_flags::allow_multi_line_strings);
  out << toml::toml_formatter(node, kFlags);
  return out.str();
}

namespace {
[[noreturn]] void wrong_type(const toml::node& node,
                             const std::string& place,
                             const std::string& rule) {
  reject({place, as_text(node), rule, ""});
}
}  // namespace

TomlReader::TomlReader(const toml::table& table, std::string where, Overlay overlay)
    : table_(&table), where_(std::move(where)), overlay_(std::move(overlay)) {}

const toml::node* TomlReader::look_up(std::string_view key) const {
  if (const auto it = overlay_.find(key); it != overlay_.end()) return it->second;
  const toml::table* table = table_;
  for (;;) {
    const std::size_t dot = key.find('.');
    const toml::node* node = table->get(key.substr(0, dot));
    if (node == nullptr || dot == std::string_view::npos) return node;
    table = node->as_table();
    if (table == nullptr) return nullptr;
    key = key.substr(dot + 1);
  }
}

const toml::node* TomlReader::find(std::string_view key) {
  asked_.emplace(key);
  return look_up(key);
}

std::string TomlReader::locate(std::string_view key, const toml::node& node) const {
  std::string place = where_;
  const auto line = node.source().begin.line;
  if (line > 0) place += ", line " + std::to_string(line);
  return place + ", " + std::string(key);
}

void TomlReader::finish() const {
  refuse_unknown(*table_, "");
}

void TomlReader::refuse_unknown(const toml::table& table, const std::string& prefix) const {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (asked_.contains(name)) continue;
    // A nested table is known if any field below it is.
    const auto below = asked_.lower_bound(name + ".");
    if (node.is_table() && below != asked_.end() && below->starts_with(name + ".")) {
      refuse_unknown(*node.as_table(), name + ".");
      continue;
    }
    const auto line = node.source().begin.line;
    const std::string near = did_you_mean(name, asked_);
    reject({"unknown key `" + name + "` in " + where_ +
                (line > 0 ? ", line " + std::to_string(line) : std::string()),
            "",
            near.empty() ? "nothing reads it" : near,
            ""});
  }
}

void TomlReader::convert(const toml::node& node, bool& out, const std::string& place) {
  const auto value = node.value_exact<bool>();
  if (!value) wrong_type(node, place, "must be true or false");
  out = *value;
}

void TomlReader::convert(const toml::node& node, std::int64_t& out, const std::string& place) {
  if (const auto value = node.value_exact<std::int64_t>()) {
    out = *value;
    return;
  }
  const auto real = node.value_exact<double>();  // 1e6 is a float in TOML
  if (!real || *real != std::floor(*real) || std::abs(*real) > 9e15) {
    wrong_type(node, place, "must be a whole number");
  }
  out = static_cast<std::int64_t>(*real);
}

void TomlReader::convert(const toml::node& node, double& out, const std::string& place) {
  if (const auto value = node.value_exact<double>()) {
    out = *value;
  } else if (const auto whole = node.value_exact<std::int64_t>()) {
    out = static_cast<double>(*whole);
  } else {
    wrong_type(node, place, "must be a number");
  }
}

void TomlReader::convert(const toml::node& node, std::string& out, const std::string& place) {
  const auto value = node.value_exact<std::string>();
  if (!value) wrong_type(node, place, "must be text in quotes");
  out = *value;
}

}  // namespace thermoscape
