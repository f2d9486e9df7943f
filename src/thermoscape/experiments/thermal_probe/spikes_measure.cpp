#include <algorithm>
#include <cmath>
#include <iterator>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/analysis/envelope.hpp"
#include "thermoscape/analysis/share.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/experiments/thermal_probe/spikes.hpp"

namespace thermoscape {

namespace {

std::string label_of(const SpikePoint& point) {
  return fmt::format("T = {:.3g}, η = {:.3g}", point.temperature, point.step);
}

/// One figure a temperature, a curve a time step.
std::vector<Figure> trace_figures(const RunView& view, const std::vector<SpikePoint>& points) {
  std::vector<Figure> figures;
  for (const SpikePoint& point : points) {
    const std::string title = fmt::format("Loss at T = {:.3g}", point.temperature);
    auto it = std::find_if(
        figures.begin(), figures.end(), [&](const Figure& one) { return one.title == title; });
    if (it == figures.end()) {
      it = figures.insert(
          it,
          {fmt::format("traces_{}", figures.size()),
           title,
           "L/T against s = T t, first minimum and first replica (min/max envelope).",
           {"s = T t [loss time]", "linear"},
           {"L / T", "log"},
           {}});
    }
    const Recorded loss = view.recorded(point.tasks.front().task, "loss");
    std::vector<double> s;
    std::vector<double> values;
    for (std::size_t i = 1; i < loss.rows; ++i) {
      if (!std::isfinite(loss.values[i]) || !(loss.values[i] > 0)) continue;
      s.push_back(point.temperature * loss.time[i]);
      values.push_back(loss.values[i] / point.temperature);
    }
    const analysis::Curve curve = analysis::envelope(s, values, 1000);
    const std::string label = fmt::format("η = {:.3g}", point.step);
    it->series.push_back({label, curve.x, curve.y, {}, "line", label});
  }
  return figures;
}

/// The largest spike of each branch, looks around it.
Figure blow_up_figure(const RunView& view, const std::vector<SpikePoint>& points) {
  Figure figure{"blow_up",
                "The largest spike of each branch",
                "L/T against the steps from its largest value; branches without a spike and values "
                "below 1e-3 T are left out.",
                {"steps from the largest loss", "linear"},
                {"L / T", "log"},
                {}};
  for (const SpikePoint& point : points) {
    const auto worst =
        std::max_element(point.tasks.begin(), point.tasks.end(), [](const auto& a, const auto& b) {
          return a.spikes.largest < b.spikes.largest;
        });
    if (worst->spikes.count == 0) continue;
    const Recorded loss = view.recorded(worst->task, "loss");
    std::size_t top = 0;
    for (std::size_t i = 0; i < loss.rows; ++i) {
      if (std::abs(loss.values[i] / point.temperature - worst->spikes.largest) <
          1e-12 * worst->spikes.largest)
        top = i;
    }
    constexpr std::size_t kLooks = 40;
    Series series{label_of(point), {}, {}, {}, "line", label_of(point)};
    for (std::size_t i = top < kLooks ? 0 : top - kLooks; i < std::min(loss.rows, top + kLooks);
         ++i) {
      if (!std::isfinite(loss.values[i]) || loss.values[i] < 1e-3 * point.temperature) continue;
      series.x.push_back((loss.time[i] - loss.time[top]) / point.step);
      series.y.push_back(loss.values[i] / point.temperature);
    }
    figure.series.push_back(std::move(series));
  }
  return figure;
}

/// A number of each point against T, a curve a time step.
Figure against_temperature(const std::vector<SpikePoint>& points,
                           const char* id,
                           const char* title,
                           const char* caption,
                           const char* axis,
                           Estimate SpikeSummary::*quantity) {
  Figure figure{id, title, caption, {"temperature T [loss]", "log"}, {axis, "linear"}, {}};
  for (const SpikePoint& point : points) {
    const std::string label = fmt::format("η = {:.3g}", point.step);
    auto it = std::find_if(figure.series.begin(), figure.series.end(), [&](const Series& one) {
      return one.label == label;
    });
    if (it == figure.series.end())
      it = figure.series.insert(it, Series{label, {}, {}, {}, "line+points", label});
    const Estimate value = summary_of(point).*quantity;
    if (!std::isfinite(value.value)) continue;
    it->x.push_back(point.temperature);
    it->y.push_back(value.value);
    it->y_error.push_back(std::isfinite(value.standard_error) ? value.standard_error : 0);
  }
  return figure;
}

Table spike_table(const std::vector<SpikePoint>& points) {
  Table table{"spikes",
              "Spikes and drift by temperature and time step",
              "All minima and replicas together. Rate: excursions above the threshold in a million "
              "steps, Poisson errors (that of "
              "one spike where none was seen). Drift: second half of the window less the first "
              "over their mean, of medians of stretches, which spikes do not move.",
              {"T",
               "η",
               "spikes",
               "rate",
               "first at s",
               "largest L/T",
               "median L/T",
               "mean L/T",
               "drift",
               "diverged"},
              {}};
  for (const SpikePoint& point : points) {
    const SpikeSummary sum = summary_of(point);
    table.rows.push_back({fmt::format("{:.3g}", point.temperature),
                          fmt::format("{:.3g}", point.step),
                          fmt::format("{:.0f}", sum.count),
                          cell(sum.rate),
                          sum.first >= 0 ? fmt::format("{:.3g}", sum.first) : "—",
                          fmt::format("{:.3g}", sum.largest),
                          cell(sum.median),
                          cell(sum.mean),
                          cell(sum.drift),
                          fmt::format("{:.0f} of {}", sum.diverged, point.tasks.size())});
  }
  return table;
}

/// Where each spike was: task, s, and its step.
void store_spikes(const RunView& view, const std::vector<SpikePoint>& points, Dataset& data) {
  std::vector<double> temperature;
  std::vector<double> step;
  std::vector<double> minimum;
  std::vector<double> replica;
  std::vector<double> look;
  for (const SpikePoint& point : points) {
    for (const TaskSpikes& one : point.tasks) {
      for (const std::int64_t position : one.spikes.positions) {
        temperature.push_back(point.temperature);
        step.push_back(point.step);
        minimum.push_back(static_cast<double>(view.task(one.task).minimum));
        replica.push_back(static_cast<double>(view.task(one.task).replica));
        look.push_back(static_cast<double>(position));
      }
    }
  }
  if (look.empty()) return;
  data.put_vector("temperature", "spike", temperature, "loss", "temperature of the branch");
  data.put_vector("time_step", "spike", step, "time", "time step of the branch");
  data.put_vector("minimum", "spike", minimum, "1", "which initialisation");
  data.put_vector("replica", "spike", replica, "1", "which noise");
  data.put_vector("look",
                  "spike",
                  look,
                  "1",
                  "look in the window at which the spike begins (first 100 of each task)");
}

/// The points that share a value of the other coordinate than `key`: ratio of the mean at the
/// largest to the smallest step.
void add_step_dependence(const std::vector<SpikePoint>& points, Measured& measured) {
  std::vector<double> temperatures;
  for (const SpikePoint& one : points) {
    if (std::find(temperatures.begin(), temperatures.end(), one.temperature) == temperatures.end())
      temperatures.push_back(one.temperature);
  }
  for (const double temperature : temperatures) {
    const SpikePoint* low = nullptr;
    const SpikePoint* high = nullptr;
    for (const SpikePoint& one : points) {
      if (one.temperature != temperature) continue;
      if (low == nullptr || one.step < low->step) low = &one;
      if (high == nullptr || one.step > high->step) high = &one;
    }
    if (low == high) continue;
    const Estimate a = summary_of(*low).median;
    const Estimate b = summary_of(*high).median;
    Estimate ratio{b.value / a.value,
                   std::abs(b.value / a.value) *
                       std::hypot(a.standard_error / a.value, b.standard_error / b.value),
                   analysis::worse(a.status, b.status)};
    if (!std::isfinite(ratio.value)) ratio = {};
    measured.findings.push_back(
        {"median_at_largest_over_smallest_step", {{"temperature", temperature}}, ratio, "1"});
  }
}

}  // namespace

Measured measure_spikes(const RunView* view, const MeasureSettings& settings, TomlReader& reader) {
  SpikesOptions options;
  reader.read(options);
  reader.read(options.window);
  reader.finish();
  if (view == nullptr) return {};
  const std::vector<SpikePoint> points = spike_points(*view, settings.phase, options);
  Measured measured;
  for (const SpikePoint& point : points) {
    const SpikeSummary sum = summary_of(point);
    const auto add = [&](const char* name, const char* unit, const Estimate& value) {
      measured.findings.push_back({name, point.where, value, unit});
    };
    add("rate", "1/(10^6 steps)", sum.rate);
    add("largest_over_temperature",
        "1",
        {sum.largest, 0, sum.steps > 0 ? Status::ok : Status::undefined});
    if (sum.first >= 0) add("first_spike", "loss time", {sum.first, 0, Status::ok});
    add("median_over_temperature", "1", sum.median);
    add("mean_over_temperature", "1", sum.mean);
    add("drift", "1", sum.drift);
    add("spiked_share", "1", sum.spiked_share);
    add("drifting_share", "1", sum.drifting_share);
    add("diverged_share",
        "1",
        analysis::share(sum.diverged, static_cast<double>(point.tasks.size())));
    if (sum.diverged > 0) {
      measured.notes.push_back(fmt::format(
          "{}: {:.0f} of {} runs diverged", label_of(point), sum.diverged, point.tasks.size()));
    }
  }
  add_step_dependence(points, measured);
  measured.figures = trace_figures(*view, points);
  const Figure others[] = {
      blow_up_figure(*view, points),
      against_temperature(points,
                          "rate",
                          "Rate of spikes",
                          "Excursions above the threshold in a million steps; Poisson errors.",
                          "spikes in 10⁶ steps",
                          &SpikeSummary::rate),
      against_temperature(points,
                          "drift",
                          "Drift of the loss",
                          "Second half of the window less the first over their mean, of medians of "
                          "stretches; errors over minima and replicas. 0 is stationary.",
                          "drift",
                          &SpikeSummary::drift),
      against_temperature(points,
                          "median",
                          "Median of L/T",
                          "Medians do not see spikes: what differs between time steps is bias.",
                          "median of L/T",
                          &SpikeSummary::median)};
  measured.figures.insert(measured.figures.end(), std::begin(others), std::end(others));
  measured.tables = {spike_table(points)};
  store_spikes(*view, points, measured.data);
  return measured;
}

}  // namespace thermoscape
