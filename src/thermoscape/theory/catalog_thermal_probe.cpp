#include <cmath>

#include "thermoscape/theory/catalog_entry.hpp"
#include "thermoscape/theory/exponential_wall.hpp"
#include "thermoscape/theory/quadratic.hpp"
#include "thermoscape/theory/softplus_wall.hpp"
#include "thermoscape/theory/temperature_map.hpp"
#include "thermoscape/theory/wall_relaxation.hpp"

namespace thermoscape::theory {

namespace {

struct QuadraticInputs {
  std::vector<double> stiffness = {1.0};
  double temperature = 1e-3;
  double time_step = 1e-2;
  double lag = 1;
  double resolution = 1;

  static constexpr auto fields() {
    using S = QuadraticInputs;
    return std::tuple{
        field("stiffness",
              &S::stiffness,
              "[loss]/[θ]²",
              "curvatures of the stiff directions",
              kPositive),
        field("temperature", &S::temperature, "[loss]", "temperature", kPositive),
        field("time_step", &S::time_step, "[time]", "step of the discrete dynamics", kPositive),
        field("lag", &S::lag, "[time]", "lag of the autocorrelation", kNonNegative),
        field("resolution", &S::resolution, "[θ]", "length that counts states", kPositive)};
  }
};

struct Relaxation {
  Value correlation;
  Value half_time;
  Value length;

  static constexpr auto fields() {
    using S = Relaxation;
    return std::tuple{
        field("correlation", &S::correlation, "1", "autocorrelation of the loss at the lag"),
        field("half_time", &S::half_time, "[time]", "lag at which the autocorrelation is one half"),
        field("length", &S::length, "[θ]", "free diffusion length over the half time, √(Tτ½)")};
  }
};

struct Entropy {
  double entropy = 0;

  static constexpr auto fields() {
    return std::tuple{field("entropy", &Entropy::entropy, "1", "entropy")};
  }
};

std::tuple<QuadraticLoss, Entropy, Relaxation, EulerMaruyamaLoss, Relaxation> quadratic(
    const QuadraticInputs& in) {
  const auto relaxation = [&in](Value correlation, Value half_time) {
    return Relaxation{
        correlation, half_time, {std::sqrt(in.temperature * half_time.value), half_time.status}};
  };
  return {quadratic_loss(static_cast<double>(in.stiffness.size()), in.temperature),
          Entropy{quadratic_entropy(in.stiffness, in.temperature, in.resolution)},
          relaxation(value_within(quadratic_correlation(in.stiffness, in.lag), true),
                     value_within(quadratic_half_time(in.stiffness), true)),
          euler_maruyama_loss(in.stiffness, in.time_step, in.temperature),
          relaxation(euler_maruyama_correlation(in.stiffness, in.time_step, in.lag),
                     euler_maruyama_half_time(in.stiffness, in.time_step))};
}

struct WallInputs : Wall {
  double lag = 1;

  static constexpr auto fields() {
    return std::tuple_cat(
        Wall::fields(),
        std::tuple{
            field("lag", &WallInputs::lag, "[time]", "lag of the autocorrelation", kNonNegative)});
  }
};

struct Box {
  double boltzmann = 0;
  double width = 0;

  static constexpr auto fields() {
    return std::tuple{
        field("boltzmann", &Box::boltzmann, "1", "loss at the cut-off over the temperature"),
        field("width", &Box::width, "1", "width of the box times the steepness")};
  }
};

std::tuple<Box, WallStatistics, WallLimit, Relaxation> exponential_wall(const WallInputs& in) {
  const WallRelaxation relaxation(in);
  return {Box{std::exp(log_boltzmann(in)), wall_width(in)},
          wall_statistics(in),
          wall_limit(in),
          Relaxation{value_within(relaxation.correlation(in.lag), true),
                     value_within(relaxation.half_time(), true),
                     value_within(relaxation.length(), true)}};
}

struct ManyWallsInputs : Wall {
  double walls = 300;
  double examples = 300;

  static constexpr auto fields() {
    using S = ManyWallsInputs;
    return std::tuple_cat(
        Wall::fields(),
        std::tuple{
            field("walls", &S::walls, "1", "independent walls", kPositive),
            field("examples", &S::examples, "1", "examples the loss averages over", kPositive)});
  }
};

std::tuple<ManyWalls> many(const ManyWallsInputs& in) {
  return {many_walls(in, in.walls, in.examples)};
}

std::tuple<SoftplusStatistics, SoftplusLimit> softplus(const SoftplusWall& in) {
  return {softplus_statistics(in), softplus_limit(in)};
}

std::tuple<TemperatureMap> map(const SgdNoise& in) {
  return {temperature_map(in)};
}

Model described(std::string name, std::string title, std::string equation, std::string validity) {
  return {std::move(name),
          std::move(title),
          std::move(equation),
          std::move(validity),
          "thermal-probe",
          {},
          {}};
}

}  // namespace

std::vector<CatalogEntry> thermal_probe_entries() {
  constexpr Version kDiscrete{"discrete_", " (η)"};
  return {
      catalog_entry(
          described("quadratic",
                    "Langevin dynamics on a quadratic minimum",
                    "L = ½ Σ k_i θ_i²,  dθ = -∇L dt + √(2T) dW\n"
                    "L ~ Gamma(N_c/2, 1/T):  ⟨L⟩ = N_c T/2,  σ_L² = N_c T²/2,  C_h = N_c/2\n"
                    "χ_L(t) = (1/N_c) Σ exp(-2 k_i t),  χ_L(τ½) = ½,  L² = T τ½\n"
                    "discrete: var θ_i = c_i T/k_i,  c_i = 1/(1 - η k_i/2)",
                    "Exact. The discrete values exist while η k_i < 2 for every stiffness."),
          {kPlain, kPlain, kPlain, kDiscrete, kDiscrete},
          &quadratic),
      catalog_entry(
          described("exponential-wall",
                    "An exponential wall with a reflecting cut-off",
                    "ℓ(θ) = B e^{aθ},  θ >= -θ*,  u = (B/T) e^{-aθ*},  Λ = -ln u - γ_E\n"
                    "⟨L⟩ = T e^{-u}/E1(u),  ⟨L²⟩ = T²(1+u) e^{-u}/E1(u),  Z = E1(u)/(aθ_0)\n"
                    "h = ⟨ℓ''⟩ = a²⟨L⟩,  S_ent = ln Z + ⟨L⟩/T,  C_h = σ_L²/T²\n"
                    "limit: ⟨L⟩ = T/Λ,  σ_L² = T²(Λ-1)/Λ²,  α = 1/(Λ-1),  βT = Λ/(Λ-1)\n"
                    "χ_L, τ½: spectrum of dφ = -e^φ ds + √2 dW on φ > ln u,  s = a²Tt",
                    "Exact for any u; the limit for u <= 0.01, that is T >= 100 B e^{-aθ*}; χ_L "
                    "and τ½ to "
                    "1e-3."),
          {kPlain, kPlain, kLimit, kPlain},
          &exponential_wall),
      catalog_entry(
          described("many-walls",
                    "A mean over examples of independent exponential walls",
                    "L = (1/D) Σ_{i<=n} B e^{aθ_i}: each wall feels the temperature D T\n"
                    "⟨L⟩ = n μ(DT)/D,  σ_L = √n σ(DT)/D,  φ = n μ²/⟨ℓ²⟩,  α = n μ²/σ²",
                    "Exact, but for φ, which replaces sums by averages (correction O(1/φ))."),
          {kPlain},
          &many),
      catalog_entry(
          described("softplus-wall",
                    "The two-class loss with a reflecting cut-off",
                    "ℓ(θ) = ln(1 + e^{aθ+b}),  θ >= -θ*\n"
                    "aθ_0 Z = ∫_{ℓ_0}^∞ e^{-ℓ/T}/(1-e^{-ℓ}) dℓ,  ℓ_0 = ln(1 + e^{b-aθ*})\n"
                    "limit, with β = 1/T: Λ' = aθ* - b - ψ(β) - γ_E,  ⟨L⟩ = ψ'(β)/Λ',\n"
                    "  σ_L² = -ψ''(β)/Λ' - ⟨L⟩²,  h = ⟨ℓ''⟩ = a²/((β+1)Λ')",
                    "Exact; the limit for e^{b-aθ*}/T <= 0.01."),
          {kPlain, kLimit},
          &softplus),
      catalog_entry(described("temperature-map",
                              "The temperature of SGD in the notations of four papers",
                              "v' = βv + g,  θ' = θ - ηv',  g = hθ + noise of variance Σ/S\n"
                              "T = ηΣ/(2S(1-β)) = T_act,  λ/S = η/(S(1-β)),  1/κ = 1/(S(1-β²))\n"
                              "var θ = R T/h,  var v = R Σ/κ,  R = 1/(1 - ηh/(2(1+β)))",
                              "Exact for noise that does not depend on θ, while ηh < 2(1+β)."),
                    {kPlain},
                    &map)};
}

}  // namespace thermoscape::theory
