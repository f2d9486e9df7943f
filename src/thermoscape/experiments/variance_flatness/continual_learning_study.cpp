#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/variance_flatness/continual_learning_repeat.hpp"

namespace thermoscape {

namespace {

constexpr double kThreshold = 0.008;
constexpr std::int64_t kLooks = 20;

class Study {
 public:
  Study(const RunView& view, std::size_t index, const ContinualOptions& options)
      : options_(options), ground_(view.ground(index)) {
    const Ground* test = test_ground(view.recipe(), ground_, "");
    tasks_ = learning_tasks(*ground_.train, *test->train, options.classes_each);
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
    first_ = learn(ground_.settings,
                   *tasks_[0].train,
                   start_,
                   lesson_,
                   noise_.fork("batches", 0),
                   &trajectory,
                   std::min(options_.window, options_.first_steps));
    const std::int64_t most = *std::max_element(options_.counts.begin(), options_.counts.end());
    memory_ = remember(ground_.settings,
                       tasks_[0],
                       first_,
                       lesson_.trained,
                       trajectory,
                       {.modes = std::max(most, options_.constrained)});
    out.threshold = kThreshold * memory_.flatness;
    lesson_.steps = options_.second_steps;
    for (const char* method : {"none", "landscape", "variance", "random", "elastic"}) {
      std::map<double, Course> courses;
      Swept& swept = out.trade_off[method];
      for (const double strength : strengths(method)) {
        swept[strength] =
            second(constraints(method, memory_, strength, count_of(method), 0), &courses[strength]);
      }
      out.course[method] = courses.at(choose(swept).strength);
    }
    out.trade_off["joint"][0] =
        both_errors(learn(ground_.settings, first_tasks(2), first_, lesson_, batches(1)));
    for (const char* method : {"landscape", "elastic"}) {
      auto& of_count = out.over_count[method];
      for (const std::int64_t n : options_.counts)
        of_count[static_cast<double>(n)] = best_of_count(method, n, out.trade_off[method]);
    }
    // EWC of all parameters is known without another lesson.
    out.over_count["elastic"][static_cast<double>(lesson_.trained.count())] =
        choose(out.trade_off["elastic"]);
    for (const char* method : {"none", "landscape", "elastic", "random", "joint"})
      out.in_sequence[method] = sequence(method, choose(out.trade_off[method]).strength);
    return out;
  }

 private:
  [[nodiscard]] std::vector<double> strengths(const std::string& method) const {
    if (method == "none") return {0};
    if (method == "elastic") return options_.elastic_strengths;
    if (method == "random" && !options_.random_strengths.empty()) return options_.random_strengths;
    return options_.strengths;
  }
  /// N_c where it is not swept: EWC holds every parameter.
  [[nodiscard]] std::int64_t count_of(const std::string& method) const {
    return method == "elastic" ? 0 : options_.constrained;
  }
  [[nodiscard]] Noise batches(std::size_t task) const { return noise_.fork("batches", task); }

  [[nodiscard]] std::vector<QuadraticPenalty> constraints(const std::string& method,
                                                          const TaskMemory& memory,
                                                          double strength,
                                                          std::int64_t count,
                                                          std::size_t task) const {
    if (method == "landscape") return {landscape_constraint(memory, strength, count)};
    if (method == "variance") return {variance_constraint(memory, strength, count, options_.psi)};
    if (method == "elastic") return {elastic_constraint(memory, strength, count)};
    if (method == "random")
      return {random_constraint(memory, strength, count, noise_.fork("directions", task))};
    return {};
  }

  [[nodiscard]] TaskError error(std::size_t task, const std::vector<float>& theta) const {
    return task_error(ground_.settings, *tasks_[task].test, tasks_[task].classes, theta);
  }
  [[nodiscard]] TwoErrors both_errors(const std::vector<float>& theta) const {
    TwoErrors out{error(0, theta), error(1, theta), 0};
    for (const std::size_t t : {0, 1}) {
      out.validation +=
          task_error(ground_.settings, *tasks_[t].validation, tasks_[t].classes, theta).over_all;
    }
    return out;
  }

  /// The second task from the end of the first, the same batches every time.
  TwoErrors second(std::vector<QuadraticPenalty> penalties, Course* course = nullptr) {
    LessonLook look;
    if (course != nullptr) {
      look = [&](std::int64_t step, const std::vector<float>& theta) {
        course->step.push_back(static_cast<double>(step));
        course->errors.push_back({error(0, theta), error(1, theta), 0});
      };
    }
    lesson_.penalties = std::move(penalties);
    const std::vector<float> theta = learn(ground_.settings,
                                           *tasks_[1].train,
                                           first_,
                                           lesson_,
                                           batches(1),
                                           nullptr,
                                           0,
                                           look,
                                           std::max<std::int64_t>(1, lesson_.steps / kLooks));
    lesson_.penalties.clear();
    if (course != nullptr) {
      Vector at(memory_.centre.size());
      lesson_.trained.take<float>(theta, {at.data(), static_cast<std::size_t>(at.size())});
      course->displacement = (memory_.directions * (at - memory_.centre)).cwiseAbs();
    }
    return both_errors(theta);
  }

  /// Every N_c has the whole list of λ: fewer constraints bear, and need, stiffer ones.
  Chosen best_of_count(const std::string& method, std::int64_t count, const Swept& known) {
    const bool elastic = method == "elastic";
    if (elastic ? count >= lesson_.trained.count() : count == options_.constrained)
      return choose(known);
    Swept swept;
    for (const double strength : strengths(method))
      swept[strength] = second(constraints(method, memory_, strength, count, 0));
    return choose(swept);
  }

  /// The examples of the first `count` tasks.
  [[nodiscard]] data::Labelled first_tasks(std::size_t count) const {
    data::Labelled all = *tasks_[0].train;
    for (std::size_t t = 1; t < count; ++t) {
      const data::Labelled& more = *tasks_[t].train;
      all.inputs.insert(all.inputs.end(), more.inputs.begin(), more.inputs.end());
      all.labels.insert(all.labels.end(), more.labels.begin(), more.labels.end());
    }
    return all;
  }

  /// Mean errors over the tasks seen, after each of the sequence. Joint training has the examples
  /// of all of them, for as many steps as the others spend on the last.
  std::vector<TaskError> sequence(const std::string& method, double strength) {
    const bool joint = method == "joint", forgets = joint || method == "none";
    const bool elastic = method == "elastic";
    std::vector<float> theta = first_;
    std::vector<QuadraticPenalty> penalties =
        constraints(method, memory_, strength, count_of(method), 0);
    std::vector<TaskError> means{error(0, theta)};
    const std::size_t most =
        std::min<std::size_t>(tasks_.size(), static_cast<std::size_t>(options_.sequence));
    for (std::size_t t = 1; t < most; ++t) {
      const bool kept = !forgets && t + 1 < most;
      lesson_.penalties = penalties;
      std::vector<double> trajectory;
      theta = learn(ground_.settings,
                    joint ? first_tasks(t + 1) : *tasks_[t].train,
                    theta,
                    lesson_,
                    batches(t),
                    kept && !elastic ? &trajectory : nullptr,
                    std::min(options_.window, options_.second_steps));
      if (kept) {
        const TaskMemory memory = remember(
            ground_.settings,
            tasks_[t],
            theta,
            lesson_.trained,
            trajectory,
            {.modes = options_.constrained, .fisher_examples = elastic ? kFisherExamples : 0});
        for (QuadraticPenalty& one : constraints(method, memory, strength, count_of(method), t))
          penalties.push_back(std::move(one));
      }
      means.push_back(mean_error(t + 1, theta));
    }
    lesson_.penalties.clear();
    return means;
  }

  [[nodiscard]] TaskError mean_error(std::size_t count, const std::vector<float>& theta) const {
    TaskError mean;
    for (std::size_t t = 0; t < count; ++t) {
      const TaskError one = error(t, theta);
      mean.over_all += one.over_all / static_cast<double>(count);
      mean.within += one.within / static_cast<double>(count);
    }
    return mean;
  }

  static constexpr std::int64_t kFisherExamples = MemorySettings{}.fisher_examples;

  const ContinualOptions& options_;
  const Ground& ground_;
  std::vector<LearningTask> tasks_;
  Lesson lesson_;
  Noise noise_{0};
  std::vector<float> start_, first_;
  TaskMemory memory_;  // of the first task
};

}  // namespace

Chosen choose(const Swept& swept) {
  const auto best = std::min_element(swept.begin(), swept.end(), [](const auto& a, const auto& b) {
    return a.second.validation < b.second.validation;
  });
  const bool list = swept.size() > 1;
  return {best->first,
          best->second,
          list && best == swept.begin(),
          list && std::next(best) == swept.end()};
}

Repeat study_continual_learning(const RunView& view,
                                std::size_t index,
                                const ContinualOptions& options) {
  return Study(view, index, options).run();
}

}  // namespace thermoscape
