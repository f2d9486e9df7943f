#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/limiting_dynamics/regression_modes.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"

namespace thermoscape {

namespace {

std::string label_of(const RegressionSetting& setting) {
  return setting.weight_decay == 0
             ? fmt::format("β = {:g}", setting.momentum)
             : fmt::format("β = {:g}, λ = {:.2g}", setting.momentum, setting.weight_decay);
}

double deviation(const Estimate& ratio) {
  return (ratio.value - 1) / ratio.standard_error;
}

/// Ratios to the exact discrete theory against ηh: simulation, continuous time, and 1/R.
Figure ratio_figure(const std::vector<RegressionSetting>& settings) {
  Figure figure{"modes",
                "Stationary variance of every mode over the exact discrete theory",
                "Points: simulated ⟨(θ-μ)²⟩ along each eigenvector of random regression over the "
                "theory of the recursion, noise that grows with the spread included; one standard "
                "error from independent runs. Lines: continuous time over the same, which is 1/R = "
                "1 - ηh/(2(1+β)) (dashed).",
                {"ηh", "log"},
                {"variance over exact discrete", "linear"},
                {}};
  for (const RegressionSetting& setting : settings) {
    const std::string label = label_of(setting);
    Series points{label, {}, {}, {}, "points", label};
    Series continuum{label + ", continuous time", {}, {}, {}, "line", label};
    Series inverse{label + ", 1/R", {}, {}, {}, "dashed", label};
    for (const ModeComparison& mode : setting.modes) {
      points.x.push_back(mode.rate);
      points.y.push_back(mode.position.value);
      points.y_error.push_back(mode.position.standard_error);
      continuum.x.push_back(mode.rate);
      continuum.y.push_back(mode.continuum);
      inverse.x.push_back(mode.rate);
      inverse.y.push_back(1 / mode.discrete_factor);
    }
    figure.series.push_back(std::move(points));
    if (setting.weight_decay > 0) continue;
    figure.series.push_back(std::move(continuum));
    figure.series.push_back(std::move(inverse));
  }
  return figure;
}

Figure additive_figure(const std::vector<RegressionSetting>& settings) {
  Figure figure{"additive_noise",
                "What the theory misses with the noise at the minimum",
                "Variance with Σ at the minimum over that with Σ(P), the noise that the spread "
                "itself makes: the gradients of examples grow with |θ - μ|.",
                {"ηh", "log"},
                {"additive over exact", "linear"},
                {}};
  for (const RegressionSetting& setting : settings) {
    const std::string label = label_of(setting);
    Series line{label, {}, {}, {}, "line+points", label};
    for (const ModeComparison& mode : setting.modes) {
      line.x.push_back(mode.rate);
      line.y.push_back(mode.additive);
    }
    figure.series.push_back(std::move(line));
  }
  return figure;
}

Table setting_table(const std::vector<RegressionSetting>& settings) {
  Table table{"settings",
              "Settings",
              "Largest |ratio - 1| in standard errors, over positions and velocities; range of ηh; "
              "least share of the variance that noise at the minimum explains.",
              {"β", "λ", "η", "steps", "ηh", "largest deviation", "least additive share"},
              {}};
  for (const RegressionSetting& one : settings) {
    double worst = 0;
    double additive = 1;
    for (const ModeComparison& mode : one.modes) {
      worst =
          std::max({worst, std::abs(deviation(mode.position)), std::abs(deviation(mode.velocity))});
      additive = std::min(additive, mode.additive);
    }
    table.rows.push_back(
        {fmt::format("{:g}", one.momentum),
         fmt::format("{:.3g}", one.weight_decay),
         fmt::format("{:.4g}", one.learning_rate),
         fmt::format("{}", one.steps),
         fmt::format("{:.2g} … {:.2g}", one.modes.front().rate, one.modes.back().rate),
         fmt::format("{:.2f}", worst),
         fmt::format("{:.3f}", additive)});
  }
  return table;
}

Table stability_table(const std::vector<StabilityCheck>& checks) {
  Table table{"stability",
              "The limit of stability, ηh = 2(1+β)",
              "How full-batch runs end a little inside and outside, and what the theory answers "
              "outside.",
              {"β", "at 0.98 of it", "at 1.02 of it", "theory"},
              {}};
  for (const StabilityCheck& one : checks) {
    table.rows.push_back({fmt::format("{:g}", one.momentum),
                          std::string(name(one.within)),
                          std::string(name(one.beyond)),
                          one.refusal});
  }
  return table;
}

void add_findings(const std::vector<RegressionSetting>& settings,
                  const std::vector<StabilityCheck>& checks,
                  Measured& measured) {
  const auto add = [&](const char* name, const Coordinates& where, const Estimate& value) {
    measured.findings.push_back({name, where, value, "1"});
  };
  const auto exact = [](double x) { return Estimate{x, 0, Status::ok}; };
  double worst = 0;
  double worst_position = 0;
  double continuum = 0;
  double squares = 0;
  double count = 0;
  double low = kInfinity;
  double high = 0;
  for (const RegressionSetting& one : settings) {
    double own = 0;
    for (const ModeComparison& mode : one.modes) {
      for (const Estimate& ratio : {mode.position, mode.velocity}) {
        const double z = deviation(ratio);
        own = std::max(own, std::abs(z));
        squares += z * z;
        count += 1;
      }
      worst_position = std::max(worst_position, std::abs(deviation(mode.position)));
      continuum = std::max(continuum, std::abs(mode.continuum * mode.discrete_factor - 1));
      low = std::min(low, mode.rate);
      high = std::max(high, mode.rate);
    }
    worst = std::max(worst, own);
    add("largest_deviation",
        {{"momentum", one.momentum}, {"weight_decay", one.weight_decay}},
        exact(own));
  }
  add("largest_deviation", {}, exact(worst));
  add("largest_position_deviation", {}, exact(worst_position));
  add("mean_square_deviation", {}, {squares / count, std::sqrt(2 / count), Status::ok});
  add("comparisons", {}, exact(count));
  add("continuum_times_factor_less_one", {}, exact(continuum));
  add("smallest_rate", {}, exact(low));
  add("largest_rate", {}, exact(high));
  double diverged = 0;
  double stable = 0;
  double refused = 0;
  for (const StabilityCheck& one : checks) {
    diverged += one.beyond == Status::diverged ? 1 : 0;
    stable += one.within == Status::ok ? 1 : 0;
    refused += one.refusal.empty() ? 0 : 1;
  }
  const auto settings_tried = static_cast<double>(checks.size());
  add("diverged_beyond_bound", {}, exact(diverged / settings_tried));
  add("ok_within_bound", {}, exact(stable / settings_tried));
  add("refused_beyond_bound", {}, exact(refused / settings_tried));
}

void keep(const std::vector<RegressionSetting>& settings, Dataset& data) {
  for (std::size_t s = 0; s < settings.size(); ++s) {
    const RegressionSetting& one = settings[s];
    Dataset& group = data.make_group(fmt::format("setting_{}", s));
    group.attributes["momentum"] = one.momentum;
    group.attributes["weight_decay"] = one.weight_decay;
    group.attributes["learning_rate"] = one.learning_rate;
    const auto put = [&](const char* name, const char* description, auto of) {
      std::vector<double> values;
      for (const ModeComparison& mode : one.modes) values.push_back(of(mode));
      group.put_vector(name, "mode", std::move(values), "1", description);
    };
    using M = ModeComparison;
    put("rate", "ηh", [](const M& m) { return m.rate; });
    put("position_ratio", "simulated variance of θ over exact", [](const M& m) {
      return m.position.value;
    });
    put("position_ratio_error", "standard error", [](const M& m) {
      return m.position.standard_error;
    });
    put("velocity_ratio", "simulated variance of v over exact", [](const M& m) {
      return m.velocity.value;
    });
    put("velocity_ratio_error", "standard error", [](const M& m) {
      return m.velocity.standard_error;
    });
    put("continuum_ratio", "continuous time over exact", [](const M& m) { return m.continuum; });
    put("additive_ratio", "noise at the minimum over exact", [](const M& m) { return m.additive; });
  }
}

}  // namespace

Measured measure_regression_modes(const RunView* view,
                                  const MeasureSettings& settings,
                                  TomlReader& reader) {
  const auto options = read_options<RegressionModesOptions>(reader);
  if (options.smallest_rate >= options.largest_rate) {
    reject({reader.where() + ", smallest_rate",
            fmt::format("{}", options.smallest_rate),
            "must be below largest_rate",
            ""});
  }
  if (view == nullptr) return {};
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view->recipe().head.seed)).fork(settings.name, 0);
  const std::vector<RegressionSetting> all = regression_modes(
      options, noise, [&](std::size_t count, const auto& work) { view->in_parallel(count, work); });
  const std::vector<StabilityCheck> checks = stability_checks(options, noise);
  Measured measured;
  add_findings(all, checks, measured);
  measured.figures = {ratio_figure(all), additive_figure(all)};
  measured.tables = {setting_table(all), stability_table(checks)};
  keep(all, measured.data);
  return measured;
}

}  // namespace thermoscape
