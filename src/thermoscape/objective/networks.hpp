#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "thermoscape/core/field.hpp"

namespace thermoscape {

/// Convolutional networks; every number of channels or hidden units is multiplied by `width` and
/// rounded. M: max-pool 2 x 2, left out where the image is one pixel high or wide.
///   small-cnn  conv 3x3 of 16 M 32 M 32 M, one dense layer
///   lenet      cifar: conv 5x5 of 6 M 16 M without padding, dense 120, 84, C;
///              mnist: conv 3x3 of 16 M, 5x5 of 32 M, padded, dense C
///   vgg9       conv 3x3 of 64 M 128 M 256 256 M 512 512 M, dense 512, 512, C
///   vgg11, 16  the columns A and D of the source with one dense layer, as is usual for CIFAR
///   resnet10, 18  conv 3x3 of 64; stages of 64, 128, 256, 512 channels with 1 or 2 basic blocks
///              each, strides 1, 2, 2, 2, projections where the shape changes; global mean, dense C
/// An activation follows each convolution and hidden dense layer. Batch norm, if asked for, follows
/// each convolution, and each hidden dense layer of vgg9, which then has no bias of its own.
/// Reference: variance-flatness (both lenets), local-geometry (small-cnn), simonyan-2015, li-2018
/// (vgg9), he-2016.
enum class Architecture { small_cnn, lenet, vgg9, vgg11, vgg16, resnet10, resnet18 };

inline constexpr std::array<std::string_view, 3> kNetworkActivations{"relu", "tanh", "gelu"};
inline constexpr std::array<std::string_view, 2> kNetworkLosses{"cross-entropy", "mse"};
inline constexpr std::array<std::string_view, 2> kNetworkInitialisations{"kaiming-normal",
                                                                         "xavier-normal"};
inline constexpr std::array<std::string_view, 2> kBatchStatistics{"running", "batch"};
inline constexpr std::array<std::string_view, 2> kLenets{"cifar", "mnist"};

/// Settings of every network that LibTorch differentiates. Loss and penalty as in MlpSettings.
struct NetworkSettings {
  double width = 1;
  std::string activation = "relu";
  bool batch_norm = false;
  bool biases = true;
  std::string loss = "cross-entropy";
  double l2 = 0;
  std::string initialisation = "kaiming-normal";
  std::string batch_statistics = "running";
  std::int64_t threads = 1;
  std::string device = "cpu";
  std::string variant = "cifar";  ///< of lenet

  static constexpr auto fields() {
    using S = NetworkSettings;
    return std::tuple{
        field("width", &S::width, "", "factor on the channels and hidden units", kPositive),
        field("activation",
              &S::activation,
              "",
              "activation φ; gelu is x Φ(x)",
              Range{.choices = kNetworkActivations}),
        field("batch_norm", &S::batch_norm, "", "batch norm after each convolution"),
        field("biases", &S::biases, "", "whether layers without batch norm have biases"),
        field("loss",
              &S::loss,
              "",
              "cross-entropy [nats], or mse: ½ |z - y|² with one-hot y",
              Range{.choices = kNetworkLosses}),
        field("l2", &S::l2, "[loss]", "λ of the penalty ½ λ |θ|²", kNonNegative),
        field("initialisation",
              &S::initialisation,
              "",
              "law of the initial weights; biases start at zero",
              Range{.choices = kNetworkInitialisations}),
        field("batch_statistics",
              &S::batch_statistics,
              "",
              "what batch norms use outside training: their running statistics, or those of the "
              "batch, which is then evaluated in one piece",
              Range{.choices = kBatchStatistics}),
        field("threads", &S::threads, "", "threads inside an operation", kAtLeastOne),
        field("device", &S::device, "", "cpu, or cuda (passed through, untested)")};
  }
};

/// The settings of one architecture: a type each, so that the catalogue tells them apart.
template <Architecture A>
struct NetworkOf : NetworkSettings {
  static constexpr Architecture kArchitecture = A;
  static constexpr auto fields() {
    if constexpr (A == Architecture::lenet) {
      return std::tuple_cat(NetworkSettings::fields(),
                            std::tuple{field("variant",
                                             &NetworkSettings::variant,
                                             "",
                                             "which of the two networks of the source",
                                             Range{.choices = kLenets})});
    } else {
      return NetworkSettings::fields();
    }
  }
};

}  // namespace thermoscape
