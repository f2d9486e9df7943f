
#include "terminal.hpp"
#include "thermoscape/core/json.hpp"

#include <unistd.h>

#include <algorithm>

#include <fmt/format.h>

namespace thermoscape::app {

namespace {
/// Characters of UTF-8 text: bytes that do not continue one. Every symbol we print is one column
/// wide.
std::size_t columns_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}
}  // namespace

std::string as_text(const Table& table) {
  std::vector<std::size_t> widths;
  for (const std::string& head : table.columns) widths.push_back(columns_of(head));
  for (const auto& row : table.rows) {
    for (std::size_t c = 0; c < row.size() && c < widths.size(); ++c) {
      widths[c] = std::max(widths[c], columns_of(row[c]));
    }
  }
  const auto line = [&widths](const std::vector<std::string>& cells) {
    std::string text;
    for (std::size_t c = 0; c < cells.size(); ++c) {
      if (c > 0) text += "  ";
      text += cells[c];
      if (c + 1 < cells.size()) text += std::string(widths[c] - columns_of(cells[c]), ' ');
    }
    return text + "\n";
  };
  std::string text = table.title.empty() ? "" : table.title + "\n";
  text += line(table.columns);
  std::vector<std::string> rule;
  for (const std::size_t width : widths) {
    std::string dashes;
    for (std::size_t i = 0; i < width; ++i) dashes += "─";
    rule.push_back(dashes);
  }
  text += line(rule);
  for (const auto& row : table.rows) text += line(row);
  return text;
}

std::vector<Table> tables_of(const Dataset& results) {
  std::vector<Table> tables;
  if (!results.has_group("tables")) return tables;
  const Dataset& group = results.group("tables");
  const Json order = Json::parse(text_attribute(results.attributes, "table_order"), nullptr, false);
  if (!order.is_array()) return tables;
  for (const Json& id : order)
    tables.push_back(table_from(id.get<std::string>(), group.group(id.get<std::string>())));
  return tables;
}

std::string notes_of(const Dataset& results) {
  const Json notes = Json::parse(text_attribute(results.attributes, "notes"), nullptr, false);
  if (!notes.is_array() || notes.empty()) return "";
  std::string text = "Notes\n";
  for (const Json& one : notes) text += "- " + one.get<std::string>() + "\n";
  return text + "\n";
}

Table claims_table(const std::vector<Claim>& claims) {
  Table table{"claims",
              "Claims",
              "",
              {"verdict", "claim", "measured", "expected", "tolerance", "strength", "source"},
              {}};
  for (const Claim& one : claims) {
    std::string measured = with_error(one.estimate.value, one.estimate.standard_error);
    if (!one.estimate.ok()) measured += " [" + std::string(name(one.estimate.status)) + "]";
    table.rows.push_back({std::string(name(one.verdict)),
                          one.claim,
                          measured,
                          fmt::format("{:.4g}", one.expected),
                          fmt::format("{:.3g}", one.tolerance),
                          strength(one),
                          one.source});
  }
  return table;
}

std::string as_duration(double seconds) {
  if (seconds < 60) return fmt::format("{:.1f} s", seconds);
  const auto whole = static_cast<long>(seconds);
  if (seconds < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

ProgressBar::ProgressBar() : terminal_(isatty(STDERR_FILENO) != 0) {}

ProgressBar::~ProgressBar() {
  clear();
}

void ProgressBar::clear() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
  drawn_ = false;
}

void ProgressBar::advance(double done, double total, const std::string& what) {
  const std::scoped_lock lock(mutex_);
  const auto now = Clock::now();
  if (total != total_) {  // another phase of the work: simulating, or one of the measures
    total_ = total;
    first_done_ = done;
    start_ = now;
    return;
  }
  const std::chrono::duration<double> since = now - last_;
  if (since.count() < (terminal_ ? 0.1 : 10.0) || total <= 0) return;
  last_ = now;
  const double seconds = std::chrono::duration<double>(now - start_).count();
  const double rate = (done - first_done_) / seconds;
  const double share = std::min(1.0, done / total);
  const std::string left = rate > 0 ? as_duration((total - done) / rate) : "?";
  if (!terminal_) {
    fmt::print(stderr, "{:3.0f}%  {}  {:.3g}/s, {} left\n", 100 * share, what, rate, left);
    return;
  }
  constexpr int kWidth = 30;
  std::string bar;
  for (int i = 0; i < kWidth; ++i) bar += i < share * kWidth ? "█" : "░";
  fmt::print(
      stderr, "\r\033[K{} {:3.0f}%  {}  {:.3g}/s  {} left", bar, 100 * share, what, rate, left);
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::say(const std::string& sentence) {
  const std::scoped_lock lock(mutex_);
  clear();
  fmt::print(stderr, "{}\n", sentence);
}

}  // namespace thermoscape::app
