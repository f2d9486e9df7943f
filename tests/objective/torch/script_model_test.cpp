#include "thermoscape/objective/script_model.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "laws/objective_laws.hpp"
#include "thermoscape/data/npy.hpp"
#include "thermoscape/objective/catalog.hpp"

/// Models that python3-torch saved (write_models.py, a fixture of ctest) against what it computed
/// for them in double precision.
namespace thermoscape {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string file(const std::string& name) {
  return std::string(THERMOSCAPE_BINARY_DIR) + "/tests/torch_models/" + name;
}
std::vector<double> numbers(const std::string& name) {
  return data::read_npy(file(name + ".npy")).values;
}
data::Labelled examples_of(const std::string& model) {
  data::Labelled set =
      data::read_labelled_npy(file(model + "_inputs.npy"), file(model + "_labels.npy"));
  set.name = model;
  return set;
}
TorchScriptSettings settings_of(const std::string& model, const std::string& loss = "") {
  TorchScriptSettings settings;
  settings.file = file(model + ".pt");
  if (!loss.empty()) settings.loss = loss;
  return settings;
}
template <class Real>
std::unique_ptr<Objective<Real>> load(const std::string& model, const std::string& loss = "") {
  return load_script_model<Real>(settings_of(model, loss), examples_of(model));
}

template <class Real>
std::vector<Real> identity(std::int64_t size) {
  std::vector<Real> out(static_cast<std::size_t>(size * size));
  for (std::int64_t i = 0; i < size; ++i) out[static_cast<std::size_t>(i * (size + 1))] = 1;
  return out;
}

/// G = (1/n) Jᵀ (diag p - p pᵀ) J on the identity.
template <class Real>
std::vector<Real> gauss_newton(Objective<Real>& objective,
                               const std::vector<Real>& theta,
                               const std::vector<Real>& z) {
  laws::Evaluated<Real> at(objective);
  const std::vector<Real> unit = identity<Real>(objective.parameters());
  std::vector<Real> pushed = at.products(theta, unit);
  const auto width = static_cast<std::size_t>(objective.outputs());
  std::vector<double> p(width);
  for (std::size_t row = 0; row < pushed.size(); row += width) {
    double sum = 0;
    for (std::size_t k = 0; k < width; ++k) {
      p[k] = std::exp(static_cast<double>(z[(row + k) % z.size()]));
      sum += p[k];
    }
    double mean = 0;
    for (std::size_t k = 0; k < width; ++k) {
      p[k] /= sum;
      mean += p[k] * static_cast<double>(pushed[row + k]);
    }
    for (std::size_t k = 0; k < width; ++k) {
      const double moved = p[k] * (static_cast<double>(pushed[row + k]) - mean);
      pushed[row + k] = static_cast<Real>(moved / static_cast<double>(objective.examples()));
    }
  }
  return at.pullback(theta, pushed);
}

/// Loss, gradient, dense Hessian and logits at the saved parameters, and the G-term from Jacobian
/// products: relative to the norm of each, within `tolerance`.
template <class Real>
void compare(const std::string& model, double tolerance, const std::string& loss = "") {
  SCOPED_TRACE(model + (std::is_same_v<Real, float> ? " in float" : " in double"));
  const auto objective = load<Real>(model, loss);
  laws::Evaluated<Real> at(*objective);
  const std::vector<Real> theta = objective->initial(Noise(1));
  const auto near = [&](const auto& values, const std::string& key) {
    const std::vector<double> expected = numbers(model + "_" + key);
    ASSERT_EQ(values.size(), expected.size()) << key;
    EXPECT_LE(laws::distance(values, expected), tolerance * (laws::norm(expected) + 1e-3)) << key;
  };
  near(theta, "theta");
  near(std::vector<double>{at.loss(theta)}, "loss");
  near(at.gradient(theta), "gradient");
  near(at.hessian(theta, identity<Real>(objective->parameters())), "hessian");
  if (objective->output_loss() != OutputLoss::cross_entropy || loss == "bce") return;
  const std::vector<Real> z = at.logits(theta);
  near(z, "logits");
  near(gauss_newton(*objective, theta, z), "gauss_newton");
}

// Rounding of the two libraries' sums; single precision has 6e-8, over sums of a few hundred terms.
constexpr double kDouble = 1e-11;
constexpr double kFloat = 3e-5;

TEST(ScriptModel, derivatives_are_those_of_python) {
  for (const char* model : {"mlp", "traced", "conv", "resnet", "gelu", "tied", "dropout"}) {
    compare<double>(model, kDouble);
    compare<float>(model, kFloat);
  }
}

TEST(ScriptModel, every_loss_has_the_derivatives_of_python) {
  for (const char* loss : {"mse", "bce", "model"}) {
    const std::string model = loss == std::string("mse")   ? "squared"
                              : loss == std::string("bce") ? "binary"
                                                           : "returns_loss";
    compare<double>(model, kDouble, loss);
    compare<float>(model, kFloat, loss);
  }
}

TEST(ScriptModel, keeps_the_laws) {
  const std::pair<const char*, const char*> models[] = {
      {"resnet", ""}, {"gelu", ""}, {"squared", "mse"}, {"binary", "bce"}};
  for (const auto& [model, loss] : models) {
    const auto objective = load<double>(model, loss);
    laws::check_objective_laws(*objective, objective->initial(Noise(1)), {.name = model});
  }
  const auto single = load<float>("conv");
  const auto twice = load<double>("conv");
  laws::check_precisions_agree(*single, *twice, single->initial(Noise(1)), {.name = "conv"});
}

// A thousand evaluations that alternate what is asked for: LibTorch's optimiser, were it on, would
// change GELU's second derivative from the third call on.
TEST(ScriptModel, later_calls_are_as_exact_as_the_first) {
  const auto objective = load<double>("gelu");
  laws::Evaluated<double> at(*objective);
  const std::vector<double> theta = objective->initial(Noise(1));
  const std::vector<double> expected = numbers("gelu_hessian");
  const auto width = static_cast<std::size_t>(objective->parameters());
  for (std::size_t call = 0; call < 200; ++call) {
    const std::size_t i = call % width;
    std::vector<double> v(width);
    v[i] = 1;
    const std::vector<std::int32_t> other{static_cast<std::int32_t>(call % 13)};
    (void)at.gradient(theta, Batch{other});  // drops the graphs that the last product kept
    const std::vector<double> row(expected.begin() + static_cast<std::ptrdiff_t>(i * width),
                                  expected.begin() + static_cast<std::ptrdiff_t>((i + 1) * width));
    ASSERT_LE(laws::distance(at.hessian(theta, v), row), 1e-11 * laws::norm(expected)) << call;
  }
}

TEST(ScriptModel, globs_restrict_the_parameters) {
  TorchScriptSettings settings = settings_of("resnet");
  const auto all = load<double>("resnet");
  settings.params = "layer1.*,!*.bias";
  const auto some = load_script_model<double>(settings, examples_of("resnet"));
  const std::vector<ParameterGroup> groups = some->parameter_groups();
  ASSERT_EQ(groups.size(), 4U);  // two convolutions and two scales
  EXPECT_EQ(groups.front().name, "layer1.conv1.weight");
  // The Hessian restricted is the block of the whole one.
  const std::vector<double> theta = all->initial(Noise(1));
  const std::vector<double> part = some->initial(Noise(1));
  const std::vector<double> whole = numbers("resnet_hessian");
  laws::Evaluated<double> at(*some);
  const std::vector<double> block = at.hessian(part, identity<double>(some->parameters()));
  std::vector<std::int64_t> places;
  for (const ParameterGroup& one : all->parameter_groups()) {
    const auto same = [&](const ParameterGroup& other) { return other.name == one.name; };
    if (std::none_of(groups.begin(), groups.end(), same)) continue;
    for (std::int64_t i = 0; i < one.count; ++i) places.push_back(one.first + i);
  }
  ASSERT_EQ(static_cast<std::int64_t>(places.size()), some->parameters());
  std::vector<double> expected;
  for (const std::int64_t i : places) {
    for (const std::int64_t j : places)
      expected.push_back(whole[static_cast<std::size_t>(i * all->parameters() + j)]);
  }
  EXPECT_LE(laws::distance(block, expected), kDouble * laws::norm(expected));
}

TEST(ScriptModel, inputs_are_reshaped_and_normalised) {
  data::Labelled flat = examples_of("conv");
  for (float& x : flat.inputs) x = 0.5F * x + 2;  // undone below, to rounding of float
  flat.shape = {72};
  TorchScriptSettings settings = settings_of("conv");
  settings.shape = {2, 6, 6};
  for (const auto& normalize : {std::vector{2.0, 0.5}, std::vector{2.0, 2.0, 0.5, 0.5}}) {
    settings.normalize = normalize;
    const auto objective = load_script_model<double>(settings, flat);
    laws::Evaluated<double> at(*objective);
    EXPECT_NEAR(at.loss(objective->initial(Noise(1))), numbers("conv_loss")[0], 1e-6);
  }
}

/// The line with which a model is refused, without its path.
std::string complaint(const TorchScriptSettings& settings, const data::Labelled& data) {
  try {
    (void)load_script_model<double>(settings, data);
  } catch (const Error& error) {
    const std::string line = error.what();
    EXPECT_EQ(line.find_first_of("\n\r"), std::string::npos) << line;
    EXPECT_LT(line.size(), 500U) << line;
    return line;
  }
  ADD_FAILURE() << settings.file << " was accepted";
  return "";
}

TEST(ScriptModel, what_cannot_be_measured_is_refused_with_the_cause) {
  const data::Labelled vectors = examples_of("mlp");
  data::Labelled images = examples_of("conv");
  const std::pair<const char*, const char*> cases[] = {
      {"bad_dropout", "dropout"},
      {"bad_detached", "its gradient is not that of its loss"},
      {"bad_cut", "does not depend on its parameters"},
      {"bad_nan", "returns nan for the loss of"},
      {"bad_batch_mean", "depends on the others in the batch"},
      {"bad_frozen", "has no parameters"},
      {"bad_state_dict", "torch.jit.script(model.eval()).save"},
      {"bad_old_state_dict", "torch.jit.script(model.eval()).save"},
      {"bad_text", "is not a TorchScript file"},
      {"bad_truncated", "truncated"},
      {"bad_operator", "elsewhere::twist"},
      {"absent", "cannot be read"}};
  for (const auto& [model, cause] : cases) {
    EXPECT_THAT(complaint(settings_of(model), vectors), HasSubstr(cause)) << model;
  }
  data::Labelled pictures = examples_of("resnet");
  EXPECT_THAT(complaint(settings_of("bad_grid"), pictures), HasSubstr("not twice differentiable"));
  // Inputs of another shape, outputs that are no logits, parameters that are not there.
  EXPECT_THAT(complaint(settings_of("mlp"), images),
              AllOf(HasSubstr("inputs [2, 6, 6]"), HasSubstr("--shape")));
  EXPECT_THAT(complaint(settings_of("binary"), vectors), HasSubstr("--loss bce"));
  EXPECT_THAT(complaint(settings_of("returns_loss"), vectors), HasSubstr("--loss model"));
  data::Labelled beyond = vectors;  // a label that the model has no output for
  beyond.classes = 8;
  beyond.labels[4] = 7;
  EXPECT_THAT(complaint(settings_of("mlp"), beyond),
              AllOf(HasSubstr("a label 7"), HasSubstr("0 ... 2")));
  EXPECT_THAT(complaint(settings_of("binary", "bce"), beyond), HasSubstr("labels 0 and 1"));
  data::Labelled sparse = vectors;  // but classes may lack examples
  for (std::int32_t& label : sparse.labels) label = 2;
  EXPECT_NO_THROW((void)load_script_model<double>(settings_of("mlp"), sparse));
  EXPECT_THAT(complaint(settings_of("mlp", "model"), vectors), Not(HasSubstr("Traceback")));
  TorchScriptSettings none = settings_of("mlp");
  none.params = "layer9.*";
  EXPECT_THAT(complaint(none, vectors), AllOf(HasSubstr("layer9.*"), HasSubstr("0.weight")));
  TorchScriptSettings device = settings_of("mlp");
  device.device = "abacus";
  EXPECT_THAT(complaint(device, vectors), HasSubstr("abacus"));
}

// Training draws numbers addressed by the step, and measurements do not.
TEST(ScriptModel, dropout_is_for_training_only_and_repeats) {
  const auto objective = load<double>("dropout");
  const std::vector<double> theta = objective->initial(Noise(1));
  Buffers<double> none;
  const Noise noise(5);
  const auto gradient = [&](std::int64_t step) {
    std::vector<double> g(theta.size());
    (void)objective->training_gradient(theta, {}, {none, noise, step}, g);
    return g;
  };
  laws::Evaluated<double> at(*objective);
  EXPECT_EQ(gradient(3), gradient(3));
  EXPECT_NE(gradient(3), gradient(4));
  EXPECT_NE(gradient(3), at.gradient(theta));
}

// Unbiased running variance and momentum 0.1, as PyTorch documents them, computed here from logits'
// own first layer: the statistics of the batch of inputs through one convolution are not at hand,
// so the fixed point is tested instead: training on one batch for long leaves its statistics, with
// which evaluation then equals training.
TEST(ScriptModel, running_statistics_follow_the_batches) {
  const auto objective = load<double>("resnet");
  const std::vector<double> theta = objective->initial(Noise(1));
  const Buffers<double> saved = objective->buffers();
  ASSERT_FALSE(saved.empty());
  Buffers<double> statistics = saved;
  const Noise noise(5);
  std::vector<double> trained(theta.size());
  double loss = 0;
  for (std::int64_t step = 0; step < 300; ++step)
    loss = objective->training_gradient(theta, {}, {statistics, noise, step}, trained);
  EXPECT_EQ(objective->buffers(), saved) << "a step of training leaves the objective as it was";
  objective->use_buffers(statistics);
  EXPECT_EQ(objective->buffers(), statistics);
  // PyTorch's running variance is the unbiased one, n/(n-1) of that which normalises: n = 13 · 36.
  EXPECT_NEAR(objective->loss(theta, {}), loss, 1e-2 * loss);
  EXPECT_NE(objective->loss(theta, {}), loss);
  for (auto& [name, values] : statistics) {
    if (name.ends_with("num_batches_tracked")) {
      const double before = std::find_if(saved.begin(), saved.end(), [&](const auto& one) {
                              return one.first == name;
                            })->second[0];
      EXPECT_EQ(values[0], before + 300) << name;
    }
    if (!name.ends_with("running_var")) continue;
    for (double& x : values) x *= (13.0 * 36 - 1) / (13.0 * 36);
  }
  objective->use_buffers(statistics);
  EXPECT_NEAR(objective->loss(theta, {}), loss, 1e-9 * loss);
  Buffers<double> others = statistics;
  others.front().first = "other";
  EXPECT_THROW(objective->use_buffers(others), Error);
}

TEST(ScriptModel, statistics_of_the_batch_can_be_measured_with) {
  TorchScriptSettings settings = settings_of("resnet");
  settings.batch_statistics = "batch";
  const auto objective = load_script_model<double>(settings, examples_of("resnet"));
  const std::vector<double> theta = objective->initial(Noise(1));
  const Buffers<double> before = objective->buffers();
  Buffers<double> statistics = before;
  const Noise noise(5);
  std::vector<double> trained(theta.size());
  const double loss = objective->training_gradient(theta, {}, {statistics, noise, 0}, trained);
  laws::Evaluated<double> at(*objective);
  EXPECT_EQ(at.gradient(theta), trained);
  EXPECT_NEAR(at.loss(theta), loss, 1e-14);
  EXPECT_EQ(objective->buffers(), before);
  // Symmetric, and the change of the gradient: h = 1e-6 leaves about 1e-8.
  std::vector<double> u(theta.size());
  noise.normal<double>("test.direction", 0, u);
  const std::vector<double> hu = at.hessian(theta, u);
  std::vector<double> change = laws::moved(
      at.gradient(laws::moved(theta, 1e-6, u)), -1, at.gradient(laws::moved(theta, -1e-6, u)));
  change = laws::moved(std::vector<double>(theta.size()), 1 / 2e-6, change);
  EXPECT_LE(laws::distance(hu, change), 1e-6 * laws::norm(hu));
}

}  // namespace
}  // namespace thermoscape
