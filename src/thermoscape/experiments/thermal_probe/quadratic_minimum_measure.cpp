#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/steady_windows.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/experiments/thermal_probe/quadratic_minimum.hpp"

namespace thermoscape {

namespace {

using R = ReplicaStatistics;

Estimate over(Estimate estimate, double divisor) {
  return {estimate.value / divisor, std::abs(estimate.standard_error / divisor), estimate.status};
}

/// Eigenvalues from the largest, as far as they are above 0.
Series falling(const std::string& label, const std::vector<double>& eigenvalues) {
  Series series{label, {}, {}, {}, "points", label};
  for (std::size_t k = 0; k < eigenvalues.size(); ++k) {
    if (!(eigenvalues[k] > 0)) continue;
    series.x.push_back(static_cast<double>(k + 1));
    series.y.push_back(eigenvalues[k]);
  }
  return series;
}

Figure rank_figure(const std::vector<QuadraticRow>& rows, const Minimum& minimum) {
  Figure figure{"rank",
                "N_c against the rank of the Gauss-Newton matrix",
                "Eigenvalues of G and of the whole Hessian at the first minimum, largest first "
                "(those that rounding leaves above 0). Vertical: N_c = 2α measured in the first "
                "minimum at each temperature. If N_c counts the rank, the lines stand where the "
                "eigenvalues end.",
                {"k", "log"},
                {"λ_k [loss/θ²]", "log"},
                {}};
  figure.series = {falling("G", minimum.gauss_newton), falling("Hessian", minimum.hessian)};
  const double high = minimum.gauss_newton.front();
  for (const QuadraticRow& row : rows) {
    const double directions = 2 * row.point->alone(0).pooled(&R::shape).value;
    if (!(directions > 0)) continue;
    figure.series.push_back(vertical_mark(
        "N_c, " + temperature_label(row.point->temperature), directions, 1e-17 * high, high));
  }
  return figure;
}

Figure mode_figure(const std::vector<QuadraticRow>& rows, const std::vector<Minimum>& minima) {
  Figure figure{"modes",
                "Equipartition mode by mode",
                "k⟨q²⟩/T = ⟨(v·∇L)²/k⟩/T of each stiff direction v at the recorded θ, first "
                "minimum, against its stiffness at the "
                "start; 1 (more by ηk/2 for the time step) in equilibrium. Errors by jackknife "
                "over stretches.",
                {"stiffness k [loss/θ²]", "log"},
                {"k⟨q²⟩/T", "linear"},
                {}};
  for (const QuadraticRow& row : rows) {
    const std::string label = fmt::format("T = {:.3g}", row.point->temperature);
    figure.series.push_back({label,
                             minima.front().modes.stiffness,
                             row.minima.front().energies,
                             row.minima.front().energy_errors,
                             "points",
                             label});
  }
  return figure;
}

Figure correlation_figure(const RunView& view,
                          const std::vector<QuadraticRow>& rows,
                          const std::vector<Minimum>& minima) {
  Figure figure{"correlation",
                "Autocorrelation of the loss against the formula",
                "χ of the replicas of the first minimum (trend removed, mean) and χ = "
                "Σc²(1-ηk)^(2t/η)/Σc² of its stiff modes.",
                {"Δt [time]", "log"},
                {"χ", "linear"},
                {}};
  const double half = rows.front().minima.front().half_time;
  for (const QuadraticRow& row : rows) {
    const auto& replicas = row.point->minima.front();
    const std::string label = fmt::format("T = {:.3g}", row.point->temperature);
    Series series{label, {}, {}, {}, "points", label};
    std::size_t previous = 0;
    for (int i = 0; i <= 60; ++i) {
      const double time = half * std::pow(10.0, -1.5 + 3.0 * i / 60);
      const auto lag = static_cast<std::size_t>(std::llround(time / replicas.front().interval));
      if (lag == previous || lag >= replicas.front().chi.size() / 5) continue;
      previous = lag;
      double chi = 0;
      for (const R& one : replicas) chi += one.chi[lag] / static_cast<double>(replicas.size());
      series.x.push_back(static_cast<double>(lag) * replicas.front().interval);
      series.y.push_back(chi);
    }
    figure.series.push_back(std::move(series));
  }
  const double step = time_step(view.branch(rows.front().point->minima.front().front().task).rule);
  Series formula{"formula", {}, {}, {}, "dashed", "formula"};
  for (int i = 0; i <= 120; ++i) {
    const double time = std::max(step, half * std::pow(10.0, -1.5 + 3.0 * i / 120));
    formula.x.push_back(time);
    formula.y.push_back(
        theory::euler_maruyama_correlation(minima.front().modes.stiffness, step, time).value);
  }
  figure.series.push_back(std::move(formula));
  return figure;
}

Figure entropy_figure(const std::vector<QuadraticRow>& rows,
                      const std::vector<Estimate>& integrated) {
  Figure figure{"entropy",
                "Entropy of the stiff directions",
                "S at θ0 = 1: the formula Σ½ln(2πT/k) + N_c/2 at the minimum; from the "
                "fluctuations of each mode, Σ½ln(2πe⟨kq²⟩/k); and "
                "∫dμ/T from the lowest temperature, where it is set to the formula. First minimum; "
                "errors by jackknife.",
                {"temperature T [loss]", "log"},
                {"S", "linear"},
                {}};
  Series formula{"formula", {}, {}, {}, "line", "formula"};
  Series simulated{"fluctuations", {}, {}, {}, "points", "fluctuations"};
  Series integral{"∫dμ/T", {}, {}, {}, "points", "∫dμ/T"};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const PointMinimum& one = rows[i].minima.front();
    formula.x.push_back(rows[i].point->temperature);
    formula.y.push_back(one.entropy_formula);
    simulated.x.push_back(rows[i].point->temperature);
    simulated.y.push_back(one.entropy.value);
    simulated.y_error.push_back(
        std::isfinite(one.entropy.standard_error) ? one.entropy.standard_error : 0);
    integral.x.push_back(rows[i].point->temperature);
    integral.y.push_back(rows.front().minima.front().entropy_formula + integrated[i].value);
    integral.y_error.push_back(
        std::isfinite(integrated[i].standard_error) ? integrated[i].standard_error : 0);
  }
  figure.series = {std::move(formula), std::move(simulated), std::move(integral)};
  return figure;
}

Table comparison_table(const std::vector<QuadraticRow>& rows, const std::vector<Minimum>& minima) {
  const Estimate ranks = mean_rank(minima);
  const std::string rank = with_error(ranks.value, ranks.standard_error);
  Table table{"comparison",
              "The minimum against the quadratic theory",
              "Predictions from the stiffnesses of the minimum alone, with the exact effect of the "
              "time step.",
              {"T",
               "N_c = 2α",
               "rank of G",
               "N_c predicted",
               "μ/T",
               "predicted",
               "τ½",
               "predicted",
               "⟨Σk⟩",
               "S by fluctuations",
               "S by formula",
               "½⟨ln(k⟨q²⟩/T)⟩ along the start's directions"},
              {}};
  for (const QuadraticRow& row : rows) {
    const SweepPoint& point = *row.point;
    table.rows.push_back(
        {fmt::format("{:.3g}", point.temperature),
         cell(over(point.pooled(&R::shape), 0.5)),
         rank,
         fmt::format("{:.4g}", 2 * row.predicted(&PointMinimum::predicted_shape)),
         cell(point.pooled(&R::mean)),
         fmt::format("{:.4g}", row.predicted(&PointMinimum::predicted_mean) / point.temperature),
         cell(point.pooled(&R::half_time)),
         fmt::format("{:.4g}", row.predicted(&PointMinimum::half_time)),
         cell(row.mean([](const PointMinimum& one) { return one.trace; })),
         cell(row.mean([](const PointMinimum& one) { return one.entropy; })),
         fmt::format("{:.4g}", row.predicted(&PointMinimum::entropy_formula)),
         cell(row.mean([](const PointMinimum& one) { return one.fixed_excess; }))});
  }
  return table;
}

Table minimum_table(const std::vector<Minimum>& minima,
                    const std::vector<QuadraticRow>& rows,
                    double tolerance) {
  Table table{"minima",
              "The minima",
              "Rank of the Gauss-Newton matrix G (of the Hessian where there are no outputs), from "
              "the Gram matrix of the outputs' gradients and, by another path, as the number of "
              "eigenvalues of the whole P × P matrix above the tolerance. The residual "
              "|Hv - kv|/k_1 is 0 where G and the Hessian agree; the longest relaxation time 1/k "
              "must be well inside the window for "
              "every mode to count.",
              {"minimum",
               "loss reached",
               "loss over lowest T",
               "rank of G",
               "of its P × P spectrum",
               "largest k",
               "smallest k",
               "residual",
               "window times smallest k"},
              {}};
  for (std::size_t m = 0; m < minima.size(); ++m) {
    const StiffModes& modes = minima[m].modes;
    const double length = rows.front().point->to - rows.front().point->from;
    table.rows.push_back({std::to_string(m),
                          fmt::format("{:.2g}", minima[m].loss),
                          fmt::format("{:.2g}", minima[m].loss / rows.front().point->temperature),
                          std::to_string(modes.stiffness.size()),
                          minima[m].gauss_newton.empty()
                              ? "—"
                              : std::to_string(numerical_rank(minima[m].gauss_newton, tolerance)),
                          fmt::format("{:.3g}", modes.stiffness.front()),
                          fmt::format("{:.3g}", modes.stiffness.back()),
                          fmt::format("{:.2g}", minima[m].residual),
                          fmt::format("{:.3g}", length * modes.stiffness.back())});
  }
  return table;
}

}  // namespace

Measured measure_quadratic_minimum(const RunView* view,
                                   const MeasureSettings& settings,
                                   TomlReader& reader) {
  LossStatisticsOptions statistics;
  QuadraticMinimumOptions options;
  reader.read(statistics.window);
  reader.read(statistics.health, "health.");
  reader.read(options);
  reader.finish();
  if (view == nullptr) return {};
  std::vector<SweepPoint> points = loss_statistics(*view, settings.phase, statistics);
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) {
    return a.temperature < b.temperature;
  });
  std::vector<Minimum> minima(points.front().minima.size());
  view->in_parallel(minima.size(), [&](std::size_t m) {
    minima[m] = minimum_of(*view, points.front().minima[m].front().task, options.rank_tolerance);
  });
  std::vector<QuadraticRow> rows;
  for (const SweepPoint& one : points)
    rows.push_back({&one, std::vector<PointMinimum>(minima.size())});
  view->in_parallel(rows.size() * minima.size(), [&](std::size_t i) {
    const std::size_t m = i % minima.size();
    QuadraticRow& row = rows[i / minima.size()];
    row.minima[m] = against_modes(*view, *row.point, row.point->minima[m], minima[m], options);
  });
  const std::vector<Estimate> integrated = integrated_entropy(rows);
  Measured measured;
  measured.findings = quadratic_findings(rows, minima);
  if (!minima.front().gauss_newton.empty())
    measured.figures.push_back(rank_figure(rows, minima.front()));
  for (Figure& one : std::vector<Figure>{mode_figure(rows, minima),
                                         correlation_figure(*view, rows, minima),
                                         entropy_figure(rows, integrated)})
    measured.figures.push_back(std::move(one));
  measured.tables = {minimum_table(minima, rows, options.rank_tolerance),
                     comparison_table(rows, minima)};
  for (const SweepPoint& one : points) {
    if (const std::string reason = one.reason(); !reason.empty())
      measured.notes.push_back(fmt::format("T = {:.3g}: {}", one.temperature, reason));
  }
  for (std::size_t m = 0; m < minima.size(); ++m) {
    Dataset& group = measured.data.make_group(fmt::format("minimum_{}", m));
    group.attributes["loss"] = minima[m].loss;
    group.put_vector("stiffness",
                     "mode",
                     minima[m].modes.stiffness,
                     "loss",
                     "eigenvalues of the Gauss-Newton matrix above 0");
    if (minima[m].gauss_newton.empty()) continue;
    group.put_vector("gauss_newton",
                     "parameter",
                     minima[m].gauss_newton,
                     "loss",
                     "all eigenvalues of the Gauss-Newton matrix, largest first");
    group.put_vector("hessian",
                     "parameter",
                     minima[m].hessian,
                     "loss",
                     "all eigenvalues of the Hessian, largest first");
  }
  return measured;
}

}  // namespace thermoscape
