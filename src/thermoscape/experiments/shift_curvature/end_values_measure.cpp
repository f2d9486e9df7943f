#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/spread.hpp"
#include "thermoscape/experiments/table_cell.hpp"

namespace thermoscape {

namespace {

struct EndValuesOptions {
  std::vector<std::string> probes = {"full_loss", "test_loss"};
  double last = 0.2;

  static constexpr auto fields() {
    using O = EndValuesOptions;
    return std::tuple{field("probes", &O::probes, "", "probes of one number a look"),
                      field("last",
                            &O::last,
                            "1",
                            "the value is the median over this share of the looks, at the end",
                            Range{0, 1, true, false})};
  }
};

/// The tasks of one point of the sweep, and what a probe saw at their ends.
struct Point {
  Coordinates where;
  std::vector<double> values;
};

double end_of(const Recorded& recorded, double last) {
  const auto count =
      std::max<std::size_t>(1, static_cast<std::size_t>(last * static_cast<double>(recorded.rows)));
  std::vector<double> tail(recorded.values.end() - static_cast<std::ptrdiff_t>(count),
                           recorded.values.end());
  const auto middle = tail.begin() + static_cast<std::ptrdiff_t>(tail.size() / 2);
  std::nth_element(tail.begin(), middle, tail.end());
  return *middle;
}

std::vector<Point> points_of_phase(const RunView& view,
                                   const std::string& phase,
                                   const std::string& probe,
                                   double last) {
  std::vector<Point> points;
  for (const std::size_t task : view.tasks_of(phase)) {
    const Recorded recorded = view.recorded(task, probe);
    if (recorded.width != 1 || recorded.rows == 0)
      reject({"end-values, probes", probe, "must be a single number a look", "test_loss"});
    const Coordinates& where = view.task(task).where;
    auto place = std::find_if(
        points.begin(), points.end(), [&](const Point& one) { return one.where == where; });
    if (place == points.end()) place = points.insert(points.end(), Point{where, {}});
    place->values.push_back(end_of(recorded, last));
  }
  return points;
}

/// The scatter of the points' means in units of their errors: 1 if nothing but chance parts them.
/// √(χ²/dof) of equal weights; its error is that of a χ² with as many degrees of freedom.
Estimate scatter(const std::vector<Estimate>& means) {
  const auto count = static_cast<double>(means.size());
  double mean = 0;
  double error = 0;
  for (const Estimate& one : means) {
    if (!one.ok()) return {};
    mean += one.value / count;
    error += one.standard_error * one.standard_error / count;
  }
  double squares = 0;
  for (const Estimate& one : means) squares += (one.value - mean) * (one.value - mean);
  const double ratio = std::sqrt(squares / (count - 1) / error);
  if (count < 3 || !std::isfinite(ratio)) return {};
  return {ratio, ratio / std::sqrt(2 * (count - 1)), Status::ok};
}

/// How far the first point lies from the mean of the others, in their standard deviations.
Estimate first_deviation(const std::vector<Estimate>& means) {
  if (means.size() < 4) return {};
  std::vector<double> others;
  for (std::size_t i = 1; i < means.size(); ++i) others.push_back(means[i].value);
  const auto count = static_cast<double>(others.size());
  const Estimate mean = mean_of(others);
  const double deviation = mean.standard_error * std::sqrt(count);
  const double off = (means[0].value - mean.value) / deviation;
  if (!std::isfinite(off)) return {};
  return {off, std::sqrt(1 / count + off * off / (2 * (count - 1))), Status::ok};
}

}  // namespace

Measured measure_end_values(const RunView* view,
                            const MeasureSettings& settings,
                            TomlReader& reader) {
  const auto options = read_options<EndValuesOptions>(reader);
  if (options.probes.empty())
    reject({reader.where() + ", probes", "[]", "needs at least one probe", "test_loss"});
  if (view == nullptr) return {};
  Measured measured;
  Table table{"ends",
              "Where the runs ended",
              "Median over the last looks of each run; means over minima and replicas, errors from "
              "their spread.",
              {"point"},
              {}};
  for (const std::string& probe : options.probes) {
    const std::vector<Point> points = points_of_phase(*view, settings.phase, probe, options.last);
    std::vector<Estimate> means;
    std::vector<double> x;
    std::vector<double> values;
    table.columns.push_back(probe);
    for (std::size_t i = 0; i < points.size(); ++i) {
      means.push_back(mean_of(points[i].values));
      measured.findings.push_back({probe, points[i].where, means.back(), "1"});
      values.push_back(means.back().value);
      if (!points[i].where.empty()) x.push_back(points[i].where.front().second);
      if (table.rows.size() <= i) {
        std::string label;
        for (const auto& [key, value] : points[i].where)
          label += fmt::format("{}{} = {:.6g}", label.empty() ? "" : ", ", key, value);
        table.rows.push_back({label.empty() ? "all" : label});
      }
      table.rows[i].push_back(cell(means.back()));
    }
    measured.data.put_vector(probe, "point", values, "1", "median over the last looks, " + probe);
    const bool one_axis = x.size() == points.size() && points.size() > 2 &&
                          std::all_of(points.begin(), points.end(), [](const Point& p) {
                            return p.where.size() == 1;
                          });
    if (!one_axis) continue;
    const std::string axis = points.front().where.front().first;
    if (std::all_of(x.begin(), x.end(), [](double at) { return at > 0; }))
      measured.findings.push_back({probe + "_exponent", {}, exponent_of(x, means), "1"});
    measured.findings.push_back({probe + "_scatter", {}, scatter(means), "1"});
    measured.findings.push_back({probe + "_first_deviation", {}, first_deviation(means), "1"});
    measured.figures.push_back(
        {probe,
         probe + " at the end against " + axis,
         "Median over the last looks; means over minima and replicas, errors "
         "from their spread.",
         {axis, "linear"},
         {probe, "linear"},
         {points_of(probe, x, means, "points")}});
  }
  measured.tables.push_back(std::move(table));
  return measured;
}

}  // namespace thermoscape
