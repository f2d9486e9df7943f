#include "thermoscape/record/sampler.hpp"

#include <algorithm>

namespace thermoscape {

Sampler::Sampler(const SamplerSettings& settings, std::int64_t examples, const Noise& noise)
    : settings_(settings), examples_(static_cast<std::int32_t>(examples)), noise_(noise) {
  validate(settings, "batch");
  if (settings.size > examples) {
    reject({"batch.size",
            std::to_string(settings.size),
            "must be at most the number of examples, " + std::to_string(examples),
            "0 takes all examples"});
  }
  if (settings.size > 0) {
    steps_per_epoch_ = settings.drop_last ? examples / settings.size
                                          : (examples + settings.size - 1) / settings.size;
  }
}

Sampler::Sampler(const SamplerSettings& settings,
                 std::int64_t examples,
                 const Noise& noise,
                 data::CropFlip augmentation)
    : Sampler(settings, examples, noise) {
  augmentation_ = augmentation;
}

Batch Sampler::at(std::int64_t step) {
  Batch batch;
  batch.epoch = step / steps_per_epoch_;
  batch.augmentation = augmentation_ ? &*augmentation_ : nullptr;
  if (full()) return batch;
  const auto size = static_cast<std::size_t>(settings_.size);
  if (settings_.replacement) {
    std::vector<std::uint32_t> words(2 * size);
    noise_.words("sampler.draw", static_cast<std::uint64_t>(step), words);
    order_.resize(size);
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint64_t wide =
          (static_cast<std::uint64_t>(words[2 * i]) << 32) | words[2 * i + 1];
      order_[i] = static_cast<std::int32_t>(wide % static_cast<std::uint64_t>(examples_));
    }
    batch.examples = order_;
    return batch;
  }
  if (batch.epoch != cached_epoch_) {
    order_ =
        noise_.permutation("sampler.order", static_cast<std::uint64_t>(batch.epoch), examples_);
    cached_epoch_ = batch.epoch;
  }
  const auto first = static_cast<std::size_t>(step % steps_per_epoch_) * size;
  batch.examples =
      std::span<const std::int32_t>(order_).subspan(first, std::min(size, order_.size() - first));
  return batch;
}

}  // namespace thermoscape
