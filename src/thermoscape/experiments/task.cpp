#include "thermoscape/experiments/task.hpp"

#include <filesystem>

#include "thermoscape/experiments/task_run.hpp"
#include "thermoscape/store/checkpoint.hpp"

namespace thermoscape {

namespace {

template <class Real>
TaskEnd run_typed(const Workshop& workshop,
                  const Objective<Real>& prototype,
                  const Task& task,
                  const TaskSignals& signals) {
  TaskRun<Real> one(workshop, prototype, task, signals);
  if (one.end().finished) return one.end();
  const Branch& branch = workshop.plan->branch(task);
  return one.finish(run<Real>(one.objective(),
                              branch.rule,
                              one.noise(),
                              one.sampler(),
                              one.state(),
                              one.origin(),
                              one.probes(),
                              branch.stop,
                              one.hooks(),
                              branch.settings.mode == "evaluate" ? Mode::evaluate : Mode::train));
}

template <class Real>
store::Checkpoint<Real> stored(const Workshop& workshop, const Task& task) {
  return store::read_checkpoint<Real>(workshop.directory.checkpoint(task.id));
}

}  // namespace

const Ground* test_ground(const Recipe& recipe, const Ground& ground, const std::string& place) {
  const std::string set = place.empty() ? recipe.objective_data : place.substr(0, place.find('/'));
  const Ground& found = ground.at(set + "/test");
  return &found == &ground ? nullptr : &found;
}

ParameterSubset named_parameters(const std::string& text,
                                 const Ground& ground,
                                 const std::string& where) {
  return std::visit(
      [&](const auto& objective) { return parameter_subset(text, *objective, where); },
      ground.objective);
}

TaskEnd run_task(const Workshop& workshop, const Task& task, const TaskSignals& signals) {
  return std::visit(
      [&](const auto& objective) { return run_typed(workshop, *objective, task, signals); },
      workshop.ground(task).objective);
}

namespace {
/// Calls f with the stored checkpoint in the precision of the run.
template <class F>
auto with_checkpoint(const Workshop& workshop, const Task& task, F&& f) {
  return std::holds_alternative<std::shared_ptr<const Objective<float>>>(
             workshop.ground(task).objective)
             ? f(stored<float>(workshop, task))
             : f(stored<double>(workshop, task));
}
}  // namespace

TaskEnd task_end(const Workshop& workshop, const Task& task) {
  if (!std::filesystem::exists(workshop.directory.checkpoint(task.id))) return {};
  return with_checkpoint(workshop, task, [](const auto& checkpoint) { return end_of(checkpoint); });
}

std::map<std::string, store::StreamMark> stream_marks(const Workshop& workshop, const Task& task) {
  return with_checkpoint(workshop, task, [](const auto& checkpoint) { return checkpoint.streams; });
}

std::vector<double> last_theta(const Workshop& workshop, const Task& task) {
  return with_checkpoint(workshop, task, [](const auto& checkpoint) {
    const auto& theta = checkpoint.state.theta;
    return std::vector<double>(theta.begin(), theta.end());
  });
}

Buffers<double> last_buffers(const Workshop& workshop, const Task& task) {
  return with_checkpoint(workshop, task, [](const auto& checkpoint) {
    Buffers<double> buffers;
    for (const auto& [name, values] : checkpoint.state.buffers)
      buffers.emplace_back(name, std::vector<double>(values.begin(), values.end()));
    return buffers;
  });
}

}  // namespace thermoscape
