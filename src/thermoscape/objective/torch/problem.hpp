#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "thermoscape/data/labelled.hpp"
#include "thermoscape/objective/objective.hpp"
#include "thermoscape/objective/torch/network.hpp"

namespace thermoscape::networks {

/// How outputs of a network become losses.
enum class LossKind { cross_entropy, squared, binary, from_model };

/// "cross-entropy", "mse", "bce" or "model".
[[nodiscard]] LossKind loss_kind(const std::string& name);

/// What an objective is beside its network; shared by clones, which only read it.
struct Problem {
  std::string name;   ///< "lenet", or the file of a script: stands in messages
  at::Tensor inputs;  ///< [D, shape of an example]
  at::Tensor labels;  ///< [D], 64-bit
  LossKind loss = LossKind::cross_entropy;
  double l2 = 0;
  bool batch_statistics = false;  ///< evaluations use the statistics of the batch
  bool random_training = false;   ///< a training pass draws random numbers (dropout)
  int threads = 1;
  std::vector<std::size_t> chosen;  ///< the network's parameters that make up θ, in order
  bool one_loss_a_batch = false;    ///< from_model: forward returns a mean, not one an example
};

/// Inputs and labels of a data set as tensors, reshaped and normalised as asked. Throws Error if
/// the set is empty, a label is out of range, `shape` has another number of elements or `normalize`
/// is not means and stds.
void put_data(Problem& problem,
              const data::Labelled& data,
              const std::vector<std::int64_t>& shape,
              const std::vector<double>& normalize,
              const at::TensorOptions& like);

/// ℓ_i [n] from logits z [n, C] and labels [n]. The cross-entropy is ln(1 + Σ_{k≠y} exp(z_k -
/// z_y)), whose digits hold for well-fitted examples too.
[[nodiscard]] at::Tensor example_losses(LossKind loss,
                                        const at::Tensor& z,
                                        const at::Tensor& labels);

}  // namespace thermoscape::networks
