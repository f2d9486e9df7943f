#include "thermoscape/objective/linear_regression.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include <Eigen/Core>

#include "thermoscape/objective/linear_kernels.hpp"
#include "thermoscape/objective/shapes.hpp"

namespace thermoscape {

namespace {

constexpr const char* kName = LinearRegressionSettings::kName;

template <class Real>
using RowMajor = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class Real>
using In = Eigen::Map<const RowMajor<Real>>;
template <class Real>
using Out = Eigen::Map<RowMajor<Real>>;

void require_finite(const std::vector<double>& values, const char* where) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    reject({fmt::format("{}.{}[{}]", kName, where, i),
            fmt::format("{}", values[i]),
            "must be a finite number",
            ""});
  }
}

void require_shape(const RegressionData& data) {
  if (data.examples < 1 || data.inputs < 1 || data.targets < 1) {
    reject({fmt::format("{}.data", kName),
            fmt::format(
                "{} examples, {} inputs, {} targets", data.examples, data.inputs, data.targets),
            "must hold at least one of each",
            ""});
  }
  require_size(data.x.size(), data.examples * data.inputs, kName, "data.x");
  require_size(data.y.size(), data.examples * data.targets, kName, "data.y");
  require_finite(data.x, "data.x");
  require_finite(data.y, "data.y");
}

RegressionData one_hot(const data::Labelled& labelled) {
  RegressionData data;
  data.examples = labelled.size();
  data.targets = labelled.classes;
  data.x.assign(labelled.inputs.begin(), labelled.inputs.end());
  data.inputs =
      labelled.size() > 0 ? static_cast<std::int64_t>(data.x.size()) / labelled.size() : 0;
  if (labelled.shape.size() == 3) data.image = labelled.shape;
  data.y.assign(static_cast<std::size_t>(data.examples * data.targets), 0.0);
  for (std::int64_t i = 0; i < data.examples; ++i) {
    const std::int32_t label = labelled.labels[i];
    if (label < 0 || label >= labelled.classes) {
      reject({fmt::format("{}.labels[{}]", labelled.name, i),
              fmt::format("{}", label),
              fmt::format("must be in 0 ... {}", labelled.classes - 1),
              ""});
    }
    data.y[static_cast<std::size_t>(i * data.targets + label)] = 1;
  }
  return data;
}

/// Calls copy(count, where in the rows, where in an array packed as linear_kernels.hpp says) for
/// every pack; the count is a constant for whole packs, without which copying would take a tenth of
/// a step.
template <class Copy>
void for_each_pack(std::int64_t targets, std::int64_t inputs, Copy copy) {
  for (std::int64_t pack = 0; pack < linear::pack_count(inputs); ++pack) {
    const std::int64_t i = pack * linear::kPack;
    for (std::int64_t k = 0; k < targets; ++k) {
      const std::int64_t place = (pack * targets + k) * linear::kPack;
      if (i + linear::kPack <= inputs) {
        copy(std::integral_constant<std::int64_t, linear::kPack>{}, k * inputs + i, place);
      } else {
        copy(inputs - i, k * inputs + i, place);
      }
    }
  }
}

template <class Real>
const linear::LinearKernels<Real>& kernels_here() {
  static const linear::LinearKernelSet& chosen = linear::linear_kernels(instruction_set());
  if constexpr (std::is_same_v<Real, float>) {
    return chosen.single;
  } else {
    return chosen.twice;
  }
}

}  // namespace

template <class Real>
LinearRegression<Real>::LinearRegression(LinearRegressionSettings settings,
                                         const RegressionData& data)
    : settings_(settings) {
  validate(settings_, kName);
  require_shape(data);
  data_ = std::make_shared<Data>(Data{data.examples,
                                      data.inputs,
                                      data.targets,
                                      data.image,
                                      HugeVector<Real>(data.x.begin(), data.x.end()),
                                      std::vector<Real>(data.y.begin(), data.y.end())});
}

template <class Real>
LinearRegression<Real>::LinearRegression(LinearRegressionSettings settings,
                                         const data::Labelled& data)
    : LinearRegression(settings, one_hot(data)) {}

template <class Real>
std::unique_ptr<Objective<Real>> LinearRegression<Real>::clone() const {
  return std::make_unique<LinearRegression>(*this);
}

template <class Real>
std::vector<Real> LinearRegression<Real>::initial(const Noise&) const {
  return std::vector<Real>(static_cast<std::size_t>(parameters()));
}

template <class Real>
void LinearRegression<Real>::augment(const Batch& batch,
                                     std::int64_t example,
                                     const Real* image,
                                     Real* out) {
  const data::CropFlip& crop = *batch.augmentation;
  if (data_->image != std::vector{crop.channels, crop.height, crop.width}) {
    reject({fmt::format("{}.augmentation", kName),
            fmt::format("{} x {} x {}", crop.channels, crop.height, crop.width),
            "must have the shape [channels, height, width] of the inputs",
            "only images can be cropped and flipped"});
  }
  const std::vector<float> before(image, image + data_->inputs);
  std::vector<float> after(before.size());
  crop.apply(batch.epoch, static_cast<std::int32_t>(example), before, after);
  std::copy(after.begin(), after.end(), out);
}

template <class Real>
typename LinearRegression<Real>::Rows LinearRegression<Real>::rows(const Batch& batch) {
  const std::int64_t n = batch_size(batch, examples());
  if (batch.all() && batch.augmentation == nullptr) return {n, data_->x.data(), data_->y.data()};
  const std::int64_t d = data_->inputs;
  const std::int64_t targets = data_->targets;
  gathered_x_.resize(static_cast<std::size_t>(n * d));
  gathered_y_.resize(static_cast<std::size_t>(n * targets));
  for_each_example(batch, examples(), [&](std::int64_t position, std::int64_t i) {
    const Real* x = data_->x.data() + i * d;
    Real* out = gathered_x_.data() + position * d;
    if (batch.augmentation == nullptr) {
      std::copy(x, x + d, out);
    } else {
      augment(batch, i, x, out);
    }
    const Real* y = data_->y.data() + i * targets;
    std::copy(y, y + targets, gathered_y_.data() + position * targets);
  });
  return {n, gathered_x_.data(), gathered_y_.data()};
}

template <class Real>
void LinearRegression<Real>::collect(const Batch& batch) {
  x_rows_.clear();
  y_rows_.clear();
  if (batch.augmentation != nullptr) {
    const Rows copied = rows(batch);
    for (std::int64_t i = 0; i < copied.count; ++i) {
      x_rows_.push_back(copied.x + i * data_->inputs);
      y_rows_.push_back(copied.y + i * data_->targets);
    }
    return;
  }
  for_each_example(batch, examples(), [&](std::int64_t, std::int64_t i) {
    x_rows_.push_back(data_->x.data() + i * data_->inputs);
    y_rows_.push_back(data_->y.data() + i * data_->targets);
  });
}

template <class Real>
void LinearRegression<Real>::map(const Rows& rows, const Real* theta, Real* z) const {
  const std::int64_t d = data_->inputs;
  const std::int64_t targets = data_->targets;
  Out<Real> out(z, rows.count, targets);
  out.noalias() = In<Real>(rows.x, rows.count, d) * In<Real>(theta, targets, d).transpose();
  if (settings_.bias) out.rowwise() += In<Real>(theta + targets * d, 1, targets).row(0);
}

template <class Real>
void LinearRegression<Real>::pull_back(const Rows& rows, const Real* w, Real* out) const {
  const std::int64_t d = data_->inputs;
  const std::int64_t targets = data_->targets;
  const In<Real> covectors(w, rows.count, targets);
  Out<Real>(out, targets, d).noalias() = covectors.transpose() * In<Real>(rows.x, rows.count, d);
  if (!settings_.bias) return;
  Real* intercepts = out + targets * d;
  for (std::int64_t k = 0; k < targets; ++k) {
    double sum = 0;
    for (std::int64_t i = 0; i < rows.count; ++i) sum += static_cast<double>(covectors(i, k));
    intercepts[k] = static_cast<Real>(sum);
  }
}

template <class Real>
const std::vector<Real>& LinearRegression<Real>::residuals(const Rows& rows,
                                                           std::span<const Real> theta) {
  outputs_.resize(static_cast<std::size_t>(rows.count * outputs()));
  map(rows, theta.data(), outputs_.data());
  for (std::size_t i = 0; i < outputs_.size(); ++i) outputs_[i] -= rows.y[i];
  return outputs_;
}

template <class Real>
double LinearRegression<Real>::penalty(std::span<const Real> theta) const {
  if (settings_.l2 == 0) return 0;
  double sum = 0;
  for (const Real x : theta) sum += static_cast<double>(x) * static_cast<double>(x);
  return 0.5 * settings_.l2 * sum;
}

template <class Real>
double LinearRegression<Real>::loss(std::span<const Real> theta, const Batch& batch) {
  require_size(theta.size(), parameters(), kName, "theta");
  const Rows batch_rows = rows(batch);
  double sum = 0;
  for (const Real r : residuals(batch_rows, theta)) {
    sum += static_cast<double>(r) * static_cast<double>(r);
  }
  return 0.5 * sum / static_cast<double>(batch_rows.count) + penalty(theta);
}

template <class Real>
double LinearRegression<Real>::loss_gradient(std::span<const Real> theta,
                                             const Batch& batch,
                                             std::span<Real> gradient) {
  require_size(gradient.size(), parameters(), kName, "gradient");
  require_size(theta.size(), parameters(), kName, "theta");
  const std::int64_t d = data_->inputs;
  const std::int64_t targets = data_->targets;
  collect(batch);
  const auto n = static_cast<std::int64_t>(x_rows_.size());
  const linear::LinearKernels<Real>& kernels = kernels_here<Real>();
  const auto size = static_cast<std::size_t>(linear::pack_count(d) * targets * linear::kPack);
  packed_weights_.resize(size);  // what fills the last pack up is never written: it stays zero
  packed_gradient_.assign(size, Real(0));
  for_each_pack(targets, d, [&](auto count, std::int64_t i, std::int64_t packed) {
    std::copy_n(theta.data() + i, std::int64_t{count}, packed_weights_.data() + packed);
  });
  outputs_.resize(static_cast<std::size_t>(linear::kBlock * targets));
  const Real* intercepts = settings_.bias ? theta.data() + targets * d : nullptr;
  std::vector<double> bias_sums(settings_.bias ? static_cast<std::size_t>(targets) : 0);
  double sum = 0;
  for (std::int64_t first = 0; first < n; first += linear::kBlock) {
    const std::int64_t count = std::min(linear::kBlock, n - first);
    const Real* const* x = x_rows_.data() + first;
    // The next block comes into the cache under the work on this one, half in each pass.
    const std::int64_t next = std::clamp<std::int64_t>(n - first - count, 0, linear::kBlock);
    const linear::Ahead<Real> early{x + count, next / 2};
    const linear::Ahead<Real> late{early.x + early.count, next - early.count};
    kernels.forward(x, count, d, targets, packed_weights_.data(), outputs_.data(), early);
    for (std::int64_t i = 0; i < count; ++i) {
      const Real* y = y_rows_[static_cast<std::size_t>(first + i)];
      Real* r = outputs_.data() + i * targets;
      for (std::int64_t k = 0; k < targets; ++k) {
        if (intercepts != nullptr) r[k] += intercepts[k];
        r[k] -= y[k];
        sum += static_cast<double>(r[k]) * static_cast<double>(r[k]);
        if (intercepts != nullptr) bias_sums[static_cast<std::size_t>(k)] += r[k];
      }
    }
    kernels.backward(x, count, d, targets, outputs_.data(), packed_gradient_.data(), late);
  }
  for (std::size_t k = 0; k < bias_sums.size(); ++k)
    gradient[static_cast<std::size_t>(targets * d) + k] = static_cast<Real>(bias_sums[k]);
  for_each_pack(targets, d, [&](auto count, std::int64_t i, std::int64_t packed) {
    std::copy_n(packed_gradient_.data() + packed, std::int64_t{count}, gradient.data() + i);
  });
  const Real share = Real(1) / static_cast<Real>(n);
  const Real l2 = static_cast<Real>(settings_.l2);
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    gradient[i] = share * gradient[i] + l2 * theta[i];
  }
  return 0.5 * sum / static_cast<double>(n) + penalty(theta);
}

template <class Real>
void LinearRegression<Real>::example_losses(std::span<const Real> theta,
                                            const Batch& batch,
                                            std::span<double> losses) {
  require_size(theta.size(), parameters(), kName, "theta");
  const Rows batch_rows = rows(batch);
  require_size(losses.size(), batch_rows.count, kName, "losses");
  const std::vector<Real>& residual = residuals(batch_rows, theta);
  for (std::int64_t i = 0; i < batch_rows.count; ++i) {
    double sum = 0;
    for (std::int64_t k = 0; k < outputs(); ++k) {
      const double r = residual[static_cast<std::size_t>(i * outputs() + k)];
      sum += r * r;
    }
    losses[i] = 0.5 * sum;
  }
}

template <class Real>
void LinearRegression<Real>::logits(std::span<const Real> theta,
                                    const Batch& batch,
                                    std::span<Real> outputs_out) {
  require_size(theta.size(), parameters(), kName, "theta");
  const Rows batch_rows = rows(batch);
  require_size(outputs_out.size(), batch_rows.count * outputs(), kName, "outputs");
  map(batch_rows, theta.data(), outputs_out.data());
}

template <class Real>
void LinearRegression<Real>::jacobian_products(std::span<const Real> theta,
                                               const Batch& batch,
                                               std::span<const Real> vectors,
                                               std::span<Real> products) {
  require_size(theta.size(), parameters(), kName, "theta");
  const std::int64_t count = rows_of(vectors.size(), parameters(), kName, "vectors");
  const Rows batch_rows = rows(batch);
  const std::int64_t width = batch_rows.count * outputs();
  require_size(products.size(), count * width, kName, "products");
  for (std::int64_t k = 0; k < count; ++k) {
    map(batch_rows, vectors.data() + k * parameters(), products.data() + k * width);
  }
}

template <class Real>
void LinearRegression<Real>::jacobian_pullback(std::span<const Real> theta,
                                               const Batch& batch,
                                               std::span<const Real> covectors,
                                               std::span<Real> products) {
  require_size(theta.size(), parameters(), kName, "theta");
  const Rows batch_rows = rows(batch);
  const std::int64_t width = batch_rows.count * outputs();
  const std::int64_t count = rows_of(covectors.size(), width, kName, "covectors");
  require_size(products.size(), count * parameters(), kName, "products");
  for (std::int64_t k = 0; k < count; ++k) {
    pull_back(batch_rows, covectors.data() + k * width, products.data() + k * parameters());
  }
}

template <class Real>
void LinearRegression<Real>::hessian_products(std::span<const Real> theta,
                                              const Batch& batch,
                                              std::span<const Real> vectors,
                                              std::span<Real> products) {
  require_size(theta.size(), parameters(), kName, "theta");
  const std::int64_t count = rows_of(vectors.size(), parameters(), kName, "vectors");
  require_size(products.size(), count * parameters(), kName, "products");
  const Rows batch_rows = rows(batch);
  outputs_.resize(static_cast<std::size_t>(batch_rows.count * outputs()));
  for (std::int64_t k = 0; k < count; ++k) {
    map(batch_rows, vectors.data() + k * parameters(), outputs_.data());
    pull_back(batch_rows, outputs_.data(), products.data() + k * parameters());
  }
  const Real share = Real(1) / static_cast<Real>(batch_rows.count);
  const Real l2 = static_cast<Real>(settings_.l2);
  for (std::size_t i = 0; i < products.size(); ++i) {
    products[i] = share * products[i] + l2 * vectors[i];
  }
}

template <class Real>
void LinearRegression<Real>::example_gradients(std::span<const Real> theta,
                                               const Batch& batch,
                                               const GradientBlock& receive) {
  require_size(theta.size(), parameters(), kName, "theta");
  const Rows batch_rows = rows(batch);
  const std::vector<Real>& residual = residuals(batch_rows, theta);
  constexpr std::int64_t kBlock = 32;
  const std::int64_t d = data_->inputs;
  const std::int64_t targets = data_->targets;
  std::vector<Real> block(static_cast<std::size_t>(kBlock * parameters()));
  for (std::int64_t first = 0; first < batch_rows.count; first += kBlock) {
    const std::int64_t count = std::min(kBlock, batch_rows.count - first);
    for (std::int64_t row = 0; row < count; ++row) {
      const Rows one{1, batch_rows.x + (first + row) * d, nullptr};
      pull_back(one, residual.data() + (first + row) * targets, block.data() + row * parameters());
    }
    receive(first,
            count,
            std::span<const Real>(block.data(), static_cast<std::size_t>(count * parameters())));
  }
}

template class LinearRegression<float>;
template class LinearRegression<double>;

}  // namespace thermoscape
