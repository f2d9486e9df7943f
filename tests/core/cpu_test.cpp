#include "thermoscape/core/cpu.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape {
namespace {

/// Exits with 0 if THERMOSCAPE_ISA = `value` gives `expected`; in a process of its own, since the
/// choice is made once.
[[noreturn]] void leave_with_choice(const char* value, InstructionSet expected) {
  setenv("THERMOSCAPE_ISA", value, 1);
  std::exit(instruction_set() == expected ? 0 : 1);
}

class InstructionSetDeathTest : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

TEST_F(InstructionSetDeathTest, TheEnvironmentLowersButNeverRaises) {
  EXPECT_EXIT(
      leave_with_choice("portable", InstructionSet::portable), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(leave_with_choice("avx2", std::min(InstructionSet::avx2, widest_instruction_set())),
              testing::ExitedWithCode(0),
              "");
  EXPECT_EXIT(
      leave_with_choice("avx512", widest_instruction_set()), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(leave_with_choice("", widest_instruction_set()), testing::ExitedWithCode(0), "");
}

TEST_F(InstructionSetDeathTest, AnUnknownNameIsRefusedInALine) {
  const auto ask = [] {
    setenv("THERMOSCAPE_ISA", "avx51", 1);
    try {
      (void)instruction_set();
    } catch (const Error& error) {
      fputs(error.what(), stderr);
      std::exit(2);
    }
    std::exit(0);
  };
  EXPECT_EXIT(ask(),
              testing::ExitedWithCode(2),
              "THERMOSCAPE_ISA = avx51: must be one of .*did you mean `avx512`");
}

TEST(InstructionSets, AreOrderedAndNamed) {
  EXPECT_LT(InstructionSet::portable, InstructionSet::avx2);
  EXPECT_LT(InstructionSet::avx2, InstructionSet::avx512);
  EXPECT_LE(instruction_set(), widest_instruction_set());
  EXPECT_EQ(name(InstructionSet::portable), "portable");
  EXPECT_EQ(name(InstructionSet::avx2), "avx2");
  EXPECT_EQ(name(InstructionSet::avx512), "avx512");
}

}  // namespace
}  // namespace thermoscape
