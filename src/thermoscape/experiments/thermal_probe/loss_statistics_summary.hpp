#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/experiments/loss_statistics.hpp"

namespace thermoscape {

/// A number of every sweep point: its name in findings, the unit, the head of its column, and how
/// it follows.
struct LossQuantity {
  std::string_view name;
  std::string_view unit;
  std::string_view head;
  std::string_view description;
  Estimate (*of)(const SweepPoint&);
};
/// μ/T, σ/T, βT, σ²/(μT), α, N_c, φ, α/φ, τ½, τ½T, L and the identity.
[[nodiscard]] std::span<const LossQuantity> loss_quantities();

/// What the temperatures of a family say together, at the coordinates that they share: the mean of
/// every quantity but τ½, and from three temperatures the exponents of μ, σ and τ½.  Each is taken
/// in every minimum by itself and then averaged over the minima, since one minimum shifts all its
/// temperatures together: the error is the larger of the minima's own and of their spread.
[[nodiscard]] std::vector<Finding> loss_summary(const Family& family);

/// A quantity averaged over the healthy temperatures of one minimum, and of every minimum with the
/// error of the mean over them.
[[nodiscard]] Estimate minimum_mean(const Family& family,
                                    std::size_t minimum,
                                    Estimate (*of)(const SweepPoint&));
[[nodiscard]] Estimate family_mean(const Family& family, Estimate (*of)(const SweepPoint&));

/// Where one more coordinate was swept beside the temperature: N_c, φ, L and βT along it, and from
/// three values their exponents d ln quantity / d ln coordinate, fitted in every minimum and
/// averaged over them.  Adds findings QUANTITY_exponent_in_COORDINATE and tables.
void trends(const std::vector<Family>& families, Measured& measured);

/// Where the time step and nothing else was swept beside the temperature: the straight line in η
/// through each quantity in every minimum, its value at η = 0 and its relative bias at the largest
/// step, averaged over the minima.  Adds findings and a table; nothing otherwise.
void extrapolate_step(const std::vector<Family>& families, Measured& measured);

/// What one kind of wall predicts from the measured βT = Λ/(Λ-1), beside a quadratic minimum.
[[nodiscard]] Table wall_table(const std::vector<Finding>& findings);

}  // namespace thermoscape
