#include "thermoscape/theory/mini_loss_landscape.hpp"

#include <cmath>

#include <fmt/format.h>
#include <Eigen/Eigenvalues>
#include <Eigen/LU>

#include "thermoscape/theory/require.hpp"

namespace thermoscape::theory {

namespace {

constexpr const char* kName = "mini-loss-landscape";

void check_entries(const Eigen::Ref<const Matrix>& values, const Range& range, const char* what) {
  for (Eigen::Index j = 0; j < values.cols(); ++j) {
    for (Eigen::Index i = 0; i < values.rows(); ++i) {
      check_range(values(i, j), range, "", fmt::format("{}.{}", kName, what));
    }
  }
}

void check_ensemble(const MiniLossEnsemble& e) {
  const Eigen::Index n = e.mean_curvature.size();
  if (n == 0 || e.curvature_deviation.size() != n || e.centre_deviation.size() != n ||
      e.coupling_deviation.rows() != n || e.coupling_deviation.cols() != n) {
    reject({kName,
            fmt::format("lengths {}, {}, {} and a {} x {} coupling",
                        n,
                        e.curvature_deviation.size(),
                        e.centre_deviation.size(),
                        e.coupling_deviation.rows(),
                        e.coupling_deviation.cols()),
            "must have one value a mode, at least one mode",
            ""});
  }
  check_entries(e.mean_curvature, kAny, "mean_curvature");
  check_entries(e.curvature_deviation, kNonNegative, "curvature_deviation");
  check_entries(e.centre_deviation, kNonNegative, "centre_deviation");
  check_entries(e.coupling_deviation, kNonNegative, "coupling_deviation");
  check_range(e.drift_centre, kAny, "[θ]", fmt::format("{}.drift_centre", kName));
}

void check_mode(const MiniLossEnsemble& e, Eigen::Index mode) {
  check_ensemble(e);
  if (mode >= 0 && mode < e.mean_curvature.size()) return;
  reject({fmt::format("{}.mode", kName),
          fmt::format("{}", mode),
          fmt::format("must be from 0 to {}", e.mean_curvature.size() - 1),
          ""});
}

void check_noise(const MiniLossNoise& noise) {
  require_positive(noise.loss, "loss");
  require_non_negative(noise.loss_deviation, "loss_deviation");
  require_positive(noise.learning_rate, "learning_rate");
}

double centre(const MiniLossEnsemble& e, Eigen::Index i) {
  return i == 0 ? e.drift_centre : 0;
}

/// ⟨θ_j²⟩ = σ_θ,j² + m_j².
Vector centre_square(const MiniLossEnsemble& e) {
  Vector square = e.centre_deviation.cwiseAbs2();
  square[0] += e.drift_centre * e.drift_centre;
  return square;
}

/// σ_ij² with a zero diagonal.
Matrix coupling_square(const MiniLossEnsemble& e) {
  Matrix square = e.coupling_deviation.cwiseAbs2();
  square.diagonal().setZero();
  return square;
}

Vector curvature_square(const MiniLossEnsemble& e) {
  return e.mean_curvature.cwiseAbs2() + e.curvature_deviation.cwiseAbs2();
}

}  // namespace

Vector overall_curvature(const MiniLossEnsemble& ensemble) {
  check_ensemble(ensemble);
  Vector m = ensemble.mean_curvature +
             ensemble.centre_deviation.cwiseAbs2().cwiseProduct(curvature_square(ensemble)) +
             coupling_square(ensemble) * centre_square(ensemble);
  m[0] += std::pow(ensemble.curvature_deviation[0] * ensemble.drift_centre, 2);
  return m;
}

Value log_mean_loss(const MiniLossEnsemble& ensemble, Eigen::Index mode, double displacement) {
  check_mode(ensemble, mode);
  check_range(displacement, kAny, "[θ]", fmt::format("{}.displacement", kName));
  const double t = displacement;
  const double mean = ensemble.mean_curvature[mode];
  const double variance = std::pow(ensemble.curvature_deviation[mode], 2);
  const double a = std::pow(t * ensemble.centre_deviation[mode], 2);
  const double p = t * t / 2 - t * centre(ensemble, mode);
  const double own = 1 - a * variance;
  if (own <= 0) return {};
  double sum = (p * mean + p * p * variance / 2 + a * mean * mean / 2) / own - std::log(own) / 2;
  for (Eigen::Index j = 0; j < ensemble.mean_curvature.size(); ++j) {
    if (j == mode) continue;
    const double b = std::pow(t * ensemble.coupling_deviation(mode, j), 2);
    const double other = 1 - b * std::pow(ensemble.centre_deviation[j], 2);
    if (other <= 0) return {};
    sum += b * std::pow(centre(ensemble, j), 2) / (2 * other) - std::log(other) / 2;
  }
  return value_within(sum, true);
}

CentreVariance centre_variance(const MiniLossEnsemble& ensemble, Eigen::Index mode) {
  check_mode(ensemble, mode);
  const double mean = ensemble.mean_curvature[mode];
  const double ratio = ensemble.curvature_deviation[mode] / std::abs(mean);
  const double own = std::pow(ensemble.centre_deviation[mode], 2);
  const double pull =
      coupling_square(ensemble).row(mode).dot(centre_square(ensemble)) / (mean * mean);
  const double square = ratio * ratio;
  return {value_within(own + pull, ratio <= 0.1),
          value_within(own + pull * (1 + 3 * square + 15 * square * square), ratio <= 0.3)};
}

MiniLossSteps mini_loss_steps(const MiniLossEnsemble& ensemble, const MiniLossNoise& noise) {
  check_ensemble(ensemble);
  check_noise(noise);
  const double rate = noise.learning_rate;
  const double scale =
      rate * rate * (noise.loss * noise.loss + noise.loss_deviation * noise.loss_deviation);
  const Vector square = centre_square(ensemble);
  const Vector spread = ensemble.centre_deviation.cwiseAbs2();
  const Matrix coupling = coupling_square(ensemble);
  MiniLossSteps steps;
  steps.mean_step = Vector::Zero(square.size());
  steps.mean_step[0] = rate * noise.loss * ensemble.mean_curvature[0] * ensemble.drift_centre;
  steps.step_square = scale * (curvature_square(ensemble).cwiseProduct(square) + coupling * square);
  steps.printed =
      scale * (ensemble.mean_curvature.cwiseAbs2().cwiseProduct(spread) + coupling * spread);
  steps.temperature = (steps.step_square - steps.mean_step.cwiseAbs2()) / (2 * rate);
  steps.relaxation = (rate * noise.loss * ensemble.mean_curvature).cwiseInverse();
  return steps;
}

StationarySpread stationary_spread(const MiniLossEnsemble& ensemble, const MiniLossNoise& noise) {
  check_ensemble(ensemble);
  check_noise(noise);
  const double rate = noise.learning_rate;
  const double scale =
      rate * rate * (noise.loss * noise.loss + noise.loss_deviation * noise.loss_deviation);
  // One step: X' = X - 2αL0 diag(M0) X + G (X + σ_θ²) with G >= 0 entry by entry.
  Matrix gain = scale * coupling_square(ensemble);
  gain.diagonal() = scale * curvature_square(ensemble);
  Matrix step = gain;
  step.diagonal().array() += 1 - 2 * rate * noise.loss * ensemble.mean_curvature.array();
  // The second moments stay bounded iff the map contracts.
  const double radius = step.eigenvalues().cwiseAbs().maxCoeff();
  if (!(radius < 1)) return {};
  const auto n = step.rows();
  const Vector moments = (Matrix::Identity(n, n) - step)
                             .partialPivLu()
                             .solve(gain * ensemble.centre_deviation.cwiseAbs2());
  if (!moments.allFinite()) return {};
  return {moments, Status::ok};
}

double equilibrium_variance(double temperature, double flatness, double minimum_loss) {
  require_positive(temperature, "temperature");
  require_positive(flatness, "flatness");
  require_positive(minimum_loss, "minimum_loss");
  return temperature * flatness * flatness / (8 * minimum_loss);
}

}  // namespace thermoscape::theory
