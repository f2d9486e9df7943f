#include "thermoscape/objective/globs.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

bool matches_glob(std::string_view text, std::string_view pattern) {
  // Greedy, going back to the last star: linear but for patterns of many stars.
  std::size_t at = 0;
  std::size_t in = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (at < text.size()) {
    if (in < pattern.size() && (pattern[in] == '?' || pattern[in] == text[at]) &&
        pattern[in] != '*') {
      ++at;
      ++in;
    } else if (in < pattern.size() && pattern[in] == '*') {
      star = in++;
      resume = at;
    } else if (star != std::string_view::npos) {
      in = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in) == std::string_view::npos;
}

std::vector<std::size_t> choose_names(const std::vector<std::string>& names,
                                      std::string_view globs,
                                      std::string_view where) {
  std::vector<std::string_view> wanted;
  std::vector<std::string_view> unwanted;
  for (std::string_view rest = globs; !rest.empty();) {
    const std::size_t comma = std::min(rest.find(','), rest.size());
    std::string_view one = rest.substr(0, comma);
    rest = rest.substr(std::min(comma + 1, rest.size()));
    while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
    while (!one.empty() && one.back() == ' ') one.remove_suffix(1);
    if (one.starts_with('!')) {
      unwanted.push_back(one.substr(1));
    } else if (!one.empty()) {
      wanted.push_back(one);
    }
  }
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto fits = [&](std::string_view glob) { return matches_glob(names[i], glob); };
    const bool in = wanted.empty() || std::any_of(wanted.begin(), wanted.end(), fits);
    if (in && std::none_of(unwanted.begin(), unwanted.end(), fits)) chosen.push_back(i);
  }
  if (chosen.empty()) {
    constexpr std::size_t kShown = 12;
    const std::vector<std::string> shown(
        names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(kShown, names.size())));
    reject({std::string(where),
            std::string(globs),
            "matches no parameter",
            fmt::format(
                "there are {}{}", fmt::join(shown, ", "), names.size() > kShown ? ", ..." : "")});
  }
  return chosen;
}

}  // namespace thermoscape
