#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/thermal_probe/loss_statistics_summary.hpp"

namespace thermoscape {

namespace {

using R = ReplicaStatistics;

/// "1e-05", or "1e-05, time_step = 0.005" where more than the temperature was swept.
std::string place_of(const SweepPoint& point) {
  std::string text = fmt::format("{:.3g}", point.temperature);
  for (const auto& [key, value] : point.where) {
    if (key != "temperature") text += fmt::format(", {} = {:.3g}", key, value);
  }
  return text;
}

Table row_table(const std::vector<SweepPoint>& points) {
  Table table{"statistics",
              "Loss statistics by temperature",
              "Errors are standard errors: the largest of those from within the runs, from the "
              "spread of replicas and from "
              "the spread of minima.",
              {"T", "window in s"},
              {}};
  const std::vector<std::string> shown = {"mean_over_temperature",
                                          "deviation_over_temperature",
                                          "beta_times_temperature",
                                          "constrained_directions",
                                          "effective_examples",
                                          "half_time",
                                          "half_time_times_temperature"};
  std::vector<const LossQuantity*> columns;
  for (const std::string& wanted : shown) {
    for (const LossQuantity& one : loss_quantities()) {
      if (one.name == wanted) columns.push_back(&one);
    }
  }
  for (const LossQuantity* one : columns) table.columns.emplace_back(one->head);
  table.columns.emplace_back("health");
  for (const SweepPoint& point : points) {
    std::vector<std::string> row{
        place_of(point),
        fmt::format(
            "{:.3g} – {:.3g}", point.from * point.temperature, point.to * point.temperature)};
    for (const LossQuantity* one : columns) {
      const Estimate estimate = one->of(point);
      row.push_back(with_error(estimate.value, estimate.standard_error));
    }
    row.emplace_back(name(point.status()));
    table.rows.push_back(std::move(row));
  }
  return table;
}

/// The three error bars of the main quantities side by side.
Table error_table(const std::vector<SweepPoint>& points) {
  Table table{"errors",
              "Where the error bars come from",
              "Standard errors from within the runs (blocking), from the spread of replicas (other "
              "noise) and from the spread of "
              "minima (other initialisations). The largest is quoted elsewhere: slow modes make "
              "the first too small.",
              {"T", "quantity", "value", "within runs", "replicas", "minima", "runs used"},
              {}};
  const std::pair<const char*, Estimate R::*> shown[] = {{"μ/T", &R::mean},
                                                         {"σ/T", &R::deviation},
                                                         {"βT", &R::rate},
                                                         {"α", &R::shape},
                                                         {"φ", &R::effective_examples},
                                                         {"τ½", &R::half_time}};
  for (const SweepPoint& point : points) {
    for (const auto& [head, member] : shown) {
      const analysis::Nested nested = point.combined(member);
      if (!std::isfinite(nested.estimate.value)) continue;
      table.rows.push_back(
          {place_of(point),
           head,
           fmt::format("{:.4g}", nested.estimate.value),
           fmt::format("{:.2g}", nested.within_error),
           nested.used > nested.minima_used ? fmt::format("{:.2g}", nested.replica_error) : "—",
           nested.minima_used > 1 ? fmt::format("{:.2g}", nested.minimum_error) : "—",
           std::to_string(nested.used)});
    }
  }
  return table;
}

void store_arrays(const std::vector<SweepPoint>& points, Dataset& data) {
  std::vector<double> temperature;
  std::vector<double> from;
  std::vector<double> to;
  for (const SweepPoint& one : points) {
    temperature.push_back(one.temperature);
    from.push_back(one.from);
    to.push_back(one.to);
  }
  data.put_vector("temperature", "point", temperature, "loss", "temperature T");
  data.put_vector("window_from", "point", from, "time", "start of the window");
  data.put_vector("window_to", "point", to, "time", "end of the window");
  std::string kinds = "status:";
  for (int i = 0; i <= static_cast<int>(Status::undefined); ++i)
    kinds += fmt::format(" {} {}", i, thermoscape::name(static_cast<Status>(i)));
  for (const LossQuantity& one : loss_quantities()) {
    std::vector<double> values;
    std::vector<double> errors;
    std::vector<double> statuses;
    for (const SweepPoint& point : points) {
      const Estimate estimate = one.of(point);
      values.push_back(estimate.value);
      errors.push_back(estimate.standard_error);
      statuses.push_back(static_cast<double>(estimate.status));
    }
    const std::string name(one.name);
    const std::string unit(one.unit);
    data.put_vector(name, "point", values, unit, std::string(one.description));
    data.put_vector(name + "_error", "point", errors, unit, "standard error");
    data.put_vector(name + "_status", "point", statuses, "1", kinds);
  }
}

}  // namespace

Measured measure_loss_statistics(const RunView* view,
                                 const MeasureSettings& settings,
                                 TomlReader& reader) {
  LossStatisticsOptions options;
  reader.read(options);
  reader.read(options.window);
  reader.read(options.health, "health.");
  reader.finish();
  if (view == nullptr) return {};
  const std::vector<SweepPoint> points = loss_statistics(*view, settings.phase, options);
  Measured measured;
  for (const SweepPoint& point : points) {
    for (const LossQuantity& one : loss_quantities())
      measured.findings.push_back(
          {std::string(one.name), point.where, one.of(point), std::string(one.unit)});
    if (const std::string reason = point.reason(); !reason.empty()) {
      measured.notes.push_back(fmt::format("T = {:.3g}: {}", point.temperature, reason));
    }
  }
  const std::vector<Family> families = families_of(points);
  for (const Family& family : families) {
    for (Finding& one : loss_summary(family)) measured.findings.push_back(std::move(one));
  }
  extrapolate_step(families, measured);
  trends(families, measured);
  measured.tables.insert(measured.tables.begin(), row_table(points));
  if (families.size() == 1 && points.size() >= 3)
    measured.tables.push_back(wall_table(measured.findings));
  measured.tables.push_back(error_table(points));
  measured.figures = loss_statistics_figures(families);
  store_arrays(points, measured.data);
  return measured;
}

}  // namespace thermoscape
