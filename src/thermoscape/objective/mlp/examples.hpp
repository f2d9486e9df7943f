#pragma once
#include <cstdint>
#include <mutex>
#include <span>
#include <vector>

#include "thermoscape/objective/batch.hpp"
#include "thermoscape/objective/mlp/network.hpp"

namespace thermoscape::mlp {

/// The data set, shared by the clones of a network: one example after the other for minibatches,
/// and, made when first asked for, the blocks of the full batch in the layout of the kernels.
template <class Real>
class Examples {
 public:
  /// inputs [D, width] row-major, labels [D] in 0 ... classes-1. Throws Error where that does not
  /// hold.
  template <class Input>
  Examples(std::span<const Input> inputs,
           std::span<const std::int32_t> labels,
           std::int32_t classes);

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(labels_.size()); }
  [[nodiscard]] std::int64_t width() const { return width_; }
  [[nodiscard]] std::int32_t classes() const { return classes_; }
  /// Readable up to a multiple of 64 bytes; zero beyond width().
  [[nodiscard]] const Real* row(std::int32_t example) const {
    return rows_.data() + example * row_stride_;
  }
  [[nodiscard]] std::int64_t row_stride() const { return row_stride_; }
  /// Inputs so wide that the first layer's gradient is best summed along them: lanes are then
  /// inputs, not examples, and no sum over lanes is left to do. Blocks have `rows`.
  [[nodiscard]] bool wide() const { return width_ >= 64; }
  [[nodiscard]] std::int32_t label(std::int32_t example) const {
    return labels_[static_cast<std::size_t>(example)];
  }

  /// Block `index` of all examples. Every caller passes the same cut, since clones share network
  /// and kernels.
  [[nodiscard]] Block<Real> block(const Blocks& cut,
                                  std::int64_t index,
                                  const Kernels<Real>& kernels) const;

 private:
  void arrange(const Blocks& cut, const Kernels<Real>& kernels) const;

  std::int64_t width_ = 0;
  std::int64_t row_stride_ = 0;
  std::int32_t classes_ = 0;
  Buffer<Real> rows_;
  std::vector<std::int32_t> labels_;
  mutable std::once_flag arranged_;
  mutable Buffer<Real> blocks_;
  mutable std::vector<std::int32_t> block_labels_;
};

/// Gathers minibatches into blocks; owns their memory, so one serves one thread.
template <class Real>
class Gather {
 public:
  /// Block `index` of the batch, valid until the next call. Throws Error for an example that does
  /// not exist.
  [[nodiscard]] Block<Real> block(const Examples<Real>& examples,
                                  const Batch& batch,
                                  const Blocks& cut,
                                  std::int64_t index,
                                  const Kernels<Real>& kernels);

 private:
  /// The example, augmented if the batch says so, as row `slot` of the scratch memory.
  const Real* copied(const Examples<Real>& examples,
                     const Batch& batch,
                     std::int32_t example,
                     std::int64_t slot);

  std::vector<const Real*> rows_;
  std::vector<std::int32_t> labels_;
  Buffer<Real> x_;
  Buffer<Real> copies_;
  std::vector<float> image_;
  std::vector<float> changed_;
};

}  // namespace thermoscape::mlp
