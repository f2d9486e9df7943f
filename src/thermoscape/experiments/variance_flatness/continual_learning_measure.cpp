#include <algorithm>
#include <cmath>
#include <map>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/pooled_findings.hpp"
#include "thermoscape/experiments/variance_flatness/continual_learning_repeat.hpp"

namespace thermoscape {

namespace {

struct ContinualOptions {
  std::int64_t classes_each = 2;
  std::string parameters = "layer2.weight";
  double learning_rate = 0.1;
  std::int64_t batch = 50;
  std::int64_t first_steps = 5000;
  std::int64_t second_steps = 3000;
  std::int64_t window = 2600;
  std::int64_t constrained = 200;
  double psi = 4;
  std::vector<double> strengths = {0.01, 0.1, 1, 10, 100};
  std::vector<double> elastic_strengths = {1, 10, 100, 1000, 10000};
  std::vector<std::int64_t> counts = {10, 30, 100, 200, 400};
  std::int64_t sequence = 5;
  double kept_error = 0.1;

  static constexpr auto fields() {
    using O = ContinualOptions;
    return std::tuple{
        field("classes_each", &O::classes_each, "1", "classes of a task", Range{1, 1000}),
        field("parameters", &O::parameters, "", "what is trained: a layer, or all"),
        field("learning_rate", &O::learning_rate, "[time]", "α", kPositive),
        field("batch", &O::batch, "examples", "batch size", kAtLeastOne),
        field("first_steps", &O::first_steps, "steps", "on the first task", kAtLeastOne),
        field("second_steps", &O::second_steps, "steps", "on each later task", kAtLeastOne),
        field("window",
              &O::window,
              "steps",
              "at the end of a task whose trajectory gives the components",
              Range{10, 1e6}),
        field("constrained", &O::constrained, "1", "N_c, components constrained", kAtLeastOne),
        field("psi", &O::psi, "1", "ψ by which the variance stands for flatness", kPositive),
        field("strengths", &O::strengths, "[loss]", "λ of the landscape constraints", kNonNegative),
        field("elastic_strengths", &O::elastic_strengths, "1", "λ of EWC", kNonNegative),
        field("counts", &O::counts, "1", "N_c of the sweep", kAtLeastOne),
        field("sequence", &O::sequence, "1", "tasks learned one after the other", Range{2, 1e3}),
        field("kept_error",
              &O::kept_error,
              "1",
              "mean error up to which a sequence of tasks counts as kept",
              kUnitInterval)};
  }
};

constexpr double kThreshold = 0.008;

class Study {
 public:
  Study(const RunView& view, std::size_t index, const ContinualOptions& options)
      : options_(options), ground_(view.ground(index)) {
    const Ground* test = test_ground(view.recipe(), ground_, "");
    if (test == nullptr || !test->train) {
      reject({"continual-learning",
              "",
              "needs test examples",
              "set `test` in the table of the data and record test_accuracy"});
    }
    tasks_ = learning_tasks(*ground_.train, *test->train, options.classes_each);
    if (tasks_.size() < 2)
      reject({"continual-learning", "one task", "needs classes for two", "classes_each = 1"});
    const auto objective = make_objective<float>(ground_.settings, ground_.train.get());
    lesson_.learning_rate = options.learning_rate;
    lesson_.batch = options.batch;
    lesson_.range = parameter_range(options.parameters, *objective, "continual-learning");
    noise_ = Noise(static_cast<std::uint64_t>(view.recipe().head.seed))
                 .fork("continual", static_cast<std::uint64_t>(view.task(index).minimum));
    // The other layers are those of the network that learned all tasks; what is trained begins
    // anew.
    const std::vector<double> all = view.last_theta(index);
    start_.assign(all.begin(), all.end());
    const std::vector<float> fresh = objective->initial(noise_.fork("initial", 0));
    std::copy_n(fresh.begin() + lesson_.range.first,
                lesson_.range.count,
                start_.begin() + lesson_.range.first);
  }

  Repeat run() {
    Repeat out;
    std::vector<double> trajectory;
    lesson_.steps = options_.first_steps;
    const std::vector<float> first = learn(ground_.settings,
                                           *tasks_[0].train,
                                           start_,
                                           lesson_,
                                           noise_.fork("batches", 0),
                                           &trajectory,
                                           std::min(options_.window, options_.first_steps));
    const TaskMemory memory = recall(0, first, trajectory);
    out.threshold = kThreshold * memory.flatness;
    lesson_.steps = options_.second_steps;
    out.trade_off["none"][0] = second(out, "none", first, memory, {});
    const std::int64_t count = options_.constrained;
    for (const double strength : options_.strengths) {
      const auto take = [&](const std::string& method, const QuadraticPenalty& penalty) {
        out.trade_off[method][strength] = second(out, method, first, memory, {penalty});
      };
      take("landscape", landscape_constraint(memory, strength, count));
      take("variance", variance_constraint(memory, strength, count, options_.psi));
      take("random", random_constraint(memory, strength, count, noise_));
    }
    for (const double strength : options_.elastic_strengths)
      out.trade_off["elastic"][strength] =
          second(out, "elastic", first, memory, {elastic_constraint(memory, strength)});
    out.trade_off["joint"][0] = joint(first);
    const double strength = best(out.trade_off["landscape"]);
    const double elastic = best(out.trade_off["elastic"]);
    for (const std::int64_t n : options_.counts) {
      const auto at = static_cast<double>(n);
      out.over_count["landscape"][at] =
          second(out, "", first, memory, {landscape_constraint(memory, strength, n)});
      out.over_count["elastic"][at] =
          second(out, "", first, memory, {elastic_constraint(memory, elastic, n)});
    }
    for (const char* method : {"none", "landscape", "elastic"})
      out.in_sequence[method] = sequence(method, first, memory, strength, elastic);
    return out;
  }

  static double total(const TwoErrors& one) { return one.first.over_all + one.second.over_all; }
  static double best(const Swept& swept) {
    return std::min_element(
               swept.begin(),
               swept.end(),
               [](const auto& a, const auto& b) { return total(a.second) < total(b.second); })
        ->first;
  }

 private:
  TaskMemory recall(std::size_t task,
                    const std::vector<float>& theta,
                    const std::vector<double>& trajectory) {
    return remember(ground_.settings,
                    tasks_[task],
                    theta,
                    lesson_.range,
                    trajectory,
                    {.modes = *std::max_element(options_.counts.begin(), options_.counts.end())});
  }

  TwoErrors errors(const std::vector<float>& theta) {
    return {task_error(ground_.settings, tasks_[0], theta),
            task_error(ground_.settings, tasks_[1], theta)};
  }

  /// The second task from the end of the first; keeps course and displacement of the first λ.
  TwoErrors second(Repeat& out,
                   const std::string& method,
                   const std::vector<float>& first,
                   const TaskMemory& memory,
                   std::vector<QuadraticPenalty> penalties) {
    lesson_.penalties = std::move(penalties);
    const double strength = lesson_.penalties.empty() ? 0 : lesson_.penalties.front().stiffest();
    const std::string key =
        method == "landscape" ? fmt::format("landscape {:.3g}", strength) : method;
    const bool drawn =
        (method == "none" || method == "landscape") && !out.course.contains(key + " ε1");
    Series one{key + " ε1", {}, {}, {}, "line", key + " ε1"};
    Series two{key + " ε2", {}, {}, {}, "line", key + " ε2"};
    LessonLook look;
    if (drawn) {
      look = [&](std::int64_t step, const std::vector<float>& theta) {
        const TwoErrors now = errors(theta);
        one.x.push_back(static_cast<double>(step));
        two.x.push_back(static_cast<double>(step));
        one.y.push_back(now.first.over_all);
        two.y.push_back(now.second.over_all);
      };
    }
    const std::vector<float> theta = learn(ground_.settings,
                                           *tasks_[1].train,
                                           first,
                                           lesson_,
                                           noise_.fork("batches", 1),
                                           nullptr,
                                           0,
                                           look,
                                           std::max<std::int64_t>(1, lesson_.steps / 20));
    lesson_.penalties.clear();
    if (drawn) {
      out.course[key + " ε1"] = one;
      out.course[key + " ε2"] = two;
      const Vector moved =
          Eigen::Map<const Eigen::VectorXf>(theta.data() + lesson_.range.first, lesson_.range.count)
              .cast<double>() -
          memory.centre;
      out.displacement[key] = (memory.directions * moved).cwiseAbs();
    }
    return errors(theta);
  }

  /// Both tasks at once, as many steps as the second has: the ceiling.
  TwoErrors joint(const std::vector<float>& first) {
    data::Labelled both = *tasks_[0].train;
    both.inputs.insert(
        both.inputs.end(), tasks_[1].train->inputs.begin(), tasks_[1].train->inputs.end());
    both.labels.insert(
        both.labels.end(), tasks_[1].train->labels.begin(), tasks_[1].train->labels.end());
    return errors(learn(ground_.settings, both, first, lesson_, noise_.fork("batches", 1)));
  }

  /// Mean error over the tasks seen, after each of the sequence.
  std::vector<double> sequence(const std::string& method,
                               std::vector<float> theta,
                               const TaskMemory& first,
                               double strength,
                               double elastic) {
    std::vector<QuadraticPenalty> penalties;
    const auto constrain = [&](const TaskMemory& memory) {
      if (method == "landscape")
        penalties.push_back(landscape_constraint(memory, strength, options_.constrained));
      if (method == "elastic") penalties.push_back(elastic_constraint(memory, elastic));
    };
    constrain(first);
    std::vector<double> means{task_error(ground_.settings, tasks_[0], theta).over_all};
    const std::size_t most =
        std::min<std::size_t>(tasks_.size(), static_cast<std::size_t>(options_.sequence));
    for (std::size_t t = 1; t < most; ++t) {
      lesson_.penalties = penalties;
      std::vector<double> trajectory;
      theta = learn(ground_.settings,
                    *tasks_[t].train,
                    theta,
                    lesson_,
                    noise_.fork("batches", t),
                    &trajectory,
                    std::min(options_.window, options_.second_steps));
      if (method != "none" && t + 1 < most) constrain(recall(t, theta, trajectory));
      double sum = 0;
      for (std::size_t k = 0; k <= t; ++k)
        sum += task_error(ground_.settings, tasks_[k], theta).over_all;
      means.push_back(sum / static_cast<double>(t + 1));
    }
    lesson_.penalties.clear();
    return means;
  }

  const ContinualOptions& options_;
  const Ground& ground_;
  std::vector<LearningTask> tasks_;
  Lesson lesson_;
  Noise noise_{0};
  std::vector<float> start_;
};

void add_swept(PooledFindings& pooled,
               const Task& task,
               const std::string& method,
               const Swept& swept,
               const std::string& axis) {
  for (const auto& [at, one] : swept) {
    const Coordinates where{{axis, at}};
    const auto add = [&](const char* what, double value) {
      pooled.add(task, method + what, {value, 0, Status::ok}, "1", where);
    };
    add("_first_error", one.first.over_all);
    add("_second_error", one.second.over_all);
    add("_first_error_within", one.first.within);
    add("_second_error_within", one.second.within);
  }
}

/// How many tasks in sequence a method holds before the mean error over them passes the bound.
double capacity(const std::vector<double>& means, double kept_error) {
  const auto lost =
      std::find_if(means.begin(), means.end(), [&](double x) { return x > kept_error; });
  return static_cast<double>(lost - means.begin());
}

void add_findings(PooledFindings& pooled,
                  const Task& task,
                  const Repeat& one,
                  const ContinualOptions& options) {
  std::map<std::string, double> totals;
  for (const auto& [method, swept] : one.trade_off) {
    add_swept(pooled, task, method, swept, "strength");
    const TwoErrors& best = swept.at(Study::best(swept));
    totals[method] = Study::total(best);
    pooled.add(task, method + "_total", {totals[method], 0, Status::ok}, "1");
    pooled.add(task,
               method + "_total_within",
               {best.first.within + best.second.within, 0, Status::ok},
               "1");
  }
  for (const auto& [method, swept] : one.over_count)
    add_swept(pooled, task, method + "_of", swept, "constrained");
  for (const auto& [method, means] : one.in_sequence) {
    for (std::size_t t = 0; t < means.size(); ++t)
      pooled.add(task,
                 method + "_sequence_error",
                 {means[t], 0, Status::ok},
                 "1",
                 {{"tasks", static_cast<double>(t + 1)}});
  }
  for (const auto& [method, means] : one.in_sequence) {
    const double held = capacity(means, options.kept_error);
    pooled.add(task, method + "_capacity", {held, 0, Status::ok}, "tasks");
  }
  // Differences within a repeat: initialisation and batches are the same for every method.
  for (const char* rival : {"none", "random", "elastic", "variance"})
    pooled.add(task,
               std::string(rival) + "_less_landscape",
               {totals[rival] - totals["landscape"], 0, Status::ok},
               "1");
}

}  // namespace

Measured measure_continual_learning(const RunView* view,
                                    const MeasureSettings& settings,
                                    TomlReader& reader) {
  const auto options = read_options<ContinualOptions>(reader);
  if (options.strengths.empty() || options.elastic_strengths.empty() || options.counts.empty())
    reject({reader.where(), "", "needs strengths, elastic_strengths and counts", ""});
  if (view == nullptr) return {};
  std::vector<std::size_t> tasks;
  for (const std::size_t index : view->tasks_of(settings.phase)) {
    if (view->end(index).status != Status::diverged) tasks.push_back(index);
  }
  std::vector<Repeat> repeats(tasks.size());
  view->in_parallel(tasks.size(),
                    [&](std::size_t i) { repeats[i] = Study(*view, tasks[i], options).run(); });
  PooledFindings pooled;
  for (std::size_t i = 0; i < tasks.size(); ++i)
    add_findings(pooled, view->task(tasks[i]), repeats[i], options);
  Measured measured;
  measured.findings = pooled.findings();
  if (!repeats.empty())
    measured.figures = continual_learning_figures(measured.findings, repeats.front());
  return measured;
}

}  // namespace thermoscape
