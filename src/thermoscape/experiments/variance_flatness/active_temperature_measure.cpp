#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/pooled_findings.hpp"
#include "thermoscape/experiments/variance_flatness/mode_lines.hpp"
#include "thermoscape/experiments/variance_flatness/of_tasks.hpp"
#include "thermoscape/experiments/variance_flatness/variance_flatness.hpp"

namespace thermoscape {

namespace {

struct ActiveTemperatureOptions {
  std::int64_t modes = 200;
  std::int64_t profiles = 30;
  std::vector<std::int64_t> fit = {2, 200};
  std::vector<std::int64_t> shown = {10, 20, 50, 100};
  std::string training;

  static constexpr auto fields() {
    using O = ActiveTemperatureOptions;
    return std::tuple{
        field("modes", &O::modes, "1", "the highest rank looked at", Range{5, 1e6}),
        field("profiles", &O::profiles, "1", "modes looked at, evenly in ln(rank)", Range{5, 1e6}),
        field("fit", &O::fit, "1", "ranks from and to of the exponent", kAtLeastOne),
        field("shown", &O::shown, "1", "ranks whose T(δ) is drawn", kAtLeastOne),
        field("training",
              &O::training,
              "",
              "phase before with recorded theta, for T over training; may be empty")};
  }
};

struct TemperatureMode {
  std::int64_t rank = 1;
  double width = 0;
  ActiveTemperature at_centre;
  std::vector<double> delta, temperature;  ///< T(δ) of shown ranks
};

/// T along one fixed component and the loss, at the thetas that a phase recorded.
struct OverTraining {
  std::vector<double> time, loss, temperature;
  std::vector<double> delta;                  ///< displacements of the profiles
  std::vector<std::vector<double>> profiles;  ///< T(δ) at each time
};

struct TaskTemperatures {
  std::vector<TemperatureMode> modes;
  OverTraining training;
};

template <class Real>
OverTraining over_training(const RunView& view,
                           std::size_t parent,
                           Objective<Real>& objective,
                           const std::vector<Real>& direction,
                           double learning_rate,
                           const BatchDraw& draw,
                           const std::vector<double>& delta) {
  OverTraining out;
  out.delta = delta;
  const Recorded theta = view.recorded(parent, "theta");
  for (std::size_t row = 0; row < theta.rows; ++row) {
    const auto at = theta.values.span().subspan(row * theta.width, theta.width);
    const std::vector<Real> own(at.begin(), at.end());
    LossLine<Real> line(objective, own);
    const SlopeMoments moments = slope_moments<Real>(line, direction, 0);
    out.time.push_back(theta.time[row]);
    out.loss.push_back(moments.loss);
    out.temperature.push_back(active_temperature(moments, learning_rate, draw).temperature);
    std::vector<double>& profile = out.profiles.emplace_back();
    for (const double d : delta) {
      const SlopeMoments there = slope_moments<Real>(line, direction, d);
      profile.push_back(active_temperature(there, learning_rate, draw).temperature);
    }
  }
  return out;
}

template <class Real>
TaskTemperatures analyse_typed(const RunView& view,
                               std::size_t index,
                               const Objective<Real>& prototype,
                               const ActiveTemperatureOptions& options) {
  ModeLines<Real> lines(view, index, prototype, options.modes);
  const double rate = lines.learning_rate();
  const std::int64_t most = std::min(options.modes, lines.modes());
  const std::vector<std::int64_t> ranks = ranks_with(most, options.profiles, options.shown);
  TaskTemperatures out;
  std::vector<Real> followed;
  std::vector<double> followed_delta;
  const auto look =
      [&](std::int64_t rank, std::span<const Real> direction, const Profile& profile) {
        TemperatureMode mode{rank, profile.flatness.width.value, {}, {}, {}};
        const auto at = [&](double delta) {
          const SlopeMoments moments = slope_moments<Real>(lines.line(), direction, delta);
          return active_temperature(moments, rate, lines.draw());
        };
        mode.at_centre = at(0);
        const bool shown =
            std::find(options.shown.begin(), options.shown.end(), rank) != options.shown.end();
        for (int k = -10; shown && k <= 10; ++k) {
          mode.delta.push_back(0.05 * k * mode.width);
          mode.temperature.push_back(at(mode.delta.back()).temperature);
        }
        if (shown && followed.empty()) {
          followed.assign(direction.begin(), direction.end());
          followed_delta = mode.delta;
        }
        out.modes.push_back(std::move(mode));
      };
  lines.for_each(ranks, {.points = 9}, look);
  const auto parent = view.task(index).parent;
  const bool wanted = !options.training.empty() && parent && !followed.empty();
  if (wanted && view.records(*parent, "theta")) {
    out.training = over_training<Real>(
        view, *parent, lines.objective(), followed, rate, lines.draw(), followed_delta);
  }
  return out;
}

Estimate exponent(const TaskTemperatures& one, const ActiveTemperatureOptions& options) {
  std::vector<double> x, y;
  for (const TemperatureMode& mode : one.modes) {
    if (mode.rank < options.fit[0] || mode.rank > options.fit[1]) continue;
    x.push_back(mode.width);
    y.push_back(mode.at_centre.noise);
  }
  return analysis::power_law(x, y).exponent;
}

/// Exponent of T against L over training.
Estimate training_exponent(const OverTraining& training) {
  return analysis::power_law(training.loss, training.temperature).exponent;
}

/// T(δ) along the followed component at some of the times of training.
Figure history_figure(const OverTraining& training) {
  constexpr std::size_t kShown = 6;
  Figure figure{"profiles_over_training",
                "Active temperature along one component over training",
                "T(δ) along the first of the drawn components, displaced from the points that "
                "training passed; δ in the units of θ.",
                {"δ [θ]", "linear"},
                {"T [loss]", "log"},
                {}};
  const std::size_t stride = (training.time.size() + kShown - 1) / kShown;
  for (std::size_t k = 0; k < training.time.size(); k += stride) {
    const std::string label = fmt::format("t = {:.3g}", training.time[k]);
    figure.series.push_back(
        {label, training.delta, training.profiles[k], {}, "line+points", label});
  }
  return figure;
}

std::vector<Figure> figures_of(const TaskTemperatures& one) {
  Figure profiles{
      "profiles",
      "Active temperature along components",
      "T_i(δ) = (α/2)⟨|∂δ L^μ|²⟩ over all batches that can be drawn, from the gradients "
      "of all examples.",
      {"δ / F_i", "linear"},
      {"T_i [loss]", "log"},
      {}};
  Series centre{"T_i(0)", {}, {}, {}, "points", "T_i(0)"};
  Series by_rank{"T_i(0)", {}, {}, {}, "points", "T_i(0)"};
  for (const TemperatureMode& mode : one.modes) {
    centre.x.push_back(mode.width);
    centre.y.push_back(mode.at_centre.noise);
    by_rank.x.push_back(static_cast<double>(mode.rank));
    by_rank.y.push_back(mode.at_centre.noise);
    if (mode.delta.empty()) continue;
    const std::string label = fmt::format("i = {}", mode.rank);
    Series series{label, {}, mode.temperature, {}, "line+points", label};
    for (const double d : mode.delta) series.x.push_back(d / mode.width);
    profiles.series.push_back(std::move(series));
  }
  Figure flatness{"flatness",
                  "Active temperature against flatness",
                  "The noise part of T_i(0) at the end of the window.",
                  {"flatness F_i [θ]", "log"},
                  {"T_i(0) [loss]", "log"},
                  {centre}};
  Figure ranks{"ranks",
               "Active temperature of the components",
               "The noise part of T_i(0) at the end of the window, over the rank.",
               {"rank i", "log"},
               {"T_i(0) [loss]", "log"},
               {by_rank}};
  std::vector<Figure> figures{profiles, ranks, flatness};
  if (one.training.time.empty()) return figures;
  figures.push_back({"training",
                     "Active temperature over training",
                     "T along the first of the drawn components, and the loss on all examples, at "
                     "the recorded points of training.",
                     {"time [time]", "linear"},
                     {"T, L [loss]", "log"},
                     {{"T", one.training.time, one.training.temperature, {}, "line+points", "T"},
                      {"L", one.training.time, one.training.loss, {}, "line+points", "L"}}});
  figures.push_back(history_figure(one.training));
  figures.push_back(
      {"temperature_loss",
       "Active temperature against loss",
       "The same points: SGD cools as it learns.",
       {"L [loss]", "log"},
       {"T [loss]", "log"},
       {{"training", one.training.loss, one.training.temperature, {}, "points", ""}}});
  return figures;
}

void store_arrays(Dataset& data, const Task& task, const TaskTemperatures& one) {
  Dataset& group = data.make_group(task.id);
  std::vector<double> rank, width, noise, temperature;
  for (const TemperatureMode& mode : one.modes) {
    rank.push_back(static_cast<double>(mode.rank));
    width.push_back(mode.width);
    noise.push_back(mode.at_centre.noise);
    temperature.push_back(mode.at_centre.temperature);
  }
  group.put_vector("rank", "mode", rank, "1", "rank");
  group.put_vector("width", "mode", width, "θ", "F");
  group.put_vector("noise_temperature", "mode", noise, "loss", "T without the mean force");
  group.put_vector("temperature", "mode", temperature, "loss", "T = (α/2)⟨|∂L^μ|²⟩");
  if (one.training.time.empty()) return;
  group.put_vector("training_time", "look", one.training.time, "time", "time of training");
  group.put_vector("training_loss", "look", one.training.loss, "loss", "L on all examples");
  group.put_vector("training_temperature", "look", one.training.temperature, "loss", "T");
}

}  // namespace

Measured measure_active_temperature(const RunView* view,
                                    const MeasureSettings& settings,
                                    TomlReader& reader) {
  const auto options = read_options<ActiveTemperatureOptions>(reader);
  check_fit(options.fit, reader.where());
  if (view == nullptr) return {};
  const auto all =
      of_typed_tasks(*view, settings.phase, [&](std::size_t index, const auto& objective) {
        return analyse_typed(*view, index, objective, options);
      });
  Measured measured;
  PooledFindings pooled;
  for (const auto& [task, found] : all) {
    pooled.add(task, "flatness_exponent", exponent(found, options), "1");
    if (!found.training.time.empty())
      pooled.add(task, "loss_exponent", training_exponent(found.training), "1");
    store_arrays(measured.data, task, found);
  }
  measured.findings = pooled.findings();
  if (all.empty()) return measured;
  measured.figures = figures_of(all.front().found);
  for (const std::int64_t rank : options.shown) {
    const auto& modes = all.front().found.modes;
    const auto same = [&](const TemperatureMode& one) { return one.rank == rank; };
    if (std::none_of(modes.begin(), modes.end(), same))
      measured.notes.push_back(fmt::format(
          "{}: rank {} is not drawn: it was not looked at, or has no width", settings.name, rank));
  }
  return measured;
}

}  // namespace thermoscape
