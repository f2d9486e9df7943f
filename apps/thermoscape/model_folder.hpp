#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model.hpp"
#include "thermoscape/core/dataset.hpp"
#include "thermoscape/core/figure.hpp"
#include "thermoscape/core/finding.hpp"
#include "thermoscape/core/json_forward.hpp"
#include "thermoscape/store/run_directory.hpp"

namespace thermoscape::app {

inline constexpr const char* kOutOption =
    "folder of the results; default the first free runs/VERB-MODEL-NNN";
inline constexpr const char* kJsonOption = "print one JSON object; writes a folder only with --out";

/// Where a verb on a model leaves its results, and what it was asked.
struct FolderArguments {
  std::string verb;   ///< "spectrum"
  std::string title;  ///< "Curvature": stands before the model's name
  std::string file;   ///< of the model
  std::string out;    ///< --out; empty: the first free runs/VERB-MODEL-NNN
  std::int64_t seed = 1;
  bool json = false;  ///< with it a folder is made only where --out asks for one
};

/// What was found, in the forms that files and reports read. Ids and quantities without the verb,
/// which finish_folder puts before them.
struct ModelResults {
  std::string description;
  Dataset arrays;
  std::vector<Figure> figures;
  std::vector<Table> tables;
  std::vector<Finding> findings;
  std::string status = "done";  ///< done or interrupted
  Json manifest;                ///< more of it: {"seconds": 3.2}
};

/// The folder, with the options as a TOML table and a manifest that says it is running: made before
/// the work, so that a place that cannot be written is refused at once. Empty where none is wanted.
[[nodiscard]] std::optional<store::RunDirectory> begin_folder(const FolderArguments& given,
                                                              const LoadedModel& model,
                                                              const Json& options);

/// Results, manifest and report; then says where they are. Does nothing without a folder.
void finish_folder(const std::optional<store::RunDirectory>& directory,
                   const FolderArguments& given,
                   const LoadedModel& model,
                   ModelResults results);

}  // namespace thermoscape::app
