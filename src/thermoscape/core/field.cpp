#include "thermoscape/core/field.hpp"

namespace thermoscape {

std::string describe(const Range& range) {
  if (!range.choices.empty()) {
    std::string text = "one of ";
    for (std::size_t i = 0; i < range.choices.size(); ++i) {
      text += (i ? ", " : "") + std::string(range.choices[i]);
    }
    return text;
  }
  const bool low = std::isfinite(range.low);
  const bool high = std::isfinite(range.high);
  if (low && high) {
    return fmt::format("in {}{}, {}{}",
                       range.open_low ? '(' : '[',
                       range.low,
                       range.high,
                       range.open_high ? ')' : ']');
  }
  if (low) return fmt::format("{} {}", range.open_low ? ">" : ">=", range.low);
  if (high) return fmt::format("{} {}", range.open_high ? "<" : "<=", range.high);
  return "";
}

}  // namespace thermoscape
