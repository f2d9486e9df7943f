#pragma once
#include "thermoscape/core/noise.hpp"
#include "thermoscape/data/labelled.hpp"

namespace thermoscape::bench {

/// Noise in the shape of CIFAR-10.
inline data::Labelled random_images(std::int64_t examples) {
  data::Labelled set;
  set.name = "images";
  set.shape = {3, 32, 32};
  set.classes = 10;
  set.inputs.resize(static_cast<std::size_t>(examples * 3072));
  Noise(1).normal<float>("bench.images", 0, set.inputs);
  for (std::int64_t i = 0; i < examples; ++i)
    set.labels.push_back(static_cast<std::int32_t>(i % 10));
  return set;
}

}  // namespace thermoscape::bench
