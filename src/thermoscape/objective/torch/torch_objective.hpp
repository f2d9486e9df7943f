#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "thermoscape/objective/objective.hpp"
#include "thermoscape/objective/shapes.hpp"
#include "thermoscape/objective/torch/network.hpp"
#include "thermoscape/objective/torch/problem.hpp"

namespace thermoscape::networks {

/// A network of LibTorch with a loss on its logits, or one that returns its loss.
///   L(θ) = (1/n) Σ ℓ_i + ½ λ |θ|²;  θ [P]: the chosen parameters, views of one flat tensor
/// A batch is cut into pieces of equal size (the last is ragged) so that one piece's graph stays
/// near 128 MiB; sums over pieces weigh each example alike. The size depends on the network alone,
/// so results do too. Hessian and Jacobian products build the first-gradient graph of a piece once
/// and push every vector of a block through it; the graphs of the last (θ, batch) are kept while
/// they fit into 1 GiB and made again where they do not: the products are the same to the bit.
/// Cost: with the graph at hand, a product is about one backward pass.
/// With batch_statistics a batch is one piece. Throws Error for spans of the wrong size, examples
/// that do not exist, augmentation of inputs that are no images, and what LibTorch refuses.
template <class Real>
class TorchObjective final : public Objective<Real> {
 public:
  using typename Objective<Real>::GradientBlock;

  /// Throws Error if θ is empty or the network's output has not the shape of logits or losses.
  TorchObjective(std::unique_ptr<Network> network, Problem problem);
  [[nodiscard]] std::unique_ptr<Objective<Real>> clone() const override;

  [[nodiscard]] std::int64_t parameters() const override { return parameters_; }
  [[nodiscard]] std::int64_t examples() const override { return problem_->labels.size(0); }
  [[nodiscard]] std::int64_t outputs() const override { return outputs_; }
  [[nodiscard]] OutputLoss output_loss() const override;
  [[nodiscard]] std::vector<Real> initial(const Noise& noise) const override;

  double loss(std::span<const Real> theta, const Batch& batch) override;
  double loss_gradient(std::span<const Real> theta,
                       const Batch& batch,
                       std::span<Real> gradient) override;
  void example_losses(std::span<const Real> theta,
                      const Batch& batch,
                      std::span<double> losses) override;
  void logits(std::span<const Real> theta, const Batch& batch, std::span<Real> outputs) override;
  void jacobian_products(std::span<const Real> theta,
                         const Batch& batch,
                         std::span<const Real> vectors,
                         std::span<Real> products) override;
  void jacobian_pullback(std::span<const Real> theta,
                         const Batch& batch,
                         std::span<const Real> covectors,
                         std::span<Real> products) override;
  void hessian_products(std::span<const Real> theta,
                        const Batch& batch,
                        std::span<const Real> vectors,
                        std::span<Real> products) override;
  void example_gradients(std::span<const Real> theta,
                         const Batch& batch,
                         const GradientBlock& receive) override;

  /// The chosen parameters, one a group.
  [[nodiscard]] std::vector<ParameterGroup> parameter_groups() const override;
  [[nodiscard]] Buffers<Real> buffers() const override;
  void use_buffers(const Buffers<Real>& buffers) override;
  double training_gradient(std::span<const Real> theta,
                           const Batch& batch,
                           const TrainingStep<Real>& step,
                           std::span<Real> gradient) override;

 private:
  /// Examples [first, first + count) of a batch.
  struct Piece {
    std::int64_t first = 0;
    std::int64_t count = 0;
    at::Tensor inputs;
    at::Tensor labels;
  };
  struct Evaluation {
    at::Tensor logits;  ///< [count, C]; undefined without
    at::Tensor losses;  ///< [count], or [] for one loss a batch
  };
  /// What products need of a piece; made part by part as they are asked for.
  struct Graph {
    Piece piece;
    Evaluation at;
    Tensors gradient;     ///< ∇ of the piece's share of L, by parameter; undefined where constant
    at::Tensor covector;  ///< u [count, C], the variable of the next
    Tensors pulled;       ///< Jᵀu, by parameter; linear in u
  };

  TorchObjective(const TorchObjective& other);

  [[nodiscard]] const char* name() const { return problem_->name.c_str(); }
  [[nodiscard]] std::int64_t size_of(const Batch& batch) const;
  [[nodiscard]] std::int64_t piece_size(std::int64_t n) const;
  [[nodiscard]] Piece piece(const Batch& batch, std::int64_t first, std::int64_t count) const;
  [[nodiscard]] at::Tensor augmented(const Batch& batch, const at::Tensor& index) const;
  /// Makes θ the parameters of what follows; keeps leaves and graphs if it is the θ of before.
  void place(std::span<const Real> theta);
  [[nodiscard]] Evaluation evaluate(const Piece& piece, const Tensors* training = nullptr);
  /// Calls f(piece) for each piece of the batch, in order.
  template <class F>
  void for_each_piece(const Batch& batch, F&& f) {
    for_each_example(batch, examples(), [](std::int64_t, std::int64_t) {});  // checks the indices
    const std::int64_t n = size_of(batch);
    const std::int64_t size = piece_size(n);
    for (std::int64_t first = 0; first < n; first += size) {
      f(piece(batch, first, std::min(size, n - first)));
    }
  }
  /// Calls f(graph) for each piece, from the graphs at hand where there are any.
  template <class F>
  void for_each_graph(const Batch& batch, F&& f);
  [[nodiscard]] Graph& kept(const Batch& batch, std::int64_t first, std::int64_t count);
  void need_gradient(Graph& graph, std::int64_t n);
  void need_pullback(Graph& graph);
  /// Weight of each loss of a piece in the mean over n examples.
  [[nodiscard]] at::Tensor weights(const Evaluation& at, std::int64_t count, std::int64_t n) const;
  [[nodiscard]] double total(const Evaluation& at, std::int64_t count) const;
  [[nodiscard]] double penalty(std::span<const Real> theta) const;
  void add_penalty(std::span<const Real> theta, std::span<Real> gradient) const;
  /// The products of a graph of gradients with the parts of `vector`, added to `out`.
  void add_products(const Tensors& gradients, std::span<const Real> vector, std::span<Real> out);
  /// Adds tensors by parameter to a flat vector.
  void add(const Tensors& parts, std::span<Real> out) const;
  [[nodiscard]] Tensors parts_of(std::span<const Real> vector) const;
  [[nodiscard]] Tensors tensors_of(const Buffers<Real>& values) const;
  void need_logits(const char* operation) const;
  void refuse_batch_coupling() const;
  void measure_graph();

  std::unique_ptr<Network> network_;
  std::shared_ptr<const Problem> problem_;
  std::int64_t parameters_ = 0;
  std::int64_t outputs_ = 0;
  std::int64_t graph_bytes_ = 1;  ///< of one example
  Tensors buffers_;
  Tensors all_;     ///< every parameter of the network, with leaves_ in the chosen places
  Tensors leaves_;  ///< [P] in parts
  std::vector<Real> placed_;
  /// Graphs of the last batch at placed_.
  std::vector<std::int32_t> kept_examples_;
  bool kept_all_ = false;
  std::vector<std::optional<Graph>> kept_;
};

extern template class TorchObjective<float>;
extern template class TorchObjective<double>;

}  // namespace thermoscape::networks
