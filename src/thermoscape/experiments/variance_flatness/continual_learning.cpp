#include "thermoscape/experiments/variance_flatness/continual_learning.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>
#include <Eigen/QR>

#include "thermoscape/analysis/pca.hpp"
#include "thermoscape/data/subset.hpp"
#include "thermoscape/experiments/variance_flatness/variance_flatness.hpp"
#include "thermoscape/landscape/fisher.hpp"
#include "thermoscape/record/sampler.hpp"

namespace thermoscape {

namespace {

std::vector<std::int64_t> positions_of(const data::Labelled& set,
                                       const std::vector<std::int32_t>& classes,
                                       std::size_t least) {
  std::vector<std::int64_t> positions;
  for (std::int64_t i = 0; i < set.size(); ++i) {
    if (std::find(classes.begin(), classes.end(), set.labels[static_cast<std::size_t>(i)]) !=
        classes.end())
      positions.push_back(i);
  }
  if (positions.size() < least) {
    reject({"continual-learning",
            set.name,
            fmt::format("has {} examples of a task and needs {}", positions.size(), least),
            "ask for more"});
  }
  return positions;
}

std::shared_ptr<const data::Labelled> taken(const data::Labelled& set,
                                            const std::vector<std::int64_t>& positions) {
  return std::make_shared<const data::Labelled>(data::take(set, positions));
}

Vector part_of(const std::vector<double>& values, const ParameterSubset& subset) {
  Vector part(subset.count());
  subset.take<double>(values, {part.data(), static_cast<std::size_t>(part.size())});
  return part;
}

/// The penalty along the first rows of `directions` with stiffness 2λ/F².
QuadraticPenalty along(const TaskMemory& memory,
                       double strength,
                       const Matrix& directions,
                       const Vector& flatness) {
  return {memory.trained,
          memory.centre,
          directions,
          (2 * strength / flatness.array().square()).matrix()};
}

Eigen::Index at_most(const TaskMemory& memory, std::int64_t count) {
  return std::min<Eigen::Index>(count, memory.directions.rows());
}

/// F of every rank from that of the measured ones, straight in ln F over ln(rank).
Vector interpolated(const std::vector<MeasuredMode>& modes, Eigen::Index count) {
  std::vector<std::pair<double, double>> known;
  for (const MeasuredMode& one : modes) {
    if (one.profile.flatness.width.ok())
      known.emplace_back(std::log(static_cast<double>(one.rank)),
                         std::log(one.profile.flatness.width.value));
  }
  if (known.empty()) {
    reject({"continual-learning",
            "",
            "the loss of a task rises along no component",
            "train it for fewer steps"});
  }
  Vector out(count);
  std::size_t next = 0;
  for (Eigen::Index i = 0; i < count; ++i) {
    const double x = std::log(static_cast<double>(i + 1));
    while (next + 1 < known.size() && known[next + 1].first < x) ++next;
    const auto& a = known[next];
    const auto& b = known[std::min(next + 1, known.size() - 1)];
    const double span = b.first - a.first;
    const double share = span > 0 ? std::clamp((x - a.first) / span, 0.0, 1.0) : 0.0;
    out(i) = std::exp(a.second + share * (b.second - a.second));
  }
  return out;
}

}  // namespace

std::vector<LearningTask> learning_tasks(const data::Labelled& train,
                                         const data::Labelled& test,
                                         std::int64_t classes_each) {
  std::vector<LearningTask> tasks;
  for (std::int64_t first = 0; first + classes_each <= train.classes; first += classes_each) {
    LearningTask task;
    for (std::int64_t c = first; c < first + classes_each; ++c)
      task.classes.push_back(static_cast<std::int32_t>(c));
    task.train = taken(train, positions_of(train, task.classes, 1));
    const std::vector<std::int64_t> held = positions_of(test, task.classes, 2);
    std::vector<std::int64_t> half[2];
    for (std::size_t i = 0; i < held.size(); ++i) half[i % 2].push_back(held[i]);
    task.validation = taken(test, half[0]);
    task.test = taken(test, half[1]);
    tasks.push_back(std::move(task));
  }
  return tasks;
}

TaskError task_error(const AnyObjective& settings,
                     const data::Labelled& examples,
                     const std::vector<std::int32_t>& of_task,
                     const std::vector<float>& theta) {
  const auto objective = make_objective<float>(settings, &examples);
  const auto classes = static_cast<std::size_t>(objective->outputs());
  std::vector<float> z(static_cast<std::size_t>(objective->examples()) * classes);
  objective->logits(theta, Batch{}, z);
  double wrong = 0, wrong_within = 0;
  for (std::size_t e = 0; e < examples.labels.size(); ++e) {
    const float* const row = z.data() + e * classes;
    const std::int32_t label = examples.labels[e];
    wrong += std::max_element(row, row + classes) - row != label;
    wrong_within += std::any_of(of_task.begin(), of_task.end(), [&](std::int32_t c) {
      return c != label && row[c] >= row[label];
    });
  }
  const auto count = static_cast<double>(examples.labels.size());
  return {wrong / count, wrong_within / count};
}

std::vector<float> learn(const AnyObjective& settings,
                         const data::Labelled& examples,
                         std::vector<float> theta,
                         const Lesson& lesson,
                         const Noise& noise,
                         std::vector<double>* trajectory,
                         std::int64_t kept,
                         const LessonLook& look,
                         std::int64_t every) {
  Penalised<float> objective(make_objective<float>(settings, &examples), lesson.penalties);
  Sampler sampler({.size = lesson.batch, .drop_last = true}, objective.examples(), noise);
  std::vector<float> gradient(theta.size());
  const auto rate = static_cast<float>(lesson.learning_rate);
  for (std::int64_t step = 0; step < lesson.steps; ++step) {
    if (look && step % every == 0) look(step, theta);
    objective.whole().loss_gradient(theta, sampler.at(step), gradient);
    for (const ParameterRange& part : lesson.trained.parts()) {
      const auto first = static_cast<std::size_t>(part.first);
      const auto end = first + static_cast<std::size_t>(part.count);
      for (std::size_t i = first; i < end; ++i) theta[i] -= rate * gradient[i];
    }
    if (!lesson.penalties.empty()) objective.shrink(theta, lesson.learning_rate);
    if (trajectory != nullptr && step >= lesson.steps - kept) {
      const auto count = static_cast<std::size_t>(lesson.trained.count());
      trajectory->resize(trajectory->size() + count);
      lesson.trained.take<float>(theta, std::span(*trajectory).last(count));
    }
  }
  if (look) look(lesson.steps, theta);
  return theta;
}

TaskMemory remember(const AnyObjective& settings,
                    const LearningTask& task,
                    const std::vector<float>& theta,
                    const ParameterSubset& trained,
                    const std::vector<double>& trajectory,
                    const MemorySettings& options) {
  const std::vector<double> at(theta.begin(), theta.end());
  TaskMemory memory;
  memory.trained = trained;
  memory.centre = part_of(at, trained);
  if (!trajectory.empty()) {
    const analysis::Pca pca = analysis::pca(analysis::rows_of(trajectory, trained.count()));
    const auto most = std::min<Eigen::Index>(options.modes, pca.variances.size() - 1);
    Ground ground;
    ground.settings = settings;
    ground.train = task.train;
    ground.objective =
        std::shared_ptr<const Objective<float>>(make_objective<float>(settings, task.train.get()));
    const std::vector<MeasuredMode> modes =
        measure_modes(ground, at, trained, pca, spaced_ranks(most, options.profiles), {});
    memory.directions = pca.components.leftCols(most).transpose();
    memory.variance = pca.variances.head(most);
    memory.flatness = interpolated(modes, most);
  }
  if (options.fisher_examples == 0) return memory;
  std::vector<std::int64_t> few(
      static_cast<std::size_t>(std::min(options.fisher_examples, task.train->size())));
  std::iota(few.begin(), few.end(), 0);
  const std::vector<double> fisher = fisher_diagonal(settings, data::take(*task.train, few), at);
  memory.fisher = part_of(fisher, trained);
  return memory;
}

QuadraticPenalty landscape_constraint(const TaskMemory& memory,
                                      double strength,
                                      std::int64_t count) {
  const Eigen::Index k = at_most(memory, count);
  return along(memory, strength, memory.directions.topRows(k), memory.flatness.head(k));
}

QuadraticPenalty variance_constraint(const TaskMemory& memory,
                                     double strength,
                                     std::int64_t count,
                                     double psi) {
  const Eigen::Index k = at_most(memory, count);
  Vector flatness = memory.variance.head(k).array().max(1e-300).pow(-1 / psi).matrix();
  const Eigen::Index tail = std::max<Eigen::Index>(1, k - 1);  // the first mode drifts
  const double scale =
      (memory.flatness.segment(k - tail, tail).array().log() - flatness.tail(tail).array().log())
          .mean();
  flatness *= std::exp(scale);
  return along(memory, strength, memory.directions.topRows(k), flatness);
}

QuadraticPenalty random_constraint(const TaskMemory& memory,
                                   double strength,
                                   std::int64_t count,
                                   const Noise& noise) {
  const Eigen::Index k = at_most(memory, count), n = memory.centre.size();
  std::vector<double> draws(static_cast<std::size_t>(n * k));
  noise.normal<double>("continual.directions", 0, draws);
  const Eigen::HouseholderQR<Matrix> qr(Eigen::Map<const Matrix>(draws.data(), n, k));
  const Matrix basis = qr.householderQ() * Matrix::Identity(n, k);
  return along(memory, strength, basis.transpose(), memory.flatness.head(k));
}

QuadraticPenalty elastic_constraint(const TaskMemory& memory, double strength, std::int64_t count) {
  Vector stiffness = strength * memory.fisher;
  const Eigen::Index n = stiffness.size();
  if (count > 0 && count < n) {
    std::vector<double> sorted(stiffness.begin(), stiffness.end());
    std::nth_element(sorted.begin(), sorted.begin() + count, sorted.end(), std::greater<>());
    stiffness =
        (stiffness.array() > sorted[static_cast<std::size_t>(count)]).select(stiffness, 0.0);
  }
  return {memory.trained, memory.centre, Matrix(), stiffness};
}

}  // namespace thermoscape
