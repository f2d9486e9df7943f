#include "thermoscape/objective/torch/problem.hpp"

#include <limits>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::networks {

LossKind loss_kind(const std::string& name) {
  if (name == "mse") return LossKind::squared;
  if (name == "bce") return LossKind::binary;
  if (name == "model") return LossKind::from_model;
  return LossKind::cross_entropy;
}

namespace {

/// x -> (x - mean) / std, one pair or one a channel (the first axis of an example).
at::Tensor normalised(const at::Tensor& inputs, const std::vector<double>& numbers) {
  const auto pairs = static_cast<std::int64_t>(numbers.size() / 2);
  const std::int64_t channels = inputs.dim() > 1 ? inputs.size(1) : 1;
  if (numbers.size() % 2 != 0 || (pairs != 1 && pairs != channels)) {
    reject({"normalize",
            fmt::format("{} numbers", numbers.size()),
            fmt::format(
                "must be mean, std, or {} means and {} stds, one a channel", channels, channels),
            "--normalize 0.1307,0.3081"});
  }
  std::vector<std::int64_t> shape(static_cast<std::size_t>(inputs.dim()), 1);
  if (pairs > 1) shape[1] = pairs;
  const auto part = [&](std::int64_t from) {
    const at::Tensor all = at::tensor(numbers, at::kDouble);
    return all.narrow(0, from, pairs).reshape(shape).to(inputs.options());
  };
  for (std::int64_t i = pairs; i < 2 * pairs; ++i) {
    if (numbers[static_cast<std::size_t>(i)] > 0) continue;
    reject({"normalize",
            fmt::format("{}", numbers[static_cast<std::size_t>(i)]),
            "a standard deviation must be > 0",
            "means first, then standard deviations"});
  }
  return (inputs - part(0)) / part(pairs);
}

}  // namespace

void put_data(Problem& problem,
              const data::Labelled& data,
              const std::vector<std::int64_t>& shape,
              const std::vector<double>& normalize,
              const at::TensorOptions& like) {
  if (data.size() < 1) reject({problem.name + ".data", "0 examples", "must hold at least one", ""});
  std::vector<std::int64_t> sizes = shape.empty() ? data.shape : shape;
  const std::int64_t width =
      std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<>());
  if (width != data.width()) {
    reject({"shape",
            fmt::format("{}", fmt::join(sizes, ",")),
            fmt::format("has {} numbers, an input of the data has {} ({})",
                        width,
                        data.width(),
                        fmt::join(data.shape, ",")),
            ""});
  }
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    if (data.labels[i] >= 0 && data.labels[i] < data.classes) continue;
    reject({fmt::format("{}.labels[{}]", data.name, i),
            fmt::format("{}", data.labels[i]),
            fmt::format("must be in 0 ... {}", data.classes - 1),
            ""});
  }
  sizes.insert(sizes.begin(), data.size());
  auto* const numbers = const_cast<float*>(data.inputs.data());  // from_blob takes no const
  problem.inputs = at::from_blob(numbers, sizes, at::kFloat).clone().to(like);
  if (!normalize.empty()) problem.inputs = normalised(problem.inputs, normalize);
  auto* const labels = const_cast<std::int32_t*>(data.labels.data());
  problem.labels =
      at::from_blob(labels, {data.size()}, at::kInt).to(at::kLong).clone().to(like.device());
}

at::Tensor example_losses(LossKind loss, const at::Tensor& z, const at::Tensor& labels) {
  const at::Tensor column = labels.unsqueeze(1);
  if (loss == LossKind::squared) {
    const at::Tensor target = at::zeros_like(z).scatter_(1, column, 1.0);
    return (z - target).square().sum(1) * 0.5;
  }
  constexpr double kLinearFrom = 40;  // ln(1 + e^x) = x to the last bit from here on
  const at::Tensor own = at::zeros_like(z, at::kBool).scatter_(1, column, true);
  const at::Tensor others =
      (z - z.gather(1, column)).masked_fill(own, -std::numeric_limits<double>::infinity());
  return at::softplus(others.logsumexp(1), 1, kLinearFrom);
}

}  // namespace thermoscape::networks
