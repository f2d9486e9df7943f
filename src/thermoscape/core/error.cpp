#include "thermoscape/core/error.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace thermoscape {

namespace {

/// The text on one line: line breaks and control characters escaped.
std::string on_one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += '?';
    } else {
      out += c;
    }
  }
  return out;
}

/// What was received may be of any length; its beginning tells enough.
std::string shortened(std::string_view text) {
  constexpr std::size_t kLongest = 120;
  return on_one_line(text.substr(0, kLongest)) + (text.size() > kLongest ? "..." : "");
}

}  // namespace

std::string to_line(const Complaint& complaint) {
  std::string line = on_one_line(complaint.where);
  if (!complaint.received.empty()) line += " = " + shortened(complaint.received);
  line += ": " + on_one_line(complaint.rule);
  if (!complaint.hint.empty()) line += " (" + on_one_line(complaint.hint) + ")";
  return line;
}

void reject(const Complaint& complaint) {
  throw Error(to_line(complaint));
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j + 1] + 1, row[j] + 1, substituted});
    }
  }
  return row[b.size()];
}

}  // namespace thermoscape
