#include "thermoscape/record/run.hpp"

#include <algorithm>
#include <cmath>
#include <variant>

namespace thermoscape {

namespace {

bool all_finite(std::span<const double> numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double x) { return std::isfinite(x); });
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
                const Hooks& hooks) {
  GradientSource<Real> source(objective);
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
  outcome.status = stop.loss >= 0 ? Status::not_converged : Status::ok;
  while (state.step < stop.steps) {
    const std::int64_t step = state.step;
    if (step >= next_pulse) {
      next_pulse = step + hooks.pulse_every;
      if (hooks.pulse && !hooks.pulse(step)) {
        outcome.interrupted = true;
        return outcome;
      }
    }
    source.open(sampler.at(step));
    if constexpr (R::kUsesGradient) {
      source.gradient(state.theta);
      outcome.loss = source.loss(state.theta);
      if (!std::isfinite(outcome.loss)) {
        outcome.status = Status::diverged;
        return outcome;
      }
    }
    if (step == next_look) {
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
    if (stop.loss >= 0 && source.loss(state.theta) <= stop.loss) {
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
            const Hooks& hooks) {
  return std::visit(
      [&](const auto& one) {
        return advance<Real>(objective, one, noise, sampler, state, origin, probes, stop, hooks);
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
                     const Hooks&);
template Outcome run(Objective<double>&,
                     const AnyRule&,
                     const Noise&,
                     Sampler&,
                     State<double>&,
                     std::span<const double>,
                     std::span<const Probe<double>>,
                     const Stop&,
                     const Hooks&);

}  // namespace thermoscape
