#include "thermoscape/objective/torch/torch_objective.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "thermoscape/objective/shapes.hpp"
#include "thermoscape/objective/torch/failure.hpp"
#include "thermoscape/objective/torch/live_bytes.hpp"
#include "thermoscape/objective/torch/objective_parts.hpp"

namespace thermoscape::networks {

template <class Real>
TorchObjective<Real>::TorchObjective(std::unique_ptr<Network> network, Problem problem)
    : network_(std::move(network)), problem_(std::make_shared<const Problem>(std::move(problem))) {
  for (const Named& one : network_->buffers()) buffers_.push_back(one.value.clone());
  for (const Named& one : network_->parameters()) all_.push_back(one.value);
  for (const std::size_t i : problem_->chosen) parameters_ += all_[i].numel();
  if (parameters_ == 0) reject({problem_->name, "", "the model has no parameters", ""});
  guarded(name(), [&] { measure_graph(); });
}

template <class Real>
std::unique_ptr<Objective<Real>> TorchObjective<Real>::clone() const {
  return std::unique_ptr<TorchObjective>(new TorchObjective(*this));
}

template <class Real>
TorchObjective<Real>::TorchObjective(const TorchObjective& other)
    : network_(other.network_->clone()),
      problem_(other.problem_),
      parameters_(other.parameters_),
      outputs_(other.outputs_),
      graph_bytes_(other.graph_bytes_) {
  for (const at::Tensor& one : other.buffers_) buffers_.push_back(one.clone());
  for (const Named& one : network_->parameters()) all_.push_back(one.value);
}

template <class Real>
OutputLoss TorchObjective<Real>::output_loss() const {
  switch (problem_->loss) {
    case LossKind::squared:
      return OutputLoss::squared;
    case LossKind::from_model:
      return OutputLoss::none;
    default:
      return OutputLoss::cross_entropy;
  }
}

template <class Real>
std::vector<Real> TorchObjective<Real>::initial(const Noise& noise) const {
  const at::NoGradGuard no_gradient;
  const Tensors drawn = network_->initial(noise);
  std::vector<Real> theta(static_cast<std::size_t>(parameters_));
  Real* out = theta.data();
  for (const std::size_t i : problem_->chosen) out = copy_out<Real>(drawn[i], out);
  return theta;
}

template <class Real>
void TorchObjective<Real>::place(std::span<const Real> theta) {
  require_size(theta.size(), parameters_, name(), "theta");
  use_threads(problem_->threads);
  const bool same = placed_.size() == theta.size() &&
                    std::memcmp(placed_.data(), theta.data(), theta.size_bytes()) == 0;
  if (same) return;
  kept_.clear();
  placed_.assign(theta.begin(), theta.end());
  leaves_ = parts_of(theta);
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    leaves_[i].set_requires_grad(true);
    all_[problem_->chosen[i]] = leaves_[i];
  }
}

template <class Real>
Tensors TorchObjective<Real>::parts_of(std::span<const Real> vector) const {
  const at::NoGradGuard no_gradient;
  const at::Tensor flat = copy_in(vector, problem_->inputs.device());
  Tensors parts;
  std::int64_t first = 0;
  for (const std::size_t i : problem_->chosen) {
    const at::Tensor& like = network_->parameters()[i].value;
    parts.push_back(flat.narrow(0, first, like.numel()).view(like.sizes()));
    first += like.numel();
  }
  return parts;
}

template <class Real>
std::int64_t TorchObjective<Real>::size_of(const Batch& batch) const {
  return batch_size(batch, examples());
}

template <class Real>
std::int64_t TorchObjective<Real>::piece_size(std::int64_t n) const {
  if (problem_->batch_statistics) return n;
  // 128 examples keep the kernels busy. More only where their graph stays in the cache: the heap
  // fetches larger tensors from the system anew for every piece, at up to two fifths of the time.
  constexpr std::int64_t kBusy = 128, kMost = 1024;
  constexpr std::int64_t kCacheBytes = std::int64_t{8} << 20, kGraphBytes = std::int64_t{128} << 20;
  const std::int64_t size = std::clamp(kCacheBytes / graph_bytes_, kBusy, kMost);
  return std::clamp<std::int64_t>(kGraphBytes / graph_bytes_, 1, size);
}

template <class Real>
typename TorchObjective<Real>::Piece TorchObjective<Real>::piece(const Batch& batch,
                                                                 std::int64_t first,
                                                                 std::int64_t count) const {
  if (batch.all() && batch.augmentation == nullptr) {
    return {first,
            count,
            problem_->inputs.narrow(0, first, count),
            problem_->labels.narrow(0, first, count)};
  }
  const at::Tensor index = at::empty({count}, at::kLong);
  auto* const out = index.template data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < count; ++i) {
    out[i] = batch.all() ? first + i : batch.examples[static_cast<std::size_t>(first + i)];
  }
  const at::Tensor there = index.to(problem_->inputs.device());
  return {first,
          count,
          batch.augmentation == nullptr ? problem_->inputs.index_select(0, there)
                                        : augmented(batch, index),
          problem_->labels.index_select(0, there)};
}

template <class Real>
at::Tensor TorchObjective<Real>::augmented(const Batch& batch, const at::Tensor& index) const {
  const data::CropFlip& crop = *batch.augmentation;
  const at::Tensor& all = problem_->inputs;
  const std::vector<std::int64_t> image{crop.channels, crop.height, crop.width};
  if (all.sizes().slice(1) != at::IntArrayRef(image)) {
    reject({problem_->name + ".augmentation",
            fmt::format("{} x {} x {}", crop.channels, crop.height, crop.width),
            "must have the shape [channels, height, width] of the inputs",
            "only images can be cropped and flipped"});
  }
  const at::Tensor before = all.cpu().index_select(0, index).to(at::kFloat).contiguous();
  const at::Tensor after = at::empty_like(before);
  const auto width = static_cast<std::size_t>(crop.channels * crop.height * crop.width);
  for (std::int64_t i = 0; i < index.size(0); ++i) {
    const std::size_t offset = static_cast<std::size_t>(i) * width;
    crop.apply(batch.epoch,
               static_cast<std::int32_t>(index.template data_ptr<std::int64_t>()[i]),
               {before.template data_ptr<float>() + offset, width},
               {after.template data_ptr<float>() + offset, width});
  }
  return after.to(all.options());
}

template <class Real>
typename TorchObjective<Real>::Evaluation TorchObjective<Real>::evaluate(const Piece& one,
                                                                         const Tensors* training) {
  // Statistics of the batch leave the running ones alone outside training.
  Tensors scratch;
  if (training == nullptr && problem_->batch_statistics) {
    for (const at::Tensor& buffer : buffers_) scratch.push_back(buffer.clone());
  }
  const bool live = training != nullptr || problem_->batch_statistics;
  const Tensors& statistics = training != nullptr ? *training
                              : scratch.empty()   ? buffers_
                                                  : scratch;
  const at::Tensor out = network_->forward({all_, statistics, one.inputs, one.labels, live});
  if (problem_->loss == LossKind::from_model) return {{}, out};
  Evaluation at;
  at.logits = out;
  if (problem_->loss == LossKind::binary) {
    const at::Tensor z = out.reshape({one.count, 1});
    at.logits = at::cat({at::zeros_like(z), z}, 1);
  }
  at.losses = networks::example_losses(problem_->loss, at.logits, one.labels);
  return at;
}

template <class Real>
at::Tensor TorchObjective<Real>::weights(const Evaluation& at,
                                         std::int64_t count,
                                         std::int64_t n) const {
  const std::int64_t share = problem_->one_loss_a_batch ? count : 1;
  return at::full_like(at.losses, static_cast<double>(share) / static_cast<double>(n));
}

template <class Real>
double TorchObjective<Real>::total(const Evaluation& at, std::int64_t count) const {
  const std::int64_t share = problem_->one_loss_a_batch ? count : 1;
  return at.losses.detach().to(at::kDouble).sum().template item<double>() *
         static_cast<double>(share);
}

template <class Real>
double TorchObjective<Real>::penalty(std::span<const Real> theta) const {
  if (problem_->l2 == 0) return 0;
  double sum = 0;
  for (const Real x : theta) sum += static_cast<double>(x) * static_cast<double>(x);
  return 0.5 * problem_->l2 * sum;
}

template <class Real>
void TorchObjective<Real>::add_penalty(std::span<const Real> theta,
                                       std::span<Real> gradient) const {
  const Real l2 = static_cast<Real>(problem_->l2);
  if (l2 == 0) return;
  for (std::size_t i = 0; i < theta.size(); ++i) gradient[i] += l2 * theta[i];
}

template <class Real>
double TorchObjective<Real>::loss(std::span<const Real> theta, const Batch& batch) {
  return guarded(name(), [&] {
    const at::NoGradGuard no_gradient;
    place(theta);
    double sum = 0;
    for_each_piece(batch, [&](const Piece& one) { sum += total(evaluate(one), one.count); });
    return sum / static_cast<double>(size_of(batch)) + penalty(theta);
  });
}

template <class Real>
double TorchObjective<Real>::loss_gradient(std::span<const Real> theta,
                                           const Batch& batch,
                                           std::span<Real> gradient) {
  require_size(gradient.size(), parameters_, name(), "gradient");
  return guarded(name(), [&] {
    place(theta);
    const std::int64_t n = size_of(batch);
    std::fill(gradient.begin(), gradient.end(), Real(0));
    double sum = 0;
    for_each_piece(batch, [&](const Piece& one) {
      const Evaluation at = evaluate(one);
      sum += total(at, one.count);
      add(gradients_of({at.losses}, leaves_, {weights(at, one.count, n)}), gradient);
    });
    add_penalty(theta, gradient);
    return sum / static_cast<double>(n) + penalty(theta);
  });
}

template <class Real>
void TorchObjective<Real>::example_losses(std::span<const Real> theta,
                                          const Batch& batch,
                                          std::span<double> losses) {
  require_size(losses.size(), size_of(batch), name(), "losses");
  guarded(name(), [&] {
    const at::NoGradGuard no_gradient;
    place(theta);
    if (problem_->one_loss_a_batch) {
      refuse_batch_coupling();
      for_each_example(batch, examples(), [&](std::int64_t position, std::int64_t) {
        losses[static_cast<std::size_t>(position)] = total(evaluate(piece(batch, position, 1)), 1);
      });
      return;
    }
    for_each_piece(batch, [&](const Piece& one) {
      (void)copy_out<double>(evaluate(one).losses, losses.data() + one.first);
    });
  });
}

template <class Real>
void TorchObjective<Real>::logits(std::span<const Real> theta,
                                  const Batch& batch,
                                  std::span<Real> outputs) {
  need_logits("logits");
  require_size(outputs.size(), size_of(batch) * outputs_, name(), "outputs");
  guarded(name(), [&] {
    const at::NoGradGuard no_gradient;
    place(theta);
    for_each_piece(batch, [&](const Piece& one) {
      (void)copy_out<Real>(evaluate(one).logits, outputs.data() + one.first * outputs_);
    });
  });
}

template <class Real>
std::vector<ParameterGroup> TorchObjective<Real>::parameter_groups() const {
  std::vector<ParameterGroup> groups;
  std::int64_t first = 0;
  for (const std::size_t i : problem_->chosen) {
    const Named& one = network_->parameters()[i];
    groups.push_back({one.name, first, one.value.numel()});
    first += one.value.numel();
  }
  return groups;
}

template <class Real>
Buffers<Real> TorchObjective<Real>::buffers() const {
  Buffers<Real> out;
  for (std::size_t i = 0; i < buffers_.size(); ++i) {
    std::vector<Real> values(static_cast<std::size_t>(buffers_[i].numel()));
    (void)copy_out<Real>(buffers_[i], values.data());
    out.emplace_back(network_->buffers()[i].name, std::move(values));
  }
  return out;
}

template <class Real>
Tensors TorchObjective<Real>::tensors_of(const Buffers<Real>& values) const {
  if (values.size() != buffers_.size()) {
    reject({problem_->name + ".buffers",
            fmt::format("{} running statistics", values.size()),
            fmt::format("must be {}", buffers_.size()),
            "they belong to another model"});
  }
  Tensors out;
  for (std::size_t i = 0; i < buffers_.size(); ++i) {
    if (values[i].first != network_->buffers()[i].name) {
      reject({problem_->name + ".buffers",
              values[i].first,
              "must be " + network_->buffers()[i].name,
              "they belong to another model"});
    }
    require_size(values[i].second.size(), buffers_[i].numel(), name(), values[i].first.c_str());
    const at::Tensor flat =
        copy_in(std::span<const Real>(values[i].second), problem_->inputs.device());
    out.push_back(flat.view(buffers_[i].sizes()).to(buffers_[i].scalar_type()));
  }
  return out;
}

template <class Real>
void TorchObjective<Real>::use_buffers(const Buffers<Real>& values) {
  guarded(name(), [&] {
    Tensors made = tensors_of(values);
    bool same = true;
    for (std::size_t i = 0; i < made.size(); ++i) same = same && made[i].equal(buffers_[i]);
    if (same) return;
    buffers_ = std::move(made);
    kept_.clear();
  });
}

template <class Real>
double TorchObjective<Real>::training_gradient(std::span<const Real> theta,
                                               const Batch& batch,
                                               const TrainingStep<Real>& step,
                                               std::span<Real> gradient) {
  if (buffers_.empty() && !problem_->random_training) return loss_gradient(theta, batch, gradient);
  require_size(gradient.size(), parameters_, name(), "gradient");
  return guarded(name(), [&] {
    place(theta);
    for_each_example(batch, examples(), [](std::int64_t, std::int64_t) {});
    const std::int64_t n = size_of(batch);
    const Tensors statistics = tensors_of(step.buffers);
    const Piece all = piece(batch, 0, n);
    const Evaluation at =
        problem_->random_training
            ? with_seed(step.noise, step.step, [&] { return evaluate(all, &statistics); })
            : evaluate(all, &statistics);
    std::fill(gradient.begin(), gradient.end(), Real(0));
    add(gradients_of({at.losses}, leaves_, {weights(at, n, n)}), gradient);
    add_penalty(theta, gradient);
    for (std::size_t i = 0; i < statistics.size(); ++i) {
      (void)copy_out<Real>(statistics[i], step.buffers[i].second.data());
    }
    return total(at, n) / static_cast<double>(n) + penalty(theta);
  });
}

template <class Real>
void TorchObjective<Real>::measure_graph() {
  const std::vector<Real> theta = initial(Noise(0));
  place(theta);
  const auto first = [&](std::int64_t n) { return piece({}, 0, std::min(n, examples())); };
  {
    const at::NoGradGuard no_gradient;
    const Evaluation at = evaluate(first(2));
    if (at.logits.defined()) outputs_ = at.logits.size(1);
  }
  const auto bytes = [&](std::int64_t n) {
    Graph graph;
    return live_bytes([&] {
      graph.piece = first(n);
      graph.at = evaluate(graph.piece);
      need_gradient(graph, n);
      if (outputs_ > 0) need_pullback(graph);
    });
  };
  // The difference, since what has the size of θ does not grow with the examples.
  graph_bytes_ = std::max<std::int64_t>((bytes(6) - bytes(2)) / 4, 1024);
}

template class TorchObjective<float>;
template class TorchObjective<double>;

}  // namespace thermoscape::networks
