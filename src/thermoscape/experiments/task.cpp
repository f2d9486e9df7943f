#include "thermoscape/experiments/task.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "thermoscape/store/checkpoint.hpp"

namespace thermoscape {

namespace {

template <class Real>
TaskEnd end_of(const store::Checkpoint<Real>& checkpoint) {
  TaskEnd end;
  end.steps = checkpoint.state.step;
  end.time = checkpoint.state.time;
  const auto note = [&](const char* key) {
    const auto it = checkpoint.notes.find(key);
    return it == checkpoint.notes.end() ? std::string() : it->second;
  };
  end.finished = note("finished") == "true";
  if (end.finished) {
    end.status = status_from(note("status"));
    end.loss = std::strtod(note("loss").c_str(), nullptr);  // stod refuses subnormal numbers
  }
  return end;
}

/// θ and the running statistics that a task starts from.
template <class Real>
State<Real> start_of(const Workshop& workshop, const Objective<Real>& objective, const Task& task) {
  if (task.parent) {
    const Task& parent = workshop.plan->tasks[*task.parent];
    return store::read_checkpoint<Real>(workshop.directory.checkpoint(parent.id)).state;
  }
  const Noise noise(static_cast<std::uint64_t>(workshop.recipe->head.seed));
  State<Real> state;
  state.theta = objective.initial(noise.fork("initial", static_cast<std::uint64_t>(task.minimum)));
  state.buffers = objective.buffers();
  return state;
}

Sampler make_sampler(const Ground& ground,
                     const SamplerSettings& settings,
                     std::int64_t examples,
                     const Noise& noise) {
  if (!settings.augment) return Sampler(settings, examples, noise);
  const std::vector<std::int64_t> shape =
      ground.train ? ground.train->shape : std::vector<std::int64_t>();
  if (shape.size() != 3) reject({"batch.augment", "true", "needs images as inputs", ""});
  return Sampler(
      settings,
      examples,
      noise,
      data::CropFlip{
          shape[0], shape[1], shape[2], settings.padding, settings.flip, noise.fork("augment", 0)});
}

/// The streams of a task: one a probe, created anew or resumed at the marks of a checkpoint.
template <class Real>
class Recorder {
 public:
  Recorder(const Workshop& workshop,
           const Task& task,
           const std::vector<Probe<Real>>& probes,
           const std::map<std::string, store::StreamMark>* marks)
      : probes_(&probes) {
    for (const Probe<Real>& probe : probes) {
      const std::vector<store::StreamColumn> columns{
          {probe.name, probe.unit, probe.description, probe.width}};
      const auto path = workshop.directory.stream(task.id, probe.name);
      if (marks == nullptr) {
        writers_.push_back(store::StreamWriter::create(path, columns));
        continue;
      }
      const auto mark = marks->find(probe.name);
      if (mark == marks->end()) {
        reject({path.string(),
                "",
                "is not in the checkpoint of its task",
                "the recipe changed since the run began"});
      }
      writers_.push_back(store::StreamWriter::resume(path, columns, mark->second));
    }
  }

  void append(std::size_t probe, std::span<const double> numbers) {
    writers_[probe].append(numbers);
  }

  [[nodiscard]] std::map<std::string, store::StreamMark> marks() {
    std::map<std::string, store::StreamMark> all;
    for (std::size_t p = 0; p < writers_.size(); ++p) all[(*probes_)[p].name] = writers_[p].mark();
    return all;
  }

 private:
  const std::vector<Probe<Real>>* probes_;
  std::vector<store::StreamWriter> writers_;
};

template <class Real>
TaskEnd run_typed(const Workshop& workshop,
                  const Objective<Real>& prototype,
                  const Task& task,
                  const TaskSignals& signals) {
  const Branch& branch = workshop.plan->branch(task);
  const std::filesystem::path path = workshop.directory.checkpoint(task.id);
  const bool resumed = std::filesystem::exists(path);
  store::Checkpoint<Real> checkpoint;
  if (resumed) {
    checkpoint = store::read_checkpoint<Real>(path);
    if (const TaskEnd end = end_of(checkpoint); end.finished) return end;
  }
  const std::unique_ptr<Objective<Real>> objective = prototype.clone();
  const State<Real> start = start_of(workshop, *objective, task);
  const std::vector<Real>& origin = start.theta;
  if (!start.buffers.empty())
    objective->use_buffers(start.buffers);  // probes may look at the start
  if (!resumed) {
    checkpoint.state = std::visit([&](const auto& rule) { return rule.init(origin); }, branch.rule);
    checkpoint.state.buffers = start.buffers;
  }
  const Noise run_noise(static_cast<std::uint64_t>(workshop.recipe->head.seed));
  const Noise noise = run_noise.fork(task.id, 0);
  Sampler sampler = make_sampler(workshop.ground(task), branch.batch, objective->examples(), noise);
  const Ground* test =
      test_ground(*workshop.recipe, (*workshop.grounds)[task.ground], branch.place);
  std::vector<Probe<Real>> probes;
  for (const RecordSettings& one : branch.record) {
    Schedule schedule(one.schedule, branch.stop.steps, sampler.steps_per_epoch());
    probes.push_back(make_probe<Real>(resolved(one, workshop.ground(task)),
                                      *objective,
                                      std::move(schedule),
                                      workshop.ground(task).labels(),
                                      run_noise,
                                      test_part<Real>(test)));
  }
  Recorder<Real> recorder(workshop, task, probes, resumed ? &checkpoint.streams : nullptr);

  using Clock = std::chrono::steady_clock;
  auto saved = Clock::now();
  std::int64_t reported = checkpoint.state.step;
  const auto save = [&] {
    checkpoint.streams = recorder.marks();
    store::write_checkpoint(path, checkpoint);
    saved = Clock::now();
  };
  Hooks hooks;
  hooks.receive = [&](std::size_t probe, std::span<const double> numbers) {
    recorder.append(probe, numbers);
  };
  // A pulse costs a clock reading; between two of them lie about 5e7 multiplications or more.
  const double work =
      static_cast<double>(objective->parameters()) *
      static_cast<double>(branch.batch.size > 0 ? branch.batch.size : objective->examples());
  hooks.pulse_every = std::clamp<std::int64_t>(static_cast<std::int64_t>(5e7 / work), 1, 500);
  hooks.pulse = [&](std::int64_t step) {
    if (signals.progress) signals.progress(step - reported);
    reported = step;
    if (signals.interrupted != nullptr && signals.interrupted->load(std::memory_order_relaxed))
      return false;
    const std::chrono::duration<double> since = Clock::now() - saved;
    if (since.count() > signals.seconds_between_checkpoints) save();
    return true;
  };
  const Outcome outcome =
      run<Real>(*objective,
                branch.rule,
                noise,
                sampler,
                checkpoint.state,
                origin,
                probes,
                branch.stop,
                hooks,
                branch.settings.mode == "evaluate" ? Mode::evaluate : Mode::train);
  if (signals.progress) signals.progress(checkpoint.state.step - reported);
  if (!outcome.interrupted) {
    checkpoint.notes = {{"finished", "true"},
                        {"status", std::string(name(outcome.status))},
                        {"loss", fmt::format("{}", outcome.loss)}};
  }
  save();
  return end_of(checkpoint);
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

RecordSettings resolved(RecordSettings settings, const Ground& ground) {
  if (settings.probe != "trajectory") return settings;
  settings.range = std::visit(
      [&](const auto& objective) {
        return parameter_range(settings.parameters, *objective, "record.parameters");
      },
      ground.objective);
  return settings;
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
