#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "thermoscape/dynamics/rule.hpp"
#include "thermoscape/record/schedule.hpp"

namespace thermoscape {

/// What a probe may look at: the state before a step, and the evaluations the step shares with it.
template <class Real>
struct Look {
  GradientSource<Real>& source;
  const State<Real>& state;
  std::span<const Real> origin;  ///< θ at the start of the phase
};

/// One recorded quantity: a callable from a Look to `width` numbers, on a schedule. Experiments
/// compose probes, so the run loop knows no measurement.
template <class Real>
struct Probe {
  std::string name;
  std::size_t width = 1;
  std::string axis;  ///< what the numbers of one look are counted by: "example", "parameter"; empty
                     ///< for a scalar
  std::string unit;
  std::string description;
  Schedule schedule;
  std::function<void(Look<Real>&, std::span<double>)> measure;
};

}  // namespace thermoscape
