#pragma once
#include <string_view>

namespace thermoscape {

/// The instruction sets for which kernels are compiled, each a superset of the one before:
/// portable (the compiler's baseline), avx2 (with FMA), avx512 (F, DQ, BW, VL, with FMA).
enum class InstructionSet { portable, avx2, avx512 };

/// The widest set that this machine offers, lowered by the environment variable
/// THERMOSCAPE_ISA=portable|avx2|avx512 (it never raises; any other value throws Error). Decided at
/// the first call; thread-safe.
[[nodiscard]] InstructionSet instruction_set();

/// What the machine offers, whatever the environment says.
[[nodiscard]] InstructionSet widest_instruction_set();

/// "portable", "avx2", "avx512".
[[nodiscard]] std::string_view name(InstructionSet set);

}  // namespace thermoscape
