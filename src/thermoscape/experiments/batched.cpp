#include "thermoscape/experiments/batched.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>

#include "thermoscape/experiments/task_run.hpp"
#include "thermoscape/objective/mlp/replicas.hpp"
#include "thermoscape/record/run_together.hpp"

namespace thermoscape {

namespace {

/// A task in a lane and the signals it was given.
template <class Real>
struct Running {
  TaskSignals signals;
  TaskRun<Real> run;

  Running(const Workshop& workshop,
          const Objective<Real>& prototype,
          const Task& task,
          TaskSignals given)
      : signals(std::move(given)), run(workshop, prototype, task, signals) {}
};

template <class Real>
bool run_typed(const Workshop& workshop,
               const Objective<Real>& prototype,
               const std::vector<std::size_t>& tasks,
               const std::function<TaskSignals(std::size_t)>& signals,
               const std::function<void(std::size_t, const TaskEnd&)>& ended) {
  std::map<std::size_t, std::unique_ptr<Running<Real>>> running;
  std::size_t begun = 0;
  const auto next = [&]() -> std::optional<Replica<Real>> {
    while (begun < tasks.size()) {
      const std::size_t index = tasks[begun++];
      const Task& task = workshop.plan->tasks[index];
      auto one = std::make_unique<Running<Real>>(workshop, prototype, task, signals(index));
      if (one->run.end().finished) {
        ended(index, one->run.end());
        continue;
      }
      Running<Real>& kept = *(running[index] = std::move(one));
      const Branch& branch = workshop.plan->branch(task);
      const std::span<const Probe<Real>> probes = kept.run.probes();
      const auto loss = std::find_if(
          probes.begin(), probes.end(), [](const auto& probe) { return probe.name == "loss"; });
      const auto end = [&running, &ended, index](const Outcome& outcome) {
        ended(index, running.at(index)->run.finish(outcome));
        running.erase(index);
      };
      return Replica<Real>{
          std::get<Overdamped>(branch.rule),
          kept.run.noise(),
          &kept.run.state(),
          kept.run.origin(),
          probes,
          branch.stop.steps,
          kept.run.hooks(),
          end,
          loss == probes.end() ? std::nullopt : std::optional<std::size_t>(loss - probes.begin())};
    }
    return std::nullopt;
  };
  return run_together<Real>(dynamic_cast<const Mlp<Real>&>(prototype), next);
}

template <class Real>
double vector_step(const Objective<Real>& network, const Overdamped& rule) {
  constexpr double kLongEnough = 0.02;
  mlp::Replicas<Real> replicas(dynamic_cast<const Mlp<Real>&>(network));
  const std::size_t lanes = replicas.lanes();
  std::vector<std::uint64_t> keys;
  std::vector<std::uint64_t> steps(lanes);
  const std::vector<Real> amplitude(
      lanes, static_cast<Real>(std::sqrt(2 * rule.time_step * rule.temperature)));
  const std::vector<Real> eta(lanes, static_cast<Real>(rule.time_step));
  for (std::size_t l = 0; l < lanes; ++l) {
    keys.push_back(Noise(l).key());
    replicas.put(l, network.initial(Noise(l)));
  }
  for (std::int64_t count = 1;; count *= 2) {
    const auto start = std::chrono::steady_clock::now();
    for (std::int64_t i = 0; i < count; ++i) {
      replicas.evaluate();
      replicas.kick("overdamped.kick", keys, steps, amplitude, eta);
      for (std::uint64_t& step : steps) ++step;
    }
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    if (spent.count() > kLongEnough) return spent.count() / static_cast<double>(count);
  }
}

/// The tasks `all` in `count` groups, dealt out in turn from the longest on.
void deal(const Plan& plan,
          std::vector<std::size_t> all,
          std::size_t count,
          std::vector<TaskGroup>& groups) {
  std::stable_sort(all.begin(), all.end(), [&plan](std::size_t a, std::size_t b) {
    return plan.branch(plan.tasks[a]).stop.steps > plan.branch(plan.tasks[b]).stop.steps;
  });
  const std::size_t first = groups.size();
  groups.resize(first + count);
  for (std::size_t i = 0; i < all.size(); ++i) {
    groups[first + i % count].tasks.push_back(all[i]);
    groups[first + i % count].together = true;
  }
}

}  // namespace

std::size_t lanes_of(const Ground& ground) {
  const bool single =
      std::holds_alternative<std::shared_ptr<const Objective<float>>>(ground.objective);
  return static_cast<std::size_t>(single ? mlp::replica_kernels<float>(instruction_set()).lanes
                                         : mlp::replica_kernels<double>(instruction_set()).lanes);
}

double seconds_per_vector_step(const Ground& ground, const Branch& branch) {
  return std::visit(
      [&](const auto& objective) {
        return vector_step(*objective, std::get<Overdamped>(branch.rule));
      },
      ground.objective);
}

bool is_batched(const Recipe& recipe, std::size_t phase) {
  return (*recipe.phases[phase])["batched"].value_or(false);
}

void check_batched(const Branch& branch, const AnyObjective& objective, const std::string& where) {
  const auto refuse = [&where](const char* rule, const char* hint) {
    reject({where + ", batched", "true", rule, hint});
  };
  if (!std::holds_alternative<Overdamped>(branch.rule))
    refuse("needs the rule overdamped", "leave it out");
  if (branch.batch.size != 0 || branch.batch.augment)
    refuse("needs all examples in every step", "leave out `batch`");
  if (branch.stop.loss >= 0 || branch.stop.gradient_norm >= 0 || branch.stop.slope.slope >= 0)
    refuse("needs a fixed length", "leave out `stop`, or use stop.steps");
  const auto* const network = std::get_if<MlpSettings>(&objective);
  if (network == nullptr) refuse("needs an objective of the kind mlp", "leave it out");
  if (!mlp::can_batch(*network))
    refuse("needs relu, tanh or identity as activation", "leave it out");
}

std::vector<TaskGroup> group_tasks(const Workshop& workshop) {
  const Plan& plan = *workshop.plan;
  std::vector<TaskGroup> groups;
  std::map<std::pair<std::size_t, std::size_t>, std::vector<std::size_t>> shared;
  for (std::size_t t = 0; t < plan.tasks.size(); ++t) {
    const Task& task = plan.tasks[t];
    if (is_batched(*workshop.recipe, task.phase)) {
      shared[{task.phase, task.ground}].push_back(t);
    } else {
      groups.push_back({{t}, false});
    }
  }
  for (const auto& [key, all] : shared) {
    const std::size_t lanes = lanes_of(workshop.ground(plan.tasks[all.front()]));
    const std::size_t full = (all.size() + lanes - 1) / lanes;
    const auto threads = static_cast<std::size_t>(std::max(1, workshop.threads));
    deal(plan, all, std::min(full, threads), groups);
  }
  return groups;
}

std::vector<Job> jobs_of(const Plan& plan, const std::vector<TaskGroup>& groups) {
  std::vector<std::size_t> job_of(plan.tasks.size());
  for (std::size_t g = 0; g < groups.size(); ++g) {
    for (const std::size_t t : groups[g].tasks) job_of[t] = g;
  }
  std::vector<Job> jobs;
  for (const TaskGroup& group : groups) {
    Job job;
    for (const std::size_t t : group.tasks) {
      const Task& task = plan.tasks[t];
      job.cost += static_cast<double>(plan.branch(task).stop.steps);
      if (task.parent) job.more_parents.push_back(job_of[*task.parent]);
    }
    jobs.push_back(std::move(job));
  }
  return jobs;
}

bool run_tasks_together(const Workshop& workshop,
                        const std::vector<std::size_t>& tasks,
                        const std::function<TaskSignals(std::size_t)>& signals,
                        const std::function<void(std::size_t, const TaskEnd&)>& ended) {
  return std::visit(
      [&](const auto& objective) { return run_typed(workshop, *objective, tasks, signals, ended); },
      workshop.ground(workshop.plan->tasks[tasks.front()]).objective);
}

}  // namespace thermoscape
