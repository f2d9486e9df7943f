#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/tail_fit.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/steady_windows.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/experiments/thermal_probe/lag_curve.hpp"

namespace thermoscape {

namespace {

struct CorrelationOptions {
  double longest_part = 0.2;
  double tail_from = 1;
  double tail_to = 30;
  std::int64_t per_decade = 20;

  static constexpr auto fields() {
    using O = CorrelationOptions;
    return std::tuple{
        field("longest_part",
              &O::longest_part,
              "window",
              "longest lag as a part of the window",
              Range{0, 0.5, true}),
        field("tail_from", &O::tail_from, "τ½", "where the tail begins", kPositive),
        field("tail_to", &O::tail_to, "τ½", "where the fits to the tail end", kPositive),
        field("per_decade", &O::per_decade, "1", "lags a decade, evenly in ln Δt", Range{4, 1000})};
  }
};

/// Curves of all windows: [window][minimum][replica], and the means over replicas.
struct Correlations {
  std::vector<SweepPoint> windows;
  std::vector<std::vector<std::vector<LagCurve>>> curves;

  [[nodiscard]] LagCurve mean(std::size_t window, std::size_t minimum) const {
    return mean_of(curves[window][minimum]);
  }
};

/// How far curves of different temperatures lie apart, as they are and against 2TΔt; and curves of
/// one temperature, which is the floor that noise sets.
struct Collapse {
  Estimate raw, rescaled, ratio, replicas;
};

Collapse collapse_of(const Correlations& all) {
  const auto pairs = [&](bool rescaled) {
    return [&all, rescaled](std::size_t m, const std::vector<std::size_t>& healthy) {
      std::vector<LagCurve> curves;
      for (const std::size_t i : healthy) {
        curves.push_back(stretched(all.mean(i, m), rescaled ? 2 * all.windows[i].temperature : 1));
      }
      return pair_distance(curves);
    };
  };
  const auto replicas = [&](std::size_t m, const std::vector<std::size_t>& healthy) {
    std::vector<Estimate> members;
    for (const std::size_t i : healthy) {
      const std::vector<LagCurve>& own = all.curves[i][m];
      Estimate one = pair_distance(own);
      one.value /= std::sqrt(static_cast<double>(own.size()));  // of their mean, as the others are
      members.push_back(one);
    }
    Estimate mean = analysis::combine(members).estimate;
    mean.standard_error = 0;
    return mean;
  };
  const auto ratio = [&](std::size_t m, const std::vector<std::size_t>& healthy) {
    const Estimate raw = pairs(false)(m, healthy);
    const Estimate rescaled = pairs(true)(m, healthy);
    if (!raw.ok() || !rescaled.ok() || !(raw.value > 0)) return Estimate{};
    return Estimate{rescaled.value / raw.value, 0, Status::ok};
  };
  return {over_minima(all.windows, 2, pairs(false)),
          over_minima(all.windows, 2, pairs(true)),
          over_minima(all.windows, 2, ratio),
          over_minima(all.windows, 1, replicas)};
}

/// The two laws of the tail, fitted to the mean curve of each minimum.
struct Tail {
  Members logarithms;
  Members exponentials;
  Members advantages;
  Estimate logarithm;    ///< R² of χ = a - b ln Δt
  Estimate exponential;  ///< R² of χ = a exp(-Δt/τ)
  Estimate advantage;    ///< the first less the second, pair by pair
  double from = 0;       ///< [time]
  double to = 0;
};

Tail tail_of(const Correlations& all, std::size_t window, const CorrelationOptions& options) {
  const SweepPoint& point = all.windows[window];
  const double half_time = point.pooled(&ReplicaStatistics::half_time).value;
  Tail tail;
  tail.from = options.tail_from * half_time;
  tail.to = options.tail_to * half_time;
  for (std::size_t m = 0; m < point.minima.size(); ++m) {
    const LagCurve mean = all.mean(window, m);
    std::vector<double> lag;
    std::vector<double> chi;
    for (std::size_t i = 0; i < mean.lag.size(); ++i) {
      if (mean.lag[i] < tail.from || mean.lag[i] > tail.to) continue;
      lag.push_back(mean.lag[i]);
      chi.push_back(mean.chi[i]);
    }
    const analysis::TailFit fit = analysis::tail_fit(lag, chi);
    const auto member = [&](double value) { return std::vector{Estimate{value, 0, fit.status}}; };
    tail.logarithms.push_back(member(fit.logarithm_r_squared));
    tail.exponentials.push_back(member(fit.exponential_r_squared));
    tail.advantages.push_back(member(fit.logarithm_r_squared - fit.exponential_r_squared));
  }
  tail.logarithm = pooled(point, tail.logarithms);
  tail.exponential = pooled(point, tail.exponentials);
  tail.advantage = pooled(point, tail.advantages);
  return tail;
}

Figure curve_figure(const Correlations& all, bool rescaled) {
  Figure figure{
      rescaled ? "rescaled" : "raw",
      rescaled ? "Autocorrelation of the loss against 2TΔt" : "Autocorrelation of the loss",
      rescaled ? "The curves of the other figure against the rescaled lag: if all times go as 1/T "
                 "they coincide. "
                 "On a logarithmic axis of lags a logarithmic decay is a straight line."
               : "χ(Δt) in the window, a straight trend removed, mean over minima and replicas "
                 "with standard "
                 "errors from the spread of minima.",
      {rescaled ? "2 T Δt [loss time]" : "Δt [time]", "log"},
      {"χ", "linear"},
      {}};
  for (std::size_t i = 0; i < all.windows.size(); ++i) {
    std::vector<LagCurve> means;
    for (std::size_t m = 0; m < all.curves[i].size(); ++m) {
      if (all.windows[i].health[m].status == Status::ok || all.windows[i].status() != Status::ok)
        means.push_back(all.mean(i, m));
    }
    const LagCurve mean = mean_of(means);
    const std::string label = temperature_label(all.windows[i].temperature);
    Series series{label, {}, {}, {}, "line+points", label};
    for (std::size_t k = 0; k < mean.lag.size(); ++k) {
      std::vector<Estimate> members;
      for (const LagCurve& one : means) {
        if (k < one.chi.size()) members.push_back({one.chi[k], 0, Status::ok});
      }
      series.x.push_back(mean.lag[k] * (rescaled ? 2 * all.windows[i].temperature : 1));
      series.y.push_back(mean.chi[k]);
      series.y_error.push_back(analysis::combine(members).estimate.standard_error);
    }
    figure.series.push_back(std::move(series));
  }
  return figure;
}

Table collapse_table(const Collapse& collapse) {
  Table table{
      "collapse",
      "Collapse of the autocorrelations",
      "Root mean square difference of two curves over the lags that both have, evenly in ln Δt; "
      "mean over all pairs in "
      "a minimum, errors from the spread of minima. "
      "The floor is the difference of replicas at one temperature over the root of their number.",
      {"pairs", "rms difference of χ"},
      {}};
  table.rows.push_back({"temperatures, against Δt", cell(collapse.raw)});
  table.rows.push_back({"temperatures, against 2TΔt", cell(collapse.rescaled)});
  table.rows.push_back({"rescaled over raw", cell(collapse.ratio)});
  table.rows.push_back({"one temperature, other noise (floor)", cell(collapse.replicas)});
  return table;
}

}  // namespace

Measured measure_correlation(const RunView* view,
                             const MeasureSettings& settings,
                             TomlReader& reader) {
  const LossStatisticsOptions window = read_window_options(reader);
  const auto options = read_options<CorrelationOptions>(reader);
  if (!(options.tail_from < options.tail_to)) {
    reject({reader.where() + ", tail_to",
            fmt::format("{}", options.tail_to),
            "must be above tail_from",
            ""});
  }
  if (view == nullptr) return {};
  Correlations all;
  all.windows = steady_windows(*view, settings.phase, window);
  for (const SweepPoint& point : all.windows) {
    auto& minima = all.curves.emplace_back();
    for (const auto& replicas : point.minima) {
      auto& row = minima.emplace_back();
      for (const ReplicaStatistics& one : replicas) {
        row.push_back(
            lag_curve(one, options.longest_part * (point.to - point.from), options.per_decade));
      }
    }
  }
  Measured measured;
  measured.figures = {curve_figure(all, false), curve_figure(all, true)};
  Table table{"tail",
              "The tail of the autocorrelation",
              fmt::format("Least squares of χ = a - b ln Δt and of χ = a exp(-Δt/τ), two "
                          "parameters each, to the same points "
                          "between {:.3g} and {:.3g} τ½, mean curve of each minimum. R² is the "
                          "share of the variance "
                          "explained; the last column decides, positive for the logarithm.",
                          options.tail_from,
                          options.tail_to),
              {"T", "fitted Δt", "R² logarithm", "R² exponential", "difference"},
              {}};
  std::vector<Members> logarithms;
  std::vector<Members> exponentials;
  std::vector<Members> advantages;
  const auto put = [&](const char* quantity, const Coordinates& where, const Estimate& estimate) {
    measured.findings.push_back({quantity, where, estimate, "1"});
  };
  for (std::size_t i = 0; i < all.windows.size(); ++i) {
    const SweepPoint& point = all.windows[i];
    const Tail tail = tail_of(all, i, options);
    put("tail_logarithm", point.where, tail.logarithm);
    put("tail_exponential", point.where, tail.exponential);
    put("tail_advantage", point.where, tail.advantage);
    logarithms.push_back(tail.logarithms);
    exponentials.push_back(tail.exponentials);
    advantages.push_back(tail.advantages);
    table.rows.push_back({fmt::format("{:.3g}", point.temperature),
                          fmt::format("{:.3g} – {:.3g}", tail.from, tail.to),
                          cell(tail.logarithm),
                          cell(tail.exponential),
                          cell(tail.advantage)});
    if (const std::string reason = point.reason(); !reason.empty()) {
      measured.notes.push_back(fmt::format("{}: {}", temperature_label(point.temperature), reason));
    }
  }
  measured.tables.push_back(std::move(table));
  if (all.windows.size() < 2) return measured;
  put("tail_logarithm", {}, pooled(all.windows, logarithms));
  put("tail_exponential", {}, pooled(all.windows, exponentials));
  put("tail_advantage", {}, pooled(all.windows, advantages));
  const Collapse collapse = collapse_of(all);
  put("distance_raw", {}, collapse.raw);
  put("distance_rescaled", {}, collapse.rescaled);
  put("collapse", {}, collapse.ratio);
  put("distance_replicas", {}, collapse.replicas);
  measured.tables.push_back(collapse_table(collapse));
  return measured;
}

}  // namespace thermoscape
