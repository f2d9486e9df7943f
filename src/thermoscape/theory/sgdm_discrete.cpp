#include "thermoscape/theory/sgdm_discrete.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/theory/require.hpp"

namespace thermoscape::theory {

namespace {

constexpr const char* kWhere = "sgdm-discrete";

void require_steps(double steps) {
  require_non_negative(steps, "sgdm-discrete.steps");
  if (steps != std::floor(steps)) {
    reject({"sgdm-discrete.steps", fmt::format("{}", steps), "must be a whole number", ""});
  }
}

/// 2(1+β) - ηh > 0 where steps are stable, exact close to the limit.
double stability_margin(double e, double beta) {
  return (2 - e) + 2 * beta;
}

/// e^{n log|μ|}, also for μ = 0.
double power(double log_modulus, double n) {
  return n == 0 ? 1 : std::exp(n * log_modulus);
}

/// The roots of μ² - (1+β-e)μ + β, e = ηh, so that neither 1 - |μ| nor μ₊ - μ₋ loses digits.
struct Roots {
  double momentum = 0;
  double discriminant = 0;  ///< (1-β+e)² - 4e
  bool negative = false;    ///< the real part of the roots is negative
  double log_large = 0;     ///< ln of the larger modulus, if real
  double log_small = 0;
  double log_ratio = 0;  ///< ln(small/large)
  double large = 0;
  double separation = 0;  ///< | |μ₊| - |μ₋| |, or 2 Im μ₊
  double half_trace = 0;  ///< |Re μ|

  Roots(double e, double beta) : momentum(beta) {
    // (e - (1-√β)²)(e - (1+√β)²), the second factor through the margin 2(1+β) - e where that is
    // exact.
    const double root_gap = (1 - beta) / (1 + std::sqrt(beta));
    const double critical = root_gap * root_gap;
    const double margin = stability_margin(e, beta);
    const double trace = 1 - e + beta;
    negative = trace < 0;
    const double root_sum = 1 + std::sqrt(beta);
    discriminant = (e - critical) * (e < 1 ? e - root_sum * root_sum : critical - margin);
    separation = std::sqrt(std::abs(discriminant));
    half_trace = std::abs(trace) / 2;
    if (discriminant < 0) return;
    // |μ| = 1 - deficit, from the quadratic equation of the deficit 1 ∓ μ; from its own where that
    // is the better conditioned.
    const double constant = negative ? margin : e;
    const double sum = constant + (1 - beta);
    const double deficit = sum + separation != 0 ? 2 * constant / (sum + separation) : 0;
    const double small_deficit = (sum + separation) / 2;
    large = deficit < 0.5 ? 1 - deficit : half_trace + separation / 2;
    log_large = deficit < 0.5 ? std::log1p(-deficit) : std::log(large);
    if (small_deficit < 0.5) {
      log_small = std::log1p(-small_deficit);
    } else {
      log_small = large > 0 ? std::log(beta / large) : -kInfinity;
    }
    log_ratio = large > 0 ? std::log1p(-std::min(1.0, separation / large)) : 0;
  }

  [[nodiscard]] bool real() const { return discriminant >= 0; }
  /// (-1)^n for roots on the left.
  [[nodiscard]] double sign(double n) const { return negative && std::fmod(n, 2) != 0 ? -1 : 1; }
  /// φ of complex roots |μ|e^{±iφ}, from the nearer half of the real axis.
  [[nodiscard]] double phase() const { return std::atan2(separation / 2, half_trace); }
  /// s_n of real roots by their moduli; the sign is (-1)^{n-1} for roots on the left.
  [[nodiscard]] double kick(double n) const {
    if (n == 0) return 0;
    const double relative = large > 0 ? separation / large : 0;
    const double sum = relative > 0 ? -std::expm1(n * log_ratio) / relative : n;
    return power(log_large, n - 1) * sum;
  }
};

StepPropagator real_propagator(const Roots& roots, double e, double k) {
  const double beta = roots.momentum;
  const double sign = roots.sign(k);
  StepPropagator m;
  const double kick = roots.kick(k);
  const double next = roots.kick(k + 1);
  const double previous = roots.kick(k - 1);
  if (roots.negative) {
    m.kick = -sign * kick;
    m.position_position = sign * (next + beta * kick);
    m.velocity_velocity = -sign * beta * (kick + previous);
  } else {
    m.kick = kick;
    const double slow = -std::expm1(roots.log_large);
    m.position_position = power(roots.log_large, k + 1) + slow * next;
    m.velocity_velocity = beta == 0 ? 0 : beta * (power(roots.log_small, k - 1) - slow * previous);
  }
  m.position_velocity = beta * m.kick;
  m.velocity_position = -e * m.kick;
  return m;
}

StepPropagator complex_propagator(const Roots& roots, double e, double k) {
  const double beta = roots.momentum;
  const double phase = roots.phase();
  const double modulus = power(std::log(beta) / 2, k);
  const double s = std::sin(k * phase);
  const double c = std::cos(k * phase);
  // On the left, μ = -|μ|e^{∓iφ}: cos kφ takes the sign (-1)^k, and sin kφ/sin φ (-1)^{k-1}.
  const double even = roots.sign(k) * modulus;
  const double odd = roots.negative ? -even : even;
  const double ratio = odd * s / (roots.separation / 2);  // |μ|^k sin kφ / (|μ| sin φ)
  const double tilt = (1 - beta - e) / 2;
  StepPropagator m;
  m.kick = ratio;
  m.position_position = even * c + tilt * ratio;
  m.velocity_velocity = even * c - tilt * ratio;
  m.position_velocity = beta * ratio;
  m.velocity_position = -e * ratio;
  return m;
}

StepPropagator propagator_of(const SgdNoise& noise, double steps) {
  return step_propagator(noise.learning_rate * noise.curvature, noise.momentum, steps);
}

void check_stable(const SgdNoise& noise) {
  validate(noise, kWhere);
  require_stable(noise.learning_rate, noise.momentum, noise.curvature, kWhere);
}

/// M P Mᵀ on (θ, ηv).
PhaseCovariance carried(const StepPropagator& m, const PhaseCovariance& p) {
  const PhasePropagator e{
      m.position_position, m.position_velocity, m.velocity_position, m.velocity_velocity, 0};
  return e.carry(p);
}

PhaseCovariance sum(const PhaseCovariance& a, const PhaseCovariance& b) {
  return {a.position + b.position, a.cross + b.cross, a.velocity + b.velocity};
}

/// Σ_{j<k} M^j g gᵀ M^{jᵀ}, g = (1, 1), over the binary digits of k. With s_j the displacement j
/// steps on from a unit kick this is Σ_{j<=k} of s_j², s_j(s_j - s_{j-1}) and (s_j - s_{j-1})²:
/// sums of positive terms while s_j and s_{j-1} have the same sign.
PhaseCovariance kicks_of_one_sign(double e, double beta, double steps) {
  const auto join = [&](const PhaseCovariance& late, double n, const PhaseCovariance& early) {
    return sum(late, carried(step_propagator(e, beta, n), early));
  };
  PhaseCovariance total;
  PhaseCovariance block{1, 1, 1};  // of `length` steps
  double done = 0;
  for (double length = 1; length <= steps; length *= 2) {
    if (std::fmod(std::floor(steps / length), 2) != 0) {
      total = join(total, done, block);
      done += length;
    }
    if (2 * length <= steps) block = join(block, length, block);
  }
  return total;
}

PhaseCovariance kicks(double e, double beta, double steps) {
  if (e <= 1 + beta || steps == 0) return kicks_of_one_sign(e, beta, steps);
  // Towards the limit of stability s_j alternates. u_j = (-1)^{j-1}s_j follows the same recursion
  // with the margin 2(1+β) - e in place of e, and
  //   Σ(s_j - s_{j-1})² = Σ(u_j + u_{j-1})² = 2Σ_{j<=k}u_j² + 2Σ_{j<k}u_j² - Σ(u_j - u_{j-1})²,
  //   Σ s_j(s_j - s_{j-1}) = ½[s_k² + Σ(s_j - s_{j-1})²].
  const double margin = stability_margin(e, beta);
  if (!(margin > 0)) return kicks_of_one_sign(e, beta, steps);
  const PhaseCovariance u = kicks_of_one_sign(margin, beta, steps);
  const double last = step_propagator(margin, beta, steps).kick;
  const double velocity = 4 * u.position - 2 * last * last - u.velocity;
  return {u.position, (last * last + velocity) / 2, velocity};
}

}  // namespace

StepPropagator step_propagator(double rate_times_curvature, double momentum, double steps) {
  require_positive(rate_times_curvature, "sgdm-discrete.rate_times_curvature");
  check_range(momentum, kBelowOne, "", "sgdm-discrete.momentum");
  require_steps(steps);
  if (steps == 0) return {};
  const Roots roots(rate_times_curvature, momentum);
  return roots.real() ? real_propagator(roots, rate_times_curvature, steps)
                      : complex_propagator(roots, rate_times_curvature, steps);
}

PhasePoint discrete_mean(const SgdNoise& noise, const PhasePoint& start, double steps) {
  validate(noise, kWhere);
  check_range(start.position, kAny, "[θ]", "sgdm-discrete.position");
  check_range(start.velocity, kAny, "[loss]/[θ]", "sgdm-discrete.velocity");
  const StepPropagator m = propagator_of(noise, steps);
  const double eta = noise.learning_rate;
  return {m.position_position * start.position + eta * m.position_velocity * start.velocity,
          m.velocity_position / eta * start.position + m.velocity_velocity * start.velocity};
}

PhasePoint half_step_mean(const SgdNoise& noise, double position, double steps) {
  require_steps(steps);
  const double eta = noise.learning_rate;
  return {underdamped_mean(noise, {position, 0}, eta * (steps + 0.5)).position,
          underdamped_mean(noise, {position, 0}, eta * steps).velocity};
}

double discrete_factor(const SgdNoise& noise) {
  check_stable(noise);
  return 2 * (1 + noise.momentum) /
         stability_margin(noise.learning_rate * noise.curvature, noise.momentum);
}

PhaseCovariance discrete_stationary(const SgdNoise& noise) {
  const double factor = discrete_factor(noise);
  const PhaseCovariance continuous = underdamped_stationary(noise);
  const double velocity = factor * continuous.velocity;
  return {factor * continuous.position, noise.learning_rate / 2 * velocity, velocity};
}

PhaseCovariance discrete_covariance(const SgdNoise& noise,
                                    double steps,
                                    const PhaseCovariance& start) {
  validate(noise, kWhere);
  require_steps(steps);
  const double eta = noise.learning_rate;
  const double kick = eta * eta * noise.gradient_variance / noise.batch_size;
  const PhaseCovariance noisy = kicks(eta * noise.curvature, noise.momentum, steps);
  const PhaseCovariance old = carried(
      propagator_of(noise, steps), {start.position, eta * start.cross, eta * eta * start.velocity});
  return {old.position + kick * noisy.position,
          (old.cross + kick * noisy.cross) / eta,
          (old.velocity + kick * noisy.velocity) / (eta * eta)};
}

double discrete_velocity_correlation(const SgdNoise& noise, double steps) {
  check_stable(noise);
  const StepPropagator m = propagator_of(noise, steps);
  return m.velocity_velocity + m.velocity_position / 2;
}

double discrete_displacement(const SgdNoise& noise, double steps) {
  const PhaseCovariance p = discrete_stationary(noise);
  const StepPropagator m = propagator_of(noise, steps);
  const double beta = noise.momentum;
  const double e = noise.learning_rate * noise.curvature;
  const double step_square = noise.learning_rate * noise.learning_rate * p.velocity;
  const double loss = 1 - m.position_position;
  if (std::abs(loss) > 0.01) return step_square * ((1 + beta) * loss / e - beta * m.kick);
  // Before θ has moved away from its start the difference above cancels: take the part of the start
  // and of the kicks since, which are sums of squares up to terms of the order of the loss.
  const double kick_square = step_square * (1 - beta) * stability_margin(e, beta) / 2;
  return step_square * ((1 + beta) / 2 * loss * loss / e - loss * beta * m.kick +
                        beta * beta * m.kick * m.kick) +
         kick_square * kicks(e, beta, steps).position;
}

double discrete_displacement_growth(const SgdNoise& noise, double steps) {
  const double step_square =
      noise.learning_rate * noise.learning_rate * discrete_stationary(noise).velocity;
  require_steps(steps);
  if (steps == 0) return 0;
  // E_{k+1} - E_k = η² var v (s_{k+1} + βs_k)
  const double beta = noise.momentum;
  const double before = propagator_of(noise, steps - 1).kick;
  const double here = propagator_of(noise, steps).kick;
  const double next = propagator_of(noise, steps + 1).kick;
  return step_square * (next + (1 + beta) * here + beta * before) / 2;
}

void require_stable(double learning_rate,
                    double momentum,
                    double largest_curvature,
                    const char* where) {
  const double bound = 2 * (1 + momentum) / largest_curvature;
  if (learning_rate < bound) return;
  reject({fmt::format("{}.learning_rate", where),
          fmt::format("{}", learning_rate),
          fmt::format("must be < 2(1+β)/h = {:.6g}, beyond which steps diverge", bound),
          ""});
}

}  // namespace thermoscape::theory
