#include "thermoscape/theory/underdamped_ou.hpp"

#include <array>
#include <cmath>

#include "thermoscape/theory/require.hpp"

namespace thermoscape::theory {

namespace {

/// γ² - ω², its root, and for real roots the two rates; the slow one without cancellation.
struct Rates {
  double discriminant = 0;
  double splitting = 0;
  double slow = 0;
  double fast = 0;

  [[nodiscard]] bool oscillates() const { return discriminant < 0; }
};

Rates rates_of(double friction, double frequency) {
  Rates r;
  r.discriminant = (friction - frequency) * (friction + frequency);
  r.splitting = std::sqrt(std::abs(r.discriminant));
  r.fast = friction + r.splitting;
  r.slow = frequency / r.fast * frequency;
  return r;
}

/// e^{-y}(e^y - 1 - y) = P(2, y): the chance of two or more events where y are expected.
double two_or_more(double y) {
  if (y > 0.5) return -std::expm1(-y) - y * std::exp(-y);
  double term = y * y / 2;
  double sum = 0;
  for (int n = 3; term > 1e-18 * sum; ++n) {
    sum += term;
    term *= y / n;
  }
  return std::exp(-y) * sum;
}

/// x - (1 - e^{-x})
double excess_over_saturation(double x) {
  if (x > 0.5) return x + std::expm1(-x);
  double term = x * x / 2;
  double sum = 0;
  for (int n = 3; std::abs(term) > 1e-18 * sum; ++n) {
    sum += term;
    term *= -x / n;
  }
  return sum;
}

/// x - sin x
double excess_over_sine(double x) {
  if (x > 0.5) return x - std::sin(x);
  double term = x * x * x / 6;
  double sum = 0;
  for (int n = 4; std::abs(term) > 1e-18 * sum; n += 2) {
    sum += term;
    term *= -x * x / (n * (n + 1));
  }
  return sum;
}

/// 4γω² ∫_0^t Z²e^{-2γu}du, the share of the stationary variance of θ that noise has built up.
/// It is of third order in t and of first in ω²t: the closed form cancels there, so that small
/// arguments take the series in γ² - ω², whose terms are incomplete Gamma functions.
double position_share(
    double friction, double frequency, double time, const Rates& r, const PhasePropagator& e) {
  const double x = 2 * friction * time;
  const double z = r.splitting * time;
  if (x > 4 || z > 2) {
    if (r.oscillates() || r.splitting < friction / 2) {
      return -std::expm1(-x) - 2 * friction * e.position_velocity * e.position_position;
    }
    const double q = r.slow / r.splitting;
    const double y = r.slow * time;
    const double saturated = -std::expm1(-2 * z);
    return -std::expm1(-2 * y) - std::exp(-2 * y) * q * saturated * (1 + saturated * (1 + q) / 2);
  }
  // J = t³ Σ_n 2 (4(γ²-ω²)t²)^n / (2n+2)! G_{2n+3},  G_a = x^{-a} γ(a, x), by downward recurrence.
  constexpr int kTerms = 24;
  constexpr int kTop = 2 * kTerms + 3;
  const double decay = std::exp(-x);
  std::array<double, kTop + 1> g{};
  double term = decay / kTop;
  for (int j = 1; term > 1e-18 * g[kTop]; ++j) {
    g[kTop] += term;
    term *= x / (kTop + j);
  }
  for (int a = kTop - 1; a >= 3; --a) g[a] = (x * g[a + 1] + decay) / a;
  const double step = 4 * r.discriminant * time * time;
  double factor = 1;  // 2 step^n / (2n+2)!
  double sum = 0;
  for (int n = 0; n <= kTerms; ++n) {
    sum += factor * g[2 * n + 3];
    factor *= step / ((2 * n + 3) * (2 * n + 4));
  }
  const double phase = frequency * time;
  return 2 * x * phase * phase * sum;
}

UnderdampedMode checked_mode(const SgdNoise& noise, double time) {
  require_non_negative(time, "underdamped-ou.time");
  return underdamped_mode(noise);
}

PhasePropagator propagator_of(const UnderdampedMode& mode, double time) {
  return phase_propagator(mode.friction, mode.frequency, time);
}

}  // namespace

UnderdampedMode underdamped_mode(const SgdNoise& noise) {
  validate(noise, "underdamped-ou");
  const double beta = noise.momentum;
  UnderdampedMode mode;
  mode.friction = (1 - beta) / (noise.learning_rate * (1 + beta));
  mode.frequency = std::sqrt(2 * noise.curvature / (noise.learning_rate * (1 + beta)));
  mode.damping_ratio =
      (1 - beta) / std::sqrt(2 * noise.learning_rate * (1 + beta) * noise.curvature);
  mode.splitting = rates_of(mode.friction, mode.frequency).splitting;
  mode.inverse_temperature = noise.batch_size * (1 - beta) * (1 + beta);
  mode.velocity_noise = 4 * noise.gradient_variance /
                        (noise.learning_rate * noise.batch_size * (1 + beta) * (1 + beta));
  return mode;
}

PhasePoint PhasePropagator::operator*(const PhasePoint& start) const {
  return {position_position * start.position + position_velocity * start.velocity,
          velocity_position * start.position + velocity_velocity * start.velocity};
}

PhaseCovariance PhasePropagator::carry(const PhaseCovariance& p) const {
  const double tt = position_position * p.position + position_velocity * p.cross;
  const double tv = position_position * p.cross + position_velocity * p.velocity;
  const double vt = velocity_position * p.position + velocity_velocity * p.cross;
  const double vv = velocity_position * p.cross + velocity_velocity * p.velocity;
  return {tt * position_position + tv * position_velocity,
          tt * velocity_position + tv * velocity_velocity,
          vt * velocity_position + vv * velocity_velocity};
}

PhasePropagator phase_propagator(double friction, double frequency, double time) {
  require_positive(friction, "friction");
  require_positive(frequency, "frequency");
  require_non_negative(time, "time");
  const Rates r = rates_of(friction, frequency);
  PhasePropagator e;
  const double z = r.splitting * time;
  if (r.oscillates()) {
    const double y = friction * time;
    const double decay = std::exp(-y);
    const double c = std::cos(z);
    const double s = std::sin(z) / r.splitting;
    const double half = std::sin(z / 2);
    e.position_velocity = decay * s;
    e.position_position = decay * (c + friction * s);
    e.velocity_velocity = decay * (c - friction * s);
    // Three terms that are never negative: no digits cancel.
    e.position_loss =
        two_or_more(y) + decay * (2 * half * half + friction * excess_over_sine(z) / r.splitting);
  } else {
    const double y = r.slow * time;
    const double decay = std::exp(-y);
    const double s = z > 0 ? -std::expm1(-2 * z) / (2 * r.splitting) : time;
    e.position_velocity = decay * s;
    e.position_position = decay * (1 + r.slow * s);
    e.velocity_velocity = std::exp(-r.fast * time) - r.slow * e.position_velocity;
    e.position_loss = two_or_more(y);
    if (z > 0) {
      e.position_loss += r.slow * decay * excess_over_saturation(2 * z) / (2 * r.splitting);
    }
  }
  e.velocity_position = -frequency * (frequency * e.position_velocity);
  return e;
}

PhasePoint underdamped_mean(const SgdNoise& noise, const PhasePoint& start, double time) {
  check_range(start.position, kAny, "[θ]", "underdamped-ou.position");
  check_range(start.velocity, kAny, "[loss]/[θ]", "underdamped-ou.velocity");
  return propagator_of(checked_mode(noise, time), time) * start;
}

PhaseCovariance underdamped_stationary(const SgdNoise& noise) {
  const UnderdampedMode mode = underdamped_mode(noise);
  const double effective_rate = noise.learning_rate / (1 - noise.momentum);
  return {effective_rate * noise.gradient_variance / (2 * noise.batch_size * noise.curvature),
          0,
          noise.gradient_variance / mode.inverse_temperature};
}

PhaseCovariance underdamped_covariance(const SgdNoise& noise,
                                       double time,
                                       const PhaseCovariance& start) {
  const UnderdampedMode mode = checked_mode(noise, time);
  const PhasePropagator e = propagator_of(mode, time);
  const Rates r = rates_of(mode.friction, mode.frequency);
  const PhaseCovariance limit = underdamped_stationary(noise);
  PhaseCovariance p = e.carry(start);
  p.position += limit.position * position_share(mode.friction, mode.frequency, time, r, e);
  p.cross += limit.velocity * 2 * mode.friction * e.position_velocity * e.position_velocity;
  p.velocity += limit.velocity * (-std::expm1(-2 * mode.friction * time) +
                                  2 * mode.friction * e.position_velocity * e.velocity_velocity);
  return p;
}

double velocity_correlation(const SgdNoise& noise, double time) {
  return propagator_of(checked_mode(noise, time), time).velocity_velocity;
}

double velocity_correlation_zero(const SgdNoise& noise) {
  const UnderdampedMode mode = underdamped_mode(noise);
  const Rates r = rates_of(mode.friction, mode.frequency);
  if (r.splitting == 0) return 1 / mode.friction;
  if (r.oscillates()) return std::atan(r.splitting / mode.friction) / r.splitting;
  // atanh(α/γ) = ½ ln(fast/slow), which does not round α/γ to 1.
  return std::log1p(2 * r.splitting / r.slow) / (2 * r.splitting);
}

Displacement underdamped_displacement(const SgdNoise& noise, double time) {
  const UnderdampedMode mode = checked_mode(noise, time);
  const PhasePropagator e = propagator_of(mode, time);
  const PhaseCovariance limit = underdamped_stationary(noise);
  Displacement d;
  d.displacement = 2 * limit.position * e.position_loss;
  // d/dt of the loss of correlation is ω² e^{-γt} Z.
  if (time > 0) {
    d.displacement_exponent = value_within(-time * e.velocity_position / e.position_loss, true);
  } else {
    d.displacement_exponent = {2, Status::ok};
  }
  return d;
}

CriticalRates critical_rates(double momentum) {
  check_range(momentum, kBelowOne, "", "momentum");
  const double gap = 1 - momentum;
  const double root_gap = gap / (1 + std::sqrt(momentum));
  return {gap * gap / (2 * (1 + momentum)), root_gap * root_gap, 2 * (1 + momentum)};
}

}  // namespace thermoscape::theory
