#include "thermoscape/analysis/envelope.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"

namespace thermoscape {

namespace {

struct TracesOptions {
  std::vector<std::string> probes = {"loss"};
  bool first_replica_only = true;
  bool log_time = true;

  static constexpr auto fields() {
    using T = TracesOptions;
    return std::tuple{field("probes", &T::probes, "", "which recorded quantities to draw"),
                      field("first_replica_only",
                            &T::first_replica_only,
                            "",
                            "draw only the first minimum's first replica"),
                      field("log_time", &T::log_time, "", "logarithmic time axis")};
  }
};

std::string label_of(const Task& task, bool with_members) {
  std::string label;
  for (const auto& [key, value] : task.where)
    label += fmt::format("{}{} = {:.3g}", label.empty() ? "" : ", ", key, value);
  if (with_members)
    label += fmt::format(
        "{}minimum {}, replica {}", label.empty() ? "" : ", ", task.minimum, task.replica);
  return label;
}

}  // namespace

Measured measure_traces(const RunView* view, const MeasureSettings& settings, TomlReader& reader) {
  const auto options = read_options<TracesOptions>(reader);
  if (view == nullptr) return {};
  Measured measured;
  for (const std::string& probe : options.probes) {
    Figure figure{probe,
                  fmt::format("{} during {}", probe, settings.phase),
                  "",
                  {"time since the start of the phase [time]", options.log_time ? "log" : "linear"},
                  {probe, "log"},
                  {}};
    for (const std::size_t index : view->tasks_of(settings.phase)) {
      const Task& task = view->task(index);
      if (options.first_replica_only && (task.minimum > 0 || task.replica > 0)) continue;
      const Recorded recorded = view->recorded(index, probe);
      if (recorded.width != 1) {
        reject({"measure " + settings.name + ", probes",
                probe,
                "must be a single number a look",
                "draw loss or displacement"});
      }
      figure.y.label = fmt::format("{} [{}]", probe, recorded.unit);
      figure.caption = recorded.description + ", as recorded.";
      const analysis::Curve curve = analysis::envelope(recorded.time, recorded.values.span());
      const std::string label = label_of(task, !options.first_replica_only || task.where.empty());
      figure.series.push_back({label, curve.x, curve.y, {}, "line", label});
    }
    measured.figures.push_back(std::move(figure));
  }
  return measured;
}

}  // namespace thermoscape
