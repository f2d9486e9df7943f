#include "thermoscape/experiments/limiting_dynamics/phase_start.hpp"

namespace thermoscape {

PhaseStart phase_start(const RunView& view, std::size_t index) {
  const Task& task = view.task(index);
  if (task.parent) {
    return {view.last_theta(*task.parent), last_buffers(view.workshop(), view.task(*task.parent))};
  }
  const Noise noise(static_cast<std::uint64_t>(view.recipe().head.seed));
  return std::visit(
      [&](const auto& objective) {
        const auto theta =
            objective->initial(noise.fork("initial", static_cast<std::uint64_t>(task.minimum)));
        PhaseStart start{{theta.begin(), theta.end()}, {}};
        for (const auto& [name, values] : objective->buffers())
          start.buffers.emplace_back(name, std::vector<double>(values.begin(), values.end()));
        return start;
      },
      view.ground(index).objective);
}

std::vector<std::size_t> tasks_that_went_on(const RunView& view,
                                            const std::string& phase,
                                            Measured& measured) {
  std::vector<std::size_t> list;
  for (const std::size_t index : view.tasks_of(phase)) {
    bool diverged = false;
    for (std::optional<std::size_t> at = index; at; at = view.task(*at).parent)
      diverged = diverged || view.end(*at).status == Status::diverged;
    if (diverged) {
      measured.notes.push_back(view.task(index).id + " diverged and is left out");
    } else {
      list.push_back(index);
    }
  }
  return list;
}

}  // namespace thermoscape
