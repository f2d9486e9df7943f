#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "thermoscape/analysis/pca.hpp"
#include "thermoscape/experiments/run_view.hpp"
#include "thermoscape/experiments/trajectory.hpp"
#include "thermoscape/landscape/gradient_noise.hpp"
#include "thermoscape/landscape/profile.hpp"

namespace thermoscape {

/// The components of one task's trajectory as lines through θ at the end of its phase, and how that
/// phase drew its batches: what the measures of minibatches along modes stand on. Serves one
/// thread; the view must outlive it.
template <class Real>
class ModeLines {
 public:
  /// With the first `modes` components at least.
  ModeLines(const RunView& view,
            std::size_t task,
            const Objective<Real>& prototype,
            std::int64_t modes);

  [[nodiscard]] const Trajectory& trajectory() const { return trajectory_; }
  [[nodiscard]] const analysis::Pca& pca() const { return pca_; }
  [[nodiscard]] Objective<Real>& objective() { return *objective_; }
  /// θ at the end of the phase [P].
  [[nodiscard]] std::span<const Real> theta() const { return theta_; }
  [[nodiscard]] LossLine<Real>& line() { return line_; }
  [[nodiscard]] double learning_rate() const { return learning_rate_; }
  [[nodiscard]] const BatchDraw& draw() const { return draw_; }
  /// The last rank that is not rounding: n looks have n - 1 modes.
  [[nodiscard]] std::int64_t modes() const;

  using Visit = std::function<void(
      std::int64_t rank, std::span<const Real> direction, const Profile& profile)>;
  /// Visits the modes of the ranks whose profile is known on both sides, with its direction [P].
  void for_each(std::span<const std::int64_t> ranks, ProfileOptions options, const Visit& visit);

 private:
  Trajectory trajectory_;
  analysis::Pca pca_;
  std::unique_ptr<Objective<Real>> objective_;
  std::vector<Real> theta_;
  LossLine<Real> line_;
  double learning_rate_ = 0;
  BatchDraw draw_;
};

}  // namespace thermoscape
