#pragma once
#include <CLI/App.hpp>

namespace thermoscape::app {

/// Each adds its verbs to the program. A verb's callback throws Error or MachineError, or returns
/// through `exit_code`.
void add_run_verbs(CLI::App& program, int& exit_code);        ///< run
void add_result_verbs(CLI::App& program, int& exit_code);     ///< show, measure, report, export
void add_theory_verb(CLI::App& program, int& exit_code);      ///< theory
void add_verify_verb(CLI::App& program, int& exit_code);      ///< verify
void add_data_verb(CLI::App& program, int& exit_code);        ///< data list|verify|import
void add_recipes_verb(CLI::App& program, int& exit_code);     ///< recipes
void add_clustering_verb(CLI::App& program, int& exit_code);  ///< clustering
void add_spectrum_verb(CLI::App& program, int& exit_code);    ///< spectrum
void add_profile_verb(CLI::App& program, int& exit_code);     ///< profile
void add_noise_verb(CLI::App& program, int& exit_code);       ///< noise
void add_doctor_verb(CLI::App& program, int& exit_code);      ///< doctor

}  // namespace thermoscape::app
