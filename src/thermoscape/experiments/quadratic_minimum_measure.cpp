#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/analysis/jackknife.hpp"
#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/loss_statistics.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/stiff_modes.hpp"
#include "thermoscape/theory/quadratic.hpp"

namespace thermoscape {

namespace {

struct QuadraticMinimumOptions {
  double rank_tolerance = 1e-9;
  std::int64_t snapshots = 200;

  static constexpr auto fields() {
    using O = QuadraticMinimumOptions;
    return std::tuple{
        field("rank_tolerance", &O::rank_tolerance, "", "an eigenvalue below this times the first counts as 0", kPositive),
        field("snapshots", &O::snapshots, "1", "θ of each window at which the stiff modes are found", Range{16, 1e6})};
  }
};

/// The minimum that a group of tasks starts from.
struct Minimum {
  StiffModes modes;
  double loss = 0;
  double residual = 0;  ///< of the Hessian against the Gauss-Newton matrix
};

/// One temperature of one minimum against the theory of its stiff modes. The energy of a mode is that of the modes at the
/// same θ, e_i = (v_i·∇L)²/k_i = k_i q_i², since directions turn as the soft ones diffuse.
struct PointMinimum {
  std::vector<double> energies;  ///< ⟨e_i⟩/T, 1 in equilibrium
  Estimate entropy;              ///< Σ ½ ln(2πe⟨e_i⟩/k_i), ln k_i averaged over the window, θ0 = 1
  Estimate fixed_excess;         ///< ½⟨ln(k⟨q²⟩/T)⟩ of q along the directions of the start: 0 if these did not turn
  double entropy_formula = 0;
  Estimate trace;                ///< ⟨Σk_i⟩ [loss/θ²]
  theory::EulerMaruyamaLoss loss;
  double half_time = 0;          ///< predicted [time]
};

using R = ReplicaStatistics;

Minimum minimum_of(const RunView& view, std::size_t task, double tolerance) {
  const Recorded theta = view.recorded(task, "theta");
  const std::span<const double> start = theta.values.span().subspan(0, theta.width);
  const auto objective = view.objective(task);
  StiffModes modes = stiff_modes(*objective, start, tolerance);
  const double residual = gauss_newton_residual(*objective, start, modes);
  return {std::move(modes), objective->loss(start, Batch{}), residual};
}

/// Sums over the snapshots of one stretch of a window.
struct ModeSums {
  Vector energy;     ///< Σ e_i
  Vector logarithm;  ///< Σ ln k_i
  Vector square;     ///< Σ q_i², along the directions of the start
  double count = 0;

  void add(const ModeSums& other, double sign) {
    energy += sign * other.energy;
    logarithm += sign * other.logarithm;
    square += sign * other.square;
    count += sign * other.count;
  }
};

double entropy_of(const ModeSums& sums) {
  double total = 0;
  for (Eigen::Index i = 0; i < sums.energy.size(); ++i) {
    total += 0.5 * (std::log(2 * std::numbers::pi * std::numbers::e * sums.energy[i] / sums.count) - sums.logarithm[i] / sums.count);
  }
  return total;
}

/// The modes at snapshots of the windows of the replicas.
PointMinimum against_modes(const RunView& view, const SweepPoint& point, const std::vector<R>& replicas, const Minimum& minimum,
                           const QuadraticMinimumOptions& options) {
  constexpr std::size_t kStretches = 8;
  const Eigen::Index rank = minimum.modes.directions.cols();
  const ModeSums empty{Vector::Zero(rank), Vector::Zero(rank), Vector::Zero(rank), 0};
  std::vector<ModeSums> stretches;
  std::vector<Estimate> traces;
  const auto objective = view.objective(replicas.front().task);
  for (const R& replica : replicas) {
    const Recorded theta = view.recorded(replica.task, "theta");
    const auto row = [&](std::size_t i) { return theta.values.span().subspan(i * theta.width, theta.width); };
    const Eigen::Map<const Vector> start(row(0).data(), static_cast<Eigen::Index>(theta.width));
    const auto [first, last] = window_of(theta, point.from, point.to);
    const std::size_t looks = std::min(last - first, static_cast<std::size_t>(options.snapshots));
    const std::size_t base = stretches.size();
    stretches.insert(stretches.end(), std::min(kStretches, looks), empty);
    std::vector<double> sums;
    Vector gradient(static_cast<Eigen::Index>(theta.width));
    for (std::size_t look = 0; look < looks; ++look) {
      const std::size_t i = first + look * (last - first) / looks;
      const StiffModes modes = stiff_modes(*objective, row(i), options.rank_tolerance);
      sums.push_back(std::accumulate(modes.stiffness.begin(), modes.stiffness.end(), 0.0));
      if (modes.directions.cols() < rank) continue;  // a stiffness fell below the tolerance here
      (void)objective->loss_gradient(row(i), Batch{}, {gradient.data(), theta.width});
      const Eigen::Map<const Vector> at(row(i).data(), static_cast<Eigen::Index>(theta.width));
      const Eigen::Map<const Vector> stiffness(modes.stiffness.data(), rank);
      ModeSums& sum = stretches[base + look * std::min(kStretches, looks) / looks];
      sum.energy += (modes.directions.leftCols(rank).transpose() * gradient).cwiseAbs2().cwiseQuotient(stiffness);
      sum.logarithm += stiffness.array().log().matrix();
      sum.square += (minimum.modes.directions.transpose() * (at - start)).cwiseAbs2();
      sum.count += 1;
    }
    traces.push_back(analysis::blocking(sums).mean);
    // Replicas carry the error where the window is short for its own.
    if (replicas.size() > 1 && traces.back().status == Status::too_short) traces.back().status = Status::ok;
  }
  ModeSums all = empty;
  for (const ModeSums& one : stretches) all.add(one, 1);
  const auto estimate = [&](auto&& of) {
    std::vector<double> without;
    for (const ModeSums& one : stretches) {
      ModeSums rest = all;
      rest.add(one, -1);
      without.push_back(of(rest));
    }
    return analysis::jackknife(of(all), without);
  };
  const Eigen::Map<const Vector> initial(minimum.modes.stiffness.data(), rank);
  PointMinimum result;
  result.trace = analysis::combine(traces, {.exclude_not_ok = false}).estimate;
  result.entropy = estimate(entropy_of);
  result.fixed_excess = estimate([&](const ModeSums& sums) {
    return 0.5 * (initial.cwiseProduct(sums.square) / (sums.count * point.temperature)).array().log().mean();
  });
  for (Eigen::Index i = 0; i < rank; ++i) result.energies.push_back(all.energy[i] / all.count / point.temperature);
  const double step = time_step(view.branch(replicas.front().task).rule);
  result.entropy_formula = theory::quadratic_entropy(minimum.modes.stiffness, point.temperature, 1);
  result.loss = theory::euler_maruyama_loss(minimum.modes.stiffness, step, point.temperature);
  result.half_time = theory::euler_maruyama_half_time(minimum.modes.stiffness, step).value;
  return result;
}

/// Everything at one temperature, means over the minima.
struct Row {
  const SweepPoint* point = nullptr;
  std::vector<PointMinimum> minima;

  template <class F>
  [[nodiscard]] Estimate mean(F&& of) const {
    std::vector<Estimate> members;
    for (const PointMinimum& one : minima) members.push_back(of(one));
    return analysis::combine(members, {.exclude_not_ok = false}).estimate;
  }
  [[nodiscard]] double predicted(double (*of)(const PointMinimum&)) const {
    double sum = 0;
    for (const PointMinimum& one : minima) sum += of(one);
    return sum / static_cast<double>(minima.size());
  }
};

double predicted_mean(const PointMinimum& one) { return one.loss.mean.value; }
double predicted_shape(const PointMinimum& one) { return one.loss.shape.value; }
double predicted_half_time(const PointMinimum& one) { return one.half_time; }

Estimate over(Estimate estimate, double divisor) {
  return {estimate.value / divisor, std::abs(estimate.standard_error / divisor), estimate.status};
}

/// S(T) - S(T_1) = ∫dμ/T = [μ/T] + ∫(μ/T) d ln T by the trapezoidal rule, exact where μ ∝ T.
std::vector<Estimate> integrated_entropy(const std::vector<Row>& rows) {
  std::vector<Estimate> entropy{{0, 0, Status::ok}};
  double sum = 0;
  double square = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const Estimate low = rows[i - 1].point->pooled(&R::mean);
    const Estimate high = rows[i].point->pooled(&R::mean);
    const double width = std::log(rows[i].point->temperature / rows[i - 1].point->temperature);
    sum += 0.5 * width * (low.value + high.value);
    square += 0.25 * width * width * (low.standard_error * low.standard_error + high.standard_error * high.standard_error);
    const Estimate first = rows.front().point->pooled(&R::mean);
    entropy.push_back({sum + high.value - first.value,
                       std::sqrt(square + high.standard_error * high.standard_error + first.standard_error * first.standard_error),
                       analysis::worse(low.status, high.status)});
  }
  return entropy;
}

Figure mode_figure(const std::vector<Row>& rows, const std::vector<Minimum>& minima) {
  Figure figure{"modes",
                "Equipartition mode by mode",
                "k⟨q²⟩/T = ⟨(v·∇L)²/k⟩/T of each stiff direction v at the recorded θ, first minimum, against its stiffness at the "
                "start; 1 (more by ηk/2 for the time step) in equilibrium.",
                {"stiffness k [loss/θ²]", "log"},
                {"k⟨q²⟩/T", "linear"},
                {}};
  for (const Row& row : rows) {
    const std::string label = fmt::format("T = {:.3g}", row.point->temperature);
    figure.series.push_back({label, minima.front().modes.stiffness, row.minima.front().energies, {}, "points", label});
  }
  return figure;
}

Figure correlation_figure(const RunView& view, const std::vector<Row>& rows, const std::vector<Minimum>& minima) {
  Figure figure{"correlation",
                "Autocorrelation of the loss against the formula",
                "χ of the replicas of the first minimum (trend removed, mean) and χ = Σc²(1-ηk)^(2t/η)/Σc² of its stiff modes.",
                {"Δt [time]", "log"},
                {"χ", "linear"},
                {}};
  const double half = rows.front().minima.front().half_time;
  for (const Row& row : rows) {
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
    formula.y.push_back(theory::euler_maruyama_correlation(minima.front().modes.stiffness, step, time).value);
  }
  figure.series.push_back(std::move(formula));
  return figure;
}

Figure entropy_figure(const std::vector<Row>& rows, const std::vector<Estimate>& integrated) {
  Figure figure{"entropy",
                "Entropy of the stiff directions",
                "S at θ0 = 1: the formula Σ½ln(2πT/k) + N_c/2 at the minimum; from the fluctuations of each mode, Σ½ln(2πe⟨kq²⟩/k); and "
                "∫dμ/T from the lowest temperature, where it is set to the formula. First minimum; errors by jackknife.",
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
    simulated.y_error.push_back(std::isfinite(one.entropy.standard_error) ? one.entropy.standard_error : 0);
    integral.x.push_back(rows[i].point->temperature);
    integral.y.push_back(rows.front().minima.front().entropy_formula + integrated[i].value);
    integral.y_error.push_back(std::isfinite(integrated[i].standard_error) ? integrated[i].standard_error : 0);
  }
  figure.series = {std::move(formula), std::move(simulated), std::move(integral)};
  return figure;
}

Table comparison_table(const std::vector<Row>& rows) {
  Table table{"comparison",
              "The minimum against the quadratic theory",
              "Predictions from the stiffnesses of the minimum alone, with the exact effect of the time step.",
              {"T", "2α", "predicted", "μ/T", "predicted", "τ½", "predicted", "⟨Σk⟩", "S by fluctuations", "S by formula", "½⟨ln(k⟨q²⟩/T)⟩ along the start's directions"},
              {}};
  for (const Row& row : rows) {
    const SweepPoint& point = *row.point;
    const auto cell = [](const Estimate& one) { return with_error(one.value, one.standard_error); };
    table.rows.push_back({fmt::format("{:.3g}", point.temperature),
                          cell(over(point.pooled(&R::shape), 0.5)),
                          fmt::format("{:.4g}", 2 * row.predicted(predicted_shape)),
                          cell(point.pooled(&R::mean)),
                          fmt::format("{:.4g}", row.predicted(predicted_mean) / point.temperature),
                          cell(point.pooled(&R::half_time)),
                          fmt::format("{:.4g}", row.predicted(predicted_half_time)),
                          cell(row.mean([](const PointMinimum& one) { return one.trace; })),
                          cell(row.mean([](const PointMinimum& one) { return one.entropy; })),
                          fmt::format("{:.4g}", row.predicted([](const PointMinimum& one) { return one.entropy_formula; })),
                          cell(row.mean([](const PointMinimum& one) { return one.fixed_excess; }))});
  }
  return table;
}

Table minimum_table(const std::vector<Minimum>& minima, const std::vector<Row>& rows) {
  Table table{"minima",
              "The minima",
              "Rank of the Gauss-Newton matrix (of the Hessian where there are no outputs). The residual |Hv - kv|/k_1 is 0 where "
              "both agree; the longest relaxation time 1/k must be well inside the window for every mode to count.",
              {"minimum", "loss reached", "loss over lowest T", "rank", "largest k", "smallest k", "residual", "window times smallest k"},
              {}};
  for (std::size_t m = 0; m < minima.size(); ++m) {
    const StiffModes& modes = minima[m].modes;
    const double length = rows.front().point->to - rows.front().point->from;
    table.rows.push_back({std::to_string(m), fmt::format("{:.2g}", minima[m].loss),
                          fmt::format("{:.2g}", minima[m].loss / rows.front().point->temperature),
                          std::to_string(modes.stiffness.size()), fmt::format("{:.3g}", modes.stiffness.front()),
                          fmt::format("{:.3g}", modes.stiffness.back()), fmt::format("{:.2g}", minima[m].residual),
                          fmt::format("{:.3g}", length * modes.stiffness.back())});
  }
  return table;
}

void add_findings(const std::vector<Row>& rows, const std::vector<Minimum>& minima, const std::vector<Estimate>& integrated,
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
  for (const Row& row : rows) {
    const SweepPoint& point = *row.point;
    const auto add = [&](const std::string& name, const Estimate& value) {
      measured.findings.push_back({name, point.where, value, "1"});
      pooled[name].push_back(value);
    };
    add("constrained_over_rank", over(point.pooled(&R::shape), rank / 2));
    add("constrained_over_formula", over(point.pooled(&R::shape), row.predicted(predicted_shape)));
    add("mean_over_formula", over(point.pooled(&R::mean), row.predicted(predicted_mean) / point.temperature));
    add("half_time_over_formula", over(point.pooled(&R::half_time), row.predicted(predicted_half_time)));
    add("entropy_per_mode_less_formula", row.mean([&](const PointMinimum& one) {
      return Estimate{(one.entropy.value - one.entropy_formula) / rank, one.entropy.standard_error / rank, one.entropy.status};
    }));
    measured.findings.push_back(
        {"fixed_direction_excess", point.where, row.mean([](const PointMinimum& one) { return one.fixed_excess; }), "1"});
    temperatures.push_back(point.temperature);
    traces.push_back(row.mean([](const PointMinimum& one) { return one.trace; }));
    measured.findings.push_back({"stiffness_sum", point.where, traces.back(), "loss/θ²"});
  }
  measured.findings.push_back({"rank", {}, analysis::combine(ranks).estimate, "1"});
  measured.findings.push_back({"reached_loss", {}, analysis::combine(losses).estimate, "loss"});
  if (rows.size() < 2) return;
  for (const auto& [name, values] : pooled) measured.findings.push_back({name, {}, analysis::combine(values).estimate, "1"});
  const double span = std::log(temperatures.back() / temperatures.front());
  measured.findings.push_back({"integrated_entropy_over_formula", {}, over(integrated.back(), 0.5 * rank * span), "1"});
  // A trace without any scatter (a constant Hessian) has no error of its own; its exponent is exact.
  const auto constant = [&](const Estimate& one) {
    return std::abs(one.value - traces.front().value) <= 1e-9 * std::abs(traces.front().value);
  };
  const Estimate exponent = std::all_of(traces.begin(), traces.end(), constant)
                                ? Estimate{0, 0, Status::ok}
                                : analysis::power_law(temperatures, traces).exponent;
  measured.findings.push_back({"stiffness_exponent", {}, exponent, "1"});
}

}  // namespace

Measured measure_quadratic_minimum(const RunView* view, const MeasureSettings& settings, TomlReader& reader) {
  LossStatisticsOptions statistics;
  QuadraticMinimumOptions options;
  reader.read(statistics.window);
  reader.read(statistics.health, "health.");
  reader.read(options);
  reader.finish();
  if (view == nullptr) return {};
  std::vector<SweepPoint> points = loss_statistics(*view, settings.phase, statistics);
  std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.temperature < b.temperature; });
  std::vector<Minimum> minima(points.front().minima.size());
  view->in_parallel(minima.size(), [&](std::size_t m) {
    minima[m] = minimum_of(*view, points.front().minima[m].front().task, options.rank_tolerance);
  });
  std::vector<Row> rows;
  for (const SweepPoint& one : points) rows.push_back({&one, std::vector<PointMinimum>(minima.size())});
  view->in_parallel(rows.size() * minima.size(), [&](std::size_t i) {
    const std::size_t m = i % minima.size();
    Row& row = rows[i / minima.size()];
    row.minima[m] = against_modes(*view, *row.point, row.point->minima[m], minima[m], options);
  });
  const std::vector<Estimate> integrated = integrated_entropy(rows);
  Measured measured;
  add_findings(rows, minima, integrated, measured);
  measured.figures = {mode_figure(rows, minima), correlation_figure(*view, rows, minima), entropy_figure(rows, integrated)};
  measured.tables = {minimum_table(minima, rows), comparison_table(rows)};
  for (const SweepPoint& one : points) {
    if (const std::string reason = one.reason(); !reason.empty()) measured.notes.push_back(fmt::format("T = {:.3g}: {}", one.temperature, reason));
  }
  for (std::size_t m = 0; m < minima.size(); ++m) {
    Dataset& group = measured.data.make_group(fmt::format("minimum_{}", m));
    group.attributes["loss"] = minima[m].loss;
    group.put_vector("stiffness", "mode", minima[m].modes.stiffness, "loss", "eigenvalues of the Gauss-Newton matrix");
  }
  return measured;
}

}  // namespace thermoscape
