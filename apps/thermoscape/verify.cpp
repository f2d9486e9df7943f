#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "terminal.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/experiments/verify.hpp"
#include "verbs.hpp"

namespace thermoscape::app {

void add_verify_verb(CLI::App& program, int& exit_code) {
  static std::string file;
  static bool json = false;
  CLI::App* verb = program.add_subcommand(
      "verify", "evaluate reference entries with the library's own functions");
  verb->add_option("file", file, "JSON list of {id, kind, inputs, expected, tol}")->required();
  verb->add_flag("--json", json, "print one JSON object");
  verb->callback([&exit_code] {
    const Verified verified = verify_file(file);
    exit_code = verified.failed == 0 ? 0 : 1;
    if (json) {
      fmt::print("{}\n", to_json(verified).dump(2));
      return;
    }
    Table table{"entries", "", "", {"entry", "verdict", "reason"}, {}};
    for (const theory::EntryOutcome& one : verified.entries) {
      table.rows.push_back({one.id, one.passed ? "passed" : "failed", one.reason});
    }
    fmt::print("{}\n{} passed, {} failed\n", as_text(table), verified.passed, verified.failed);
  });
}

}  // namespace thermoscape::app
