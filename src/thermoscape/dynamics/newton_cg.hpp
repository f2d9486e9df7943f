#pragma once
#include <string>

#include "thermoscape/dynamics/line_search.hpp"
#include "thermoscape/dynamics/rule.hpp"

namespace thermoscape {

/// Newton's method with conjugate gradients: H d = -∇L solved by Hessian products until
///   |H d + ∇L| <= min(forcing, √|∇L|) |∇L|,
/// then a strong Wolfe line search along d. Conjugate gradients end at the first direction p with
/// pᵀHp <= 0, which is then followed downhill at its Newton length: saddles are left, not found.
/// θ: [P];  forcing in (0, 1);  most_products >= 1 a step;  damping μ >= 0 [loss]/[θ]² is added to
/// H. Time counts steps.  Needs one loss and one Hessian: meant for full batches, and for
/// objectives whose training gradient is that of their loss.  Where no lower point is found θ
/// stays. Cost: 1 gradient, up to most_products Hessian products and mostly 1 evaluation of the
/// line search a step.  Draws no noise; no weak order is declared. Throws Error if a parameter is
/// out of range; a non-finite loss ends with Status::diverged. Oracle: one step reaches the minimum
/// of a quadratic.  Reference: nocedal-2006, Algorithm 7.1.
struct NewtonCg {
  double forcing = 0.5;
  std::int64_t most_products = 200;
  double damping = 0;

  static constexpr std::string_view kName = "newton-cg";
  static constexpr std::string_view kCite = "nocedal-2006";
  static constexpr bool kUsesGradient = true;
  static constexpr int kOrder = 0;
  static constexpr auto fields() {
    return std::tuple{field("forcing",
                            &NewtonCg::forcing,
                            "1",
                            "largest residual of the Newton equation over |∇L|",
                            Range{0, 1, true, true}),
                      field("most_products",
                            &NewtonCg::most_products,
                            "",
                            "Hessian products a step at most",
                            Range{1, 1e6}),
                      field("damping",
                            &NewtonCg::damping,
                            "[loss]/[θ]²",
                            "μ added to every curvature",
                            kNonNegative)};
  }
  [[nodiscard]] double time_step_size() const { return 1; }

  template <class Real>
  [[nodiscard]] State<Real> init(std::vector<Real> theta) const {
    validate(*this, std::string(kName));
    State<Real> state;
    state.theta = std::move(theta);
    return state;
  }

  template <class Real>
  void step(GradientSource<Real>& source, State<Real>& state, const Noise&) const {
    const std::span<const Real> gradient = source.gradient(state.theta);
    const std::vector<double> g(gradient.begin(), gradient.end());
    if (product(g, g) > 0) {
      const std::vector<double> direction = solve(source, state.theta, g);
      const double slope = product(g, direction);
      std::vector<Real> moved(g.size());
      std::vector<Real> there(g.size());
      const auto place = [&](double alpha) {
        for (std::size_t i = 0; i < g.size(); ++i)
          moved[i] = static_cast<Real>(static_cast<double>(state.theta[i]) + alpha * direction[i]);
      };
      const auto evaluate = [&](double alpha) {
        place(alpha);
        const double loss = source.elsewhere(moved, there);
        return LinePoint{
            alpha, loss, product(std::vector<double>(there.begin(), there.end()), direction)};
      };
      LineResult found;
      if (slope < 0)
        found = wolfe_search({0, source.loss(state.theta), slope}, 1, Wolfe{}, evaluate);
      if (found.point.step > 0) {
        place(found.point.step);
        state.theta = moved;
      }
    }
    advance_clock(state, 1);
  }

 private:
  [[nodiscard]] static double product(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
    return sum;
  }

  /// A descending direction: the truncated Newton step, or one of negative curvature.
  template <class Real>
  [[nodiscard]] std::vector<double> solve(GradientSource<Real>& source,
                                          const std::vector<Real>& theta,
                                          const std::vector<double>& g) const {
    const std::size_t size = g.size();
    std::vector<double> d(size, 0.0);
    std::vector<double> r(size);
    for (std::size_t i = 0; i < size; ++i) r[i] = -g[i];
    std::vector<double> p = r;
    std::vector<Real> in(size);
    std::vector<Real> out(size);
    double rr = product(r, r);
    const double target = std::min(forcing, std::sqrt(std::sqrt(rr))) * std::sqrt(rr);
    for (std::int64_t k = 0; k < most_products; ++k) {
      // Unit vectors: a product in float keeps its digits however small the residual is.
      const double length = std::sqrt(product(p, p));
      for (std::size_t i = 0; i < size; ++i) in[i] = static_cast<Real>(p[i] / length);
      source.objective().hessian_products(theta, source.batch(), in, out);
      std::vector<double> hp(size);
      for (std::size_t i = 0; i < size; ++i)
        hp[i] = length * static_cast<double>(out[i]) + damping * p[i];
      const double curvature = product(p, hp);
      if (!(curvature > 0)) {
        const double along = product(g, p);
        if (k > 0 && !(curvature < 0)) return d;
        const double newton = curvature < 0 ? along / curvature : -1;
        const double factor = along == 0 ? 1 : -std::copysign(std::abs(newton), along);
        for (double& one : p) one *= factor;
        return p;
      }
      const double alpha = rr / curvature;
      for (std::size_t i = 0; i < size; ++i) {
        d[i] += alpha * p[i];
        r[i] -= alpha * hp[i];
      }
      const double next = product(r, r);
      if (std::sqrt(next) <= target) break;
      const double beta = next / rr;
      for (std::size_t i = 0; i < size; ++i) p[i] = r[i] + beta * p[i];
      rr = next;
    }
    return d;
  }
};

}  // namespace thermoscape
