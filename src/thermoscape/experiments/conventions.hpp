#pragma once
#include <string>

#include <toml++/toml.h>

namespace thermoscape {

/// Writes the recipe's `conventions` out into its measures and expectations, so that what runs is
/// what the resolved recipe shows.  It concerns every [[measure]] whose window is given both in
/// s = T t and in physical time:
///   corrected  looks at the window in s, where the statistics stand still; the default
///   paper      looks at the window in time, the same at all temperatures, and judges the chains by
///              the paper's rule alone: 100 correlation times
///   both       takes the measure under either, the second as NAME_at_fixed_time; its figures and
///              tables stand beside those of the first, and every [[expect]] is judged of both
/// It concerns also the measures eigenplanes, displacement and speed-sweep, whose option
/// `definitions` becomes corrected or paper (limiting_dynamics/definitions.hpp); the second of
/// `both` is NAME_of_paper.
/// Applying it again changes nothing.  Throws Error for another word or a name that is taken.
/// Reference: thermal-probe, section II; the two protocols are compared in docs/thermal-probe.md.
void apply_conventions(toml::table& recipe,
                       const std::string& conventions,
                       const std::string& name);

}  // namespace thermoscape
