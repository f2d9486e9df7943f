#pragma once
#include <cstdint>

#include "thermoscape/core/noise.hpp"
#include "thermoscape/data/labelled.hpp"

namespace thermoscape::data {

/// Generated sets. Example i is a pure function of (settings other than count, noise, i): a larger
/// set begins with the smaller one, and a training and a test set cut from one draw share their
/// centres or teacher. All throw Error if a setting is out of range; an unlucky draw may leave a
/// class empty, see check().

/// x_ij ~ N(0, 1); labels uniform and independent of the inputs: nothing to generalise from.
/// Streams "data.gaussian.inputs", "data.gaussian.labels", step = example.
struct Gaussian {
  std::int64_t count = 300;
  std::int64_t dimension = 10;
  std::int64_t classes = 3;
};
[[nodiscard]] Labelled generate(const Gaussian& settings, const Noise& noise);

/// x = c_y + σ ξ;  ξ, c_y ~ N(0, I_d);  y = i mod classes.  Streams "data.mixture.centres" (step =
/// class), ".inputs".
struct Mixture {
  std::int64_t count = 300;
  std::int64_t dimension = 10;
  std::int64_t classes = 3;
  double spread = 0.5;  ///< σ >= 0
};
[[nodiscard]] Labelled generate(const Mixture& settings, const Noise& noise);

/// x ~ N(0, I_d);  y = argmax_k (z_k + σ ξ_k) with the logits of a random teacher, of variance 1
/// for wide layers:
///   z = W x, W_kj ~ N(0, 1/d), or with hidden units z = W₂ tanh(W₁ x) / √(E tanh² ξ), entries N(0,
///   1/fan-in).
/// Streams "data.teacher.first", ".second" (step = unit), ".inputs", ".noise" (step = example).
struct Teacher {
  std::int64_t count = 300;
  std::int64_t dimension = 10;
  std::int64_t classes = 3;
  std::int64_t hidden = 0;  ///< 0: linear
  double noise = 0;         ///< σ >= 0, in units of the deviation of a logit
};
[[nodiscard]] Labelled generate(const Teacher& settings, const Noise& noise);

/// Arms of a spiral in the plane: x = 2 r (cos φ, sin φ) + σ ξ,  r = √u,  u ~ U(0, 1),  φ = 2π
/// (turns r + y / classes), y = i mod classes. The factor makes the variance of an input about 1.
/// Streams "data.spirals.radius", ".inputs".
struct Spirals {
  std::int64_t count = 300;
  std::int64_t classes = 2;
  double turns = 1.5;    ///< > 0
  double spread = 0.05;  ///< σ >= 0
};
[[nodiscard]] Labelled generate(const Spirals& settings, const Noise& noise);

}  // namespace thermoscape::data
