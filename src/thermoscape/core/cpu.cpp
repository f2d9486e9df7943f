#include "thermoscape/core/cpu.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {
constexpr std::array<std::string_view, 3> kNames = {"portable", "avx2", "avx512"};

InstructionSet chosen() {
  const InstructionSet widest = widest_instruction_set();
  const char* asked = std::getenv("THERMOSCAPE_ISA");
  if (asked == nullptr || *asked == '\0') return widest;
  const auto found = std::find(kNames.begin(), kNames.end(), asked);
  if (found == kNames.end()) {
    reject({"THERMOSCAPE_ISA",
            asked,
            "must be one of portable, avx2, avx512",
            did_you_mean(asked, kNames)});
  }
  return std::min(widest, static_cast<InstructionSet>(found - kNames.begin()));
}
}  // namespace

InstructionSet widest_instruction_set() {
#if defined(__x86_64__)
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") &&
                      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
                      __builtin_cpu_supports("avx512vl");
  if (avx512) return InstructionSet::avx512;
  if (avx2) return InstructionSet::avx2;
#endif
  return InstructionSet::portable;
}

InstructionSet instruction_set() {
  static const InstructionSet set = chosen();
  return set;
}

std::string_view name(InstructionSet set) {
  return kNames[static_cast<std::size_t>(set)];
}

}  // namespace thermoscape
