#pragma once
#include <filesystem>
#include <vector>

#include "thermoscape/core/json_forward.hpp"
#include "thermoscape/theory/verify.hpp"

namespace thermoscape {

struct Verified {
  std::vector<theory::EntryOutcome> entries;
  int passed = 0;
  int failed = 0;
};

/// All kinds that the library answers: closed forms (theory), estimators (analysis), ensembles
/// (models) and networks (objective).
[[nodiscard]] const theory::KindTable& reference_kinds();

/// Evaluates a list of entries {id, kind, inputs, expected, tol: {rel, abs}} with the library's own
/// functions. An unknown kind, or inputs that a function refuses, fail with a reason. Throws Error
/// if `entries` is not a list.
[[nodiscard]] Verified verify_entries(const Json& entries);
/// The same from a file; throws Error if it is missing or not JSON.
[[nodiscard]] Verified verify_file(const std::filesystem::path& file);
[[nodiscard]] Json to_json(const Verified& verified);

}  // namespace thermoscape
