#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "laws/evaluated.hpp"
#include "thermoscape/data/npy.hpp"
#include "thermoscape/objective/script_model.hpp"
#include "thermoscape/record/run.hpp"

/// Models of python3-torch trained by our rules, against torch.optim (write_models.py).
namespace thermoscape {
namespace {

std::string file(const std::string& name) {
  return std::string(THERMOSCAPE_BINARY_DIR) + "/tests/torch_models/" + name;
}

std::unique_ptr<Objective<double>> model(const std::string& name) {
  TorchScriptSettings settings;
  settings.file = file(name + ".pt");
  return load_script_model<double>(
      settings, data::read_labelled_npy(file(name + "_inputs.npy"), file(name + "_labels.npy")));
}

State<double> beginning(const Objective<double>& objective, const AnyRule& rule) {
  State<double> state =
      std::visit([&](const auto& one) { return one.init(objective.initial(Noise(1))); }, rule);
  state.buffers = objective.buffers();
  return state;
}

/// Goes on to step `last` in batches of `size` (0: all).
void advance(Objective<double>& objective,
             const AnyRule& rule,
             State<double>& state,
             std::int64_t last,
             std::int64_t size = 0) {
  SamplerSettings settings;
  settings.size = size;
  Sampler sampler(settings, objective.examples(), Noise(2));
  const std::vector<double> origin = state.theta;
  const Outcome outcome =
      run<double>(objective, rule, Noise(2), sampler, state, origin, {}, Stop{.steps = last}, {});
  EXPECT_EQ(outcome.status, Status::ok);
}

// The same 40 steps, full batch, batch norms in train mode, by torch.optim in Python.
TEST(Training, follows_torch_optim) {
  for (const char* name : {"gelu", "resnet"}) {
    const AnyRule rules[] = {Sgd{.learning_rate = 0.05}, Adam{.learning_rate = 0.01}};
    for (const AnyRule& rule : rules) {
      const bool sgd = std::holds_alternative<Sgd>(rule);
      SCOPED_TRACE(name + std::string(sgd ? " by sgd" : " by adam"));
      const auto objective = model(name);
      State<double> state = beginning(*objective, rule);
      advance(*objective, rule, state, 40);
      const auto expected = [&](const std::string& key) {
        return data::read_npy(file(fmt::format("{}_{}_{}.npy", name, sgd ? "sgd" : "adam", key)))
            .values;
      };
      // Adam divides by the root of the squared gradient, which amplifies rounding where that is
      // small.
      const double tolerance = sgd ? 1e-11 : 1e-7;
      EXPECT_LE(laws::distance(state.theta, expected("theta")),
                tolerance * laws::norm(expected("theta")));
      EXPECT_EQ(state.buffers.empty(), name == std::string("gelu"));
      for (const auto& [key, values] : state.buffers) {
        EXPECT_LE(laws::distance(values, expected(key)), tolerance * laws::norm(expected(key)))
            << key;
      }
    }
  }
}

// A State is all that a restart needs: running statistics and what dropout draws included.
TEST(Training, a_copied_state_goes_on_with_the_same_bits) {
  for (const char* name : {"resnet", "dropout"}) {
    SCOPED_TRACE(name);
    const AnyRule rule = Adam{.learning_rate = 0.01};
    const auto objective = model(name);
    State<double> whole = beginning(*objective, rule);
    advance(*objective, rule, whole, 23, 4);
    State<double> pieces = beginning(*objective, rule);
    for (const std::int64_t last : {1, 9, 23}) advance(*model(name), rule, pieces, last, 4);
    EXPECT_EQ(whole.theta, pieces.theta);
    EXPECT_EQ(whole.slots, pieces.slots);
    EXPECT_EQ(whole.buffers, pieces.buffers);
  }
}

// In evaluate mode the statistics stay.
TEST(Training, evaluate_mode_leaves_the_running_statistics) {
  const auto objective = model("resnet");
  const AnyRule rule = Sgd{.learning_rate = 0.05};
  State<double> state = beginning(*objective, rule);
  Sampler sampler({}, objective->examples(), Noise(2));
  const std::vector<double> origin = state.theta;
  std::vector<double> gradient(origin.size());
  objective->loss_gradient(origin, {}, gradient);
  (void)run<double>(
      *objective, rule, Noise(2), sampler, state, origin, {}, Stop{.steps = 1}, {}, Mode::evaluate);
  EXPECT_EQ(state.buffers, objective->buffers());
  EXPECT_LE(laws::distance(state.theta, laws::moved(origin, -0.05, gradient)), 1e-14);
}

}  // namespace
}  // namespace thermoscape
