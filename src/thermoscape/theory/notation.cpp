#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/theory/catalog_entry.hpp"

namespace thermoscape::theory {

namespace {

struct Row {
  std::string_view name;
  std::string_view symbol;
};

/// One symbol a name, in every model.
constexpr std::array kNotation{Row{"active_temperature", "T_act"},
                               Row{"batch_size", "S"},
                               Row{"boltzmann", "u"},
                               Row{"centre_deviation", "σ_θ"},
                               Row{"class_eigenvalue", "λ_P"},
                               Row{"classes", "C"},
                               Row{"clustering", "q_SL"},
                               Row{"continuum_variance", "T/h"},
                               Row{"continuum_velocity_variance", "Σ/κ"},
                               Row{"correlation", "χ_L(t)"},
                               Row{"coupling_deviation", "σ_ij"},
                               Row{"curvature", "h"},
                               Row{"curvature_deviation", "σ_M"},
                               Row{"cutoff", "θ*"},
                               Row{"decay", "φ"},
                               Row{"diffusion", "D_i"},
                               Row{"discrete_factor", "R"},
                               Row{"discrete_variance", "RT/h"},
                               Row{"discrete_velocity_variance", "RΣ/κ"},
                               Row{"displacement", "δ"},
                               Row{"drift_centre", "θ1⁰"},
                               Row{"entropy", "S_ent"},
                               Row{"entropy_expanded", "S_ent (first order)"},
                               Row{"equilibrium_variance", "TF²/(8L0)"},
                               Row{"examples", "D"},
                               Row{"flatness", "F"},
                               Row{"gradient_variance", "Σ"},
                               Row{"growth_exponent", "a"},
                               Row{"half_time", "τ½"},
                               Row{"heat_capacity", "C_h"},
                               Row{"hessian_trace", "tr H"},
                               Row{"inverse_kappa", "1/κ"},
                               Row{"lag", "t"},
                               Row{"learning_rate", "η"},
                               Row{"length", "L"},
                               Row{"log_mean_loss", "ln L/L0"},
                               Row{"log_partition", "ln Z"},
                               Row{"logit_deviation", "σ_z"},
                               Row{"long_window", "σ² (n → ∞)"},
                               Row{"loss", "L0"},
                               Row{"loss_deviation", "σ_L0"},
                               Row{"max_probability", "E p_max"},
                               Row{"mean", "⟨L⟩"},
                               Row{"mean_curvature", "M0"},
                               Row{"mean_square_probability", "EΣp²"},
                               Row{"mean_step", "⟨v⟩"},
                               Row{"mode", "i"},
                               Row{"momentum", "β"},
                               Row{"noise_scale", "λ/S"},
                               Row{"offset", "b"},
                               Row{"outliers", "C-1"},
                               Row{"overall_curvature", "M_ii"},
                               Row{"parameters", "P"},
                               Row{"partition", "Z"},
                               Row{"prefactor", "B"},
                               Row{"probability_entropy", "E S_p"},
                               Row{"probe_temperature", "T"},
                               Row{"random_walk", "σ² (random walk)"},
                               Row{"rate", "1/T"},
                               Row{"rate_times_temperature", "βT"},
                               Row{"recentred_variance", "var θ̃"},
                               Row{"relaxation_time", "τ"},
                               Row{"residual_deviation", "σ_E"},
                               Row{"resolution", "θ_0"},
                               Row{"second_moment", "⟨L²⟩"},
                               Row{"shape", "α"},
                               Row{"shared_deviation", "σ_c"},
                               Row{"sparsity", "φ"},
                               Row{"standard_deviation", "σ_L"},
                               Row{"stationary_variance", "⟨θ²⟩"},
                               Row{"steepness", "a"},
                               Row{"step_square", "⟨|Δθ|²⟩"},
                               Row{"step_variance", "q"},
                               Row{"steps", "n"},
                               Row{"stiffness", "k"},
                               Row{"temperature", "T"},
                               Row{"time_step", "η"},
                               Row{"top_eigenvalue", "λ_1"},
                               Row{"trace_over_norm", "tr H/‖H‖"},
                               Row{"variance", "σ_L²"},
                               Row{"walls", "n"},
                               Row{"width", "Λ"},
                               Row{"window_variance", "σ²"}};

}  // namespace

std::string symbol_of(std::string_view name) {
  const auto* row = std::ranges::find(kNotation, name, &Row::name);
  if (row != kNotation.end()) return std::string(row->symbol);
  reject({"theory notation", std::string(name), "must be a quantity with a symbol", ""});
}

}  // namespace thermoscape::theory
