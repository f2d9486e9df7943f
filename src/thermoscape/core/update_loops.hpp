#pragma once
// The loops behind UpdateKernels, shared by the translation units update_<set>.cpp.
#include "thermoscape/core/simd.hpp"
#include "thermoscape/core/update_kernels.hpp"

namespace thermoscape {
namespace {

/// Calls change(gradient, arrays...) on whole vectors; the last elements go through padded copies,
/// so that every element sees the same instructions wherever it stands.
template <class Real, class Change, class... Arrays>
inline void for_vectors(std::size_t count,
                        const Change& change,
                        const Real* gradient,
                        Arrays*... arrays) {
  using Vector = typename VectorOf<Real>::Type;
  constexpr std::size_t lanes = sizeof(Vector) / sizeof(Real);
  const auto one = [&change](const Real* slope, auto*... place) {
    const auto on_copies = [&](auto... value) {
      change(load<Vector>(slope), value...);
      (store(place, value), ...);
    };
    on_copies(load<Vector>(place)...);
  };
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) one(gradient + i, (arrays + i)...);
  const std::size_t rest = count - i;
  if (rest == 0) return;
  struct Padded {
    Real values[lanes] = {};
    Padded(const Real* from, std::size_t n) { __builtin_memcpy(values, from, n * sizeof(Real)); }
  };
  const Padded slope(gradient + i, rest);
  const auto on_padded = [&](auto... padded) {
    one(slope.values, padded.values...);
    (__builtin_memcpy(arrays + i, padded.values, rest * sizeof(Real)), ...);
  };
  on_padded(Padded(arrays + i, rest)...);
}

template <class Real>
void update_sgd(const SgdUpdate<Real>& rule, const Real* gradient, Real* theta, std::size_t count) {
  const SgdUpdate<Real> u = rule;
  for_vectors(
      count,
      [u](auto g, auto& x) { x -= (x * u.weight_decay + g) * u.learning_rate; },
      gradient,
      theta);
}

template <class Real>
void update_momentum(const MomentumUpdate<Real>& rule,
                     const Real* gradient,
                     Real* theta,
                     Real* velocity,
                     std::size_t count) {
  const MomentumUpdate<Real> u = rule;
  const auto plain = [u](auto g, auto& x, auto& v) {
    v = v * u.momentum + (x * u.weight_decay + g);
    x -= v * u.learning_rate;
  };
  const auto ahead = [u](auto g, auto& x, auto& v) {
    const auto d = x * u.weight_decay + g;
    v = v * u.momentum + d;
    x -= (v * u.momentum + d) * u.learning_rate;
  };
  if (u.nesterov) {
    for_vectors(count, ahead, gradient, theta, velocity);
  } else {
    for_vectors(count, plain, gradient, theta, velocity);
  }
}

template <class Real>
void update_adam(const AdamUpdate<Real>& rule,
                 const Real* gradient,
                 Real* theta,
                 Real* first,
                 Real* second,
                 std::size_t count) {
  const AdamUpdate<Real> u = rule;
  const auto change = [u](auto g, auto& x, auto& m, auto& v) {
    const auto d = x * u.weight_decay + g;
    m = m * u.beta1 + d * u.one_minus_beta1;
    v = v * u.beta2 + (d * d) * u.one_minus_beta2;
    x -= (m * u.rate) / (square_root(v) * u.inverse_root + u.epsilon);
  };
  for_vectors(count, change, gradient, theta, first, second);
}

constexpr UpdateKernelSet kUpdateHere = {
    {update_sgd<float>, update_momentum<float>, update_adam<float>},
    {update_sgd<double>, update_momentum<double>, update_adam<double>}};

}  // namespace
}  // namespace thermoscape
