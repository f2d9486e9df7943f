// Any text as a recipe: either refused with an Error of one line, or accepted and equal to what its
// resolved text says.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "thermoscape/core/error.hpp"
#include "thermoscape/experiments/places.hpp"
#include "thermoscape/experiments/plan.hpp"

namespace {

void fail(std::string_view what, const std::string& text) {
  std::cerr << what << ":\n" << text << '\n';
  std::abort();
}

/// Reads every branch of every phase; refusing is as good as accepting, in one line.
void plan(const thermoscape::Recipe& recipe) {
  try {
    thermoscape::GroundFacts ground{{}, 100};
    for (const std::string& place : thermoscape::places_of(recipe)) ground.examples_at[place] = 60;
    (void)thermoscape::make_plan(recipe, {ground});
  } catch (const thermoscape::Error& error) {
    if (std::string_view(error.what()).find('\n') != std::string_view::npos) {
      fail("the message has more than one line", error.what());
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string resolved;
  try {
    resolved =
        thermoscape::resolved_text(thermoscape::parse_recipe(text, "fuzz.toml", "smoke", {}));
  } catch (const thermoscape::Error& error) {
    if (std::string_view(error.what()).find('\n') != std::string_view::npos) {
      fail("the message has more than one line", error.what());
    }
    return 0;
  }
  try {
    const thermoscape::Recipe again = thermoscape::parse_recipe(resolved, "fuzz.toml", "smoke", {});
    if (thermoscape::resolved_text(again) != resolved) {
      fail("the resolved recipe changes", resolved);
    }
    plan(again);
  } catch (const thermoscape::Error& error) {
    fail(error.what(), resolved);
  }
  return 0;
}
