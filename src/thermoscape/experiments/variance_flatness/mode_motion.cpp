#include "thermoscape/experiments/variance_flatness/mode_motion.hpp"

#include <algorithm>
#include <numeric>
#include <span>

#include "thermoscape/analysis/autocovariance.hpp"
#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {

constexpr double kSokal = 5;

double mean_square(std::span<const double> x) {
  return std::inner_product(x.begin(), x.end(), x.begin(), 0.0) / static_cast<double>(x.size());
}

ModeMotion motion_of(const Eigen::VectorXd& position, Eigen::Index epoch) {
  const Eigen::Index n = position.size();
  std::vector<double> velocity(static_cast<std::size_t>(n - 1));
  for (Eigen::Index t = 0; t + 1 < n; ++t)
    velocity[static_cast<std::size_t>(t)] = position(t + 1) - position(t);
  ModeMotion out;
  out.variance = (position.array() - position.mean()).square().mean();
  out.drift = analysis::blocking(velocity).mean;
  out.step_square = mean_square(velocity);
  if (out.step_square == 0) return out;
  std::vector<double> chi = analysis::autocovariance(velocity, velocity.size() / 2);
  out.reversal = chi[1] / chi[0];
  const double first = chi[0];
  for (double& one : chi) one /= first;
  const analysis::IntegratedTime time = analysis::integrated_time(chi, kSokal);
  out.velocity_time = {time.time, 0, time.closed ? Status::ok : Status::too_short};
  const Eigen::VectorXd moved = position.tail(n - epoch) - position.head(n - epoch);
  out.persistence = moved.array().square().mean() / (static_cast<double>(epoch) * out.step_square);
  return out;
}

}  // namespace

std::vector<ModeMotion> mode_motions(const Eigen::MatrixXd& projections, std::int64_t epoch) {
  if (projections.rows() <= 2 * epoch || epoch < 1) {
    reject({"trajectory",
            std::to_string(projections.rows()) + " looks",
            "must last more than two epochs, of " + std::to_string(epoch) + " looks each",
            ""});
  }
  std::vector<ModeMotion> out;
  for (Eigen::Index i = 0; i < projections.cols(); ++i)
    out.push_back(motion_of(projections.col(i), epoch));
  return out;
}

}  // namespace thermoscape
