#include <cmath>

#include <Eigen/Core>

#include "thermoscape/theory/ou.hpp"
#include "thermoscape/theory/regression_moments.hpp"
#include "thermoscape/theory/sgd_spectrum.hpp"
#include "thermoscape/theory/sgdm_covariance.hpp"
#include "thermoscape/theory/sgdm_discrete.hpp"
#include "thermoscape/theory/underdamped_ou.hpp"
#include "thermoscape/theory/verify_kinds.hpp"

namespace thermoscape::theory {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Numbers = std::vector<double>;

/// `h` is the curvature with weight decay, `Sig` the variance of one example's gradient.
SgdNoise plane_from(const KindInputs& in) {
  return {in.number("eta"),
          in.number("beta"),
          in.number_or("S", 1),
          in.number_or("Sig", 1),
          in.number("h")};
}

SgdSpectrum spectrum_from(const KindInputs& in, Numbers eigenvalues) {
  return {in.number("eta"),
          in.number("beta"),
          in.number("S"),
          in.number_or("lam", 0),
          in.number_or("s2", 1),
          std::move(eigenvalues)};
}

SgdSpectrum spectrum_from(const KindInputs& in) {
  return spectrum_from(in, in.list("rho"));
}

/// A matrix; a number is one of 1 x 1.
MatrixXd matrix_from(const KindInputs& in, std::string_view key) {
  const Numbers flat = in.list(key);
  if (flat.size() == 1) return MatrixXd::Constant(1, 1, flat.front());
  const std::vector<Numbers> rows = in.matrix(key);
  MatrixXd m(static_cast<Index>(rows.size()), static_cast<Index>(rows.front().size()));
  for (Index i = 0; i < m.rows(); ++i) {
    for (Index j = 0; j < m.cols(); ++j) {
      m(i, j) = rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
    }
  }
  return m;
}

VectorXd vector_from(const KindInputs& in, std::string_view key) {
  const Numbers flat = in.list(key);
  return Eigen::Map<const VectorXd>(flat.data(), static_cast<Index>(flat.size()));
}

void append(Numbers& out, const MatrixXd& m) {
  for (Index i = 0; i < m.rows(); ++i) {
    for (Index j = 0; j < m.cols(); ++j) out.push_back(m(i, j));
  }
}

Numbers sgdm_modes(const KindInputs& in) {
  const UnderdampedMode m = underdamped_mode({in.number("eta"),
                                              in.number("beta"),
                                              in.number("S"),
                                              in.number_or("Sig", 1),
                                              in.number("rho") + in.number("lam")});
  return {m.friction,
          m.frequency,
          m.damping_ratio,
          m.splitting,
          m.inverse_temperature,
          m.velocity_noise};
}

Numbers ou_mean(const KindInputs& in) {
  const SgdNoise plane = plane_from(in);
  const PhasePoint p = underdamped_mean(
      plane, {in.number("a0"), in.number_or("b0", 0)}, plane.learning_rate * in.number("k"));
  return {p.position, p.velocity};
}

Numbers sgdm_mean_discrete(const KindInputs& in) {
  const SgdNoise plane = plane_from(in);
  const double start = in.number("a0");
  const double steps = in.number("k");
  const PhasePoint exact = discrete_mean(plane, {start, 0}, steps);
  const PhasePoint continuous = half_step_mean(plane, start, steps);
  return {exact.position, exact.velocity, continuous.position, continuous.velocity};
}

Numbers ou_cov_transient(const KindInputs& in) {
  const SgdNoise plane = plane_from(in);
  const PhaseCovariance p = underdamped_covariance(plane, plane.learning_rate * in.number("k"));
  return {p.position, p.cross, p.velocity};
}

Numbers stationary_cont_vs_disc(const KindInputs& in) {
  const SgdNoise plane = plane_from(in);
  const PhaseCovariance continuous = underdamped_stationary(plane);
  const PhaseCovariance exact = discrete_stationary(plane);
  return {continuous.position,
          continuous.velocity,
          exact.position,
          exact.velocity,
          exact.cross,
          discrete_factor(plane)};
}

Numbers stationary_general_sigma(const KindInputs& in) {
  const QuadraticSgd sgd{in.number("eta"), in.number("beta"), in.number("S"), matrix_from(in, "H")};
  const MatrixXd noise = matrix_from(in, "Sigma");
  const SgdCovariance continuous = continuous_covariance(sgd, noise);
  const SgdCovariance exact = discrete_covariance(sgd, noise);
  Numbers out;
  append(out, continuous.position);
  append(out, continuous.velocity);
  append(out, exact.position);
  append(out, exact.velocity);
  return out;
}

Numbers both(const Compared& c) {
  return {c.continuous, c.exact};
}

Numbers local_displacements(const KindInputs& in) {
  return both(local_displacement(spectrum_from(in)));
}

Numbers equipartition(const KindInputs& in) {
  return both(equipartition_energy(spectrum_from(in)));
}

Numbers velocity_corr(const KindInputs& in) {
  const SgdNoise plane = plane_from(in);
  const double steps = in.number("k");
  return {velocity_correlation(plane, plane.learning_rate * steps),
          discrete_velocity_correlation(plane, steps),
          velocity_correlation_zero(plane) / plane.learning_rate};
}

Numbers global_displacements(const KindInputs& in) {
  const SgdSpectrum spectrum = spectrum_from(in);
  const double steps = in.number("t");
  return {global_displacement(spectrum, steps),
          trapezoid_global_displacement(spectrum, steps),
          exact_global_displacement(spectrum, steps)};
}

Numbers diffusion_exponent(const KindInputs& in) {
  Numbers eigenvalues;
  for (double l = 1; l <= in.number("m"); ++l) {
    eigenvalues.push_back(in.number("r0") * std::pow(l, -in.number("p")));
  }
  return {fitted_exponent(exact_displacement_curve(spectrum_from(in, std::move(eigenvalues)),
                                                   static_cast<std::size_t>(in.number("tmax"))))};
}

Numbers kwon_ao(const KindInputs& in) {
  const OrnsteinUhlenbeck process(matrix_from(in, "A"), matrix_from(in, "D"));
  Numbers out;
  append(out, process.rotation());
  append(out, process.potential());
  append(out, process.lyapunov());
  return out;
}

Numbers ou_cross_cov(const KindInputs& in) {
  const OrnsteinUhlenbeck process(
      matrix_from(in, "A"), matrix_from(in, "D"), in.number_or("kappa", 1));
  Numbers out;
  append(out, process.cross_covariance(in.number("t"), in.number("s")));
  return out;
}

Numbers critical_eta_h(const KindInputs& in) {
  const CriticalRates rates = critical_rates(in.number("beta"));
  return {rates.continuous_critical, rates.discrete_critical, rates.stability_limit};
}

Numbers multiplicative_gaussian_data(const KindInputs& in) {
  const QuadraticSgd sgd{in.number("eta"), in.number("beta"), in.number("S"), matrix_from(in, "H")};
  const GaussianDataVariance p = gaussian_data_variance(sgd, in.number("s2"));
  Numbers out;
  append(out, p.variance);
  append(out, p.additive);
  append(out, p.continuous);
  return out;
}

Numbers linreg_moments(const KindInputs& in) {
  const MatrixXd x = matrix_from(in, "X");
  const RegressionMoments m = regression_moments(x, vector_from(in, "Y"), in.number("lam"));
  Numbers out;
  append(out, m.eigenvalues);
  append(out, m.minimum);
  append(out, m.gradient_noise);
  out.push_back(without_replacement_factor(static_cast<double>(x.rows()), in.number("S")));
  return out;
}

Numbers modified_losses(const KindInputs& in) {
  const QuadraticSgd sgd{in.number("eta"), in.number("beta"), 1, matrix_from(in, "H")};
  const ModifiedLoss loss = modified_loss(
      sgd, in.number("lam"), in.number("s2"), vector_from(in, "dtheta"), vector_from(in, "v"));
  Numbers out{loss.position, loss.velocity};
  append(out, loss.current);
  return out;
}

}  // namespace

KindTable limiting_dynamics_kinds() {
  return {{"sgdm_modes", sgdm_modes},
          {"ou_mean", ou_mean},
          {"sgdm_mean_discrete", sgdm_mean_discrete},
          {"ou_cov_transient", ou_cov_transient},
          {"stationary_cont_vs_disc", stationary_cont_vs_disc},
          {"stationary_general_sigma", stationary_general_sigma},
          {"local_displacement", local_displacements},
          {"velocity_corr", velocity_corr},
          {"global_displacement", global_displacements},
          {"diffusion_exponent", diffusion_exponent},
          {"equipartition", equipartition},
          {"kwon_ao", kwon_ao},
          {"ou_cross_cov", ou_cross_cov},
          {"critical_eta_h", critical_eta_h},
          {"multiplicative_gaussian_data", multiplicative_gaussian_data},
          {"linreg_moments", linreg_moments},
          {"modified_loss", modified_losses}};
}

}  // namespace thermoscape::theory
