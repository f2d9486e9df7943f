#pragma once
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

/// The values a number may take; text may instead be one of `choices`.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool open_low = false;
  bool open_high = false;
  std::span<const std::string_view> choices = {};

  [[nodiscard]] constexpr bool contains(double x) const {
    return (open_low ? x > low : x >= low) && (open_high ? x < high : x <= high);
  }
};

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();
inline constexpr Range kAny{};
inline constexpr Range kPositive{0, kInfinity, true, false};
inline constexpr Range kNonNegative{0, kInfinity};
inline constexpr Range kAtLeastOne{1, kInfinity};
inline constexpr Range kUnitInterval{0, 1};
inline constexpr Range kBelowOne{0, 1, false, true};

/// ">= 0", "in (0, 1]", "one of a, b": the rule in words, empty for any value.
[[nodiscard]] std::string describe(const Range& range);

/// A member of a parameter or result struct: the one place that says its name, unit, meaning and
/// range. The recipe parser, netCDF attributes, --help, the Python signature, JSON output and
/// report tables are all read from it.
template <class Owner, class T>
struct Field {
  std::string_view name;
  T Owner::*member;
  std::string_view unit;
  std::string_view meaning;
  Range range;
};

template <class Owner, class T>
constexpr Field<Owner, T> field(std::string_view name,
                                T Owner::*member,
                                std::string_view unit,
                                std::string_view meaning,
                                Range range = {}) {
  return {name, member, unit, meaning, range};
}

/// A struct with `static constexpr auto fields()` returning a tuple of Field.
template <class T>
concept HasFields = requires {
  T::fields();
};

/// Calls f(field) for each field of T, in order.
template <HasFields T, class F>
constexpr void for_each_field(F&& f) {
  std::apply([&f](const auto&... one) { (f(one), ...); }, T::fields());
}

template <HasFields T>
[[nodiscard]] std::vector<std::string_view> field_names() {
  std::vector<std::string_view> names;
  for_each_field<T>([&names](const auto& one) { names.push_back(one.name); });
  return names;
}

namespace detail {
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};
template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};
}  // namespace detail

/// Throws Error "where = value: must be RULE [unit]" if a value breaks its range or is not finite;
/// lists are checked element by element, an absent optional is always right.
template <class T>
void check_range(const T& value,
                 const Range& range,
                 std::string_view unit,
                 const std::string& where) {
  if constexpr (detail::is_optional<T>::value) {
    if (value) check_range(*value, range, unit, where);
  } else if constexpr (detail::is_vector<T>::value) {
    for (const auto& one : value) {
      typename T::value_type copy = one;
      check_range(copy, range, unit, where);
    }
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (range.choices.empty()) return;
    for (const std::string_view choice : range.choices) {
      if (choice == value) return;
    }
    reject({where, value, "must be " + describe(range), did_you_mean(value, range.choices)});
  } else if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
    const double x = static_cast<double>(value);
    if (std::isfinite(x) && range.contains(x)) return;
    std::string rule = describe(range);
    rule = rule.empty() ? "must be a finite number" : fmt::format("must be {}", rule);
    if (!unit.empty()) rule = fmt::format("{} {}", rule, unit);
    reject({where, fmt::format("{}", value), rule, ""});
  }
}

/// Checks every field of `value`; `where` names the struct in the message ("overdamped", "[[phase]]
/// 2").
template <HasFields T>
void validate(const T& value, const std::string& where) {
  for_each_field<T>([&](const auto& one) {
    check_range(value.*(one.member), one.range, one.unit, where + "." + std::string(one.name));
  });
}

}  // namespace thermoscape
