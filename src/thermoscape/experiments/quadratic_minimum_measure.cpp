#include <algorithm>
#include <cmath>
#include <map>

#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/quadratic_minimum.hpp"

namespace thermoscape {

namespace {

using R = ReplicaStatistics;

double predicted_mean(const PointMinimum& one) {
  return one.loss.mean.value;
}
double predicted_shape(const PointMinimum& one) {
  return one.loss.shape.value;
}
double predicted_half_time(const PointMinimum& one) {
  return one.half_time;
}

Estimate over(Estimate estimate, double divisor) {
  return {estimate.value / divisor, std::abs(estimate.standard_error / divisor), estimate.status};
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

Table comparison_table(const std::vector<QuadraticRow>& rows) {
  Table table{"comparison",
              "The minimum against the quadratic theory",
              "Predictions from the stiffnesses of the minimum alone, with the exact effect of the "
              "time step.",
              {"T",
               "2α",
               "predicted",
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
    const auto cell = [](const Estimate& one) { return with_error(one.value, one.standard_error); };
    table.rows.push_back(
        {fmt::format("{:.3g}", point.temperature),
         cell(over(point.pooled(&R::shape), 0.5)),
         fmt::format("{:.4g}", 2 * row.predicted(predicted_shape)),
         cell(point.pooled(&R::mean)),
         fmt::format("{:.4g}", row.predicted(predicted_mean) / point.temperature),
         cell(point.pooled(&R::half_time)),
         fmt::format("{:.4g}", row.predicted(predicted_half_time)),
         cell(row.mean([](const PointMinimum& one) { return one.trace; })),
         cell(row.mean([](const PointMinimum& one) { return one.entropy; })),
         fmt::format("{:.4g}",
                     row.predicted([](const PointMinimum& one) { return one.entropy_formula; })),
         cell(row.mean([](const PointMinimum& one) { return one.fixed_excess; }))});
  }
  return table;
}

Table minimum_table(const std::vector<Minimum>& minima, const std::vector<QuadraticRow>& rows) {
  Table table{"minima",
              "The minima",
              "Rank of the Gauss-Newton matrix (of the Hessian where there are no outputs). The "
              "residual |Hv - kv|/k_1 is 0 where "
              "both agree; the longest relaxation time 1/k must be well inside the window for "
              "every mode to count.",
              {"minimum",
               "loss reached",
               "loss over lowest T",
               "rank",
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
                          fmt::format("{:.3g}", modes.stiffness.front()),
                          fmt::format("{:.3g}", modes.stiffness.back()),
                          fmt::format("{:.2g}", minima[m].residual),
                          fmt::format("{:.3g}", length * modes.stiffness.back())});
  }
  return table;
}

void add_findings(const std::vector<QuadraticRow>& rows,
                  const std::vector<Minimum>& minima,
                  const std::vector<Estimate>& integrated,
                  Measured& measured) {
  std::map<std::string, std::vector<Estimate>> pooled;
  std::vector<double> temperatures;
  std::vector<Estimate> traces;
  std::vector<Estimate> ranks;
  std::vector<Estimate> losses;
  for (const Minimum& one : minima) {
    ranks.push_back({static_cast<double>(one.modes.stiffness.size()), 0, Status::ok});
    losses.push_back({one.loss, 0, Status::ok});
  }
  const double rank = analysis::combine(ranks).estimate.value;
  for (const QuadraticRow& row : rows) {
    const SweepPoint& point = *row.point;
    const auto add = [&](const std::string& name, const Estimate& value) {
      measured.findings.push_back({name, point.where, value, "1"});
      pooled[name].push_back(value);
    };
    add("constrained_over_rank", over(point.pooled(&R::shape), rank / 2));
    add("constrained_over_formula", over(point.pooled(&R::shape), row.predicted(predicted_shape)));
    add("mean_over_formula",
        over(point.pooled(&R::mean), row.predicted(predicted_mean) / point.temperature));
    add("half_time_over_formula",
        over(point.pooled(&R::half_time), row.predicted(predicted_half_time)));
    add("entropy_per_mode_less_formula", row.mean([&](const PointMinimum& one) {
      return Estimate{(one.entropy.value - one.entropy_formula) / rank,
                      one.entropy.standard_error / rank,
                      one.entropy.status};
    }));
    measured.findings.push_back({"fixed_direction_excess",
                                 point.where,
                                 row.mean([](const PointMinimum& one) { return one.fixed_excess; }),
                                 "1"});
    temperatures.push_back(point.temperature);
    traces.push_back(row.mean([](const PointMinimum& one) { return one.trace; }));
    measured.findings.push_back({"stiffness_sum", point.where, traces.back(), "loss/θ²"});
  }
  measured.findings.push_back({"rank", {}, analysis::combine(ranks).estimate, "1"});
  measured.findings.push_back({"reached_loss", {}, analysis::combine(losses).estimate, "loss"});
  if (rows.size() < 2) return;
  for (const auto& [name, values] : pooled)
    measured.findings.push_back({name, {}, analysis::combine(values).estimate, "1"});
  const double span = std::log(temperatures.back() / temperatures.front());
  measured.findings.push_back(
      {"integrated_entropy_over_formula", {}, over(integrated.back(), 0.5 * rank * span), "1"});
  // A trace without any scatter (a constant Hessian) has no error of its own; its exponent is
  // exact.
  const auto constant = [&](const Estimate& one) {
    return std::abs(one.value - traces.front().value) <= 1e-9 * std::abs(traces.front().value);
  };
  const Estimate exponent = std::all_of(traces.begin(), traces.end(), constant)
                                ? Estimate{0, 0, Status::ok}
                                : analysis::power_law(temperatures, traces).exponent;
  measured.findings.push_back({"stiffness_exponent", {}, exponent, "1"});
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
  add_findings(rows, minima, integrated, measured);
  measured.figures = {mode_figure(rows, minima),
                      correlation_figure(*view, rows, minima),
                      entropy_figure(rows, integrated)};
  measured.tables = {minimum_table(minima, rows), comparison_table(rows)};
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
                     "eigenvalues of the Gauss-Newton matrix");
  }
  return measured;
}

}  // namespace thermoscape
