#pragma once
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <toml++/toml.h>

#include "thermoscape/core/field.hpp"

namespace thermoscape {

/// Fills structs with field tables from one TOML table and refuses what nobody asked for. A field
/// named "stop.loss" is read from `stop = { loss = ... }`. Numbers are checked against the ranges
/// of the fields.
class TomlReader {
 public:
  using Overlay = std::map<std::string, const toml::node*, std::less<>>;

  /// `where` names the table in messages: "[[phase]] 2 `probe`". A key in `overlay` is read from
  /// there: the present value of a swept list. Table and overlaid nodes must outlive the reader.
  TomlReader(const toml::table& table, std::string where, Overlay overlay = {});

  /// Reads every field of T that the table has; the others keep their value. `prefix` is put before
  /// each name.
  template <HasFields T>
  void read(T& value, std::string_view prefix = "") {
    for_each_field<T>([&](const auto& one) {
      const std::string key = std::string(prefix) + std::string(one.name);
      if (const toml::node* node = find(key)) {
        const std::string place = locate(key, *node);
        convert(*node, value.*(one.member), place);
        check_range(value.*(one.member), one.range, one.unit, place);
      }
    });
  }
  /// Reads one key; false if it is not there.
  template <class V>
  bool read_key(std::string_view key, V& value) {
    const toml::node* node = find(key);
    if (node != nullptr) convert(*node, value, locate(key, *node));
    return node != nullptr;
  }
  /// As read_key, but a missing key is refused.
  template <class V>
  void require(std::string_view key, V& value) {
    if (!read_key(key, value)) reject({where_, "", "needs `" + std::string(key) + "`", ""});
  }
  /// Marks a key as read by someone else.
  void skip(std::string_view key) { find(key); }
  /// Throws Error for the first key that was never asked for, naming the nearest known one.
  void finish() const;

  [[nodiscard]] bool has(std::string_view key) const { return look_up(key) != nullptr; }
  [[nodiscard]] const std::string& where() const { return where_; }
  /// "[[phase]] 2 `probe`, line 31, temperature".
  [[nodiscard]] std::string locate(std::string_view key, const toml::node& node) const;

 private:
  const toml::node* look_up(std::string_view key) const;
  const toml::node* find(std::string_view key);
  void refuse_unknown(const toml::table& table, const std::string& prefix) const;

  static void convert(const toml::node& node, bool& out, const std::string& place);
  static void convert(const toml::node& node, std::int64_t& out, const std::string& place);
  static void convert(const toml::node& node, double& out, const std::string& place);
  static void convert(const toml::node& node, std::string& out, const std::string& place);
  template <class V>
  static void convert(const toml::node& node, std::vector<V>& out, const std::string& place) {
    out.clear();
    const toml::array* list = node.as_array();
    if (list == nullptr) {
      convert(node, out.emplace_back(), place);
      return;
    }
    for (const toml::node& element : *list) convert(element, out.emplace_back(), place);
  }
  template <class V>
  static void convert(const toml::node& node, std::optional<V>& out, const std::string& place) {
    convert(node, out.emplace(), place);
  }

  const toml::table* table_;
  std::string where_;
  Overlay overlay_;
  std::set<std::string, std::less<>> asked_;
};

/// A TOML node as text that reads back as the same node. Strings are always written with escapes on
/// one line: the library's literal and multi-line forms do not survive every content.
[[nodiscard]] std::string as_text(const toml::node& node);

}  // namespace thermoscape
