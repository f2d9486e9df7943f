#include <csignal>
#include <exception>

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include "thermoscape/core/error.hpp"
#include "thermoscape/store/provenance.hpp"
#include "verbs.hpp"

namespace {

constexpr int kBadInput = 2;
constexpr int kMachine = 3;

int fail(int code, const std::string& line) {
  fmt::print(stderr, "thermoscape: {}\n", line);
  return code;
}

/// CLI11 would only say that a command is missing.
void refuse_unknown_verb(const CLI::App& program, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return;
  std::vector<std::string> verbs;
  for (const CLI::App* verb : program.get_subcommands([](const CLI::App*) { return true; })) {
    verbs.push_back(verb->get_name());
    if (verbs.back() == argv[1]) return;
  }
  const std::string near = thermoscape::did_you_mean(argv[1], verbs);
  thermoscape::reject(
      {"command", argv[1], "is none", near.empty() ? "`thermoscape --help` lists them" : near});
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGXFSZ, SIG_IGN);  // a full disk is an error message, not a signal
  CLI::App program("A laboratory for the statistical mechanics of neural-network training.",
                   "thermoscape");
  program.set_version_flag("--version", thermoscape::store::version());
  program.require_subcommand(1);
  program.failure_message([](const CLI::App* app, const CLI::Error& e) {
    return fmt::format(
        "thermoscape: {} (`{} --help` shows the usage)\n", e.what(), app->get_name());
  });
  int exit_code = 0;
  thermoscape::app::add_run_verbs(program, exit_code);
  thermoscape::app::add_result_verbs(program, exit_code);
  thermoscape::app::add_recipes_verb(program, exit_code);
  thermoscape::app::add_theory_verb(program, exit_code);
  thermoscape::app::add_verify_verb(program, exit_code);
  thermoscape::app::add_data_verb(program, exit_code);
  thermoscape::app::add_clustering_verb(program, exit_code);
  thermoscape::app::add_spectrum_verb(program, exit_code);
  thermoscape::app::add_profile_verb(program, exit_code);
  thermoscape::app::add_noise_verb(program, exit_code);
  thermoscape::app::add_doctor_verb(program, exit_code);
  try {
    refuse_unknown_verb(program, argc, argv);
    program.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return program.exit(e) == 0 ? 0 : kBadInput;
  } catch (const thermoscape::Error& e) {
    return fail(kBadInput, e.what());
  } catch (const thermoscape::MachineError& e) {
    return fail(kMachine, e.what());
  } catch (const std::bad_alloc&) {
    return fail(kMachine, "out of memory: choose fewer examples, looks or threads");
  } catch (const std::exception& e) {
    return fail(kMachine, std::string("unexpected failure: ") + e.what());
  }
  return exit_code;
}
