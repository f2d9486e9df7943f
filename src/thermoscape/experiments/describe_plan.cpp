#include <algorithm>
#include <chrono>

#include "thermoscape/experiments/batched.hpp"
#include "thermoscape/experiments/experiment.hpp"
#include "thermoscape/experiments/trajectory.hpp"

namespace thermoscape {

namespace {

/// Seconds of one step of a branch on batches of these settings, from timing a few.
template <class Real>
double timed_step(const Objective<Real>& prototype,
                  const Branch& branch,
                  SamplerSettings batch,
                  const Recipe& recipe) {
  constexpr double kLongEnough = 0.02;
  const std::unique_ptr<Objective<Real>> objective = prototype.clone();
  const Noise noise(static_cast<std::uint64_t>(recipe.head.seed));
  const std::vector<Real> origin = objective->initial(noise.fork("initial", 0));
  batch.augment = false;
  Sampler sampler(batch, objective->examples(), noise);
  State<Real> state = std::visit([&](const auto& rule) { return rule.init(origin); }, branch.rule);
  state.buffers = objective->buffers();
  for (std::int64_t steps = 1;; steps *= 2) {
    const std::int64_t before = state.step;
    const auto start = std::chrono::steady_clock::now();
    const Outcome outcome = run<Real>(*objective,
                                      branch.rule,
                                      noise,
                                      sampler,
                                      state,
                                      origin,
                                      {},
                                      Stop{before + steps, -1},
                                      Hooks{});
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    const auto done = static_cast<double>(std::max<std::int64_t>(1, state.step - before));
    if (seconds > kLongEnough || outcome.status == Status::diverged) return seconds / done;
  }
}

/// The same on the batches of the branch. Where a step would take more than a second, a smaller
/// batch stands for it: a plan must not take the time and memory of what it plans.
template <class Real>
double seconds_per_step(const Objective<Real>& prototype,
                        const Branch& branch,
                        const Recipe& recipe) {
  constexpr std::int64_t kFew = 64;
  const std::int64_t size = branch.batch.size == 0 ? prototype.examples() : branch.batch.size;
  if (size > kFew) {
    const double share = static_cast<double>(size) / static_cast<double>(kFew);
    const double seconds = share * timed_step(prototype, branch, {.size = kFew}, recipe);
    if (seconds > 1) return seconds;
  }
  return timed_step(prototype, branch, branch.batch, recipe);
}

/// Doubles of the stream that a look of the trajectory takes.
double trajectory_size(const RecordSettings& settings, const Ground& ground) {
  const bool float32 =
      std::holds_alternative<std::shared_ptr<const Objective<float>>>(ground.objective);
  const ParameterSubset subset = named_parameters(settings.parameters, ground, "record.parameters");
  return static_cast<double>(trajectory_width(subset.count(), float32));
}

double bytes_of(const Branch& branch,
                const Ground& ground,
                std::int64_t examples,
                std::int64_t parameters) {
  const Sampler sampler(branch.batch, examples, Noise(0));
  double bytes = 0;
  for (const RecordSettings& one : branch.record) {
    const Schedule schedule(one.schedule, branch.stop.steps, sampler.steps_per_epoch());
    const double width = one.probe == "theta"            ? static_cast<double>(parameters)
                         : one.probe == "example_losses" ? static_cast<double>(examples)
                         : one.probe == "projections"    ? static_cast<double>(one.directions)
                         : one.probe == "eigenplanes" ? static_cast<double>(2 * one.directions + 2)
                         : one.probe == "trajectory"  ? trajectory_size(one, ground)
                                                      : 1.0;
    bytes += 8 * width * static_cast<double>(schedule.before(branch.stop.steps));
  }
  return bytes;
}

std::string as_bytes(double bytes) {
  if (bytes < 1e6) return fmt::format("{:.0f} kB", bytes / 1e3);
  if (bytes < 1e9) return fmt::format("{:.1f} MB", bytes / 1e6);
  return fmt::format("{:.1f} GB", bytes / 1e9);
}

std::string as_seconds(double seconds) {
  return seconds < 120    ? fmt::format("{:.1f} s", seconds)
         : seconds < 7200 ? fmt::format("{:.1f} min", seconds / 60)
                          : fmt::format("{:.1f} h", seconds / 3600);
}

/// Where tasks share their steps: puts the seconds of a step of one task among the others in the
/// place of its own, and says by how much that is faster. Nothing for other phases.
std::string share_steps(const Prepared& prepared, std::size_t p, std::vector<double>& rates) {
  if (!is_batched(prepared.recipe, p)) return "";
  const PhasePlan& phase = prepared.plan.phases[p];
  const Branch& first = phase.branches.front();
  const Ground& ground = prepared.grounds[first.ground].at(first.place);
  const auto shares =
      std::count_if(prepared.plan.tasks.begin(), prepared.plan.tasks.end(), [&](const Task& task) {
        return task.phase == p && task.ground == first.ground;
      });
  const std::size_t filled = std::min(lanes_of(ground), static_cast<std::size_t>(shares));
  const double shared = seconds_per_vector_step(ground, first) / static_cast<double>(filled);
  const double gain = rates.front() / shared;
  for (double& rate : rates) rate /= gain;
  return fmt::format(", batched: {:.2g} times as fast as one by one", gain);
}

}  // namespace

Table describe_plan(const Prepared& prepared, int threads) {
  Table table{"plan", "", "", {"phase", "rule", "tasks", "steps", "recorded", "core time"}, {}};
  double all_seconds = 0;
  double all_bytes = 0;
  double all_steps = 0;
  for (std::size_t p = 0; p < prepared.plan.phases.size(); ++p) {
    const PhasePlan& phase = prepared.plan.phases[p];
    std::vector<double> rates;
    double steps = 0;
    double seconds = 0;
    double bytes = 0;
    std::int64_t tasks = 0;
    for (const Branch& branch : phase.branches) {
      rates.push_back(std::visit(
          [&](const auto& objective) {
            return seconds_per_step(*objective, branch, prepared.recipe);
          },
          prepared.grounds[branch.ground].objective));
    }
    const std::string together = share_steps(prepared, p, rates);
    for (const Task& task : prepared.plan.tasks) {
      if (task.phase != p) continue;
      const Branch& branch = phase.branches[task.branch];
      ++tasks;
      steps += static_cast<double>(branch.stop.steps);
      seconds += static_cast<double>(branch.stop.steps) * rates[task.branch];
      bytes += std::visit(
          [&](const auto& objective) {
            return bytes_of(branch,
                            prepared.grounds[task.ground],
                            objective->examples(),
                            objective->parameters());
          },
          prepared.grounds[task.ground].objective);
    }
    const bool early = phase.branches.front().stop.loss >= 0;
    const std::string most = early ? "at most " : "";
    table.rows.push_back({phase.name,
                          std::string(name(phase.branches.front().rule)) + together,
                          std::to_string(tasks),
                          most + fmt::format("{:.3g}", steps),
                          most + as_bytes(bytes),
                          most + as_seconds(seconds)});
    all_steps += steps;
    all_seconds += seconds;
    all_bytes += bytes;
  }
  table.rows.push_back({"all",
                        "",
                        std::to_string(prepared.plan.tasks.size()),
                        fmt::format("{:.3g}", all_steps),
                        as_bytes(all_bytes),
                        fmt::format("{}, {} on {} threads",
                                    as_seconds(all_seconds),
                                    as_seconds(all_seconds / threads),
                                    threads)});
  return table;
}

}  // namespace thermoscape
