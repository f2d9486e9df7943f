#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <new>
#include <vector>

#include "thermoscape/core/error.hpp"
#include "thermoscape/objective/mlp/kernels.hpp"
#include "thermoscape/objective/mlp/settings.hpp"

namespace thermoscape::mlp {

/// Memory aligned to cache lines, so that no vector straddles two.
template <class T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};

  LineAllocator() = default;
  template <class U>
  LineAllocator(const LineAllocator<U>&) {}  // NOLINT: implicit, as allocators convert
  T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kLine)); }
  void deallocate(T* p, std::size_t) { ::operator delete(p, kLine); }
  template <class U>
  bool operator==(const LineAllocator<U>&) const {
    return true;
  }
};
template <class T>
using Buffer = std::vector<T, LineAllocator<T>>;

/// One layer of θ: W [outputs, inputs] row-major at `weights`, then b [outputs] at `biases`.
struct Layer {
  std::int64_t inputs;
  std::int64_t outputs;
  std::int64_t weights;
  std::int64_t biases;
};

/// The settings in the form in which the computation reads them.
struct Network {
  std::vector<Layer> layers;
  std::int64_t parameters = 0;
  std::int64_t width = 0;  ///< sum of the outputs of all layers
  Activation activation = Activation::relu;
  bool has_biases = true;
  bool cross_entropy = true;
  double l2 = 0;
  bool uniform_weights = false;  ///< else normal
  bool fan_in_only = false;  ///< Kaiming: variance 2 / inputs; else Xavier: 2 / (inputs + outputs)

  Network(const MlpSettings& settings, std::int64_t inputs, std::int64_t classes);

  [[nodiscard]] const Layer& last() const { return layers.back(); }
};

/// How n examples are cut into blocks of whole vectors that differ by at most one; the order of all
/// sums follows from it.
struct Blocks {
  std::int64_t examples;
  std::int64_t lanes;
  std::int64_t vectors;
  std::int64_t most;   ///< vectors in a block at most
  std::int64_t count;  ///< blocks

  Blocks(std::int64_t n, std::int64_t lane_count, std::int64_t most_vectors)
      : examples(n),
        lanes(lane_count),
        vectors((n + lane_count - 1) / lane_count),
        most(most_vectors),
        count((vectors + most_vectors - 1) / most_vectors) {}
  [[nodiscard]] std::int64_t first_vector(std::int64_t block) const {
    return block * vectors / count;
  }
};

/// One block of examples, features along rows: x[f * vectors * lanes + e].
template <class Real>
struct Block {
  std::int64_t first = 0;  ///< position in the batch of its first example
  std::int64_t count = 0;  ///< examples; the lanes beyond repeat the last one
  std::int64_t vectors = 0;
  std::int64_t stride = 0;  ///< vectors * lanes
  const Real* x = nullptr;
  const std::int32_t* labels = nullptr;  ///< [stride]
  /// The same inputs one example after the other, [count][row_stride], zero beyond the width; null
  /// for narrow inputs.
  const Real* rows = nullptr;
  std::int64_t row_stride = 0;
};

}  // namespace thermoscape::mlp
