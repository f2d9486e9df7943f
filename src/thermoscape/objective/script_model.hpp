#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "thermoscape/core/field.hpp"
#include "thermoscape/data/labelled.hpp"
#include "thermoscape/objective/networks.hpp"
#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

inline constexpr std::array<std::string_view, 4> kScriptLosses{
    "cross-entropy", "mse", "bce", "model"};

/// How a TorchScript file becomes an Objective: `kind = "torchscript"` in a recipe.
struct TorchScriptSettings {
  std::string file;
  std::string loss = "cross-entropy";
  std::string params;
  std::vector<std::int64_t> shape;
  std::vector<double> normalize;
  double l2 = 0;
  std::string batch_statistics = "running";
  bool self_test = true;
  std::int64_t threads = 1;
  std::string device = "cpu";

  static constexpr auto fields() {
    using S = TorchScriptSettings;
    return std::tuple{
        field("file", &S::file, "", "the file that torch.jit.save wrote"),
        field("loss",
              &S::loss,
              "",
              "cross-entropy [nats]; mse: ½ |z - y|² with one-hot y; bce: one logit z, label 0 or "
              "1; model: forward(inputs, labels) returns the mean loss, or one an example",
              Range{.choices = kScriptLosses}),
        field("params",
              &S::params,
              "",
              "the parameters θ: globs, ! takes away: 'layer3.*,!*.bias'; empty: all. The others "
              "stay as the file has them"),
        field("shape", &S::shape, "", "shape of one input; empty: that of the data", kAtLeastOne),
        field("normalize",
              &S::normalize,
              "",
              "mean, std of the inputs; or all means of the channels, then all their stds"),
        field("l2", &S::l2, "[loss]", "λ of the penalty ½ λ |θ|²", kNonNegative),
        field(
            "batch_statistics",
            &S::batch_statistics,
            "",
            "running: the model is put in eval mode; batch: batch norms use the statistics of the "
            "batch, which is then evaluated in one piece",
            Range{.choices = kBatchStatistics}),
        field("self_test", &S::self_test, "", "test the derivatives when the file is read"),
        field("threads", &S::threads, "", "threads inside an operation", kAtLeastOne),
        field("device", &S::device, "", "cpu, or cuda (passed through, untested)")};
  }
};

/// The user's own network: L(θ) = (1/n) Σ ℓ(z(θ, x_i), y_i) + ½ l2 |θ|², θ in the order in which
/// the file names its parameters; initial() is θ as saved, whatever the noise. With loss `model`
/// there are no logits (output_loss() is none). `bce` has the logits (0, z), so that it is a
/// cross-entropy over two classes. On reading, unless `self_test` is off: six equal calls give
/// equal loss, gradient and products; u·Hv = v·Hu; Hv matches the change of the gradient; an
/// example's output does not depend on the others (so dropout, augmentation and statistics of the
/// batch are found). Throws Error in one line that names the cause: no such file, truncated, no
/// TorchScript (a state_dict is recognised, with the Python line that saves the right thing), an
/// operator this LibTorch does not know, no parameters, inputs of another shape, outputs that are
/// not [n, C], NaN, not twice differentiable, any failed test. Instantiated for float and double.
template <class Real>
[[nodiscard]] std::unique_ptr<Objective<Real>> load_script_model(
    const TorchScriptSettings& settings, const data::Labelled& data);

}  // namespace thermoscape
