#include <algorithm>
#include <cmath>
#include <map>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/pooled_findings.hpp"
#include "thermoscape/experiments/variance_flatness/continual_learning_repeat.hpp"
#include "thermoscape/experiments/variance_flatness/of_tasks.hpp"

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
        field("parameters",
              &O::parameters,
              "",
              "what is trained: all, layers (layer2.weight), globs or first:end"),
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
    lesson_.trained = parameter_subset(options.parameters, *objective, "continual-learning");
    noise_ = Noise(static_cast<std::uint64_t>(view.recipe().head.seed))
                 .fork("continual", static_cast<std::uint64_t>(view.task(index).minimum));
    // The other layers are those of the network that learned all tasks; what is trained begins
    // anew.
    const std::vector<double> all = view.last_theta(index);
    start_.assign(all.begin(), all.end());
    const std::vector<float> fresh = objective->initial(noise_.fork("initial", 0));
    std::vector<double> anew(static_cast<std::size_t>(lesson_.trained.count()));
    lesson_.trained.take<float>(fresh, anew);
    lesson_.trained.put<float>(anew, start_);
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
    const std::int64_t count = options_.constrained;
    std::map<std::string, std::map<double, Course>> courses;
    const auto take =
        [&](const std::string& method, double strength, std::vector<QuadraticPenalty> penalties) {
          out.trade_off[method][strength] =
              second(first, memory, std::move(penalties), &courses[method][strength]);
        };
    take("none", 0, {});
    for (const double strength : options_.strengths) {
      take("landscape", strength, {landscape_constraint(memory, strength, count)});
      take("variance", strength, {variance_constraint(memory, strength, count, options_.psi)});
      take("random", strength, {random_constraint(memory, strength, count, noise_)});
    }
    for (const double strength : options_.elastic_strengths)
      take("elastic", strength, {elastic_constraint(memory, strength)});
    for (const auto& [method, of_strength] : courses)
      out.course[method] = of_strength.at(best(out.trade_off[method]));
    out.trade_off["joint"][0] = joint(first);
    const double strength = best(out.trade_off["landscape"]);
    const double elastic = best(out.trade_off["elastic"]);
    for (const std::int64_t n : options_.counts) {
      const auto at = static_cast<double>(n);
      out.over_count["landscape"][at] =
          second(first, memory, {landscape_constraint(memory, strength, n)});
      out.over_count["elastic"][at] =
          second(first, memory, {elastic_constraint(memory, elastic, n)});
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
                    lesson_.trained,
                    trajectory,
                    {.modes = *std::max_element(options_.counts.begin(), options_.counts.end())});
  }

  TwoErrors errors(const std::vector<float>& theta) {
    return {task_error(ground_.settings, tasks_[0], theta),
            task_error(ground_.settings, tasks_[1], theta)};
  }

  /// The second task from the end of the first, the same batches every time.
  TwoErrors second(const std::vector<float>& first,
                   const TaskMemory& memory,
                   std::vector<QuadraticPenalty> penalties,
                   Course* course = nullptr) {
    constexpr std::int64_t kLooks = 20;
    LessonLook look;
    if (course != nullptr) {
      look = [&](std::int64_t step, const std::vector<float>& theta) {
        const TwoErrors now = errors(theta);
        course->step.push_back(static_cast<double>(step));
        course->first.push_back(now.first.over_all);
        course->second.push_back(now.second.over_all);
      };
    }
    lesson_.penalties = std::move(penalties);
    const std::vector<float> theta = learn(ground_.settings,
                                           *tasks_[1].train,
                                           first,
                                           lesson_,
                                           noise_.fork("batches", 1),
                                           nullptr,
                                           0,
                                           look,
                                           std::max<std::int64_t>(1, lesson_.steps / kLooks));
    lesson_.penalties.clear();
    if (course != nullptr) {
      Vector at(memory.centre.size());
      lesson_.trained.take<float>(theta, {at.data(), static_cast<std::size_t>(at.size())});
      course->displacement = (memory.directions * (at - memory.centre)).cwiseAbs();
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
    pooled.add(task, method + "_first", {best.first.over_all, 0, Status::ok}, "1");
    pooled.add(task, method + "_second", {best.second.over_all, 0, Status::ok}, "1");
    if (const double strength = Study::best(swept); strength > 0)
      pooled.add(task, method + "_log10_strength", {std::log10(strength), 0, Status::ok}, "1");
  }
  for (const auto& [method, swept] : one.over_count) {
    add_swept(pooled, task, method + "_of", swept, "constrained");
    for (const auto& [count, errors] : swept) {
      const Estimate total{Study::total(errors), 0, Status::ok};
      pooled.add(task, method + "_of_total", total, "1", {{"constrained", count}});
    }
  }
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
  const auto repeats = of_tasks(
      *view, settings.phase, [&](std::size_t index) { return Study(*view, index, options).run(); });
  PooledFindings pooled;
  for (const auto& [task, repeat] : repeats) add_findings(pooled, task, repeat, options);
  Measured measured;
  measured.findings = pooled.findings();
  if (repeats.empty()) return measured;
  // Courses are averaged over the repeats at the first place of a sweep alone.
  std::vector<Repeat> shown;
  for (const auto& [task, repeat] : repeats) {
    if (task.where == repeats.front().task.where) shown.push_back(repeat);
  }
  measured.figures = continual_learning_figures(measured.findings, shown);
  measured.tables = {continual_learning_table(measured.findings)};
  return measured;
}

}  // namespace thermoscape
