#include "thermoscape/experiments/variance_flatness/trajectory_controls.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

namespace thermoscape {

namespace {

using analysis::RowMatrix;
using analysis::Rows;

/// Adds up increments given one at a time.
class Walk {
 public:
  Walk(Eigen::Index columns, std::function<void(Eigen::Index, Eigen::Ref<RowMatrix>)> increment)
      : increment_(std::move(increment)), at_(RowMatrix::Zero(1, columns)), step_(1, columns) {}

  void read(Eigen::Index first, Eigen::Ref<RowMatrix> block) {
    if (first == 0) at_.setZero();
    for (Eigen::Index r = 0; r < block.rows(); ++r) {
      if (first + r > 0) {
        increment_(first + r - 1, step_);
        at_ += step_;
      }
      block.row(r) = at_.row(0);
    }
  }

 private:
  std::function<void(Eigen::Index, Eigen::Ref<RowMatrix>)> increment_;
  RowMatrix at_;
  RowMatrix step_;
};

/// Row t+1 less row t.
void increment_of(const Rows& trajectory, Eigen::Index t, Eigen::Ref<RowMatrix> out) {
  RowMatrix before(1, trajectory.columns);
  trajectory.read(t, before);
  trajectory.read(t + 1, out);
  out -= before;
}

double mean_square_increment(const Rows& trajectory) {
  RowMatrix step(1, trajectory.columns);
  double sum = 0;
  for (Eigen::Index t = 0; t + 1 < trajectory.rows; ++t) {
    increment_of(trajectory, t, step);
    sum += step.squaredNorm();
  }
  return sum / static_cast<double>((trajectory.rows - 1) * trajectory.columns);
}

}  // namespace

std::string_view name(Control control) {
  switch (control) {
    case Control::shuffled:
      return "shuffled";
    case Control::random_signs:
      return "random_signs";
    case Control::isotropic_walk:
      break;
  }
  return "isotropic_walk";
}

Rows control_rows(const Rows& trajectory, Control control, const Noise& noise) {
  std::function<void(Eigen::Index, Eigen::Ref<RowMatrix>)> increment;
  const Eigen::Index steps = trajectory.rows - 1;
  if (control == Control::isotropic_walk) {
    const double size = std::sqrt(mean_square_increment(trajectory));
    increment = [noise, size](Eigen::Index t, Eigen::Ref<RowMatrix> out) {
      noise.normal<double>("controls.walk",
                           static_cast<std::uint64_t>(t),
                           {out.data(), static_cast<std::size_t>(out.size())});
      out *= size;
    };
  } else if (control == Control::shuffled) {
    increment = [trajectory,
                 order = noise.permutation("controls.order", 0, static_cast<std::int32_t>(steps))](
                    Eigen::Index t, Eigen::Ref<RowMatrix> out) {
      increment_of(trajectory, order[static_cast<std::size_t>(t)], out);
    };
  } else {
    std::vector<std::uint32_t> words(static_cast<std::size_t>(steps));
    noise.words("controls.signs", 0, words);
    increment = [trajectory, words](Eigen::Index t, Eigen::Ref<RowMatrix> out) {
      increment_of(trajectory, t, out);
      if ((words[static_cast<std::size_t>(t)] & 1U) != 0) out *= -1;
    };
  }
  const auto walk = std::make_shared<Walk>(trajectory.columns, std::move(increment));
  return {trajectory.rows,
          trajectory.columns,
          [walk](Eigen::Index first, Eigen::Ref<RowMatrix> block) { walk->read(first, block); }};
}

}  // namespace thermoscape
