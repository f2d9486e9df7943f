#pragma once
#include <string>

#include "thermoscape/core/json_forward.hpp"

namespace thermoscape::store {

/// What the program was built from and runs on, for manifest.json:
///   version, commit ("-dirty" behind it if tracked files differed; "unknown" outside a
///   repository), build_type, compiler, flags, cpu, instruction_set (of the kernels in use), cores,
///   threads {given, used}, libraries {name: version}
/// `given` is what the user asked for, 0 if nothing. Neither the host's name nor a clock is read.
[[nodiscard]] Json provenance(int threads_given, int threads_used);

/// The parts that other code names too.
[[nodiscard]] std::string version();
[[nodiscard]] std::string commit();
/// The model name of the processor, "unknown" where the system does not tell.
[[nodiscard]] std::string cpu_model();
}  // namespace thermoscape::store
