#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include <CLI/App.hpp>

#include "thermoscape/core/field.hpp"

namespace thermoscape::app {

// What an option may be given. Each refuses with the program's own line, by throwing Error:
//   thermoscape: --count = 0: must be >= 1
// `flag` is the option's name as it is typed.

/// A decimal whole number in `range`, at most `most`.
[[nodiscard]] CLI::Validator whole_number(const std::string& flag,
                                          const Range& range,
                                          std::int64_t most);
/// A finite number in `range`.
[[nodiscard]] CLI::Validator finite_number(const std::string& flag,
                                           const Range& range,
                                           const std::string& unit = "");
/// One of some words.
[[nodiscard]] CLI::Validator one_of(const std::string& flag,
                                    std::span<const std::string_view> choices);

/// verb.add_option for a number, which is checked. `number` must outlive the program.
template <class Number>
CLI::Option* add_number(CLI::App& verb,
                        const std::string& flag,
                        Number& number,
                        const std::string& meaning,
                        const Range& range = kAny,
                        const std::string& unit = "") {
  CLI::Option* const option = verb.add_option(flag, number, meaning);
  if constexpr (std::is_integral_v<Number>) {
    constexpr auto kMost = static_cast<std::int64_t>(std::numeric_limits<Number>::max());
    return option->transform(whole_number(flag, range, kMost));
  } else {
    return option->transform(finite_number(flag, range, unit));
  }
}

/// A flag or an option for a member of a field table, in the range that the table says: both_ends
/// is --both-ends.
template <class Owner, class T>
CLI::Option* add_field(CLI::App& verb, Owner& owner, const Field<Owner, T>& one) {
  std::string flag = "--" + std::string(one.name);
  std::replace(flag.begin(), flag.end(), '_', '-');
  T& member = owner.*(one.member);
  const std::string meaning(one.meaning);
  if constexpr (std::is_same_v<T, bool>) {
    return verb.add_flag(flag, member, meaning);
  } else if constexpr (std::is_arithmetic_v<T>) {
    const std::string unit(one.unit == "1" ? "" : one.unit);
    return add_number(verb, flag, member, meaning, one.range, unit)->capture_default_str();
  } else {
    CLI::Option* const option = verb.add_option(flag, member, meaning)->capture_default_str();
    return one.range.choices.empty() ? option : option->transform(one_of(flag, one.range.choices));
  }
}

}  // namespace thermoscape::app
