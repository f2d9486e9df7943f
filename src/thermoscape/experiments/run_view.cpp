#include "thermoscape/experiments/run_view.hpp"

#include <algorithm>
#include <mutex>

#include "thermoscape/experiments/queue.hpp"

namespace thermoscape {

std::vector<std::size_t> RunView::tasks_of(const std::string& phase) const {
  std::vector<std::string> names;
  for (const PhasePlan& one : plan().phases) names.push_back(one.name);
  const auto it = std::find(names.begin(), names.end(), phase);
  if (it == names.end())
    reject({"phase", phase, "is not a phase of this recipe", did_you_mean(phase, names)});
  std::vector<std::size_t> list;
  for (std::size_t t = 0; t < plan().tasks.size(); ++t) {
    if (plan().tasks[t].phase == static_cast<std::size_t>(it - names.begin())) list.push_back(t);
  }
  return list;
}

bool RunView::records(std::size_t index, const std::string& probe) const {
  const auto& list = branch(index).record;
  return std::any_of(
      list.begin(), list.end(), [&](const RecordSettings& one) { return one.probe == probe; });
}

Recorded RunView::recorded(std::size_t index, const std::string& probe) const {
  const Branch& own = branch(index);
  const auto it = std::find_if(own.record.begin(),
                               own.record.end(),
                               [&](const RecordSettings& one) { return one.probe == probe; });
  if (it == own.record.end()) {
    reject({"phase " + plan().phases[task(index).phase].name,
            probe,
            "is not recorded",
            "add { probe = \"" + probe + "\", every = 10 } to its record"});
  }
  const auto marks = stream_marks(*workshop_, task(index));
  const auto mark = marks.find(probe);
  if (mark == marks.end())
    reject({"task " + task(index).id,
            probe,
            "is not in its checkpoint",
            "the recipe changed since the run"});
  const store::MappedStream stream =
      store::map_stream(workshop_->directory.stream(task(index).id, probe), mark->second);
  Recorded recorded;
  recorded.values = stream.values;
  recorded.rows = stream.rows;
  recorded.width = stream.width;
  for (const ProbePage& page : probe_pages()) {
    if (page.name != probe) continue;
    recorded.axis = page.axis;
    recorded.unit = page.unit;
    recorded.description = page.description;
  }
  const std::int64_t examples = std::visit(
      [](const auto& objective) { return objective->examples(); }, ground(index).objective);
  const Sampler sampler(own.batch, examples, Noise(0));
  const Schedule schedule(it->schedule, own.stop.steps, sampler.steps_per_epoch());
  const double step = time_step(own.rule);
  recorded.time.resize(recorded.rows);
  for (std::size_t i = 0; i < recorded.rows; ++i) {
    recorded.time[i] = step * static_cast<double>(schedule.step_of(static_cast<std::int64_t>(i)));
  }
  return recorded;
}

std::vector<double> RunView::last_theta(std::size_t index) const {
  return thermoscape::last_theta(*workshop_, task(index));
}

std::unique_ptr<Objective<double>> RunView::objective(std::size_t index) const {
  std::unique_ptr<Objective<double>> objective = ground(index).in_double();
  const Buffers<double> buffers = thermoscape::last_buffers(*workshop_, task(index));
  if (!buffers.empty()) objective->use_buffers(buffers);
  return objective;
}

void RunView::in_parallel(std::size_t count, const std::function<void(std::size_t)>& work) const {
  std::mutex mutex;
  std::size_t done = 0;
  run_queue(std::vector<Job>(count), workshop_->threads, [&](std::size_t i) {
    work(i);
    if (watcher_) {
      const std::scoped_lock lock(mutex);
      watcher_(++done, count);
    }
    return true;
  });
}

RunView RunView::watched(std::function<void(std::size_t, std::size_t)> watcher) const {
  RunView view = *this;
  view.watcher_ = std::move(watcher);
  return view;
}

namespace {

Dataset task_dataset(const RunView& view, std::size_t index) {
  Dataset group;
  const Task& task = view.task(index);
  for (const auto& [key, value] : task.where) group.attributes[key] = value;
  group.attributes["minimum"] = task.minimum;
  group.attributes["replica"] = task.replica;
  group.attributes["status"] = std::string(name(view.end(index).status));
  group.put_vector(
      "last_theta", "parameter", view.last_theta(index), "1", "parameters at the end of the task");
  for (const RecordSettings& one : view.branch(index).record) {
    if (stays_in_stream(one.probe)) continue;
    Recorded recorded = view.recorded(index, one.probe);
    const std::string axis = one.probe + "_look";
    group.put_vector(one.probe + "_time",
                     axis,
                     std::move(recorded.time),
                     "time",
                     "time since the start of the phase");
    Array array{one.probe,
                {axis},
                {recorded.rows},
                recorded.values,
                recorded.unit,
                recorded.description,
                "",
                {}};
    if (!recorded.axis.empty()) {
      array.dimensions.push_back(recorded.axis);
      array.shape.push_back(recorded.width);
    }
    array.source = "probe " + one.probe;
    group.put(std::move(array));
  }
  return group;
}

}  // namespace

Dataset phase_dataset(const RunView& view, std::size_t phase) {
  Dataset group;
  const std::vector<std::size_t> tasks = view.tasks_of(view.plan().phases[phase].name);
  std::vector<double> minimum;
  std::vector<double> replica;
  std::vector<double> steps;
  std::vector<double> time;
  std::vector<double> loss;
  std::map<std::string, std::vector<double>> where;
  for (const std::size_t index : tasks) {
    const Task& task = view.task(index);
    const TaskEnd end = view.end(index);
    minimum.push_back(static_cast<double>(task.minimum));
    replica.push_back(static_cast<double>(task.replica));
    steps.push_back(static_cast<double>(end.steps));
    time.push_back(end.time);
    loss.push_back(end.loss);
    for (const auto& [key, value] : task.where) where[key].push_back(value);
    group.groups[task.id] = task_dataset(view, index);
  }
  group.put_vector("minimum", "task", minimum, "1", "which initialisation");
  group.put_vector("replica", "task", replica, "1", "which noise");
  group.put_vector("steps", "task", steps, "steps", "steps taken");
  group.put_vector("time", "task", time, "time", "time covered");
  group.put_vector("last_loss", "task", loss, "loss", "loss on the last batch");
  for (auto& [key, values] : where) {
    // A coordinate that only some tasks have (of one [[variant]] among several) stands in their
    // groups alone.
    if (group.find(key) != nullptr || values.size() != tasks.size()) continue;
    const std::string own = key.substr(key.find('.') == std::string::npos ? 0 : key.find('.') + 1);
    const AnyRule& rule = view.branch(tasks.front()).rule;
    const bool direct = unit_of(rule, key) != "1";  // else the key of a phase before, PHASE.KEY
    group.put_vector(key, "task", values, unit_of(rule, direct ? key : own), "swept parameter");
  }
  return group;
}

}  // namespace thermoscape
