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
                               Row{"continuum_variance", "T/h"},
                               Row{"continuum_velocity_variance", "Σ/κ"},
                               Row{"correlation", "χ_L(t)"},
                               Row{"curvature", "h"},
                               Row{"cutoff", "θ*"},
                               Row{"discrete_factor", "R"},
                               Row{"discrete_variance", "RT/h"},
                               Row{"discrete_velocity_variance", "RΣ/κ"},
                               Row{"entropy", "S_ent"},
                               Row{"entropy_expanded", "S_ent (first order)"},
                               Row{"examples", "D"},
                               Row{"gradient_variance", "Σ"},
                               Row{"half_time", "τ½"},
                               Row{"heat_capacity", "C_h"},
                               Row{"inverse_kappa", "1/κ"},
                               Row{"lag", "t"},
                               Row{"learning_rate", "η"},
                               Row{"length", "L"},
                               Row{"log_partition", "ln Z"},
                               Row{"mean", "⟨L⟩"},
                               Row{"momentum", "β"},
                               Row{"noise_scale", "λ/S"},
                               Row{"offset", "b"},
                               Row{"partition", "Z"},
                               Row{"prefactor", "B"},
                               Row{"probe_temperature", "T"},
                               Row{"rate", "1/T"},
                               Row{"rate_times_temperature", "βT"},
                               Row{"resolution", "θ_0"},
                               Row{"second_moment", "⟨L²⟩"},
                               Row{"shape", "α"},
                               Row{"sparsity", "φ"},
                               Row{"standard_deviation", "σ_L"},
                               Row{"steepness", "a"},
                               Row{"step_square", "⟨|Δθ|²⟩"},
                               Row{"stiffness", "k"},
                               Row{"temperature", "T"},
                               Row{"time_step", "η"},
                               Row{"variance", "σ_L²"},
                               Row{"walls", "n"},
                               Row{"width", "Λ"}};

}  // namespace

std::string symbol_of(std::string_view name) {
  const auto* row = std::ranges::find(kNotation, name, &Row::name);
  if (row != kNotation.end()) return std::string(row->symbol);
  reject({"theory notation", std::string(name), "must be a quantity with a symbol", ""});
}

}  // namespace thermoscape::theory
