#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"

namespace thermoscape {

inline constexpr std::array<std::string_view, 2> kDefinitions{"corrected", "paper"};

/// The option that `conventions` of a recipe writes into every measure of this study.
///   corrected  indices count steps; speeds are blocked means over the whole window, predicted from
///              the measured tr Σ; frequencies are those of the fitted recursion against the steps'
///              own; centres of parabolas hold the weight decay
///   paper      as the code of the paper has them: the first saved point, of step 1, has index 0;
///              the speed is the mean over the second epoch alone of the buffer after the step,
///              predicted by one constant fitted to the first point of a sweep; frequencies are
///              means of the position's spectrum by amplitude against √(ω²-γ²); the centre of
///              a parabola is -q·∇L/ρ
/// Reference: limiting-dynamics and its code.
template <class Options>
[[nodiscard]] constexpr auto definitions_field(std::string Options::*member) {
  return field("definitions",
               member,
               "",
               "corrected or paper: definitions.hpp says what differs; `conventions` sets it",
               Range{.choices = kDefinitions});
}

[[nodiscard]] inline bool of_paper(const std::string& definitions) {
  return definitions == "paper";
}

/// First and last index into the displacement squares of each look (0 is the start) that a rule of
/// the paper fits c over: its figure 1 leaves the first epoch out and takes the last two thirds of
/// the points, its sweeps the second epoch.
struct FitRange {
  std::int64_t first = 1;
  std::int64_t last = 1;
};
[[nodiscard]] constexpr FitRange last_two_thirds(std::int64_t looks, std::int64_t epoch) {
  return {epoch + (looks - 1 - epoch) / 3, looks - 1};
}
[[nodiscard]] constexpr FitRange second_epoch(std::int64_t epoch) {
  return {epoch + 2, 2 * epoch - 1};
}

/// c over the range; with the index of the paper, which is one less than the step.
[[nodiscard]] Estimate exponent_over(std::span<const double> displacement,
                                     FitRange range,
                                     const std::string& definitions);

}  // namespace thermoscape
