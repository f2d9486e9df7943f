#include "thermoscape/record/run.hpp"

#include <algorithm>
#include <cmath>
#include <variant>

namespace thermoscape {

namespace {

bool all_finite(std::span<const double> numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
}

/// Whether the loss or the gradient on the batch of the step is where the phase is to end.
template <class Real>
bool arrived(const Stop& stop, GradientSource<Real>& source, std::span<const Real> theta) {
  if (stop.loss >= 0 && source.loss(theta) <= stop.loss) return true;
  if (stop.gradient_norm < 0) return false;
  double square = 0;
  for (const Real one : source.gradient(theta)) square += static_cast<double>(one) * one;
  return std::sqrt(square) <= stop.gradient_norm;
}

template <class Real, Rule R>
Outcome advance(Objective<Real>& objective,
                const R& rule,
                const Noise& noise,
                Sampler& sampler,
                State<Real>& state,
                std::span<const Real> origin,
                std::span<const Probe<Real>> probes,
                const Stop& stop,
                const Hooks& hooks,
                Mode mode) {
  GradientSource<Real> source(objective);
  if (!state.buffers.empty()) objective.use_buffers(state.buffers);
  std::vector<std::int64_t> due(probes.size());
  std::vector<std::vector<double>> numbers(probes.size());
  for (std::size_t p = 0; p < probes.size(); ++p) {
    due[p] = probes[p].schedule.next(state.step);
    numbers[p].resize(probes[p].width);
  }
  std::int64_t next_look =
      due.empty() ? Schedule::kNever : *std::min_element(due.begin(), due.end());
  std::int64_t next_pulse = state.step;
  Outcome outcome;
  const bool seeks = stop.loss >= 0 || stop.gradient_norm >= 0 || stop.slope.slope >= 0;
  outcome.status = seeks ? Status::not_converged : Status::ok;
  while (state.step < stop.steps) {
    const std::int64_t step = state.step;
    if (step >= next_pulse) {
      next_pulse = step + hooks.pulse_every;
      if (hooks.pulse && !hooks.pulse(step)) {
        outcome.interrupted = true;
        return outcome;
      }
    }
    if (mode == Mode::train) {
      source.open(sampler.at(step), {state.buffers, noise, step});
    } else {
      source.open(sampler.at(step));
    }
    if constexpr (R::kUsesGradient) {
      source.gradient(state.theta);
      outcome.loss = source.loss(state.theta);
      if (!std::isfinite(outcome.loss)) {
        outcome.status = Status::diverged;
        return outcome;
      }
    }
    const bool flat = slope_reached(stop.slope, sampler.steps_per_epoch(), outcome.loss, state);
    if (step == next_look) {
      if (!state.buffers.empty()) objective.use_buffers(state.buffers);
      Look<Real> look{source, state, origin};
      for (std::size_t p = 0; p < probes.size(); ++p) {
        if (due[p] != step) continue;
        probes[p].measure(look, numbers[p]);
        if (!all_finite(numbers[p])) {
          outcome.status = Status::diverged;
          return outcome;
        }
      }
      for (std::size_t p = 0; p < probes.size(); ++p) {
        if (due[p] != step) continue;
        hooks.receive(p, numbers[p]);
        due[p] = probes[p].schedule.next(step + 1);
      }
      next_look = *std::min_element(due.begin(), due.end());
    }
    if (flat || (seeks && arrived<Real>(stop, source, state.theta))) {
      outcome.loss = source.loss(state.theta);
      outcome.status = Status::ok;
      return outcome;
    }
    rule.step(source, state, noise);
  }
  // No look follows the last step: a state that it threw off must not end as ok.
  const auto finite = [](Real x) { return std::isfinite(x); };
  if (!std::all_of(state.theta.begin(), state.theta.end(), finite))
    outcome.status = Status::diverged;
  return outcome;
}

}  // namespace

template <class Real>
Outcome run(Objective<Real>& objective,
            const AnyRule& rule,
            const Noise& noise,
            Sampler& sampler,
            State<Real>& state,
            std::span<const Real> origin,
            std::span<const Probe<Real>> probes,
            const Stop& stop,
            const Hooks& hooks,
            Mode mode) {
  return std::visit(
      [&](const auto& one) {
        return advance<Real>(
            objective, one, noise, sampler, state, origin, probes, stop, hooks, mode);
      },
      rule);
}

template Outcome run(Objective<float>&,
                     const AnyRule&,
                     const Noise&,
                     Sampler&,
                     State<float>&,
                     std::span<const float>,
                     std::span<const Probe<float>>,
                     const Stop&,
                     const Hooks&,
                     Mode);
template Outcome run(Objective<double>&,
                     const AnyRule&,
                     const Noise&,
                     Sampler&,
                     State<double>&,
                     std::span<const double>,
                     std::span<const Probe<double>>,
                     const Stop&,
                     const Hooks&,
                     Mode);

}  // namespace thermoscape
