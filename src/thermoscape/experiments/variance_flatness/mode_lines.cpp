#include "thermoscape/experiments/variance_flatness/mode_lines.hpp"

#include <algorithm>

#include "thermoscape/experiments/variance_flatness/components.hpp"

namespace thermoscape {

namespace {

template <class Real>
std::vector<Real> end_of(const RunView& view, std::size_t task) {
  const std::vector<double> last = view.last_theta(task);
  return {last.begin(), last.end()};
}

}  // namespace

template <class Real>
ModeLines<Real>::ModeLines(const RunView& view,
                           std::size_t task,
                           const Objective<Real>& prototype,
                           std::int64_t modes)
    : trajectory_(view, task),
      pca_(components_of(
          trajectory_.rows(0, trajectory_.rows()),
          modes,
          "auto",
          Noise(static_cast<std::uint64_t>(view.recipe().head.seed)).fork(view.task(task).id, 4))),
      objective_(prototype.clone()),
      theta_(end_of<Real>(view, task)),
      line_(*objective_, theta_),
      learning_rate_(time_step(view.branch(task).rule)) {
  const SamplerSettings& batch = view.branch(task).batch;
  const std::int64_t examples = objective_->examples();
  draw_ = {examples, batch.size == 0 ? examples : batch.size, batch.replacement};
}

template <class Real>
std::int64_t ModeLines<Real>::modes() const {
  return std::min<std::int64_t>(pca_.variances.size(), trajectory_.rows() - 1);
}

template <class Real>
void ModeLines<Real>::for_each(std::span<const std::int64_t> ranks,
                               ProfileOptions options,
                               const Visit& visit) {
  std::vector<Real> direction(theta_.size());
  for (const std::int64_t rank : ranks) {
    const auto axis = pca_.components.col(rank - 1);
    trajectory_.subset().put<Real>({axis.data(), static_cast<std::size_t>(axis.size())}, direction);
    const Profile profile = loss_profile<Real>(line_, direction, options);
    if (!profile.flatness.width.ok()) continue;
    options.guess = 0.5 * profile.flatness.width.value;  // neighbours are about as wide
    visit(rank, direction, profile);
  }
}

template class ModeLines<float>;
template class ModeLines<double>;

}  // namespace thermoscape
