#include <algorithm>
#include <cmath>
#include <numbers>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/experiments/thermal_probe/departures.hpp"

namespace thermoscape {

namespace {

struct DistanceOptions {
  std::string diffusion;
  double rise = 10;
  std::int64_t bins_per_decade = 12;

  static constexpr auto fields() {
    using O = DistanceOptions;
    return std::tuple{field("diffusion",
                            &O::diffusion,
                            "",
                            "phase of pure diffusion from the same minima; none if empty"),
                      field("rise",
                            &O::rise,
                            "1",
                            "the loss has left its minimum when it is this many times larger",
                            Range{1, 1e9, true}),
                      field("bins_per_decade",
                            &O::bins_per_decade,
                            "1",
                            "bins of the distance in figures",
                            Range{1, 100})};
  }
};

/// Adds the median loss against distance of some departures; its 10% and 90% quantiles if `spread`.
void add_curve(Figure& figure,
               const std::string& label,
               const std::vector<const Departure*>& departures,
               std::int64_t bins_per_decade,
               bool spread) {
  std::vector<double> x;
  std::vector<double> y;
  for (const Departure* one : departures) {
    x.insert(x.end(), one->distance.begin(), one->distance.end());
    y.insert(y.end(), one->loss.begin(), one->loss.end());
  }
  const Binned bins = binned(x, y, bins_per_decade);
  figure.series.push_back({label, bins.x, bins.median, {}, "line+points", label});
  if (!spread) return;
  figure.series.push_back({label + ", 10%", bins.x, bins.low, {}, "dashed", label});
  figure.series.push_back({label + ", 90%", bins.x, bins.high, {}, "dashed", label});
}

std::vector<const Departure*> at_temperature(const std::vector<Departure>& all,
                                             double temperature) {
  std::vector<const Departure*> list;
  for (const Departure& one : all) {
    if (one.temperature == temperature) list.push_back(&one);
  }
  return list;
}

/// |θ - θ_start|² / (2NTt) at the last look: 1 for free diffusion.
Estimate diffusion_law(const std::vector<Departure>& all, double parameters) {
  std::vector<Estimate> numbers;
  for (const Departure& one : all) {
    const double law = 2 * parameters * one.temperature * one.time.back();
    numbers.push_back({one.distance.back() * one.distance.back() / law, 0, Status::ok});
  }
  return over_departures(all, numbers);
}

/// What pure diffusion tells about the minima.
struct Diffusion {
  Estimate rise_distance;          ///< [θ]
  Estimate decades_at_length;      ///< log10 of loss over starting loss at |Δθ| = L
  Estimate decades_at_rms_length;  ///< the same at √(2N) L
  Estimate law;
};

Diffusion diffusion_of(const std::vector<Departure>& all,
                       double rise,
                       double length,
                       double parameters) {
  std::vector<Estimate> distance;
  std::vector<Estimate> at_length;
  std::vector<Estimate> at_rms_length;
  for (const Departure& one : all) {
    if (!(one.loss.front() > 0)) {  // a ratio to the start means nothing where it has no loss
      for (auto* list : {&distance, &at_length, &at_rms_length}) list->push_back({});
      continue;
    }
    std::vector<double> decades;
    for (const double loss : one.loss) decades.push_back(std::log10(loss / one.loss.front()));
    distance.push_back(first_reach(one.distance, decades, std::log10(rise)));
    at_length.push_back(value_at(one.distance, decades, length));
    at_rms_length.push_back(value_at(one.distance, decades, std::sqrt(2 * parameters) * length));
  }
  return {over_departures(all, distance),
          over_departures(all, at_length),
          over_departures(all, at_rms_length),
          diffusion_law(all, parameters)};
}

/// log10(x/y) with independent relative errors.
Estimate log_ratio(const Estimate& x, const Estimate& y) {
  if (!(x.value > 0) || !(y.value > 0)) return {};
  const double error =
      std::hypot(x.standard_error / x.value, y.standard_error / y.value) / std::numbers::ln10;
  return {std::log10(x.value / y.value), error, analysis::worse(x.status, y.status)};
}

Estimate scaled(const Estimate& estimate, double factor) {
  return {estimate.value * factor, estimate.standard_error * factor, estimate.status};
}

}  // namespace

Measured measure_distance(const RunView* view,
                          const MeasureSettings& settings,
                          TomlReader& reader) {
  const LossStatisticsOptions window = read_window_options(reader);
  const auto options = read_options<DistanceOptions>(reader);
  if (view == nullptr) return {};
  const std::vector<SweepPoint> windows = steady_windows(*view, settings.phase, window);
  const std::vector<Departure> langevin = departures(*view, settings.phase);
  const auto parameters =
      static_cast<double>(view->objective(view->tasks_of(settings.phase).front())->parameters());
  const Estimate length = diffusion_length(windows);
  const Estimate rms_length = scaled(length, std::sqrt(2 * parameters));

  Measured measured;
  const auto put = [&](const char* quantity, const Estimate& estimate, const char* unit) {
    measured.findings.push_back({quantity, {}, estimate, unit});
  };
  put("length", length, "1");
  put("rms_length", rms_length, "1");
  put("langevin_over_diffusion", diffusion_law(langevin, parameters), "1");

  Figure figure{
      "loss",
      "Loss against distance from the minimum",
      fmt::format(
          "Median loss in bins of |θ - θ_start|, all minima and replicas: under Langevin dynamics "
          "at each "
          "temperature and, if the run has it, under diffusion without gradient (10% and 90% "
          "quantiles dashed). Vertical: L = √(T τ½), and √(2N) L, how far N parameters diffuse in "
          "τ½; N = {:.0f}.",
          parameters),
      {"distance |θ - θ_start| [θ]", "log"},
      {"loss", "log"},
      {}};
  for (const SweepPoint& point : windows) {
    const auto own = at_temperature(langevin, point.temperature);
    if (!own.empty())
      add_curve(figure, temperature_label(point.temperature), own, options.bins_per_decade, false);
  }
  Table table{"lengths",
              "Where the loss leaves its minimum",
              fmt::format("The distance at which diffusion without gradient has raised the loss "
                          "{:.3g} times above that of the "
                          "minimum, beside L of the Langevin windows.",
                          options.rise),
              {"quantity", "value"},
              {{"L = √(T τ½)", cell(length)}, {"√(2N) L", cell(rms_length)}}};
  if (!options.diffusion.empty()) {
    const std::vector<Departure> free = departures(*view, options.diffusion);
    std::vector<const Departure*> list;
    for (const Departure& one : free) list.push_back(&one);
    add_curve(figure, "diffusion, no gradient", list, options.bins_per_decade, true);
    const Diffusion found = diffusion_of(free, options.rise, length.value, parameters);
    const Estimate over_length = log_ratio(found.rise_distance, length);
    const Estimate over_rms_length = log_ratio(found.rise_distance, rms_length);
    put("rise_distance", found.rise_distance, "1");
    put("decades_at_length", found.decades_at_length, "1");
    put("decades_at_rms_length", found.decades_at_rms_length, "1");
    put("log10_rise_over_length", over_length, "1");
    put("log10_rise_over_rms_length", over_rms_length, "1");
    put("diffusion_law", found.law, "1");
    table.rows.push_back(
        {fmt::format("distance at which the loss has risen {:.3g} times", options.rise),
         cell(found.rise_distance)});
    table.rows.push_back({"log10 of that over L", cell(over_length)});
    table.rows.push_back({"log10 of that over √(2N) L", cell(over_rms_length)});
    table.rows.push_back({"log10 of loss over minimum at |Δθ| = L", cell(found.decades_at_length)});
    table.rows.push_back(
        {"log10 of loss over minimum at |Δθ| = √(2N) L", cell(found.decades_at_rms_length)});
    table.rows.push_back({"|Δθ|²/(2NTt) under diffusion (1 by its law)", cell(found.law)});
  }
  table.rows.push_back(
      {"|Δθ|²/(2NTt) at the end of the Langevin runs", cell(diffusion_law(langevin, parameters))});
  double low = kInfinity;
  double high = 0;
  for (const Series& one : figure.series) {
    for (const double y : one.y) {
      if (!(y > 0)) continue;
      low = std::min(low, y);
      high = std::max(high, y);
    }
  }
  if (length.value > 0 && high > 0) {
    figure.series.push_back(vertical_mark("L", length.value, low, high));
    figure.series.push_back(vertical_mark("√(2N) L", rms_length.value, low, high));
  }
  measured.figures.push_back(std::move(figure));
  measured.tables.push_back(std::move(table));
  return measured;
}

}  // namespace thermoscape
