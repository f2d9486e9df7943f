#pragma once
#include <string>

#include "thermoscape/dynamics/line_search.hpp"
#include "thermoscape/dynamics/rule.hpp"

namespace thermoscape {

/// L-BFGS: a quasi-Newton step from the last m changes of θ and ∇L, with a strong Wolfe line
/// search.
///   θ' = θ - α B ∇L,   B the inverse Hessian that m pairs (s, y) = (θ' - θ, ∇L' - ∇L) imply,
///   started from (sᵀy/yᵀy) I of the newest pair;  pairs with sᵀy <= 1e-12 |s||y| are dropped
/// θ: [P];  slots "change_i", "gradient_change_i", i < m = `memory` >= 1.  wolfe_decrease c1 and
/// wolfe_curvature c2 in (0, 1), c1 < c2, of the line search.  Time counts steps.
/// Line searches need one loss: meant for full batches; both gradients of a pair are taken on the
/// batch of the step. Where no lower point is found θ stays and the memory is cleared.
/// Cost: 1 gradient a step and 1 an evaluation of the line search, mostly 2 in all; 4 m P flop.
/// Draws no noise; no weak order is declared.
/// Throws Error if a parameter is out of range; a non-finite loss ends with Status::diverged.
/// Oracle: conjugate gradients reach the minimum of a quadratic of P modes in P steps, and so does
/// BFGS.  Reference: liu-1989.
struct Lbfgs {
  std::int64_t memory = 10;
  double wolfe_decrease = 1e-4;
  double wolfe_curvature = 0.9;

  static constexpr std::string_view kName = "lbfgs";
  static constexpr std::string_view kCite = "liu-1989";
  static constexpr bool kUsesGradient = true;
  static constexpr int kOrder = 0;
  static constexpr auto fields() {
    return std::tuple{
        field("memory", &Lbfgs::memory, "", "pairs of changes that are kept", Range{1, 1000}),
        field("wolfe_decrease",
              &Lbfgs::wolfe_decrease,
              "1",
              "share c1 of the decrease that the slope promises",
              Range{0, 0.5, true, true}),
        field("wolfe_curvature",
              &Lbfgs::wolfe_curvature,
              "1",
              "share c2 to which the slope must fall",
              Range{0, 1, true, true})};
  }
  [[nodiscard]] double time_step_size() const { return 1; }

  template <class Real>
  [[nodiscard]] State<Real> init(std::vector<Real> theta) const {
    validate(*this, std::string(kName));
    State<Real> state;
    state.theta = std::move(theta);
    make_slots(state);
    return state;
  }

  template <class Real>
  void step(GradientSource<Real>& source, State<Real>& state, const Noise&) const {
    make_slots(state);
    const std::span<const Real> gradient = source.gradient(state.theta);
    const std::size_t size = state.theta.size();
    std::vector<double> direction = quasi_newton(gradient, state);
    double slope = product(gradient, direction);
    const bool informed = slope < 0;
    if (!informed) {
      for (std::size_t i = 0; i < size; ++i) direction[i] = -static_cast<double>(gradient[i]);
      slope = product(gradient, direction);
    }
    if (slope == 0) {
      advance_clock(state, 1);
      return;
    }
    const bool empty = product(newest(state), newest(state)) == 0;
    const double first = empty || !informed ? std::min(1.0, 1 / std::sqrt(-slope)) : 1.0;
    std::vector<Real> moved(size);
    std::vector<Real> there(size);
    const auto evaluate = [&](double alpha) {
      for (std::size_t i = 0; i < size; ++i)
        moved[i] = static_cast<Real>(static_cast<double>(state.theta[i]) + alpha * direction[i]);
      const double loss = source.elsewhere(moved, there);
      return LinePoint{alpha, loss, product(std::span<const Real>(there), direction)};
    };
    double last = 0;
    const LineResult found = wolfe_search({0, source.loss(state.theta), slope},
                                          first,
                                          {wolfe_decrease, wolfe_curvature},
                                          [&](double alpha) { return evaluate(last = alpha); });
    if (found.point.step == 0) {
      for (auto& [name, values] : state.slots) std::fill(values.begin(), values.end(), Real(0));
      advance_clock(state, 1);
      return;
    }
    if (found.point.step != last) evaluate(found.point.step);
    remember(state, moved, there, gradient);
    state.theta = moved;
    advance_clock(state, 1);
  }

 private:
  [[nodiscard]] static std::string change(std::int64_t i) { return "change_" + std::to_string(i); }
  [[nodiscard]] static std::string gradient_change(std::int64_t i) {
    return "gradient_change_" + std::to_string(i);
  }
  template <class Real>
  void make_slots(State<Real>& state) const {
    for (std::int64_t i = 0; i < memory; ++i) {
      state.slot(change(i));
      state.slot(gradient_change(i));
    }
  }
  /// The change of the step before this one.
  template <class Real>
  [[nodiscard]] std::span<const Real> newest(State<Real>& state) const {
    return state.slot(change((state.step + memory - 1) % memory));
  }
  template <class A, class B>
  [[nodiscard]] static double product(std::span<const A> a, const std::vector<B>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
      sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
  }
  template <class A>
  [[nodiscard]] static double product(std::span<const A> a, std::span<const A> b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
      sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    return sum;
  }

  /// -B ∇L by the two loops.
  template <class Real>
  [[nodiscard]] std::vector<double> quasi_newton(std::span<const Real> gradient,
                                                 State<Real>& state) const {
    std::vector<double> q(gradient.begin(), gradient.end());
    std::vector<double> shares(static_cast<std::size_t>(memory));
    double scale = 0;
    for (std::int64_t age = 1; age <= memory; ++age) {
      const std::int64_t i = (state.step + memory * 2 - age) % memory;
      const std::span<const Real> s = state.slot(change(i));
      const std::span<const Real> y = state.slot(gradient_change(i));
      const double sy = product(s, y);
      if (!(sy > 0)) continue;
      if (scale == 0) scale = sy / product(y, y);
      double& share = shares[static_cast<std::size_t>(i)];
      share = product(s, q) / sy;
      for (std::size_t j = 0; j < q.size(); ++j) q[j] -= share * static_cast<double>(y[j]);
    }
    const double start = scale > 0 ? scale : 1;
    for (double& one : q) one *= start;
    for (std::int64_t age = memory; age >= 1; --age) {
      const std::int64_t i = (state.step + memory * 2 - age) % memory;
      const std::span<const Real> s = state.slot(change(i));
      const std::span<const Real> y = state.slot(gradient_change(i));
      const double sy = product(s, y);
      if (!(sy > 0)) continue;
      const double factor = shares[static_cast<std::size_t>(i)] - product(y, q) / sy;
      for (std::size_t j = 0; j < q.size(); ++j) q[j] += factor * static_cast<double>(s[j]);
    }
    for (double& one : q) one = -one;
    return q;
  }

  /// Puts the pair of this step in place of the oldest; zeros if its curvature is not positive.
  template <class Real>
  void remember(State<Real>& state,
                const std::vector<Real>& moved,
                const std::vector<Real>& there,
                std::span<const Real> gradient) const {
    std::vector<Real>& s = state.slot(change(state.step % memory));
    std::vector<Real>& y = state.slot(gradient_change(state.step % memory));
    for (std::size_t i = 0; i < s.size(); ++i) {
      s[i] = moved[i] - state.theta[i];
      y[i] = there[i] - gradient[i];
    }
    const std::span<const Real> a(s);
    const std::span<const Real> b(y);
    if (product(a, b) > 1e-12 * std::sqrt(product(a, a) * product(b, b))) return;
    std::fill(s.begin(), s.end(), Real(0));
    std::fill(y.begin(), y.end(), Real(0));
  }
};

}  // namespace thermoscape
