#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <malloc.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/data/subset.hpp"
#include "thermoscape/objective/globs.hpp"
#include "thermoscape/objective/torch/architectures.hpp"
#include "thermoscape/objective/torch/backend.hpp"
#include "thermoscape/objective/torch/failure.hpp"
#include "thermoscape/objective/torch/objective_parts.hpp"
#include "thermoscape/objective/torch/script.hpp"
#include "thermoscape/objective/torch/self_test.hpp"
#include "thermoscape/objective/torch/torch_objective.hpp"
#include "thermoscape/objective/torch_library.hpp"

/// What objective/torch gives to the rest of the program: see torch_library.hpp.
namespace thermoscape::networks {

namespace {

template <class Real>
at::TensorOptions like(const std::string& device) {
  try {
    const auto options =
        at::TensorOptions(at::CppTypeToScalarType<Real>::value).device(at::Device(device));
    (void)at::empty({1}, options);  // a device that is not there says so here
    return options;
  } catch (const std::exception& failure) {
    reject({"device", device, "is not available: " + reason_of(failure), "--device cpu"});
  }
}

std::string name_of(Architecture architecture) {
  switch (architecture) {
    case Architecture::small_cnn:
      return "small-cnn";
    case Architecture::lenet:
      return "lenet";
    case Architecture::vgg9:
      return "vgg9";
    case Architecture::vgg11:
      return "vgg11";
    case Architecture::vgg16:
      return "vgg16";
    case Architecture::resnet10:
      return "resnet10";
    case Architecture::resnet18:
      return "resnet18";
  }
  return "network";
}

template <class Real>
std::unique_ptr<Objective<Real>> make_network(Architecture architecture,
                                              const NetworkSettings& settings,
                                              const data::Labelled& data) {
  Problem problem;
  problem.name = name_of(architecture);
  return guarded(problem.name.c_str(), [&]() -> std::unique_ptr<Objective<Real>> {
    const at::TensorOptions options = like<Real>(settings.device);
    put_data(problem, data, {}, {}, options);
    problem.loss = loss_kind(settings.loss);
    problem.l2 = settings.l2;
    problem.batch_statistics = settings.batch_norm && settings.batch_statistics == "batch";
    problem.threads = static_cast<int>(settings.threads);
    std::unique_ptr<Network> network =
        make_architecture(architecture, settings, data.shape, data.classes, options);
    problem.chosen.resize(network->parameters().size());
    std::iota(problem.chosen.begin(), problem.chosen.end(), std::size_t{0});
    return std::make_unique<TorchObjective<Real>>(std::move(network), std::move(problem));
  });
}

/// A pass over the first examples, with the parameters and statistics of the file.
at::Tensor first_pass(Network& network, const Problem& problem, bool training) {
  const at::NoGradGuard no_gradient;
  const std::int64_t n = std::min<std::int64_t>(8, problem.labels.size(0));
  Tensors parameters;
  Tensors buffers;
  for (const Named& one : network.parameters()) parameters.push_back(one.value);
  for (const Named& one : network.buffers()) buffers.push_back(one.value.clone());
  const at::Tensor inputs = problem.inputs.narrow(0, 0, n);
  const at::Tensor labels = problem.labels.narrow(0, 0, n);
  return network.forward({parameters, buffers, inputs, labels, training});
}

/// Refuses outputs that are no logits or losses.
void check_output(const at::Tensor& out, Problem& problem) {
  const std::int64_t n = std::min<std::int64_t>(8, problem.labels.size(0));
  const auto largest_label = problem.labels.max().item<std::int64_t>();
  const std::string shape = fmt::format("outputs [{}]", fmt::join(out.sizes(), ", "));
  const auto wrong = [&](const std::string& rule, const std::string& hint) {
    reject({problem.name, shape + fmt::format(" for {} inputs", n), rule, hint});
  };
  if (!out.is_floating_point()) wrong("forward must return real numbers", "");
  switch (problem.loss) {
    case LossKind::from_model:
      problem.one_loss_a_batch = out.numel() == 1 && n > 1;
      if (out.numel() != 1 && (out.dim() != 1 || out.size(0) != n)) {
        wrong("with loss `model`, forward must return the mean loss, or one an example",
              "does it return logits? --loss cross-entropy");
      }
      break;
    case LossKind::binary:
      if (out.numel() != n) wrong("with loss `bce`, forward must return one logit an example", "");
      if (largest_label > 1)
        wrong(fmt::format("bce needs labels 0 and 1, the data have a label {}", largest_label),
              "--loss cross-entropy");
      break;
    default:
      if (out.dim() != 2 || out.size(0) != n || out.size(1) < 2) {
        wrong("forward must return logits [examples, classes]",
              out.numel() == 1 ? "does it return its loss? --loss model"
                               : "one logit an example? --loss bce");
      }
      if (largest_label >= out.size(1)) {
        wrong(fmt::format("the data have a label {}; labels must be in 0 ... {}",
                          largest_label,
                          out.size(1) - 1),
              "");
      }
  }
}

/// Whether training passes with other seeds differ: dropout.
bool draws_numbers(Network& network, const Problem& problem) {
  try {
    const auto pass = [&](std::int64_t step) {
      return with_seed(Noise(1), step, [&] { return first_pass(network, problem, true); });
    };
    return !pass(0).equal(pass(1));
  } catch (const std::exception&) {
    return false;  // such a model cannot be trained on a few examples; it says why when it is
  }
}

template <class Real>
std::unique_ptr<TorchObjective<Real>> assemble(const TorchScriptSettings& settings,
                                               const data::Labelled& data) {
  Problem problem;
  problem.name = settings.file;
  return guarded(settings.file.c_str(), [&] {
    const at::TensorOptions options = like<Real>(settings.device);
    problem.loss = loss_kind(settings.loss);
    problem.l2 = settings.l2;
    problem.batch_statistics = settings.batch_statistics == "batch";
    problem.threads = static_cast<int>(settings.threads);
    std::unique_ptr<Network> network =
        read_script(settings.file, options, problem.loss == LossKind::from_model);
    put_data(problem, data, settings.shape, settings.normalize, options);
    use_threads(problem.threads);
    at::Tensor out;
    try {
      out = first_pass(*network, problem, problem.batch_statistics);
    } catch (const std::exception& failure) {
      const std::string reason = reason_of(failure);
      const bool lacks_labels = reason.find("missing value for argument") != std::string::npos;
      const bool precision =
          reason.find("Double") != std::string::npos || reason.find("double") != std::string::npos;
      reject({settings.file,
              fmt::format("inputs [{}]", fmt::join(problem.inputs.sizes().slice(1), ", ")),
              "the model refuses them: " + reason,
              precision      ? "constants of single precision inside? --precision float32"
              : lacks_labels ? "does it take labels and return its loss? --loss model"
                             : "--shape gives them another shape"});
    }
    check_output(out, problem);
    problem.random_training = draws_numbers(*network, problem);
    std::vector<std::string> names;
    for (const Named& one : network->parameters()) names.push_back(one.name);
    problem.chosen = choose_names(names, settings.params, "params");
    return std::make_unique<TorchObjective<Real>>(std::move(network), std::move(problem));
  });
}

/// Tests the file's model on a few examples spread over the data; its derivatives in double
/// precision, if the model can be computed in it.
template <class Real>
void test_model(const TorchScriptSettings& settings, const data::Labelled& data) {
  const std::int64_t n = std::min<std::int64_t>(8, data.size());
  std::vector<std::int64_t> spread;
  for (std::int64_t i = 0; i < n; ++i) spread.push_back(i * data.size() / n);
  const data::Labelled few = data::take(data, spread);
  SelfTest test{settings.file, settings.batch_statistics == "running"};
  std::unique_ptr<TorchObjective<double>> twice;
  if constexpr (!std::is_same_v<Real, double>) {
    try {
      twice = assemble<double>(settings, few);
    } catch (const Error&) {
      // Constants of single precision inside: its differences are then taken in that.
    }
    const auto once = assemble<Real>(settings, few);
    test.differences = twice == nullptr;
    self_test<Real>(*once, once->initial(Noise(0)), test);
    if (twice == nullptr) return;
    test.differences = true;
  } else {
    twice = assemble<double>(settings, few);
  }
  self_test<double>(*twice, twice->initial(Noise(0)), test);
}

template <class Real>
std::unique_ptr<Objective<Real>> make_script(const TorchScriptSettings& settings,
                                             const data::Labelled& data) {
  auto objective = assemble<Real>(settings, data);
  if (settings.self_test) test_model<Real>(settings, data);
  return objective;
}

/// Tensors come and go with every operation. As it is, the allocator hands large ones back to the
/// system each time and pays for clearing their pages again: a quarter of a product of a LeNet.
void keep_freed_memory() {
  constexpr int kMegabyte = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, 32 * kMegabyte);
  mallopt(M_TRIM_THRESHOLD, 512 * kMegabyte);
  mallopt(M_TOP_PAD, 16 * kMegabyte);
}

constexpr TorchLibrary kLibrary{make_network<float>,
                                make_network<double>,
                                make_script<float>,
                                make_script<double>,
                                measured_backend};

}  // namespace

}  // namespace thermoscape::networks

extern "C" [[gnu::visibility("default")]] const thermoscape::TorchLibrary*
thermoscape_torch_library() {
  thermoscape::networks::keep_freed_memory();
  return &thermoscape::networks::kLibrary;
}
