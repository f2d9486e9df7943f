#include <algorithm>
#include <cmath>
#include <map>

#include "thermoscape/analysis/identity.hpp"
#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/many_walls_figures.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/landscape/hessian_trace.hpp"

namespace thermoscape {

namespace {

struct ManyWallsOptions {
  std::int64_t snapshots = 12;

  static constexpr auto fields() {
    return std::tuple{field(
        "snapshots",
        &ManyWallsOptions::snapshots,
        "1",
        "recorded θ of each window at which tr H / L is taken, for the steepness a² of the walls",
        kAtLeastOne)};
  }
};

using R = ReplicaStatistics;

/// a² of the walls: for L = (1/D)Σℓ of walls with ℓ'' = a²ℓ, tr H = a² L at any θ.
Estimate steepness_of(const RunView& view,
                      const SweepPoint& point,
                      const ManyWallsOptions& options,
                      std::int64_t probes) {
  std::vector<Estimate> ratios;
  for (std::size_t m = 0; m < point.minima.size(); ++m) {
    if (point.status() == Status::ok && point.health[m].status != Status::ok) continue;
    const auto& replicas = point.minima[m];
    std::vector<double> traces;
    std::vector<double> losses;
    const auto objective = view.objective(replicas.front().task);
    const Noise noise =
        Noise(static_cast<std::uint64_t>(view.recipe().head.seed)).fork("many-walls", m);
    for (const R& replica : replicas) {
      if (replica.status != Status::ok || !view.records(replica.task, "theta")) continue;
      const Recorded theta = view.recorded(replica.task, "theta");
      const auto [first, last] = window_of(theta, point.from, point.to);
      const std::size_t step =
          std::max<std::size_t>(1, (last - first) / static_cast<std::size_t>(options.snapshots));
      for (std::size_t i = first; i < last; i += step) {
        const auto at = theta.values.span().subspan(i * theta.width, theta.width);
        traces.push_back(hessian_trace(*objective, at, noise, i, probes).value);
        losses.push_back(objective->loss(at, Batch{}));
      }
    }
    if (traces.size() < 4) continue;
    Estimate ratio = analysis::ratio_of_means(traces, losses);
    if (ratio.status == Status::too_short)
      ratio.status = Status::ok;  // replicas and minima carry the error
    ratios.push_back(ratio);
  }
  return analysis::combine(ratios).estimate;
}

/// Value at the best candidate; the error holds the range over the allowed Λ and that of n at the
/// best.
template <class F>
Estimate predicted(const WallsFit& fit, F&& of) {
  double low = kInfinity;
  double high = -kInfinity;
  for (const WallsCandidate& one : fit.allowed()) {
    const double value = of(one);
    low = std::min(low, value);
    high = std::max(high, value);
  }
  const WallsCandidate& best = fit.profile[fit.best];
  WallsCandidate more = best;
  more.walls *= std::exp(best.relative_error);
  const double value = of(best);
  const double error = std::hypot((high - low) / 2, of(more) - value);
  return {value, fit.inflation * error, Status::ok};
}

ComparedWalls compare(const SweepPoint& point,
                      const WallsFit& fit,
                      double reference,
                      const Estimate& steepness) {
  const double shift = std::log(point.temperature / reference);
  const auto of = [&](double WallsPrediction::*member) {
    return predicted(fit, [&](const WallsCandidate& one) {
      return walls_prediction(one.walls, one.log_boltzmann - shift, false).*member;
    });
  };
  ComparedWalls result;
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
      // Beyond ln u = -60 the half-life of the flat box no longer grows by what a network could
      // tell.
      return walls_prediction(2, std::max(-60.0, one.log_boltzmann - shift), true).half_time /
             steepness.value;
    };
    const double best = time(fit.profile[fit.best]);
    const double range = std::abs(time(allowed.back()) - time(allowed.front())) / 2;
    result.half_time = {best,
                        std::hypot(range, best * steepness.standard_error / steepness.value),
                        steepness.status};
  }
  return result;
}

/// x/y with independent errors.
Estimate ratio(const Estimate& x, const Estimate& y) {
  if (!(std::abs(y.value) > 0) || !std::isfinite(x.value)) return {};
  const double value = x.value / y.value;
  return {value,
          std::abs(value) * std::hypot(x.standard_error / x.value, y.standard_error / y.value),
          analysis::worse(x.status, y.status)};
}

std::string cell(const Estimate& value) {
  return with_error(value.value, value.standard_error);
}

Table comparison_table(const std::vector<ComparedWalls>& rows) {
  Table table{"comparison",
              "The network against n walls and against a quadratic minimum",
              "n and Λ are fitted to μ/T and φ at all temperatures at once; α, βT, σ/T and τ½T "
              "follow without a further parameter "
              "(τ½T with the steepness a² = ⟨tr H⟩/⟨L⟩ measured at recorded θ). Quadratic: from "
              "the measured μ/T.",
              {"T", "quantity", "measured", "walls", "quadratic", "measured over walls"},
              {}};
  for (const ComparedWalls& one : rows) {
    const SweepPoint& point = *one.point;
    const double mean = point.pooled(&R::mean).value;
    const auto row = [&](const char* name,
                         const Estimate& measured,
                         const Estimate& walls,
                         const std::string& quadratic) {
      table.rows.push_back({fmt::format("{:.3g}", point.temperature),
                            name,
                            cell(measured),
                            cell(walls),
                            quadratic,
                            cell(ratio(measured, walls))});
    };
    row("μ/T (fitted)", point.pooled(&R::mean), one.mean, "—");
    row("φ (fitted)",
        point.pooled(&R::sparsity),
        one.sparsity,
        fmt::format("{:.3g}", 2 * mean / 3));
    row("α", point.pooled(&R::shape), one.shape, fmt::format("{:.3g}", mean));
    row("βT", point.pooled(&R::rate), one.rate, "1");
    row("σ/T", point.pooled(&R::deviation), one.deviation, fmt::format("{:.3g}", std::sqrt(mean)));
    row("τ½T", half_time_times_temperature(point), one.half_time, "∝ T");
  }
  return table;
}

/// What mean and φ of one temperature alone would say: two numbers for two, then βT and α against
/// the measured.
Table alone_table(const std::vector<SweepPoint>& points, Measured& measured) {
  Table table{"alone",
              "Walls fitted to each temperature by itself",
              "Here Λ is not tied to the temperature. The ratio of φ to μ/T fixes u = e^(-Λ-γ): "
              "small Λ means that φ lies below what a "
              "wide box gives. The βT that follows is a test which the fit to all temperatures "
              "need not share.",
              {"T",
               "n",
               "Λ",
               "allowed Λ",
               "βT measured",
               "βT of these walls",
               "α measured",
               "α of these walls"},
              {}};
  for (const SweepPoint& point : points) {
    const std::vector<WallsPoint> one{
        {point.temperature, point.pooled(&R::mean), point.pooled(&R::sparsity)}};
    const WallsFit fit = fit_walls(one);
    if (fit.profile.empty()) continue;
    const auto of = [&](double WallsPrediction::*member) {
      return predicted(fit, [&](const WallsCandidate& c) {
        return walls_prediction(c.walls, c.log_boltzmann, false).*member;
      });
    };
    const Estimate rate = of(&WallsPrediction::rate);
    const std::vector<WallsCandidate> allowed = fit.allowed();
    table.rows.push_back(
        {fmt::format("{:.3g}", point.temperature),
         fit.bounded ? cell(fit.walls) : fmt::format("≥ {:.3g}", allowed.front().walls),
         fit.bounded ? cell(fit.width) : fmt::format("≥ {:.3g}", allowed.front().width),
         fmt::format("{:.3g} – {}",
                     allowed.front().width,
                     fit.bounded ? fmt::format("{:.3g}", allowed.back().width) : "∞"),
         cell(point.pooled(&R::rate)),
         cell(rate),
         cell(point.pooled(&R::shape)),
         cell(of(&WallsPrediction::shape))});
    measured.findings.push_back({"width_alone", point.where, fit.width, "1"});
    measured.findings.push_back(
        {"rate_over_walls_alone", point.where, ratio(point.pooled(&R::rate), rate), "1"});
  }
  return table;
}

void add_findings(const std::vector<ComparedWalls>& rows, const WallsFit& fit, Measured& measured) {
  std::map<std::string, std::vector<Estimate>> pooled;
  std::vector<double> temperatures;
  std::vector<Estimate> means;
  double slope = 0;
  for (const ComparedWalls& one : rows) {
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
    add("half_time_over_walls", half_time_times_temperature(point), one.half_time);
    measured.findings.push_back({"steepness_squared", point.where, one.steepness, "1/θ²"});
    temperatures.push_back(point.temperature);
    means.push_back(point.pooled(&R::mean));
    means.back().value *= point.temperature;
    means.back().standard_error *= point.temperature;
    slope += one.slope / static_cast<double>(rows.size());
  }
  for (const auto& [name, values] : pooled) {
    if (values.size() > 1)
      measured.findings.push_back({name, {}, analysis::combine(values).estimate, "1"});
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

Measured measure_many_walls(const RunView* view,
                            const MeasureSettings& settings,
                            TomlReader& reader) {
  LossStatisticsOptions statistics;
  ManyWallsOptions options;
  reader.read(statistics);
  reader.read(statistics.window);
  reader.read(statistics.health, "health.");
  reader.read(options);
  reader.finish();
  if (view == nullptr) return {};
  std::vector<SweepPoint> points = loss_statistics(*view, settings.phase, statistics);
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) {
    return a.temperature < b.temperature;
  });
  std::vector<WallsPoint> used;
  for (const SweepPoint& one : points)
    used.push_back({one.temperature, one.pooled(&R::mean), one.pooled(&R::sparsity)});
  const WallsFit fit = fit_walls(used);
  Measured measured;
  if (fit.profile.empty()) {
    measured.notes.push_back("no temperature has a healthy mean and φ: the walls cannot be fitted");
    return measured;
  }
  const auto reference = std::find_if(used.begin(), used.end(), [](const WallsPoint& one) {
    return one.mean.ok() && one.sparsity.ok() && one.mean.standard_error > 0 &&
           one.sparsity.standard_error > 0;
  });
  std::vector<ComparedWalls> rows(points.size());
  view->in_parallel(points.size(), [&](std::size_t i) {
    const Estimate steepness = steepness_of(*view, points[i], options, statistics.trace_probes);
    rows[i] = compare(points[i], fit, reference->temperature, steepness);
  });
  add_findings(rows, fit, measured);
  measured.tables = {comparison_table(rows), alone_table(points, measured)};
  measured.figures = many_walls_figures(rows, fit);
  const std::vector<WallsCandidate> allowed = fit.allowed();
  measured.notes.push_back(fmt::format(
      "n = {:.3g} walls with Λ = {:.3g} at T = {:.3g}; allowed Λ from {:.3g} to {}; χ² = {:.3g} "
      "for {:.0f} degrees of freedom. "
      "Minima are common to all temperatures, so their errors are not independent and χ² is low.",
      fit.walls.value,
      fit.width.value,
      reference->temperature,
      allowed.front().width,
      fit.bounded ? fmt::format("{:.3g}", allowed.back().width) : "∞",
      fit.profile[fit.best].chi_squared,
      fit.degrees_of_freedom));
  return measured;
}

}  // namespace thermoscape
