#pragma once
#include <chrono>
#include <mutex>
#include <string>

#include "thermoscape/core/figure.hpp"
#include "thermoscape/core/finding.hpp"

namespace thermoscape::app {

/// A table as aligned text; widths count characters, not bytes.
[[nodiscard]] std::string as_text(const Table& table);
/// The tables of a run's results, in the order of its measures.
[[nodiscard]] std::vector<Table> tables_of(const Dataset& results);
/// What a reader must know of a run, a line each: windows kept out of fits with the reason,
/// substituted data. Empty if there is nothing.
[[nodiscard]] std::string notes_of(const Dataset& results);
/// The claims as a table with verdicts.
[[nodiscard]] Table claims_table(const std::vector<Claim>& claims);
/// "1 h 02 min", "3 min 20 s", "4.2 s".
[[nodiscard]] std::string as_duration(double seconds);

/// A progress bar with rate and time left on a terminal, a plain line every ten seconds otherwise.
/// On standard error.
class ProgressBar {
 public:
  ProgressBar();
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void advance(double done, double total, const std::string& what);
  /// A sentence on a line of its own, above the bar.
  void say(const std::string& sentence);

 private:
  void clear();
  using Clock = std::chrono::steady_clock;
  std::mutex mutex_;
  bool terminal_;
  bool drawn_ = false;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_ = start_;
  double total_ = -1;
  double first_done_ = 0;
};

}  // namespace thermoscape::app
