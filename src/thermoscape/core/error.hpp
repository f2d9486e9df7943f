#pragma once
#include <stdexcept>
#include <string>
#include <string_view>

namespace thermoscape {

/// Bad input: the person can mend it. The command line prints the message as one line and exits
/// with code 2.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The machine failed (disk full, no permission, missing library): one line, exit code 3.
class MachineError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The parts of a message about bad input, in the order in which they are printed:
///   WHERE = RECEIVED: RULE (HINT)        e.g.  overdamped.temperature = -1: must be >= 0 [loss]
struct Complaint {
  std::string where;     ///< file, line, key or argument
  std::string received;  ///< the offending value as it came; empty if there is none to show
  std::string rule;      ///< what holds instead
  std::string hint;      ///< how to mend it; may be empty
};

/// One line from the parts; line breaks and control characters are escaped, a long `received` is
/// shortened.
[[nodiscard]] std::string to_line(const Complaint& complaint);

/// Throws Error with the line of `complaint`.
[[noreturn]] void reject(const Complaint& complaint);

/// "did you mean `temperature`?" for the candidate nearest to `word` by edit distance, empty if
/// none is near.
template <class Range>
[[nodiscard]] std::string did_you_mean(std::string_view word, const Range& candidates);

/// Levenshtein distance in characters; O(|a| |b|).
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

template <class Range>
std::string did_you_mean(std::string_view word, const Range& candidates) {
  std::string best;
  std::size_t best_distance = word.size() / 3 + 2;
  for (const auto& candidate : candidates) {
    const std::size_t distance = edit_distance(word, std::string_view(candidate));
    if (distance < best_distance) {
      best_distance = distance;
      best = std::string(candidate);
    }
  }
  return best.empty() ? std::string() : "did you mean `" + best + "`?";
}

}  // namespace thermoscape
