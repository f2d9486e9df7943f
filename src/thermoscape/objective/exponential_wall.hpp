#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "thermoscape/objective/separable.hpp"

namespace thermoscape {

inline constexpr std::array<std::string_view, 2> kWallForms{"exponential", "softplus"};

/// n independent walls with a hard reflecting cut-off at x = -θ*, the toy model of a separable
/// classifier.
///   form exponential   ℓ(x) = B e^{ax}            form softplus   ℓ(x) = ln(1 + e^{ax+b}) L =
///   (1/n) Σ ℓ(x_i)
/// θ: [P], P = n walls, then the soft directions. Since L is a mean, at temperature T each wall
/// feels n T.
///
/// The cut-off is built in by folding: θ_i is a coordinate of the whole line and the wall's own
/// coordinate is
///   x_i = |θ_i + θ*| - θ*,
/// so L is even about -θ*. Diffusion reflected at -θ* and the modulus of free diffusion in the
/// mirrored potential are the same process (Tanaka), for any dynamics and with the exact scheme of
/// reflection after each step; no rule needs to know of a boundary. At the fold the gradient jumps
/// by 2aBe^{-aθ*}, which the Hessian leaves out. softplus keeps its digits for any x (log1p).
/// initial(): x = 0, where ℓ = B or ln(1 + e^b). Throws Error as Separable, and for a prefactor
/// with form softplus or an offset with form exponential. Oracle: theory/exponential_wall.hpp.
/// Reference: thermal-probe, Eqs. 9-11.
struct ExponentialWallSettings {
  std::int64_t walls = 1;
  double steepness = 1;
  double prefactor = 1;
  double offset = 0;
  double cutoff = 20;
  std::string form = "exponential";
  std::int64_t soft = 0;

  static constexpr const char* kName = "exponential-wall";
  static constexpr auto fields() {
    using S = ExponentialWallSettings;
    return std::tuple{
        field("walls", &S::walls, "1", "number n of walls", Range{1, 1e9}),
        field("steepness", &S::steepness, "1/[θ]", "steepness a", kPositive),
        field("prefactor", &S::prefactor, "[loss]", "prefactor B of form exponential", kPositive),
        field("offset", &S::offset, "1", "offset b of form softplus", kAny),
        field("cutoff", &S::cutoff, "[θ]", "distance θ* of the reflecting cut-off", kPositive),
        field("form",
              &S::form,
              "",
              "shape of the wall",
              Range{-kInfinity, kInfinity, false, false, kWallForms}),
        field("soft", &S::soft, "1", "further directions without a wall", Range{0, 1e9})};
  }
  void check() const;

  [[nodiscard]] std::int64_t examples() const { return walls; }
  /// The wall's own coordinate x >= -θ* of the folded coordinate θ_i.
  [[nodiscard]] double unfolded(double theta) const { return std::abs(theta + cutoff) - cutoff; }
  [[nodiscard]] LocalLoss at(std::int64_t, double theta) const {
    const double direction = theta + cutoff < 0 ? -steepness : steepness;
    const double exponent = steepness * unfolded(theta);
    if (form == "exponential") {
      const double loss = prefactor * std::exp(exponent);
      return {loss, direction * loss, steepness * steepness * loss};
    }
    const double z = exponent + offset;
    const double small = std::exp(-std::abs(z));  // never overflows
    const double share = 1 / (1 + small);
    const double probability = z < 0 ? small * share : share;
    return {std::log1p(small) + (z > 0 ? z : 0.0),
            direction * probability,
            steepness * steepness * small * share * share};
  }
};

template <class Real>
using ExponentialWall = Separable<Real, ExponentialWallSettings>;

extern template class Separable<float, ExponentialWallSettings>;
extern template class Separable<double, ExponentialWallSettings>;

}  // namespace thermoscape
