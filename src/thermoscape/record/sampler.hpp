#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "thermoscape/core/field.hpp"
#include "thermoscape/core/noise.hpp"
#include "thermoscape/objective/batch.hpp"

namespace thermoscape {

/// How the examples of each step are drawn.
struct SamplerSettings {
  std::int64_t size = 0;
  bool replacement = false;
  bool drop_last = false;
  bool augment = false;
  std::int64_t padding = 4;
  bool flip = true;

  static constexpr auto fields() {
    return std::tuple{
        field("size",
              &SamplerSettings::size,
              "examples",
              "batch size B; 0 takes all examples",
              kNonNegative),
        field("replacement", &SamplerSettings::replacement, "", "draw with replacement"),
        field("drop_last",
              &SamplerSettings::drop_last,
              "",
              "leave out the ragged last batch of an epoch"),
        field("augment", &SamplerSettings::augment, "", "random crop and flip of images"),
        field("padding",
              &SamplerSettings::padding,
              "pixels",
              "zero padding before the crop",
              kNonNegative),
        field("flip", &SamplerSettings::flip, "", "flip left-right with probability one half")};
  }
};

/// The batch of a step: a pure function of (noise, step), so that a restart needs no position. One
/// instance serves one thread: it caches the ordering of the present epoch. Without replacement an
/// epoch is one random ordering of all examples cut into batches (stream "sampler.order"); with
/// replacement every batch is drawn afresh (stream "sampler.draw"). A full batch is the empty index
/// list.
class Sampler {
 public:
  /// Throws Error if the batch is larger than the data set.
  Sampler(const SamplerSettings& settings, std::int64_t examples, const Noise& noise);
  /// Same, with augmentation of images of the given shape.
  Sampler(const SamplerSettings& settings,
          std::int64_t examples,
          const Noise& noise,
          data::CropFlip augmentation);

  [[nodiscard]] Batch at(std::int64_t step);
  [[nodiscard]] std::int64_t steps_per_epoch() const { return steps_per_epoch_; }
  [[nodiscard]] bool full() const { return settings_.size == 0; }

 private:
  SamplerSettings settings_;
  std::int32_t examples_;
  std::int64_t steps_per_epoch_ = 1;
  Noise noise_;
  std::optional<data::CropFlip> augmentation_;
  std::int64_t cached_epoch_ = -1;
  std::vector<std::int32_t> order_;
};

}  // namespace thermoscape
