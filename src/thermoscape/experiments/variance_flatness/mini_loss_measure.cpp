#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/pooled_findings.hpp"
#include "thermoscape/experiments/variance_flatness/mode_lines.hpp"
#include "thermoscape/experiments/variance_flatness/of_tasks.hpp"
#include "thermoscape/experiments/variance_flatness/variance_flatness.hpp"
#include "thermoscape/landscape/mini_loss.hpp"

namespace thermoscape {

namespace {

struct MiniLossOptions {
  std::int64_t modes = 200;
  std::int64_t profiles = 30;
  std::vector<std::int64_t> fit = {2, 200};
  std::int64_t batches = 400;
  std::int64_t shown_mode = 30;

  static constexpr auto fields() {
    using O = MiniLossOptions;
    return std::tuple{
        field("modes", &O::modes, "1", "the highest rank looked at", Range{5, 1e6}),
        field("profiles", &O::profiles, "1", "modes looked at, evenly in ln(rank)", Range{5, 1e6}),
        field("fit", &O::fit, "1", "ranks from and to of the exponents", kAtLeastOne),
        field("batches", &O::batches, "1", "minibatches of the ensemble", Range{10, 1e6}),
        field("shown_mode", &O::shown_mode, "1", "rank whose minibatches are drawn", kAtLeastOne)};
  }
};

/// One mode: the ensemble's statistics, the overall loss and SGD's own steps beside them.
struct EnsembleMode {
  std::int64_t rank = 1;
  Profile profile;
  MiniLossMode mini;
  SlopeMoments slopes;     ///< of all examples at the centre
  double step_square = 0;  ///< measured D_i per step
};

struct TaskEnsemble {
  std::vector<EnsembleMode> modes;
  std::vector<MiniCurve> shown;
  std::int64_t shown_rank = 0;
  Profile shown_profile;
  double learning_rate = 0;
  BatchDraw draw;
};

/// Whole batches of a random ordering of the examples, at most `count`.
std::vector<std::int32_t> batches_of(const Noise& noise,
                                     const BatchDraw& draw,
                                     std::int64_t count) {
  std::vector<std::int32_t> order =
      noise.permutation("mini_loss.order", 0, static_cast<std::int32_t>(draw.examples));
  order.resize(static_cast<std::size_t>(std::min(count, draw.examples / draw.size) * draw.size));
  return order;
}

double mean_square_steps(const analysis::Rows& rows, const Eigen::VectorXd& axis) {
  analysis::Pca one;
  one.mean = Eigen::VectorXd::Zero(axis.size());
  one.components = axis;
  const Eigen::VectorXd at = one.project(rows).col(0);
  const Eigen::Index n = at.size() - 1;
  return (at.tail(n) - at.head(n)).squaredNorm() / static_cast<double>(n);
}

template <class Real>
TaskEnsemble analyse_typed(const RunView& view,
                           std::size_t index,
                           const Objective<Real>& prototype,
                           const MiniLossOptions& options) {
  ModeLines<Real> lines(view, index, prototype, options.modes);
  const Trajectory& trajectory = lines.trajectory();
  const analysis::Rows rows = trajectory.rows(0, trajectory.rows());
  TaskEnsemble out;
  out.learning_rate = lines.learning_rate();
  out.draw = lines.draw();
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view.recipe().head.seed)).fork(view.task(index).id, 6);
  const std::int64_t size = out.draw.size;
  const std::vector<std::int32_t> batches = batches_of(noise, out.draw, options.batches);
  const std::vector<std::int64_t> ranks =
      ranks_with(std::min(options.modes, lines.modes()), options.profiles, {options.shown_mode});
  const auto look =
      [&](std::int64_t rank, std::span<const Real> direction, const Profile& profile) {
        EnsembleMode mode;
        mode.rank = rank;
        mode.profile = profile;
        const double width = profile.flatness.width.value;
        mode.mini = mini_losses<Real>(lines.line(), direction, batches, size, width);
        mode.slopes = slope_moments<Real>(lines.line(), direction, 0);
        mode.step_square = mean_square_steps(rows, lines.pca().components.col(rank - 1)) /
                           static_cast<double>(trajectory.every());
        if (out.shown.empty() && rank >= options.shown_mode) {
          const std::span<const std::int32_t> few(
              batches.data(),
              std::min<std::size_t>(batches.size(), static_cast<std::size_t>(12 * size)));
          out.shown = mini_curves<Real>(lines.line(), direction, few, size, 0.75 * width);
          out.shown_profile = profile;
          out.shown_rank = rank;
        }
        out.modes.push_back(std::move(mode));
      };
  lines.for_each(ranks, {}, look);
  return out;
}

/// Exponent of `of` against F over the fitted ranks.
template <class Of>
Estimate exponent(const TaskEnsemble& one, const MiniLossOptions& options, Of&& of) {
  std::vector<double> x, y;
  for (const EnsembleMode& mode : one.modes) {
    const double value = of(mode);
    if (mode.rank < options.fit[0] || mode.rank > options.fit[1] || !(value > 0)) continue;
    x.push_back(mode.profile.flatness.width.value);
    y.push_back(value);
  }
  return analysis::power_law(x, y).exponent;
}

/// Median over the fitted ranks of a ratio that theory has at one, with the error of the mean of
/// its logarithm.
template <class Of>
Estimate ratio(const TaskEnsemble& one, const MiniLossOptions& options, Of&& of) {
  std::vector<double> logs;
  for (const EnsembleMode& mode : one.modes) {
    const double value = of(mode);
    if (mode.rank < options.fit[0] || mode.rank > options.fit[1] || !(value > 0)) continue;
    logs.push_back(std::log(value));
  }
  if (logs.size() < 3) return {0, 0, Status::too_short};
  const auto n = static_cast<double>(logs.size());
  const double mean = std::accumulate(logs.begin(), logs.end(), 0.0) / n;
  double squares = 0;
  for (const double one_log : logs) squares += (one_log - mean) * (one_log - mean);
  std::nth_element(logs.begin(), logs.begin() + std::ssize(logs) / 2, logs.end());
  const double median = std::exp(logs[logs.size() / 2]);
  return {median, median * std::sqrt(squares / (n - 1) / n), Status::ok};
}

double predicted_width(const EnsembleMode& m) {
  return m.mini.predicted_curvature() > 0 ? std::sqrt(8 / m.mini.predicted_curvature()) : 0;
}
/// α² ⟨|∂L^μ|²⟩, exact over the batches that can be drawn.
double exact_step_square(const EnsembleMode& m, const TaskEnsemble& one) {
  return one.learning_rate * one.learning_rate * m.slopes.batch_square(one.draw);
}

void add_findings(PooledFindings& pooled,
                  const Task& task,
                  const TaskEnsemble& one,
                  const MiniLossOptions& options) {
  using M = const EnsembleMode&;
  pooled.add(task,
             "curvature_exponent",
             exponent(one, options, [](M m) { return m.mini.mean_curvature; }),
             "1");
  pooled.add(task,
             "centre_variance_exponent",
             exponent(one, options, [](M m) { return m.mini.centre_variance; }),
             "1");
  pooled.add(task,
             "noise_exponent",
             exponent(one,
                      options,
                      [](M m) {
                        return m.mini.mean_curvature * m.mini.mean_curvature *
                               m.mini.centre_variance;
                      }),
             "1");
  pooled.add(
      task, "step_square_exponent", exponent(one, options, [](M m) { return m.step_square; }), "1");
  pooled.add(
      task,
      "predicted_over_measured_flatness",
      ratio(one,
            options,
            [](M m) { return predicted_width(m) / m.profile.flatness.from_curvature.value; }),
      "1");
  pooled.add(
      task,
      "predicted_over_measured_steps",
      ratio(one,
            options,
            [&](M m) { return m.mini.predicted_step_square(one.learning_rate) / m.step_square; }),
      "1");
  pooled.add(task,
             "exact_over_measured_steps",
             ratio(one, options, [&](M m) { return exact_step_square(m, one) / m.step_square; }),
             "1");
  pooled.add(task,
             "bounded_share",
             ratio(one,
                   options,
                   [](M m) {
                     return static_cast<double>(m.mini.bounded) /
                            static_cast<double>(m.mini.batches.size());
                   }),
             "1");
}

Figure shown_figure(const TaskEnsemble& one) {
  Figure figure{"profiles",
                "Minibatches along one component",
                fmt::format("ln L^μ of twelve minibatches and ln L of all examples along component "
                            "{}, in units of its flatness F.",
                            one.shown_rank),
                {"δ / F", "linear"},
                {"ln L", "linear"},
                {}};
  const double width = one.shown_profile.flatness.width.value;
  for (const MiniCurve& curve : one.shown) {
    Series series{"minibatches", {}, {}, {}, "line", "minibatches"};
    for (std::size_t i = 0; i < curve.delta.size(); ++i) {
      series.x.push_back(curve.delta[i] / width);
      series.y.push_back(std::log(curve.loss[i]));
    }
    figure.series.push_back(std::move(series));
  }
  Series all{"all examples", {}, {}, {}, "line+points", "all examples"};
  for (std::size_t i = 0; i < one.shown_profile.delta.size(); ++i) {
    all.x.push_back(one.shown_profile.delta[i] / width);
    all.y.push_back(std::log(one.shown_profile.loss[i]));
  }
  figure.series.push_back(std::move(all));
  return figure;
}

Figure ensemble_figure(const TaskEnsemble& one) {
  Figure figure{
      "ensemble",
      "Statistics of the minibatches against flatness",
      "Mean curvature M0 of ln L^μ, variance σ̃² of the minima of minibatches, and M0² σ̃², "
      "which theory has proportional to the noise of SGD, along principal components.",
      {"flatness F_i [θ]", "log"},
      {"M0 [1/θ²], σ̃² [θ²], M0² σ̃² [1/θ²]", "log"},
      {}};
  const auto add = [&](const std::string& label, auto&& of) {
    Series series{label, {}, {}, {}, "points", label};
    for (const EnsembleMode& mode : one.modes) {
      if (!(of(mode) > 0)) continue;
      series.x.push_back(mode.profile.flatness.width.value);
      series.y.push_back(of(mode));
    }
    figure.series.push_back(std::move(series));
  };
  using M = const EnsembleMode&;
  add("M0", [](M m) { return m.mini.mean_curvature; });
  add("σ̃²", [](M m) { return m.mini.centre_variance; });
  add("M0² σ̃²",
      [](M m) { return m.mini.mean_curvature * m.mini.mean_curvature * m.mini.centre_variance; });
  return figure;
}

Figure prediction_figure(const TaskEnsemble& one) {
  Figure figure{"predicted_flatness",
                "Flatness from the statistics of minibatches",
                "F = √(8/(M0 + var(Mθ̃))) of Eq. 10 over the measured F: √(8/M_ii) from the "
                "curvature of ln L of all examples, and the width of L ≤ e L0.",
                {"measured F_i [θ]", "log"},
                {"predicted F_i [θ]", "log"},
                {}};
  Series curvature{"against √(8/M_ii)", {}, {}, {}, "points", "curvature"};
  Series width{"against the width", {}, {}, {}, "points", "width"};
  Series equal{"equal", {}, {}, {}, "dashed", "equal"};
  for (const EnsembleMode& mode : one.modes) {
    const double predicted = predicted_width(mode);
    if (!(predicted > 0)) continue;
    width.x.push_back(mode.profile.flatness.width.value);
    width.y.push_back(predicted);
    if (!mode.profile.flatness.from_curvature.ok()) continue;
    curvature.x.push_back(mode.profile.flatness.from_curvature.value);
    curvature.y.push_back(predicted);
  }
  if (!width.x.empty()) {
    const auto [low, high] = std::minmax_element(width.x.begin(), width.x.end());
    equal.x = equal.y = {*low, *high};
  }
  figure.series = {curvature, width, equal};
  return figure;
}

Figure steps_figure(const TaskEnsemble& one) {
  Figure figure{
      "steps",
      "Single steps of SGD against the ensemble",
      "Mean square D_i of the steps along principal components: measured over the window, "
      "exact from the gradients of all examples at its end, and as the random landscape "
      "predicts it from the statistics of minibatches, α²⟨L0²⟩⟨(Mθ̃)²⟩.",
      {"flatness F_i [θ]", "log"},
      {"D_i [θ²]", "log"},
      {}};
  Series measured{"measured", {}, {}, {}, "points", "measured"};
  Series exact{"exact moments", {}, {}, {}, "points", "exact moments"};
  Series predicted{"random landscape", {}, {}, {}, "points", "random landscape"};
  for (const EnsembleMode& mode : one.modes) {
    const double width = mode.profile.flatness.width.value;
    const std::array<std::pair<Series*, double>, 3> values{
        {{&measured, mode.step_square},
         {&exact, exact_step_square(mode, one)},
         {&predicted, mode.mini.predicted_step_square(one.learning_rate)}}};
    for (const auto& [series, value] : values) {
      if (!(value > 0)) continue;
      series->x.push_back(width);
      series->y.push_back(value);
    }
  }
  figure.series = {measured, exact, predicted};
  return figure;
}

void store_arrays(Dataset& data, const Task& task, const TaskEnsemble& one) {
  Dataset& group = data.make_group(task.id);
  const auto vector = [&](const char* name, const char* unit, const char* text, auto&& of) {
    std::vector<double> values;
    for (const EnsembleMode& mode : one.modes) values.push_back(of(mode));
    group.put_vector(name, "mode", values, unit, text);
  };
  using M = const EnsembleMode&;
  vector("rank", "1", "rank", [](M m) { return static_cast<double>(m.rank); });
  vector("width", "θ", "F", [](M m) { return m.profile.flatness.width.value; });
  vector("mean_curvature", "1/θ²", "M0", [](M m) { return m.mini.mean_curvature; });
  vector("curvature_deviation", "1/θ²", "σ_M", [](M m) { return m.mini.curvature_deviation; });
  vector("centre_variance", "θ²", "σ̃²", [](M m) { return m.mini.centre_variance; });
  vector("force_variance", "1/θ²", "var(Mθ̃)", [](M m) { return m.mini.force_variance; });
  vector("predicted_flatness", "θ", "√(8/(M0 + var(Mθ̃)))", [](M m) { return predicted_width(m); });
  vector("step_square", "θ²", "measured D per step", [](M m) { return m.step_square; });
  vector("exact_step_square", "θ²", "α²⟨|∂L^μ|²⟩", [&](M m) { return exact_step_square(m, one); });
  vector("predicted_step_square", "θ²", "α²⟨L0²⟩⟨(Mθ̃)²⟩", [&](M m) {
    return m.mini.predicted_step_square(one.learning_rate);
  });
}

}  // namespace

Measured measure_mini_loss(const RunView* view,
                           const MeasureSettings& settings,
                           TomlReader& reader) {
  const auto options = read_options<MiniLossOptions>(reader);
  check_fit(options.fit, reader.where());
  if (view == nullptr) return {};
  const auto all =
      of_typed_tasks(*view, settings.phase, [&](std::size_t index, const auto& objective) {
        return analyse_typed(*view, index, objective, options);
      });
  Measured measured;
  PooledFindings pooled;
  for (const auto& [task, found] : all) {
    add_findings(pooled, task, found, options);
    store_arrays(measured.data, task, found);
  }
  measured.findings = pooled.findings();
  if (all.empty()) return measured;
  const TaskEnsemble& first = all.front().found;
  if (!first.shown.empty()) {
    measured.figures.push_back(shown_figure(first));
  } else {
    measured.notes.push_back(
        fmt::format("{}: no minibatches are drawn: no rank from {} on was looked at",
                    settings.name,
                    options.shown_mode));
  }
  measured.figures.push_back(ensemble_figure(first));
  measured.figures.push_back(prediction_figure(first));
  measured.figures.push_back(steps_figure(first));
  return measured;
}

}  // namespace thermoscape
