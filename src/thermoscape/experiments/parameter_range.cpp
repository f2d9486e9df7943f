#include "thermoscape/experiments/parameter_range.hpp"

#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/globs.hpp"

namespace thermoscape {

namespace {

/// "first:end" as numbers.
std::optional<ParameterRange> numbered(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string::npos) return std::nullopt;
  std::int64_t first = 0, end = 0;
  const char* const middle = text.data() + colon;
  const char* const last = text.data() + text.size();
  const auto a = std::from_chars(text.data(), middle, first);
  const auto b = std::from_chars(middle + 1, last, end);
  if (a.ec != std::errc() || a.ptr != middle || b.ec != std::errc() || b.ptr != last)
    return std::nullopt;
  return ParameterRange{first, end - first};
}

}  // namespace

ParameterRange parameter_range(const std::string& text,
                               std::span<const ParameterGroup> groups,
                               std::int64_t parameters,
                               const std::string& where) {
  if (text == "all") return {0, parameters};
  if (const auto range = numbered(text)) {
    if (range->first < 0 || range->count < 1 || range->first + range->count > parameters)
      reject({where, text, fmt::format("must lie in 0:{}", parameters), ""});
    return *range;
  }
  std::vector<std::string> names;
  for (const ParameterGroup& one : groups) names.push_back(one.name);
  if (names.empty() || text.empty()) {
    reject({where,
            text,
            "must be all, first:end, or globs over the names of the parameters, if they have any",
            ""});
  }
  ParameterRange range;
  for (const std::size_t chosen : choose_names(names, text, where)) {
    const ParameterGroup& one = groups[chosen];
    if (range.count == 0) range.first = one.first;
    if (range.first + range.count != one.first)
      reject(
          {where, text, "must choose neighbours in θ", "record all and look at one layer later"});
    range.count += one.count;
  }
  return range;
}

}  // namespace thermoscape
