#pragma once
#include <cstdint>
#include <span>

#include "thermoscape/data/augmentation.hpp"

namespace thermoscape {

/// The examples an evaluation averages over.
struct Batch {
  std::span<const std::int32_t> examples = {};   ///< indices; empty means all
  const data::CropFlip* augmentation = nullptr;  ///< none if null
  std::int64_t epoch = 0;                        ///< addresses the augmentation

  [[nodiscard]] bool all() const { return examples.empty(); }
};

}  // namespace thermoscape
