#include "thermoscape/theory/wall_relaxation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <Eigen/Eigenvalues>
#include <boost/math/quadrature/gauss.hpp>
#include <boost/math/tools/toms748_solve.hpp>

namespace thermoscape::theory {

namespace {

/// Nodes from y = φ - ln u = 0 to where the Boltzmann factor is e^{-30} of its largest: fine where
/// the wall bends, the step growing by 3% a node along the flat bottom up to a 300th of the box.
std::vector<double> grid(double log_u) {
  const double top =
      log_u > 0 ? std::log1p(30 * std::exp(-log_u)) : std::log(std::exp(log_u) + 30) - log_u;
  const double coarse = top / 300;
  double step = std::min(0.025, coarse);
  std::vector<double> nodes{top};
  while (nodes.back() > 1.5 * step) {
    if (nodes.back() + log_u < -3) step = std::min(1.03 * step, coarse);
    nodes.push_back(nodes.back() - step);
  }
  nodes.push_back(0);
  std::reverse(nodes.begin(), nodes.end());
  return nodes;
}

/// (ℓ - ℓ_0)/T = u(e^y - 1), with its digits high up the wall and without overflow in a long box.
double excess_loss(double log_u, double y) {
  if (log_u > 0) return std::exp(log_u) * std::expm1(y);
  return std::exp(log_u + y) - std::exp(log_u);
}

}  // namespace

WallRelaxation::WallRelaxation(const Wall& wall)
    : steepness_(wall.steepness), scale_(wall.steepness * wall.steepness * wall.temperature) {
  const double log_u = log_boltzmann(wall);
  const std::vector<double> nodes = grid(log_u);
  const auto count = static_cast<Eigen::Index>(nodes.size());
  const auto boltzmann = [log_u](double y) { return std::exp(-excess_loss(log_u, y)); };

  // Linear elements on the Dirichlet form ∫ f'² e^{-V} with the mass ∫ f² e^{-V} lumped onto the
  // nodes: symmetric, second order up to the reflecting end, where the loss itself has a slope.
  using Rule = boost::math::quadrature::gauss<double, 7>;
  Eigen::VectorXd mass = Eigen::VectorXd::Zero(count);
  Eigen::VectorXd diagonal = Eigen::VectorXd::Zero(count);
  Eigen::VectorXd coupling(count - 1);
  for (Eigen::Index i = 0; i + 1 < count; ++i) {
    const double left = nodes[static_cast<std::size_t>(i)];
    const double right = nodes[static_cast<std::size_t>(i) + 1];
    const double width = right - left;
    const double weight = Rule::integrate(boltzmann, left, right);
    const double tilted =
        Rule::integrate([&](double y) { return boltzmann(y) * (y - left) / width; }, left, right);
    mass[i] += weight - tilted;
    mass[i + 1] += tilted;
    const double conductance = weight / (width * width);
    diagonal[i] += conductance;
    diagonal[i + 1] += conductance;
    coupling[i] = -conductance;
  }
  const Eigen::VectorXd root = mass.cwiseSqrt();
  diagonal.array() /= mass.array();
  for (Eigen::Index i = 0; i + 1 < count; ++i) coupling[i] /= root[i] * root[i + 1];
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> spectrum;
  spectrum.computeFromTridiagonal(diagonal, coupling, Eigen::ComputeEigenvectors);

  Eigen::VectorXd loss(count);
  for (Eigen::Index i = 0; i < count; ++i) {
    loss[i] = excess_loss(log_u, nodes[static_cast<std::size_t>(i)]);
  }
  const double mean = mass.dot(loss) / mass.sum();
  const Eigen::VectorXd fluctuation = root.cwiseProduct((loss.array() - mean).matrix());
  const Eigen::VectorXd amplitudes = spectrum.eigenvectors().transpose() * fluctuation;
  const double variance = fluctuation.squaredNorm();
  for (Eigen::Index k = 1; k < count; ++k) {  // k = 0 is the stationary state
    rates_.push_back(spectrum.eigenvalues()[k]);
    weights_.push_back(amplitudes[k] * amplitudes[k] / variance);
  }
  // χ falls monotonically from 1: bracket ½ by doubling from the fastest scale there is.
  double high = 1 / rates_.back();
  while (at_scaled(high) > 0.5) high *= 2;
  std::uintmax_t iterations = 100;
  const auto [left, right] =
      boost::math::tools::toms748_solve([this](double s) { return at_scaled(s) - 0.5; },
                                        high / 2,
                                        high,
                                        boost::math::tools::eps_tolerance<double>(40),
                                        iterations);
  scaled_half_time_ = (left + right) / 2;
}

double WallRelaxation::at_scaled(double s) const {
  double sum = 0;
  for (std::size_t k = 0; k < rates_.size(); ++k) {
    sum += weights_[k] * std::exp(-rates_[k] * std::abs(s));
  }
  return sum;
}

double WallRelaxation::length() const {
  return std::sqrt(scaled_half_time_) / steepness_;
}

}  // namespace thermoscape::theory
