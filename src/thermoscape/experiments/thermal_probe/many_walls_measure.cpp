#include <algorithm>
#include <map>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/experiments/thermal_probe/many_walls_figures.hpp"

namespace thermoscape {

namespace {

using R = ReplicaStatistics;

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
                            cell(ratio_of(measured, walls))});
    };
    row("μ/T (fitted)", point.pooled(&R::mean), one.mean, "—");
    row("φ (fitted)",
        point.pooled(&R::effective_examples),
        one.effective_examples,
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
        {point.temperature, point.pooled(&R::mean), point.pooled(&R::effective_examples)}};
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
        {"rate_over_walls_alone", point.where, ratio_of(point.pooled(&R::rate), rate), "1"});
  }
  return table;
}

/// What the whole sweep says: n, Λ and every ratio are taken in each minimum by itself and averaged
/// over the minima, since one minimum shifts all its temperatures together.
void add_pooled(const RunView& view,
                const std::vector<SweepPoint>& points,
                const ManyWallsOptions& options,
                std::int64_t trace_probes,
                Measured& measured) {
  std::map<std::string, std::vector<Estimate>> members;
  Table table{"minima",
              "Walls fitted to each minimum by itself",
              "n and Λ of the minimum (Λ at its lowest healthy temperature), and measured over "
              "predicted, averaged over its temperatures. Their spread is the error bar of the "
              "pooled ratios.",
              {"minimum", "n", "allowed Λ", "α", "βT", "σ/T", "τ½T"},
              {}};
  for (std::size_t m = 0; m < points.front().minima.size(); ++m) {
    std::vector<SweepPoint> own;
    for (const SweepPoint& one : points) {
      if (one.health[m].status == Status::ok) own.push_back(one.alone(m));
    }
    if (own.size() < 2) continue;
    const WallsComparison compared = compare_walls(view, own, options, trace_probes);
    if (compared.fit.profile.empty()) continue;
    std::map<std::string, std::vector<Estimate>> of_points;
    for (const ComparedWalls& one : compared.rows) {
      for (const auto& [name, value] : one.ratios()) of_points[name].push_back(value);
    }
    std::map<std::string, Estimate> ratios;
    for (const auto& [name, values] : of_points) {
      ratios[name] = analysis::combine(values).estimate;
      members[name].push_back(ratios[name]);
    }
    if (own.size() >= 3)
      members["mean_exponent_less_walls"].push_back(compared.mean_exponent_less_walls());
    const std::vector<WallsCandidate> allowed = compared.fit.allowed();
    table.rows.push_back(
        {std::to_string(m),
         fmt::format("{:.3g}", compared.fit.walls.value),
         fmt::format("{:.3g} – {}",
                     allowed.front().width,
                     compared.fit.bounded ? fmt::format("{:.3g}", allowed.back().width) : "∞"),
         cell(ratios["shape_over_walls"]),
         cell(ratios["rate_over_walls"]),
         cell(ratios["deviation_over_walls"]),
         cell(ratios["half_time_over_walls"])});
  }
  for (const auto& [name, values] : members)
    measured.findings.push_back({name, {}, analysis::combine(values).estimate, "1"});
  if (!table.rows.empty()) measured.tables.push_back(std::move(table));
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
  const std::vector<SweepPoint> points = [&] {
    std::vector<SweepPoint> all = loss_statistics(*view, settings.phase, statistics);
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return a.temperature < b.temperature;
    });
    return all;
  }();
  const WallsComparison compared = compare_walls(*view, points, options, statistics.trace_probes);
  const WallsFit& fit = compared.fit;
  Measured measured;
  if (fit.profile.empty()) {
    measured.notes.push_back("no temperature has a healthy mean and φ: the walls cannot be fitted");
    return measured;
  }
  for (const ComparedWalls& one : compared.rows) {
    for (const auto& [name, value] : one.ratios())
      measured.findings.push_back({name, one.point->where, value, "1"});
    measured.findings.push_back({"steepness_squared", one.point->where, one.steepness, "1/θ²"});
  }
  measured.findings.push_back({"walls", {}, fit.walls, "1"});
  measured.findings.push_back({"width", {}, fit.width, "1"});
  measured.findings.push_back({"fit_p_value", {}, {fit.p_value, 0, Status::ok}, "1"});
  measured.tables = {comparison_table(compared.rows), alone_table(points, measured)};
  add_pooled(*view, points, options, statistics.trace_probes, measured);
  measured.figures = many_walls_figures(compared.rows, fit);
  const std::vector<WallsCandidate> allowed = fit.allowed();
  measured.notes.push_back(fmt::format(
      "all minima together: n = {:.3g} walls with Λ = {:.3g} at T = {:.3g}; allowed Λ from {:.3g} "
      "to {}; χ² = {:.3g} for {:.0f} degrees of freedom. Minima are common to all temperatures, so "
      "that this χ² is low; the claims rest on fits to each minimum by itself.",
      fit.walls.value,
      fit.width.value,
      compared.reference,
      allowed.front().width,
      fit.bounded ? fmt::format("{:.3g}", allowed.back().width) : "∞",
      fit.profile[fit.best].chi_squared,
      fit.degrees_of_freedom));
  return measured;
}

}  // namespace thermoscape
