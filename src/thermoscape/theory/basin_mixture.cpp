#include "thermoscape/theory/basin_mixture.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <Eigen/Dense>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/require.hpp"
#include "thermoscape/theory/require_matrix.hpp"

namespace thermoscape::theory {

namespace {

/// The minimum of the loss nearest to `centre`; undefined if there is none.
Value nearest(const std::vector<double>& minima, double centre) {
  const auto found = std::ranges::min_element(
      minima, {}, [centre](double minimum) { return std::abs(minimum - centre); });
  return found == minima.end() ? Value{} : Value{*found, Status::ok};
}

std::vector<double> softmax(std::vector<double> logarithms) {
  const double largest = *std::ranges::max_element(logarithms);
  double sum = 0;
  for (double& x : logarithms) sum += x = std::exp(x - largest);
  for (double& x : logarithms) x /= sum;
  return logarithms;
}

}  // namespace

std::vector<Basin> laplace_basins(const SteadyState& state) {
  const Landscape& landscape = state.landscape();
  const double half = state.temperature() / 2;
  const double range = state.high() - state.low();
  std::vector<Basin> basins;
  std::vector<double> potentials;
  std::vector<double> logarithms;
  bool gaussian = true;
  for (const double centre : state.minima()) {
    Basin basin;
    basin.centre = centre;
    basin.potential = state.effective_potential(centre);
    const double curvature =
        (landscape.curvature(centre) + half * landscape.noise_curvature(centre)) /
        landscape.noise(centre);
    basin.minimum = nearest(state.loss_minima(), centre);
    if (basin.minimum.status == Status::ok) {
      const double minimum = basin.minimum.value;
      basin.bias = {minimum - centre, Status::ok};
      const double loss_curvature = landscape.curvature(minimum);
      if (loss_curvature > 0) {
        basin.linear_bias =
            value_within(half * landscape.noise_slope(centre) / loss_curvature, true);
      }
    }
    // A minimum of higher order is found to rounding, where v'' is a small number and not zero: its
    // Gaussian would be wider than all there is.
    const double variance = curvature > 0 ? half / curvature : range * range;
    if (variance < range * range) basin.variance = value_within(variance, true);
    gaussian = gaussian && basin.variance.status == Status::ok;
    potentials.push_back(basin.potential);
    logarithms.push_back(std::log(curvature));
    basins.push_back(basin);
  }
  if (basins.empty() || !gaussian) return basins;
  const std::vector<double> weights = mixture_weights(potentials, logarithms, state.temperature());
  for (std::size_t k = 0; k < basins.size(); ++k) basins[k].weight = {weights[k], Status::ok};
  return basins;
}

std::vector<double> mixture_weights(const std::vector<double>& potentials,
                                    const std::vector<double>& log_determinants,
                                    double temperature) {
  std::vector<double> halves;
  for (const double x : log_determinants) halves.push_back(-x / 2);
  return even_order_weights(potentials, halves, temperature);
}

std::vector<double> even_order_weights(const std::vector<double>& potentials,
                                       const std::vector<double>& log_integrals,
                                       double temperature) {
  require_positive(temperature, "temperature");
  check_range(potentials, kAny, "", "potentials");
  check_range(log_integrals, kAny, "", "log_integrals");
  if (potentials.empty() || potentials.size() != log_integrals.size()) {
    reject({"log_integrals",
            fmt::format("{} numbers", log_integrals.size()),
            fmt::format("must be one a basin, for one basin or more ({} potentials)",
                        potentials.size()),
            ""});
  }
  // The difference first: 2v/T itself can overflow where the weights do not.
  const double deepest = *std::ranges::min_element(potentials);
  std::vector<double> logarithms;
  for (std::size_t k = 0; k < potentials.size(); ++k) {
    logarithms.push_back(-2 * ((potentials[k] - deepest) / temperature) + log_integrals[k]);
  }
  return softmax(std::move(logarithms));
}

Eigen::VectorXd mixture_bias(const Eigen::MatrixXd& curvature,
                             const Eigen::VectorXd& noise_divergence,
                             double temperature) {
  require_positive(temperature, "temperature");
  require_positive_definite(curvature, noise_divergence.size(), "curvature");
  require_vector(noise_divergence, noise_divergence.size(), "noise_divergence");
  return temperature / 2 * curvature.llt().solve(noise_divergence);
}

BasinCovariance mixture_covariance(const Eigen::MatrixXd& curvature,
                                   const Eigen::MatrixXd& noise,
                                   const Eigen::MatrixXd& divergence_slope,
                                   double temperature) {
  require_positive(temperature, "temperature");
  const Eigen::Index size = noise.rows();
  require_symmetric(curvature, size, "curvature");
  require_positive_definite(noise, size, "noise");
  if (divergence_slope.rows() != size || divergence_slope.cols() != size ||
      !divergence_slope.allFinite()) {
    reject({"divergence_slope",
            fmt::format("{} x {}", divergence_slope.rows(), divergence_slope.cols()),
            fmt::format("must be {} x {} finite numbers", size, size),
            ""});
  }
  const Eigen::MatrixXd stiffness = curvature + temperature / 2 * divergence_slope;
  const Eigen::MatrixXd force_slope = noise.llt().solve(stiffness);  // ∂²v
  const double largest = force_slope.cwiseAbs().maxCoeff();
  BasinCovariance result;
  if (!((force_slope - force_slope.transpose()).cwiseAbs().maxCoeff() <= 1e-9 * largest)) {
    result.status = Status::out_of_range;
  }
  const Eigen::MatrixXd symmetric = (force_slope + force_slope.transpose()) / 2;
  if (symmetric.llt().info() != Eigen::Success) return {{}, Status::undefined};
  result.covariance = temperature / 2 * force_slope.partialPivLu().inverse();
  return result;
}

double log_even_order_integral(const std::vector<double>& derivatives,
                               int order,
                               double temperature) {
  require_positive(temperature, "temperature");
  check_range(derivatives, kPositive, "", "derivatives");
  if (derivatives.empty()) reject({"derivatives", "", "must list at least one derivative", ""});
  if (order < 2 || order % 2 != 0) {
    reject({"order", fmt::format("{}", order), "must be even and >= 2", ""});
  }
  const double j = order;
  const double each =
      std::log(2.0) + std::lgamma(1 + 1 / j) + (std::log(temperature / 2) + std::lgamma(j + 1)) / j;
  double sum = 0;
  for (const double derivative : derivatives) sum += each - std::log(derivative) / j;
  return sum;
}

}  // namespace thermoscape::theory
