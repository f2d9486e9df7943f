#include <algorithm>

#include "thermoscape/objective/shapes.hpp"
#include "thermoscape/objective/torch/failure.hpp"
#include "thermoscape/objective/torch/objective_parts.hpp"
#include "thermoscape/objective/torch/torch_objective.hpp"

namespace thermoscape::networks {

template <class Real>
void TorchObjective<Real>::need_logits(const char* operation) const {
  if (problem_->loss == LossKind::from_model) refuse_logits(name(), operation);
}

template <class Real>
void TorchObjective<Real>::add(const Tensors& parts, std::span<Real> out) const {
  const at::NoGradGuard no_gradient;
  Real* to = out.data();
  for (std::size_t i = 0; i < leaves_.size(); ++i) {
    const std::int64_t size = leaves_[i].numel();
    if (parts[i].defined()) {
      const at::Tensor plain = parts[i].detach().cpu().contiguous();
      const Real* const from = plain.template data_ptr<Real>();
      for (std::int64_t j = 0; j < size; ++j) to[j] += from[j];
    }
    to += size;
  }
}

template <class Real>
typename TorchObjective<Real>::Graph& TorchObjective<Real>::kept(const Batch& batch,
                                                                 std::int64_t first,
                                                                 std::int64_t count) {
  const bool same = kept_all_ == batch.all() && std::equal(kept_examples_.begin(),
                                                           kept_examples_.end(),
                                                           batch.examples.begin(),
                                                           batch.examples.end());
  if (!same) {
    kept_.clear();
    kept_all_ = batch.all();
    kept_examples_.assign(batch.examples.begin(), batch.examples.end());
  }
  const auto index = static_cast<std::size_t>(first / piece_size(size_of(batch)));
  if (kept_.size() <= index) kept_.resize(index + 1);
  if (!kept_[index]) {
    Graph graph;
    graph.piece = piece(batch, first, count);
    graph.at = evaluate(graph.piece);
    kept_[index] = std::move(graph);
  }
  return *kept_[index];
}

template <class Real>
template <class F>
void TorchObjective<Real>::for_each_graph(const Batch& batch, F&& f) {
  constexpr std::int64_t kKeptBytes = std::int64_t{1} << 30;
  for_each_example(batch, examples(), [](std::int64_t, std::int64_t) {});
  const std::int64_t n = size_of(batch);
  const std::int64_t size = piece_size(n);
  for (std::int64_t first = 0; first < n; first += size) {
    const std::int64_t count = std::min(size, n - first);
    const bool fits = (first + count) * graph_bytes_ <= kKeptBytes;
    if (fits && batch.augmentation == nullptr) {
      f(kept(batch, first, count));
      continue;
    }
    Graph graph;
    graph.piece = piece(batch, first, count);
    graph.at = evaluate(graph.piece);
    f(graph);
  }
}

template <class Real>
void TorchObjective<Real>::need_gradient(Graph& graph, std::int64_t n) {
  if (!graph.gradient.empty()) return;
  graph.gradient = gradients_of({graph.at.losses},
                                leaves_,
                                {weights(graph.at, graph.piece.count, n)},
                                /*keep=*/true,
                                /*create=*/true);
}

template <class Real>
void TorchObjective<Real>::need_pullback(Graph& graph) {
  if (graph.covector.defined()) return;
  graph.covector = at::zeros_like(graph.at.logits).set_requires_grad(true);
  graph.pulled =
      gradients_of({graph.at.logits}, leaves_, {graph.covector}, /*keep=*/true, /*create=*/true);
}

template <class Real>
void TorchObjective<Real>::add_products(const Tensors& gradients,
                                        std::span<const Real> vector,
                                        std::span<Real> out) {
  const Tensors parts = parts_of(vector);
  Tensors varying;
  Tensors weights;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    if (!gradients[i].defined() || !gradients[i].requires_grad()) continue;
    varying.push_back(gradients[i]);
    weights.push_back(parts[i]);
  }
  if (!varying.empty()) add(gradients_of(varying, leaves_, weights, /*keep=*/true), out);
}

template <class Real>
void TorchObjective<Real>::hessian_products(std::span<const Real> theta,
                                            const Batch& batch,
                                            std::span<const Real> vectors,
                                            std::span<Real> products) {
  const std::int64_t rows = rows_of(vectors.size(), parameters_, name(), "vectors");
  require_size(products.size(), rows * parameters_, name(), "products");
  guarded(name(), [&] {
    place(theta);
    const std::int64_t n = size_of(batch);
    const auto width = static_cast<std::size_t>(parameters_);
    std::fill(products.begin(), products.end(), Real(0));
    for_each_graph(batch, [&](Graph& graph) {
      need_gradient(graph, n);
      for (std::size_t at = 0; at < vectors.size(); at += width) {
        add_products(graph.gradient, vectors.subspan(at, width), products.subspan(at, width));
      }
    });
    for (std::size_t at = 0; at < vectors.size(); at += width) {
      add_penalty(vectors.subspan(at, width), products.subspan(at, width));
    }
  });
}

template <class Real>
void TorchObjective<Real>::jacobian_products(std::span<const Real> theta,
                                             const Batch& batch,
                                             std::span<const Real> vectors,
                                             std::span<Real> products) {
  need_logits("jacobian_products");
  const std::int64_t rows = rows_of(vectors.size(), parameters_, name(), "vectors");
  const std::int64_t stride = size_of(batch) * outputs_;
  require_size(products.size(), rows * stride, name(), "products");
  guarded(name(), [&] {
    place(theta);
    const auto width = static_cast<std::size_t>(parameters_);
    for_each_graph(batch, [&](Graph& graph) {
      need_pullback(graph);
      for (std::int64_t row = 0; row < rows; ++row) {
        const Tensors parts =
            parts_of(vectors.subspan(static_cast<std::size_t>(row) * width, width));
        Tensors varying;
        Tensors directions;
        for (std::size_t i = 0; i < parts.size(); ++i) {
          if (!graph.pulled[i].defined() || !graph.pulled[i].requires_grad()) continue;
          varying.push_back(graph.pulled[i]);
          directions.push_back(parts[i]);
        }
        Real* const out = products.data() + row * stride + graph.piece.first * outputs_;
        const Tensors moved =
            varying.empty() ? Tensors{at::zeros_like(graph.covector)}
                            : gradients_of(varying, {graph.covector}, directions, /*keep=*/true);
        (void)copy_out<Real>(moved[0].defined() ? moved[0] : at::zeros_like(graph.covector), out);
      }
    });
  });
}

template <class Real>
void TorchObjective<Real>::jacobian_pullback(std::span<const Real> theta,
                                             const Batch& batch,
                                             std::span<const Real> covectors,
                                             std::span<Real> products) {
  need_logits("jacobian_pullback");
  const std::int64_t stride = size_of(batch) * outputs_;
  const std::int64_t rows = rows_of(covectors.size(), stride, name(), "covectors");
  require_size(products.size(), rows * parameters_, name(), "products");
  guarded(name(), [&] {
    place(theta);
    const auto width = static_cast<std::size_t>(parameters_);
    std::fill(products.begin(), products.end(), Real(0));
    for_each_graph(batch, [&](Graph& graph) {
      const std::int64_t size = graph.piece.count * outputs_;
      for (std::int64_t row = 0; row < rows; ++row) {
        const auto first = static_cast<std::size_t>(row * stride + graph.piece.first * outputs_);
        const at::Tensor w = copy_in(covectors.subspan(first, static_cast<std::size_t>(size)),
                                     problem_->inputs.device());
        add(gradients_of({graph.at.logits},
                         leaves_,
                         {w.view({graph.piece.count, outputs_})},
                         /*keep=*/true),
            products.subspan(static_cast<std::size_t>(row) * width, width));
      }
    });
  });
}

template <class Real>
void TorchObjective<Real>::refuse_batch_coupling() const {
  if (!problem_->batch_statistics) return;
  reject(
      {problem_->name,
       "",
       "with the statistics of the batch, a model that returns one loss has none of each example",
       "let forward return a loss an example, or choose batch_statistics = \"running\""});
}

template <class Real>
void TorchObjective<Real>::example_gradients(std::span<const Real> theta,
                                             const Batch& batch,
                                             const GradientBlock& receive) {
  constexpr std::int64_t kBlockBytes = std::int64_t{16} << 20;
  guarded(name(), [&] {
    place(theta);
    for_each_example(batch, examples(), [](std::int64_t, std::int64_t) {});
    if (problem_->one_loss_a_batch) refuse_batch_coupling();
    const std::int64_t n = size_of(batch);
    const bool coupled = problem_->batch_statistics;
    const auto width = static_cast<std::size_t>(parameters_);
    const std::int64_t row_bytes = parameters_ * static_cast<std::int64_t>(sizeof(Real));
    const std::int64_t most = std::clamp<std::int64_t>(kBlockBytes / row_bytes, 1, n);
    std::vector<Real> block;
    Evaluation at;
    if (coupled) at = evaluate(piece(batch, 0, n));
    std::int64_t first = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      block.resize(block.size() + width);
      const std::span<Real> row = std::span<Real>(block).last(width);
      if (!coupled) at = evaluate(piece(batch, i, 1));
      at::Tensor one = at::ones_like(at.losses);
      if (coupled) one = at::zeros_like(at.losses).index_fill_(0, at::full({1}, i, at::kLong), 1);
      add(gradients_of({at.losses}, leaves_, {one}, /*keep=*/coupled), row);
      const std::int64_t rows = i + 1 - first;
      if (rows < most && i + 1 < n) continue;
      receive(first, rows, block);
      block.clear();
      first = i + 1;
    }
  });
}

// The class is instantiated in torch_objective.cpp; these are the members defined here.
template class TorchObjective<float>;
template class TorchObjective<double>;

}  // namespace thermoscape::networks
