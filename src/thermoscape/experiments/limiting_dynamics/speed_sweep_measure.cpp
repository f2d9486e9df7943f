#include <cmath>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/experiments/limiting_dynamics/phase_start.hpp"
#include "thermoscape/experiments/limiting_dynamics/speed_sweep.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/spread.hpp"
#include "thermoscape/experiments/table_cell.hpp"

namespace thermoscape {

namespace {

using Points = std::vector<SpeedPoint>;

constexpr std::array<const char*, 3> kLabels{"η", "S", "β"};

/// What the speed should be a power of along an axis: η², 1/S, 1/(1-β²).
double driver(const SpeedPoint& p, std::size_t axis) {
  return axis == 2 ? 1 / (1 - p.at[2] * p.at[2]) : p.at[axis];
}

Estimate scaled(const Estimate& x, double factor) {
  return {x.value * factor, x.standard_error * factor, x.status};
}

/// The speed over the prediction with the one constant that fits the middle of the sweep.
Estimate over_calibrated(const Points& points, std::size_t middle, std::size_t i) {
  const double constant = points[middle].step_square.value / points[middle].factor;
  return scaled(points[i].step_square, 1 / (points[i].factor * constant));
}

Figure speed_figure(const Points& points, std::size_t middle, std::size_t axis) {
  Figure figure{std::string("speed_over_") + kSpeedAxes[axis],
                fmt::format("Instantaneous speed against {}", kLabels[axis]),
                "Points: ⟨|θ_{k+1} - θ_k|²⟩. Line: η² tr Σ/(S(1-β²)), tr Σ measured along the "
                "run if its batches are recorded, or else at start and end. Dashed: one constant "
                "in place of tr Σ, fitted to the middle of the sweep.",
                {kLabels[axis], axis == 2 ? "linear" : "log"},
                {"⟨|Δθ|²⟩ [θ²]", "log"},
                {}};
  std::vector<double> x, measured, calibrated;
  std::vector<Estimate> seen;
  const double constant = points[middle].step_square.value / points[middle].factor;
  for (const std::size_t i : along_axis(points, middle, axis)) {
    x.push_back(points[i].at[axis]);
    seen.push_back(points[i].step_square);
    measured.push_back(points[i].factor * points[i].trace);
    calibrated.push_back(points[i].factor * constant);
  }
  figure.series = {points_of("run", x, seen, "points"),
                   {"from tr Σ", x, measured, {}, "line", "from tr Σ"},
                   {"from one constant", x, calibrated, {}, "dashed", "from one constant"}};
  return figure;
}

Figure exponent_figure(const Points& points, std::size_t middle, std::size_t axis) {
  std::vector<double> x;
  std::vector<Estimate> c;
  for (const std::size_t i : along_axis(points, middle, axis)) {
    x.push_back(points[i].at[axis]);
    c.push_back(points[i].exponent);
  }
  return {std::string("exponent_over_") + kSpeedAxes[axis],
          fmt::format("Exponent of the displacement against {}", kLabels[axis]),
          "c of |θ_k - θ_0|² by least squares in logarithms, mean over replicas and its error.",
          {kLabels[axis], axis == 2 ? "linear" : "log"},
          {"c", "linear"},
          {points_of("c", x, c)}};
}

Table speed_table(const Points& points, std::size_t middle) {
  Table table{
      "speeds",
      "Instantaneous speed over the sweep",
      "Over the prediction from tr Σ along the run (at start and end unless its batches are "
      "recorded), from tr Σ at the start alone, and "
      "from one constant fitted to the middle of the sweep; the share of the speed that is "
      "straight "
      "motion, which no noise makes, and what is left over tr Σ.",
      {"η",
       "S",
       "β",
       "speed [θ²]",
       "over tr Σ",
       "over start",
       "over constant",
       "straight",
       "rest over tr Σ",
       "c"},
      {}};
  for (std::size_t i = 0; i < points.size(); ++i) {
    const SpeedPoint& p = points[i];
    table.rows.push_back({fmt::format("{:.4g}", p.at[0]),
                          fmt::format("{:.4g}", p.at[1]),
                          fmt::format("{:.4g}", p.at[2]),
                          cell(p.step_square),
                          cell(p.over_measured),
                          cell(p.over_start),
                          cell(over_calibrated(points, middle, i)),
                          cell(p.straight_share),
                          cell(p.diffusive_over_measured),
                          cell(p.exponent)});
  }
  return table;
}

/// Slope of c on ln of the driver, from first to last point of an axis.
Estimate exponent_trend(const Points& points,
                        const std::vector<std::size_t>& line,
                        std::size_t axis) {
  const SpeedPoint& low = points[line.front()];
  const SpeedPoint& high = points[line.back()];
  const double width = std::log(driver(high, axis) / driver(low, axis));
  return {(high.exponent.value - low.exponent.value) / width,
          std::hypot(high.exponent.standard_error, low.exponent.standard_error) / width,
          analysis::worse(low.exponent.status, high.exponent.status)};
}

void add_findings(const Points& points,
                  std::size_t middle,
                  const std::string& definitions,
                  Measured& measured) {
  const auto put = [&](const std::string& name, const Coordinates& where, const Estimate& value) {
    measured.findings.push_back({name, where, value, "1"});
  };
  std::vector<double> from_trace, from_start, from_constant, straight, diffusive;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const SpeedPoint& p = points[i];
    const Estimate constant = over_calibrated(points, middle, i);
    measured.findings.push_back({"speed", p.where, p.step_square, "θ²"});
    put("over_measured_noise", p.where, p.over_measured);
    put("over_noise_at_start", p.where, p.over_start);
    put("over_one_constant", p.where, constant);
    put("straight_share", p.where, p.straight_share);
    put("diffusive_over_measured_noise", p.where, p.diffusive_over_measured);
    diffusive.push_back(p.diffusive_over_measured.value);
    put("exponent", p.where, p.exponent);
    straight.push_back(p.straight_share.value);
    from_trace.push_back(p.over_measured.value);
    from_start.push_back(p.over_start.value);
    if (i != middle) from_constant.push_back(constant.value);
  }
  put("over_measured_noise", {}, mean_of(from_trace));
  put("over_noise_at_start", {}, mean_of(from_start));
  put("over_one_constant", {}, mean_of(from_constant));
  put("straight_share", {}, mean_of(straight));
  put("diffusive_over_measured_noise", {}, mean_of(diffusive));
  // The prediction that these definitions hold the speed against.
  put("over_predicted", {}, mean_of(of_paper(definitions) ? from_constant : from_trace));
  for (std::size_t axis = 0; axis < kSpeedAxes.size(); ++axis) {
    const std::vector<std::size_t> line = along_axis(points, middle, axis);
    if (line.size() < 3) continue;
    std::vector<double> x;
    std::vector<Estimate> speeds;
    for (const std::size_t i : line) {
      x.push_back(driver(points[i], axis));
      speeds.push_back(points[i].step_square);
    }
    put(std::string("speed_power_of_") + kSpeedAxes[axis], {}, exponent_of(x, speeds));
    put(std::string("exponent_trend_over_") + kSpeedAxes[axis],
        {},
        exponent_trend(points, line, axis));
  }
}

}  // namespace

Measured measure_speed_sweep(const RunView* view,
                             const MeasureSettings& settings,
                             TomlReader& reader) {
  const auto options = read_options<SpeedSweepOptions>(reader);
  if (view == nullptr) return {};
  Measured measured;
  const std::vector<std::size_t> indices = tasks_that_went_on(*view, settings.phase, measured);
  if (indices.empty()) return measured;
  std::vector<TaskSpeed> tasks(indices.size());
  view->in_parallel(indices.size(),
                    [&](std::size_t i) { tasks[i] = task_speed(*view, indices[i], options); });
  const Points points = speed_points(tasks);
  const std::size_t middle = default_point(points);
  add_findings(points, middle, options.definitions, measured);
  for (std::size_t axis = 0; axis < kSpeedAxes.size(); ++axis) {
    if (along_axis(points, middle, axis).size() < 2) continue;
    measured.figures.push_back(speed_figure(points, middle, axis));
    measured.figures.push_back(exponent_figure(points, middle, axis));
  }
  measured.tables = {speed_table(points, middle)};
  const auto put = [&](const char* name, const char* unit, const char* description, auto of) {
    std::vector<double> values;
    for (const SpeedPoint& p : points) values.push_back(of(p));
    measured.data.put_vector(name, "point", std::move(values), unit, description);
  };
  using P = SpeedPoint;
  put("learning_rate", "time", "learning rate", [](const P& p) { return p.at[0]; });
  put("batch_size", "examples", "batch size", [](const P& p) { return p.at[1]; });
  put("momentum", "1", "momentum", [](const P& p) { return p.at[2]; });
  put("speed", "θ²", "mean square step", [](const P& p) { return p.step_square.value; });
  put("noise_trace",
      "loss²/θ²",
      "tr Σ along the run, or else its mean over start and end",
      [](const P& p) { return p.trace; });
  put("exponent", "1", "exponent c", [](const P& p) { return p.exponent.value; });
  return measured;
}

}  // namespace thermoscape
