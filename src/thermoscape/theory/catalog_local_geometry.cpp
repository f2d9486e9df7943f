#include "thermoscape/theory/catalog_entry.hpp"
#include "thermoscape/theory/random_hessian_scales.hpp"
#include "thermoscape/theory/softmax_gaussian.hpp"

namespace thermoscape::theory {

namespace {

std::tuple<SoftmaxAverages, RandomHessianLimits> random_logits(const RandomHessianScales& in) {
  return {softmax_averages({in.logit_deviation, in.classes}), random_hessian_limits(in)};
}

struct PeakInputs {
  double classes = 10;
  double growth_exponent = 0.25;

  static constexpr auto fields() {
    using S = PeakInputs;
    return std::tuple{
        field("classes", &S::classes, "1", "number of classes, a whole number", Range{2, 1e6}),
        field("growth_exponent",
              &S::growth_exponent,
              "1",
              "exponent a of the schedule σ_c ∝ σ_z^a",
              Range{0, 0.5, true, true})};
  }
};

struct Peak {
  Value logit_deviation;

  static constexpr auto fields() {
    return std::tuple{field("logit_deviation",
                            &Peak::logit_deviation,
                            "1",
                            "standard deviation of the logits where the top eigenvalue peaks")};
  }
};

std::tuple<Peak> curvature_peak(const PeakInputs& in) {
  return {Peak{top_eigenvalue_peak(in.classes, in.growth_exponent)}};
}

}  // namespace

std::vector<CatalogEntry> local_geometry_entries() {
  return {
      catalog_entry(
          Model{"random-logits",
                "Hessian and gradient of random logits with clustered gradients",
                "p = softmax(z),  z_k ~ N(0, σ_z²),  J_k = c_k + E_k,  H = (1/N) Σ Jᵀ(diag p - "
                "ppᵀ)J\n"
                "EΣp² = C ∫ s φ''(s) φ(s)^{C-1} ds,  φ(s) = E exp(-s e^z)\n"
                "λ_P = (1 - EΣp²)/(C-1),  E tr H = P(σ_c² + σ_E²)(1 - EΣp²),  λ_1 ≈ P σ_c² λ_P\n"
                "tr H/‖H‖ = (1 + σ_E²/σ_c²) √(C-1),  q_SL = σ_c²/(σ_c² + σ_E²)",
                "Averages over the logits to 1e-10; λ_1 and tr H/‖H‖ for many examples and "
                "parameters.",
                "local-geometry",
                {},
                {}},
          {kPlain, kPlain},
          &random_logits),
      catalog_entry(Model{"curvature-peak",
                          "Where the top eigenvalue peaks as logits grow",
                          "λ_1 ∝ σ_c² (1 - EΣp²),  σ_c² ∝ σ_z^{2a}:  argmax over σ_z",
                          "A choice of schedule: the paper prints none. 0 < a < ½.",
                          "local-geometry",
                          {},
                          {}},
                    {kPlain},
                    &curvature_peak)};
}

}  // namespace thermoscape::theory
