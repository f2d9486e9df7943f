#include "thermoscape/objective/mlp/examples.hpp"

#include <cmath>
#include <string>

namespace thermoscape::mlp {

template <class Real>
template <class Input>
Examples<Real>::Examples(std::span<const Input> inputs,
                         std::span<const std::int32_t> labels,
                         std::int32_t classes)
    : classes_(classes), labels_(labels.begin(), labels.end()) {
  const std::int64_t n = size();
  if (n == 0) reject({"mlp.labels", "0 examples", "must hold at least one example", ""});
  if (inputs.empty() || inputs.size() % labels.size() != 0) {
    reject({"mlp.inputs",
            std::to_string(inputs.size()) + " numbers",
            "must be a positive multiple of the number of labels, " + std::to_string(n),
            ""});
  }
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int32_t y = label(static_cast<std::int32_t>(i));
    if (y < 0 || y >= classes) {
      reject({"mlp.labels[" + std::to_string(i) + "]",
              std::to_string(y),
              "must be in 0 ... " + std::to_string(classes - 1),
              ""});
    }
  }
  width_ = static_cast<std::int64_t>(inputs.size() / labels.size());
  const std::int64_t line = 64 / static_cast<std::int64_t>(sizeof(Real));
  row_stride_ = (width_ + line - 1) / line * line;
  rows_.resize(static_cast<std::size_t>(n * row_stride_));
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t f = 0; f < width_; ++f) {
      const Input x = inputs[static_cast<std::size_t>(i * width_ + f)];
      if (!std::isfinite(x)) {
        reject({"mlp.inputs, example " + std::to_string(i),
                std::to_string(x),
                "must be a finite number",
                ""});
      }
      rows_[static_cast<std::size_t>(i * row_stride_ + f)] = static_cast<Real>(x);
    }
  }
}

template <class Real>
Block<Real> Examples<Real>::block(const Blocks& cut,
                                  std::int64_t index,
                                  const Kernels<Real>& kernels) const {
  std::call_once(arranged_, [&] { arrange(cut, kernels); });
  Block<Real> b;
  const std::int64_t vector = cut.first_vector(index);
  b.first = vector * cut.lanes;
  b.vectors = cut.first_vector(index + 1) - vector;
  b.stride = b.vectors * cut.lanes;
  b.count = std::min(b.stride, cut.examples - b.first);
  b.x = blocks_.data() + b.first * width_;
  b.labels = block_labels_.data() + b.first;
  if (wide()) {
    b.rows = rows_.data() + b.first * row_stride_;
    b.row_stride = row_stride_;
  }
  return b;
}

template <class Real>
void Examples<Real>::arrange(const Blocks& cut, const Kernels<Real>& kernels) const {
  const std::int64_t padded = cut.vectors * cut.lanes;
  blocks_.resize(static_cast<std::size_t>(padded * width_));
  block_labels_.resize(static_cast<std::size_t>(padded));
  std::vector<const Real*> rows(static_cast<std::size_t>(padded));
  for (std::int64_t i = 0; i < padded; ++i) {
    const auto example = static_cast<std::int32_t>(std::min(i, size() - 1));
    rows[static_cast<std::size_t>(i)] = row(example);
    block_labels_[static_cast<std::size_t>(i)] = label(example);
  }
  for (std::int64_t b = 0; b < cut.count; ++b) {
    const std::int64_t vector = cut.first_vector(b);
    const std::int64_t vectors = cut.first_vector(b + 1) - vector;
    kernels.transpose(rows.data() + vector * cut.lanes,
                      width_,
                      vectors,
                      blocks_.data() + vector * cut.lanes * width_,
                      vectors * cut.lanes);
  }
}

template <class Real>
Block<Real> Gather<Real>::block(const Examples<Real>& examples,
                                const Batch& batch,
                                const Blocks& cut,
                                std::int64_t index,
                                const Kernels<Real>& kernels) {
  Block<Real> b;
  const std::int64_t vector = cut.first_vector(index);
  b.first = vector * cut.lanes;
  b.vectors = cut.first_vector(index + 1) - vector;
  b.stride = b.vectors * cut.lanes;
  b.count = std::min(b.stride, cut.examples - b.first);
  const auto stride = static_cast<std::size_t>(b.stride);
  rows_.resize(std::max(rows_.size(), stride));
  labels_.resize(std::max(labels_.size(), stride));
  const bool copies = examples.wide() || batch.augmentation != nullptr;
  if (copies) {
    copies_.resize(
        std::max(copies_.size(), static_cast<std::size_t>(b.stride * examples.row_stride())));
  }
  for (std::int64_t e = 0; e < b.stride; ++e) {
    const auto slot = static_cast<std::size_t>(e);
    if (e >= b.count) {
      rows_[slot] = rows_[slot - 1];
      labels_[slot] = labels_[slot - 1];
      continue;
    }
    const std::int64_t at = b.first + e;
    const std::int32_t example =
        batch.all() ? static_cast<std::int32_t>(at) : batch.examples[static_cast<std::size_t>(at)];
    if (example < 0 || example >= examples.size()) {
      reject({"batch.examples[" + std::to_string(at) + "]",
              std::to_string(example),
              "must be in 0 ... " + std::to_string(examples.size() - 1),
              ""});
    }
    labels_[slot] = examples.label(example);
    rows_[slot] = copies ? copied(examples, batch, example, e) : examples.row(example);
  }
  x_.resize(std::max(x_.size(), static_cast<std::size_t>(b.stride * examples.width())));
  kernels.transpose(rows_.data(), examples.width(), b.vectors, x_.data(), b.stride);
  b.x = x_.data();
  b.labels = labels_.data();
  if (examples.wide()) {
    b.rows = copies_.data();
    b.row_stride = examples.row_stride();
  }
  return b;
}

template <class Real>
const Real* Gather<Real>::copied(const Examples<Real>& examples,
                                 const Batch& batch,
                                 std::int32_t example,
                                 std::int64_t slot) {
  const auto width = static_cast<std::size_t>(examples.width());
  const Real* const row = examples.row(example);
  Real* const to = copies_.data() + slot * examples.row_stride();
  if (batch.augmentation == nullptr) {
    std::copy_n(row, examples.row_stride(), to);
    return to;
  }
  image_.resize(width);
  changed_.resize(width);
  for (std::size_t f = 0; f < width; ++f) image_[f] = static_cast<float>(row[f]);
  batch.augmentation->apply(batch.epoch, example, image_, changed_);
  for (std::size_t f = 0; f < width; ++f) to[f] = static_cast<Real>(changed_[f]);
  std::fill(to + width, to + examples.row_stride(), Real(0));
  return to;
}

template class Examples<float>;
template class Examples<double>;
template class Gather<float>;
template class Gather<double>;
template Examples<float>::Examples(std::span<const float>,
                                   std::span<const std::int32_t>,
                                   std::int32_t);
template Examples<float>::Examples(std::span<const double>,
                                   std::span<const std::int32_t>,
                                   std::int32_t);
template Examples<double>::Examples(std::span<const float>,
                                    std::span<const std::int32_t>,
                                    std::int32_t);
template Examples<double>::Examples(std::span<const double>,
                                    std::span<const std::int32_t>,
                                    std::int32_t);

}  // namespace thermoscape::mlp
