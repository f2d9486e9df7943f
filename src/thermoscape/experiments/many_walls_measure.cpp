#include <algorithm>
#include <cmath>
#include <map>

#include "thermoscape/analysis/identity.hpp"
#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/loss_statistics.hpp"
#include "thermoscape/experiments/many_walls_fit.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/landscape/hessian_trace.hpp"

namespace thermoscape {

namespace {

struct ManyWallsOptions {
  std::int64_t snapshots = 12;

  static constexpr auto fields() {
    return std::tuple{field("snapshots",
                            &ManyWallsOptions::snapshots,
                            "1",
                            "recorded θ of each window at which tr H / L is taken, for the steepness a² of the walls",
                            kAtLeastOne)};
  }
};

using R = ReplicaStatistics;

/// One temperature: what was measured, what the walls say, each with an error.
struct Compared {
  const SweepPoint* point = nullptr;
  Estimate steepness;  ///< a² = ⟨tr H⟩/⟨L⟩ [1/θ²]
  Estimate mean;       ///< predictions
  Estimate sparsity;
  Estimate deviation;
  Estimate shape;
  Estimate rate;
  Estimate half_time;  ///< τ½T [loss time]
  double slope = 0;
};

/// a² of the walls: for L = (1/D)Σℓ of walls with ℓ'' = a²ℓ, tr H = a² L at any θ.
Estimate steepness_of(const RunView& view, const SweepPoint& point, const ManyWallsOptions& options, std::int64_t probes) {
  std::vector<Estimate> ratios;
  for (std::size_t m = 0; m < point.minima.size(); ++m) {
    if (point.status() == Status::ok && point.health[m].status != Status::ok) continue;
    const auto& replicas = point.minima[m];
    std::vector<double> traces;
    std::vector<double> losses;
    const auto objective = view.objective(replicas.front().task);
    const Noise noise = Noise(static_cast<std::uint64_t>(view.recipe().head.seed)).fork("many-walls", m);
    for (const R& replica : replicas) {
      if (replica.status != Status::ok || !view.records(replica.task, "theta")) continue;
      const Recorded theta = view.recorded(replica.task, "theta");
      const auto [first, last] = window_of(theta, point.from, point.to);
      const std::size_t step = std::max<std::size_t>(1, (last - first) / static_cast<std::size_t>(options.snapshots));
      for (std::size_t i = first; i < last; i += step) {
        const auto at = theta.values.span().subspan(i * theta.width, theta.width);
        traces.push_back(hessian_trace(*objective, at, noise, i, probes).value);
        losses.push_back(objective->loss(at, Batch{}));
      }
    }
    if (traces.size() < 4) continue;
    Estimate ratio = analysis::ratio_of_means(traces, losses);
    if (ratio.status == Status::too_short) ratio.status = Status::ok;  // replicas and minima carry the error
    ratios.push_back(ratio);
  }
  return analysis::combine(ratios).estimate;
}

/// Value at the best candidate, half the range over the allowed ones as error.
template <class F>
Estimate predicted(const WallsFit& fit, F&& of) {
  double low = kInfinity;
  double high = -kInfinity;
  for (const WallsCandidate& one : fit.allowed()) {
    const double value = of(one);
    low = std::min(low, value);
    high = std::max(high, value);
  }
  return {of(fit.profile[fit.best]), (high - low) / 2, Status::ok};
}

Compared compare(const SweepPoint& point, const WallsFit& fit, double reference, const Estimate& steepness) {
  const double shift = std::log(point.temperature / reference);
  const auto of = [&](double WallsPrediction::*member) {
    return predicted(fit, [&](const WallsCandidate& one) {
      return walls_prediction(one.walls, one.log_boltzmann - shift, false).*member;
    });
  };
  Compared result;
  result.point = &point;
  result.steepness = steepness;
  result.mean = of(&WallsPrediction::mean);
  result.sparsity = of(&WallsPrediction::sparsity);
  result.deviation = of(&WallsPrediction::deviation);
  result.shape = of(&WallsPrediction::shape);
  result.rate = of(&WallsPrediction::rate);
  result.slope = of(&WallsPrediction::slope).value;
  if (steepness.value > 0) {
    // The half-life depends on Λ so weakly that the ends of what is allowed suffice.
    const std::vector<WallsCandidate> allowed = fit.allowed();
    const auto time = [&](const WallsCandidate& one) {
      // Beyond ln u = -60 the half-life of the flat box no longer grows by what a network could tell.
      return walls_prediction(2, std::max(-60.0, one.log_boltzmann - shift), true).half_time / steepness.value;
    };
    const double best = time(fit.profile[fit.best]);
    const double range = std::abs(time(allowed.back()) - time(allowed.front())) / 2;
    result.half_time = {best, std::hypot(range, best * steepness.standard_error / steepness.value), steepness.status};
  }
  return result;
}

/// x/y with independent errors.
Estimate ratio(const Estimate& x, const Estimate& y) {
  if (!(std::abs(y.value) > 0) || !std::isfinite(x.value)) return {};
  const double value = x.value / y.value;
  return {value, std::abs(value) * std::hypot(x.standard_error / x.value, y.standard_error / y.value),
          analysis::worse(x.status, y.status)};
}

Estimate half_time_of(const SweepPoint& point) {
  Estimate measured = point.pooled(&R::half_time);
  measured.value *= point.temperature;
  measured.standard_error *= point.temperature;
  return measured;
}

std::string cell(const Estimate& value) { return with_error(value.value, value.standard_error); }

Table comparison_table(const std::vector<Compared>& rows) {
  Table table{"comparison",
              "The network against n walls and against a quadratic minimum",
              "n and Λ are fitted to μ/T and φ at all temperatures at once; α, βT, σ/T and τ½T follow without a further parameter "
              "(τ½T with the steepness a² = ⟨tr H⟩/⟨L⟩ measured at recorded θ). Quadratic: from the measured μ/T.",
              {"T", "quantity", "measured", "walls", "quadratic", "measured over walls"},
              {}};
  for (const Compared& one : rows) {
    const SweepPoint& point = *one.point;
    const double mean = point.pooled(&R::mean).value;
    const auto row = [&](const char* name, const Estimate& measured, const Estimate& walls, const std::string& quadratic) {
      table.rows.push_back({fmt::format("{:.3g}", point.temperature), name, cell(measured), cell(walls), quadratic,
                            cell(ratio(measured, walls))});
    };
    row("μ/T (fitted)", point.pooled(&R::mean), one.mean, "—");
    row("φ (fitted)", point.pooled(&R::sparsity), one.sparsity, fmt::format("{:.3g}", 2 * mean / 3));
    row("α", point.pooled(&R::shape), one.shape, fmt::format("{:.3g}", mean));
    row("βT", point.pooled(&R::rate), one.rate, "1");
    row("σ/T", point.pooled(&R::deviation), one.deviation, fmt::format("{:.3g}", std::sqrt(mean)));
    row("τ½T", half_time_of(point), one.half_time, "∝ T");
  }
  return table;
}

Figure against(const std::vector<Compared>& rows, const char* id, const char* title, const char* label, bool log_axis,
               Estimate (*measured)(const SweepPoint&), Estimate Compared::*walls, double (*quadratic)(const SweepPoint&)) {
  Figure figure{id, title, "Points: measured. Band: n walls, fitted to μ/T and φ. Dashes: a quadratic minimum with the measured μ/T.",
                {"temperature T [loss]", "log"}, {label, log_axis ? "log" : "linear"}, {}};
  Series points{"measured", {}, {}, {}, "points", "measured"};
  Series band{"walls", {}, {}, {}, "band", "walls"};
  Series dashes{"quadratic", {}, {}, {}, "dashed", "quadratic"};
  for (const Compared& one : rows) {
    const Estimate seen = measured(*one.point);
    if (std::isfinite(seen.value)) {
      points.x.push_back(one.point->temperature);
      points.y.push_back(seen.value);
      points.y_error.push_back(std::isfinite(seen.standard_error) ? seen.standard_error : 0);
    }
    if (std::isfinite((one.*walls).value)) {
      band.x.push_back(one.point->temperature);
      band.y.push_back((one.*walls).value);
      band.y_error.push_back((one.*walls).standard_error);
    }
    if (quadratic != nullptr) {
      dashes.x.push_back(one.point->temperature);
      dashes.y.push_back(quadratic(*one.point));
    }
  }
  figure.series = {std::move(band), std::move(points)};
  if (quadratic != nullptr) figure.series.push_back(std::move(dashes));
  return figure;
}

Figure likelihood_figure(const WallsFit& fit) {
  Figure figure{"likelihood", "How well μ/T and φ fix the walls",
                "χ² of the best n at each Λ. Within 1 of its minimum a Λ is allowed; a flat right end means no upper bound.",
                {"Λ at the lowest temperature", "log"}, {"χ²", "log"}, {}};
  Series series{"χ²", {}, {}, {}, "line", "χ²"};
  for (const WallsCandidate& one : fit.profile) {
    series.x.push_back(one.width);
    series.y.push_back(one.chi_squared);
  }
  figure.series.push_back(std::move(series));
  return figure;
}

std::vector<Figure> figures_of(const std::vector<Compared>& rows, const WallsFit& fit) {
  const auto mean = [](const SweepPoint& p) { return p.pooled(&R::mean).value; };
  return {against(rows, "shape", "Gamma shape", "α", false, [](const SweepPoint& p) { return p.pooled(&R::shape); },
                  &Compared::shape, mean),
          against(rows, "rate", "Gamma rate", "βT", false, [](const SweepPoint& p) { return p.pooled(&R::rate); }, &Compared::rate,
                  [](const SweepPoint&) { return 1.0; }),
          against(rows, "sparsity", "Effective examples", "φ", false, [](const SweepPoint& p) { return p.pooled(&R::sparsity); },
                  &Compared::sparsity, [](const SweepPoint& p) { return 2 * p.pooled(&R::mean).value / 3; }),
          against(rows, "deviation", "Deviation of the loss", "σ/T", false, [](const SweepPoint& p) { return p.pooled(&R::deviation); },
                  &Compared::deviation, [](const SweepPoint& p) { return std::sqrt(p.pooled(&R::mean).value); }),
          against(rows, "half_time", "Correlation time", "τ½T [loss time]", true, half_time_of, &Compared::half_time, nullptr),
          likelihood_figure(fit)};
}

void add_findings(const std::vector<Compared>& rows, const WallsFit& fit, Measured& measured) {
  std::map<std::string, std::vector<Estimate>> pooled;
  std::vector<double> temperatures;
  std::vector<Estimate> means;
  double slope = 0;
  for (const Compared& one : rows) {
    const SweepPoint& point = *one.point;
    const auto add = [&](const char* name, const Estimate& seen, const Estimate& walls) {
      measured.findings.push_back({name, point.where, ratio(seen, walls), "1"});
      pooled[name].push_back(ratio(seen, walls));
    };
    add("mean_over_walls", point.pooled(&R::mean), one.mean);
    add("effective_examples_over_walls", point.pooled(&R::sparsity), one.sparsity);
    add("shape_over_walls", point.pooled(&R::shape), one.shape);
    add("rate_over_walls", point.pooled(&R::rate), one.rate);
    add("deviation_over_walls", point.pooled(&R::deviation), one.deviation);
    add("half_time_over_walls", half_time_of(point), one.half_time);
    measured.findings.push_back({"steepness_squared", point.where, one.steepness, "1/θ²"});
    temperatures.push_back(point.temperature);
    means.push_back(point.pooled(&R::mean));
    means.back().value *= point.temperature;
    means.back().standard_error *= point.temperature;
    slope += one.slope / static_cast<double>(rows.size());
  }
  for (const auto& [name, values] : pooled) {
    if (values.size() > 1) measured.findings.push_back({name, {}, analysis::combine(values).estimate, "1"});
  }
  measured.findings.push_back({"walls", {}, fit.walls, "1"});
  measured.findings.push_back({"width", {}, fit.width, "1"});
  measured.findings.push_back({"fit_p_value", {}, {fit.p_value, 0, Status::ok}, "1"});
  if (rows.size() >= 3) {
    Estimate exponent = analysis::power_law(temperatures, means).exponent;
    exponent.value -= slope;
    measured.findings.push_back({"mean_exponent_less_walls", {}, exponent, "1"});
  }
}

}  // namespace

Measured measure_many_walls(const RunView* view, const MeasureSettings& settings, TomlReader& reader) {
  LossStatisticsOptions statistics;
  ManyWallsOptions options;
  reader.read(statistics);
  reader.read(statistics.window);
  reader.read(statistics.health, "health.");
  reader.read(options);
  reader.finish();
  if (view == nullptr) return {};
  std::vector<SweepPoint> points = loss_statistics(*view, settings.phase, statistics);
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.temperature < b.temperature; });
  std::vector<WallsPoint> used;
  for (const SweepPoint& one : points) used.push_back({one.temperature, one.pooled(&R::mean), one.pooled(&R::sparsity)});
  const WallsFit fit = fit_walls(used);
  Measured measured;
  if (fit.profile.empty()) {
    measured.notes.push_back("no temperature has a healthy mean and φ: the walls cannot be fitted");
    return measured;
  }
  const auto reference = std::find_if(used.begin(), used.end(), [](const WallsPoint& one) {
    return one.mean.ok() && one.sparsity.ok() && one.mean.standard_error > 0 && one.sparsity.standard_error > 0;
  });
  std::vector<Compared> rows(points.size());
  view->in_parallel(points.size(), [&](std::size_t i) {
    const Estimate steepness = steepness_of(*view, points[i], options, statistics.trace_probes);
    rows[i] = compare(points[i], fit, reference->temperature, steepness);
  });
  add_findings(rows, fit, measured);
  measured.tables = {comparison_table(rows)};
  measured.figures = figures_of(rows, fit);
  const std::vector<WallsCandidate> allowed = fit.allowed();
  measured.notes.push_back(fmt::format(
      "n = {:.3g} walls with Λ = {:.3g} at T = {:.3g}; allowed Λ from {:.3g} to {}; χ² = {:.3g} for {:.0f} degrees of freedom. "
      "Minima are common to all temperatures, so their errors are not independent and χ² is low.",
      fit.walls.value, fit.width.value, reference->temperature, allowed.front().width,
      fit.bounded ? fmt::format("{:.3g}", allowed.back().width) : "∞", fit.profile[fit.best].chi_squared, fit.degrees_of_freedom));
  return measured;
}

}  // namespace thermoscape
