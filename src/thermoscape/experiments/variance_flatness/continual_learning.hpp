#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "thermoscape/experiments/run_view.hpp"
#include "thermoscape/objective/penalised.hpp"

namespace thermoscape {

/// A task of a sequence: the examples of a group of classes, with all classes as outputs.
struct LearningTask {
  std::vector<std::int32_t> classes;
  std::shared_ptr<const data::Labelled> train;
  std::shared_ptr<const data::Labelled> validation;  ///< test examples by which λ is chosen
  std::shared_ptr<const data::Labelled> test;        ///< the others, whose errors are quoted
};
/// Cuts sets of 2n classes into n tasks of neighbouring classes, (0, 1), (2, 3), ... Throws Error
/// for a task without examples. Every other test example of a task is for validation, from the
/// first on: an error on the examples by which its λ was chosen is too low.
[[nodiscard]] std::vector<LearningTask> learning_tasks(const data::Labelled& train,
                                                       const data::Labelled& test,
                                                       std::int64_t classes_each);

/// Errors on examples of a task.
struct TaskError {
  double over_all = 0;  ///< share whose largest logit of all classes is not the label
  double within = 0;    ///< the same among the classes of the task alone
};
[[nodiscard]] TaskError task_error(const AnyObjective& settings,
                                   const data::Labelled& examples,
                                   const std::vector<std::int32_t>& of_task,
                                   const std::vector<float>& theta);

/// How a network learns a task: SGD on some parameters alone, penalties taken implicitly.
struct Lesson {
  double learning_rate = 0.1;
  std::int64_t batch = 50;
  std::int64_t steps = 1000;
  ParameterSubset trained;
  std::vector<QuadraticPenalty> penalties;
};
/// Called every `every` steps with θ, and once at the end.
using LessonLook = std::function<void(std::int64_t step, const std::vector<float>& theta)>;
/// θ after the lesson. Batches are orderings of the examples cut into batches (Sampler, `noise`).
/// `trajectory`, if given, receives what is trained after each of its last `kept` steps, row by
/// row.
[[nodiscard]] std::vector<float> learn(const AnyObjective& settings,
                                       const data::Labelled& examples,
                                       std::vector<float> theta,
                                       const Lesson& lesson,
                                       const Noise& noise,
                                       std::vector<double>* trajectory = nullptr,
                                       std::int64_t kept = 0,
                                       const LessonLook& look = {},
                                       std::int64_t every = 0);

/// What a network knows of a task it has learned, from which constraints are made.
struct TaskMemory {
  ParameterSubset trained;
  Vector centre;      ///< w1, what is trained
  Matrix directions;  ///< principal components of the end of its trajectory, as rows [k, n]
  Vector variance;    ///< σ² along them
  Vector flatness;  ///< F measured along them; where a profile is unbounded, that of its neighbour
  Vector fisher;    ///< F_jj of it
};
struct MemorySettings {
  std::int64_t modes = 400;             ///< components kept
  std::int64_t profiles = 60;           ///< of them measured, F between interpolated in ln(rank)
  std::int64_t fisher_examples = 1000;  ///< that the Fisher matrix averages over; 0: none is made
};
/// Without a trajectory the Fisher information alone, which elastic_constraint needs.
[[nodiscard]] TaskMemory remember(const AnyObjective& settings,
                                  const LearningTask& task,
                                  const std::vector<float>& theta,
                                  const ParameterSubset& trained,
                                  const std::vector<double>& trajectory,
                                  const MemorySettings& options);

/// λ Σ_{i<=count} ((w - w1)·p_i)²/F_i² with measured F.
[[nodiscard]] QuadraticPenalty landscape_constraint(const TaskMemory& memory,
                                                    double strength,
                                                    std::int64_t count);
/// The same with F_i = F_1' (σ_i²/σ_1'²)^(-1/ψ): flatness from the variance alone, scaled to the
/// geometric mean of the measured one over ranks 2 ... count.
[[nodiscard]] QuadraticPenalty variance_constraint(const TaskMemory& memory,
                                                   double strength,
                                                   std::int64_t count,
                                                   double psi);
/// The same stiffnesses along random orthonormal directions. Stream "continual.directions".
[[nodiscard]] QuadraticPenalty random_constraint(const TaskMemory& memory,
                                                 double strength,
                                                 std::int64_t count,
                                                 const Noise& noise);
/// (λ/2) Σ_j F_jj (w - w1)_j² over the `count` parameters of largest F_jj; 0: all.
[[nodiscard]] QuadraticPenalty elastic_constraint(const TaskMemory& memory,
                                                  double strength,
                                                  std::int64_t count = 0);

}  // namespace thermoscape
