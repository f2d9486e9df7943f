#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/experiments/thermal_probe/loss_statistics_summary.hpp"

namespace thermoscape {

namespace {

const LossQuantity& quantity_called(std::string_view name) {
  const auto all = loss_quantities();
  return *std::find_if(
      all.begin(), all.end(), [&](const LossQuantity& one) { return one.name == name; });
}

constexpr std::string_view kShown[] = {
    "constrained_directions", "effective_examples", "length", "beta_times_temperature"};

/// The families along one axis of the sweep, in its order.
struct Line {
  std::string name;
  std::vector<double> x;
  std::vector<const Family*> families;
};

std::vector<Line> lines_of(const std::vector<Family>& families) {
  std::vector<Line> lines;
  for (const Family& family : families) {
    if (family.where.size() != 1) continue;
    const auto& [name, value] = family.where.front();
    auto it = std::find_if(
        lines.begin(), lines.end(), [&name = name](const Line& one) { return one.name == name; });
    if (it == lines.end()) it = lines.insert(it, Line{name, {}, {}});
    it->x.push_back(value);
    it->families.push_back(&family);
  }
  return lines;
}

/// d ln quantity / d ln x in every minimum, averaged over them.
Estimate exponent(const Line& line, const LossQuantity& quantity) {
  std::vector<Estimate> exponents;
  for (std::size_t m = 0; m < line.families.front()->points.front().minima.size(); ++m) {
    std::vector<double> x;
    std::vector<Estimate> values;
    for (std::size_t i = 0; i < line.x.size(); ++i) {
      const Estimate mean = minimum_mean(*line.families[i], m, quantity.of);
      if (!mean.ok() || !(mean.standard_error > 0) || !(line.x[i] > 0)) continue;
      x.push_back(line.x[i]);
      values.push_back(mean);
    }
    if (x.size() >= 3) exponents.push_back(analysis::power_law(x, values).exponent);
  }
  return analysis::combine(exponents).estimate;
}

}  // namespace

void trends(const std::vector<Family>& families, Measured& measured) {
  const std::vector<Line> lines = lines_of(families);
  if (lines.empty()) return;
  Table values{"dependence",
               "Dependence on " + lines.front().name,
               "Averages over the temperatures of each minimum and then over the minima; the error "
               "is the larger of the minima's own and of their spread.",
               {"axis", "value"},
               {}};
  for (std::size_t i = 1; i < lines.size(); ++i)
    values.title += (i + 1 < lines.size() ? ", " : " and ") + lines[i].name;
  Table exponents{"exponents",
                  "Exponents along each axis",
                  "d ln quantity / d ln axis, fitted in every minimum where at least three values "
                  "are healthy; mean and error over the minima.",
                  {"axis"},
                  {}};
  for (const std::string_view one : kShown) {
    values.columns.emplace_back(quantity_called(one).head);
    exponents.columns.emplace_back(quantity_called(one).head);
  }
  for (const Line& line : lines) {
    for (std::size_t i = 0; i < line.x.size(); ++i) {
      std::vector<std::string>& row =
          values.rows.emplace_back(std::vector{line.name, fmt::format("{:.4g}", line.x[i])});
      for (const std::string_view one : kShown)
        row.push_back(cell(family_mean(*line.families[i], quantity_called(one).of)));
    }
    if (line.x.size() < 3) continue;
    std::vector<std::string>& row = exponents.rows.emplace_back(std::vector{line.name});
    for (const std::string_view one : kShown) {
      const Estimate found = exponent(line, quantity_called(one));
      measured.findings.push_back(
          {fmt::format("{}_exponent_in_{}", one, line.name), {}, found, "1"});
      row.push_back(cell(found));
    }
  }
  measured.tables.push_back(std::move(values));
  if (!exponents.rows.empty()) measured.tables.push_back(std::move(exponents));
}

}  // namespace thermoscape
