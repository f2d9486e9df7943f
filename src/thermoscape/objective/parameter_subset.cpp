#include "thermoscape/objective/parameter_subset.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/globs.hpp"

namespace thermoscape {

namespace {

/// "first:end" as numbers.
std::optional<ParameterRange> numbered(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::int64_t first = 0, end = 0;
  const char* const middle = text.data() + colon;
  const char* const last = text.data() + text.size();
  const auto a = std::from_chars(text.data(), middle, first);
  const auto b = std::from_chars(middle + 1, last, end);
  if (a.ec != std::errc() || a.ptr != middle || b.ec != std::errc() || b.ptr != last)
    return std::nullopt;
  return ParameterRange{first, end - first};
}

/// All of "first:end,first:end"; none unless each piece is numbers.
std::optional<std::vector<ParameterRange>> all_numbered(std::string_view text) {
  std::vector<ParameterRange> parts;
  while (true) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const auto part = numbered(text.substr(0, comma));
    if (!part) return std::nullopt;
    parts.push_back(*part);
    if (comma == text.size()) return parts;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

ParameterSubset::ParameterSubset(std::span<const ParameterRange> parts) {
  for (const ParameterRange& one : parts) {
    if (!parts_.empty() && end() == one.first) {
      parts_.back().count += one.count;
    } else {
      parts_.push_back(one);
    }
    count_ += one.count;
  }
}

bool ParameterSubset::contains(const ParameterSubset& other) const {
  return std::all_of(other.parts_.begin(), other.parts_.end(), [&](const ParameterRange& wanted) {
    return std::any_of(parts_.begin(), parts_.end(), [&](const ParameterRange& part) {
      return wanted.first >= part.first && wanted.first + wanted.count <= part.first + part.count;
    });
  });
}

ParameterSubset parameter_subset(const std::string& text,
                                 std::span<const ParameterGroup> groups,
                                 std::int64_t parameters,
                                 const std::string& where) {
  if (text == "all") return ParameterSubset(std::vector<ParameterRange>{{0, parameters}});
  if (const auto parts = all_numbered(text)) {
    std::int64_t end = 0;
    for (const ParameterRange& one : *parts) {
      if (one.first < end || one.count < 1 || one.first + one.count > parameters) {
        reject({where,
                text,
                fmt::format("must lie in 0:{}{}",
                            parameters,
                            parts->size() > 1 ? ", in ascending order and without overlap" : ""),
                ""});
      }
      end = one.first + one.count;
    }
    return ParameterSubset(*parts);
  }
  std::vector<std::string> names;
  for (const ParameterGroup& one : groups) names.push_back(one.name);
  if (names.empty() || text.empty()) {
    reject({where,
            text,
            "must be all, first:end, or globs over the names of the parameters, if they have any",
            ""});
  }
  std::vector<ParameterRange> parts;
  for (const std::size_t chosen : choose_names(names, text, where))
    parts.push_back({groups[chosen].first, groups[chosen].count});
  return ParameterSubset(parts);
}

}  // namespace thermoscape
