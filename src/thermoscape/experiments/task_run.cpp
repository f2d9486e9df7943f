#include "thermoscape/experiments/task_run.hpp"

#include <algorithm>
#include <cstdlib>

namespace thermoscape {

namespace {

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

}  // namespace

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

template <class Real>
Recorder<Real>::Recorder(const Workshop& workshop,
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

template <class Real>
std::map<std::string, store::StreamMark> Recorder<Real>::marks() {
  std::map<std::string, store::StreamMark> all;
  for (std::size_t p = 0; p < writers_.size(); ++p) all[(*probes_)[p].name] = writers_[p].mark();
  return all;
}

template <class Real>
TaskRun<Real>::TaskRun(const Workshop& workshop,
                       const Objective<Real>& prototype,
                       const Task& task,
                       const TaskSignals& signals)
    : workshop_(&workshop),
      task_(&task),
      signals_(&signals),
      branch_(&workshop.plan->branch(task)),
      path_(workshop.directory.checkpoint(task.id)),
      resumed_(std::filesystem::exists(path_)),
      noise_(static_cast<std::uint64_t>(workshop.recipe->head.seed)) {
  if (resumed_) checkpoint_ = store::read_checkpoint<Real>(path_);
  if (!end().finished) begin(prototype);
}

template <class Real>
void TaskRun<Real>::begin(const Objective<Real>& prototype) {
  objective_ = prototype.clone();
  start_ = start_of(*workshop_, *objective_, *task_);
  if (!start_.buffers.empty())
    objective_->use_buffers(start_.buffers);  // probes may look at the start
  if (!resumed_) {
    checkpoint_.state =
        std::visit([&](const auto& rule) { return rule.init(start_.theta); }, branch_->rule);
    checkpoint_.state.buffers = start_.buffers;
  }
  const Noise run_noise = noise_;
  noise_ = run_noise.fork(task_->id, 0);
  const Ground& ground = workshop_->ground(*task_);
  sampler_.emplace(make_sampler(ground, branch_->batch, objective_->examples(), noise_));
  const Ground* test =
      test_ground(*workshop_->recipe, (*workshop_->grounds)[task_->ground], branch_->place);
  for (const RecordSettings& one : branch_->record) {
    Schedule schedule(one.schedule, branch_->stop.steps, sampler_->steps_per_epoch());
    probes_.push_back(make_probe<Real>(
        one, *objective_, std::move(schedule), ground.labels(), run_noise, test_part<Real>(test)));
  }
  recorder_.emplace(*workshop_, *task_, probes_, resumed_ ? &checkpoint_.streams : nullptr);
  saved_ = Clock::now();
  reported_ = checkpoint_.state.step;
}

template <class Real>
Hooks TaskRun<Real>::hooks() {
  Hooks hooks;
  hooks.receive = [this](std::size_t probe, std::span<const double> numbers) {
    recorder_->append(probe, numbers);
  };
  // A pulse costs a clock reading; between two of them lie about 5e7 multiplications or more.
  const std::int64_t batch = branch_->batch.size;
  const double work = static_cast<double>(objective_->parameters()) *
                      static_cast<double>(batch > 0 ? batch : objective_->examples());
  hooks.pulse_every = std::clamp<std::int64_t>(static_cast<std::int64_t>(5e7 / work), 1, 500);
  hooks.pulse = [this](std::int64_t step) { return pulse(step); };
  return hooks;
}

template <class Real>
bool TaskRun<Real>::pulse(std::int64_t step) {
  report(step);
  if (signals_->interrupted != nullptr && signals_->interrupted->load(std::memory_order_relaxed))
    return false;
  const std::chrono::duration<double> since = Clock::now() - saved_;
  if (since.count() > signals_->seconds_between_checkpoints) save();
  return true;
}

template <class Real>
void TaskRun<Real>::report(std::int64_t step) {
  if (signals_->progress) signals_->progress(step - reported_);
  reported_ = step;
}

template <class Real>
void TaskRun<Real>::save() {
  checkpoint_.streams = recorder_->marks();
  store::write_checkpoint(path_, checkpoint_);
  saved_ = Clock::now();
}

template <class Real>
TaskEnd TaskRun<Real>::finish(const Outcome& outcome) {
  report(checkpoint_.state.step);
  if (!outcome.interrupted) {
    checkpoint_.notes = {{"finished", "true"},
                         {"status", std::string(name(outcome.status))},
                         {"loss", fmt::format("{}", outcome.loss)}};
  }
  save();
  return end();
}

template TaskEnd end_of(const store::Checkpoint<float>&);
template TaskEnd end_of(const store::Checkpoint<double>&);
template class Recorder<float>;
template class Recorder<double>;
template class TaskRun<float>;
template class TaskRun<double>;

}  // namespace thermoscape
