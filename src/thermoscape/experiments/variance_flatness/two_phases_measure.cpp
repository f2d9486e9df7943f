#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/two_phases.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/pooled_findings.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/experiments/variance_flatness/task_label.hpp"
#include "thermoscape/record/sampler.hpp"

namespace thermoscape {

namespace {

/// Something over training, by epochs.
struct Curve {
  std::vector<double> epoch, value;
};

struct TaskPhases {
  Curve loss;            ///< mean batch loss of each epoch
  Curve gradient_ratio;  ///< |∇L|²/(⟨|∇L^μ|²⟩ - |∇L|²): the mean gradient over its noise
  analysis::TwoPhases phases;
};

/// What a scalar probe recorded, in epochs.
Curve recorded_curve(const RunView& view, std::size_t index, const char* probe) {
  const Branch& branch = view.branch(index);
  const std::int64_t examples = std::visit(
      [](const auto& objective) { return objective->examples(); }, view.ground(index).objective);
  const double epoch =
      time_step(branch.rule) *
      static_cast<double>(Sampler(branch.batch, examples, Noise(0)).steps_per_epoch());
  const Recorded recorded = view.recorded(index, probe);
  Curve out;
  for (std::size_t row = 0; row < recorded.rows; ++row) {
    out.epoch.push_back(recorded.time[row] / epoch);
    out.value.push_back(recorded.values[row]);
  }
  return out;
}

/// Means over whole epochs, each at its middle.
Curve epoch_means(const Curve& curve) {
  Curve out;
  std::size_t i = 0;
  while (i < curve.epoch.size()) {
    const double number = std::floor(curve.epoch[i] + 1e-9);
    double sum = 0, count = 0;
    for (; i < curve.epoch.size() && curve.epoch[i] + 1e-9 < number + 1; ++i) {
      sum += curve.value[i];
      ++count;
    }
    out.epoch.push_back(number + 0.5);
    out.value.push_back(sum / count);
  }
  return out;
}

/// At each look at all examples, with the mean over the batches within half an epoch of it.
Curve ratio_of(const Curve& whole, const Curve& batches) {
  Curve out;
  for (std::size_t i = 0; i < whole.epoch.size(); ++i) {
    double sum = 0, count = 0;
    for (std::size_t k = 0; k < batches.epoch.size(); ++k) {
      if (std::abs(batches.epoch[k] - whole.epoch[i]) > 0.5) continue;
      sum += batches.value[k];
      ++count;
    }
    if (count < 2 || !(sum / count > whole.value[i])) continue;
    out.epoch.push_back(whole.epoch[i]);
    out.value.push_back(whole.value[i] / (sum / count - whole.value[i]));
  }
  return out;
}

TaskPhases analyse(const RunView& view,
                   std::size_t index,
                   const analysis::TwoPhasesOptions& options) {
  TaskPhases out;
  out.loss = epoch_means(recorded_curve(view, index, "loss"));
  out.phases = analysis::two_phases(out.loss.epoch, out.loss.value, options);
  if (view.records(index, "gradient_norm_squared") &&
      view.records(index, "full_gradient_norm_squared")) {
    out.gradient_ratio = ratio_of(recorded_curve(view, index, "full_gradient_norm_squared"),
                                  recorded_curve(view, index, "gradient_norm_squared"));
  }
  return out;
}

/// Geometric mean of a curve over from <= epoch < to, its error from the scatter.
Estimate level(const Curve& curve, double from, double to) {
  double sum = 0, squares = 0, n = 0;
  for (std::size_t i = 0; i < curve.epoch.size(); ++i) {
    if (curve.epoch[i] < from || curve.epoch[i] >= to) continue;
    const double log = std::log(curve.value[i]);
    sum += log;
    squares += log * log;
    ++n;
  }
  if (n < 2) return {0, 0, Status::too_short};
  const double value = std::exp(sum / n);
  const double variance = std::max(0.0, squares / n - sum * sum / n / n) / (n - 1);
  return {value, value * std::sqrt(variance), Status::ok};
}

void add_findings(PooledFindings& pooled, const Task& task, const TaskPhases& one) {
  const analysis::TwoPhases& phases = one.phases;
  pooled.add(task, "drop", phases.drop, "epochs");
  pooled.add(task, "boundary", phases.boundary, "epochs");
  if (!phases.drop.ok()) return;
  pooled.add(task, "exponent_at_drop", {phases.highest, 0, Status::ok}, "1");
  pooled.add(task, "exponent_before", {phases.before, 0, Status::ok}, "1");
  if (!phases.boundary.ok()) return;
  pooled.add(task, "exponent_after", {phases.after, 0, Status::ok}, "1");
  pooled.add(task, "decay", phases.decay, "1");
  pooled.add(
      task,
      "highest_over_after",
      {phases.highest / phases.after, 0, phases.after > 0 ? Status::ok : Status::out_of_range},
      "1");
  pooled.add(task, "loss_at_boundary", {phases.loss_at_boundary, 0, Status::ok}, "loss");
  if (one.gradient_ratio.epoch.empty()) return;
  // The first epochs, in which the gradient is that of classes, belong to neither.
  const double drop = phases.drop.value, boundary = phases.boundary.value;
  pooled.add(task, "gradient_ratio_fast", level(one.gradient_ratio, 0.1 * drop, boundary), "1");
  pooled.add(task, "gradient_ratio_slow", level(one.gradient_ratio, boundary, kInfinity), "1");
}

Table phase_table(const PooledFindings& pooled, const std::vector<Coordinates>& places) {
  Table table{
      "phases",
      "The two phases",
      "Epochs of the steepest fall of ln L over ln t and of the boundary behind it, where the "
      "local exponent p = -d ln L/d ln t has halved; p before and at its largest; q of L ∝ (t - "
      "drop)^-q behind the "
      "boundary.",
      {"", "drop", "boundary", "p before", "largest p", "q after", "L at boundary"},
      {}};
  for (const Coordinates& where : places) {
    const std::string label = label_of(where);
    std::vector<std::string> row{label.empty() ? "all" : label};
    for (const char* quantity :
         {"drop", "boundary", "exponent_before", "exponent_at_drop", "decay", "loss_at_boundary"})
      row.push_back(cell(pooled.at(quantity, where)));
    table.rows.push_back(std::move(row));
  }
  return table;
}

struct Figures {
  Figure loss{
      "loss",
      "The two phases of learning",
      "Mean batch loss of each epoch; points mark the drop and the boundary of exploration.",
      {"epoch", "linear"},
      {"L [loss]", "log"},
      {}};
  Figure exponent{"exponent",
                  "Local exponent of the loss",
                  "p = -d ln L/d ln t by least squares in a window round each epoch: about 1 in "
                  "exploration, and peaked in the drop.",
                  {"epoch", "log"},
                  {"p", "linear"},
                  {}};
  Figure ratio{"gradient_ratio",
               "Mean gradient against its noise",
               "|∇L|²/(⟨|∇L^μ|²⟩ - |∇L|²), on all examples and on the batches of SGD.",
               {"epoch", "log"},
               {"ratio", "log"},
               {}};
};

void draw(Figures& figures, const Task& task, const TaskPhases& one) {
  const std::string place = label_of(task.where);
  const std::string label = place.empty() ? "loss" : place;
  figures.loss.series.push_back({label, one.loss.epoch, one.loss.value, {}, "line", label});
  Series marks{label + ", drop and boundary", {}, {}, {}, "points", label};
  for (const Estimate& mark : {one.phases.drop, one.phases.boundary}) {
    if (!mark.ok()) continue;
    const auto at = std::lower_bound(one.loss.epoch.begin(), one.loss.epoch.end(), mark.value);
    marks.x.push_back(mark.value);
    marks.y.push_back(one.loss.value[static_cast<std::size_t>(at - one.loss.epoch.begin())]);
  }
  if (!marks.x.empty()) figures.loss.series.push_back(std::move(marks));
  figures.exponent.series.push_back(
      {label, one.phases.time, one.phases.exponent, {}, "line", label});
  if (!one.gradient_ratio.epoch.empty()) {
    figures.ratio.series.push_back(
        {label, one.gradient_ratio.epoch, one.gradient_ratio.value, {}, "line+points", label});
  }
}

}  // namespace

Measured measure_two_phases(const RunView* view,
                            const MeasureSettings& settings,
                            TomlReader& reader) {
  const auto options = read_options<analysis::TwoPhasesOptions>(reader);
  if (view == nullptr) return {};
  Measured measured;
  PooledFindings pooled;
  Figures figures;
  std::vector<Coordinates> places;
  for (const std::size_t index : view->tasks_of(settings.phase)) {
    if (view->end(index).status == Status::diverged) continue;
    const Task& task = view->task(index);
    const TaskPhases one = analyse(*view, index, options);
    add_findings(pooled, task, one);
    if (std::find(places.begin(), places.end(), task.where) == places.end())
      places.push_back(task.where);
    Dataset& group = measured.data.make_group(task.id);
    for (const auto& [key, value] : task.where) group.attributes[key] = value;
    group.put_vector("epoch", "epoch", one.loss.epoch, "epochs", "middle of the epoch");
    group.put_vector("loss", "epoch", one.loss.value, "loss", "mean batch loss of the epoch");
    group.put_vector("window_epoch", "window", one.phases.time, "epochs", "middle of the window");
    group.put_vector("exponent", "window", one.phases.exponent, "1", "p = -d ln L/d ln t");
    group.put_vector("ratio_epoch", "look", one.gradient_ratio.epoch, "epochs", "of the look");
    group.put_vector(
        "gradient_ratio", "look", one.gradient_ratio.value, "1", "mean gradient over its noise");
    if (task.minimum == 0 && task.replica == 0) draw(figures, task, one);
  }
  measured.findings = pooled.findings();
  measured.tables.push_back(phase_table(pooled, places));
  measured.figures = {figures.loss, figures.exponent, figures.ratio};
  std::erase_if(measured.figures, [](const Figure& one) { return one.series.empty(); });
  return measured;
}

}  // namespace thermoscape
