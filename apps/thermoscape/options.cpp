#include "options.hpp"

#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "thermoscape/core/error.hpp"

namespace thermoscape::app {

namespace {

/// Reads the whole of `text`, which may begin with a plus.
template <class Number>
std::errc read(std::string_view text, Number& number) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && rest != end ? std::errc::invalid_argument : error;
}

/// ">= 1" or "in 5 ... 100001" for whole numbers, empty for any.
std::string words(const Range& range) {
  if (!std::isfinite(range.low) || !std::isfinite(range.high)) return describe(range);
  return fmt::format("in {:.0f} ... {:.0f}", range.low, range.high);
}

/// For the help: "POSITIVE", "5...100001", "2...", "(0, 1)".
std::string short_name(const Range& range, bool whole) {
  if (std::isfinite(range.high)) {
    return whole ? fmt::format("{:.0f}...{:.0f}", range.low, range.high)
                 : describe(range).substr(std::string_view("in ").size());
  }
  if (range.low == 0) return range.open_low ? "POSITIVE" : "NONNEGATIVE";
  if (range.low == 1 && whole) return "POSITIVE";
  return std::isfinite(range.low) ? fmt::format("{}...", range.low) : "";
}

}  // namespace

CLI::Validator whole_number(const std::string& flag, const Range& range, std::int64_t most) {
  const auto check = [=](std::string& text) {
    std::int64_t number = 0;
    const std::errc error = read(text, number);
    const std::string rule = words(range);
    if (error == std::errc::invalid_argument)
      reject({flag, text, "must be a whole number" + (rule.empty() ? "" : " " + rule), ""});
    const bool inside = error == std::errc() && range.contains(static_cast<double>(number));
    if (!inside && !rule.empty() && (error == std::errc() || text.starts_with('-')))
      reject({flag, text, "must be " + rule, ""});
    if (error != std::errc() || number > most) {
      const bool bounded = std::isfinite(range.high);
      reject({flag, text, "must be " + (bounded ? rule : fmt::format("<= {}", most)), ""});
    }
    text = fmt::format("{}", number);  // CLI11 would read 010 as eight
    return std::string();
  };
  return {check, short_name(range, true)};
}

CLI::Validator finite_number(const std::string& flag, const Range& range, const std::string& unit) {
  const auto check = [=](std::string& text) {
    double number = 0;
    const std::errc error = read(text, number);
    if (error == std::errc::invalid_argument) {
      const std::string rule = describe(range);
      reject({flag, text, "must be a number" + (rule.empty() ? "" : " " + rule), ""});
    }
    if (error != std::errc()) reject({flag, text, "must fit a number in double precision", ""});
    check_range(number, range, unit, flag);
    return std::string();
  };
  return {check, short_name(range, false)};
}

CLI::Validator one_of(const std::string& flag, std::span<const std::string_view> choices) {
  const auto check = [=](std::string& text) {
    check_range(text, Range{.choices = choices}, "", flag);
    return std::string();
  };
  return {check, ""};
}

}  // namespace thermoscape::app
