#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "thermoscape/analysis/eigenpairs.hpp"
#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/noise.hpp"

namespace thermoscape::analysis {

struct SlqOptions {
  std::int64_t probes = 8;    ///< random starts, >= 2: their spread is the error
  std::int64_t steps = 80;    ///< Lanczos steps each: moments up to 2·steps - 1 are exact
  std::int64_t together = 0;  ///< probes multiplied as one block; 0: all
  SolverLook look = {};
};

/// The spectral density of a symmetric operator, μ(λ) = (1/P) Σ_i δ(λ - λ_i), as it was found:
/// Gauss quadratures of random starts beside the eigenvalues that were taken out before.
struct SpectralDensity {
  std::int64_t size = 0;  ///< P
  Vector spikes;          ///< eigenvalues known apart, each of weight 1/P
  /// Of each probe: Ritz values and what part of the spectrum each stands for. The weights of a
  /// probe sum to (P - spikes)/P.
  std::vector<Vector> nodes;
  std::vector<Vector> weights;
  bool exact = false;  ///< the one "probe" holds every other eigenvalue with weight 1/P
  std::int64_t products = 0;
  Status status = Status::undefined;  ///< diverged: a product was not finite
  bool interrupted = false;           ///< the probes that were complete are here

  /// ∫ f dμ = (1/P) tr f(A), error from the spread over probes; undefined below two of them.
  [[nodiscard]] Estimate mean_of(const std::function<double(double)>& f) const;
  /// Smallest and largest of spikes and nodes; {0, 0} if there are none.
  [[nodiscard]] std::pair<double, double> range() const;
};

/// Stochastic Lanczos quadrature: for z uniform on the sphere, zᵀf(A)z = Σ_j τ_j² f(θ_j) with the
/// eigenvalues θ_j of the Lanczos matrix started at z and the first entries τ_j of its
/// eigenvectors; its mean over z is (1/P) tr f(A). Every recurrence is orthogonalised in full, so
/// no ghosts. `known` (its columns orthonormal, for example the converged pairs of lanczos()) is
/// taken out exactly: probes live in its orthogonal complement and its values become spikes. The
/// standard error counts the probes alone; what the quadrature cannot resolve, structure finer than
/// about range/steps, is not in it. Starts: stream "slq.start", a step a probe.  Throws Error for
/// options out of range. Cost: probes · steps products and size · probes · steps² · 4 flop; memory
/// 8 · size · steps · together bytes. References: Golub and Meurant 1994; Ubaru, Chen and Saad,
/// SIAM J. Matrix Anal. Appl. 38, 1075 (2017).
[[nodiscard]] SpectralDensity slq(const LinearOperator& a,
                                  const Noise& noise,
                                  const SlqOptions& options = {},
                                  const Eigenpairs* known = nullptr);

/// The density of a spectrum all of which is known: the `spikes` values of largest |λ - median| are
/// spikes, the rest is the body. Error zero.
[[nodiscard]] SpectralDensity exact_density(const Vector& eigenvalues, std::int64_t spikes);

/// A density on a grid, broadened by a Gaussian, with one standard error; spikes are left out.
struct DensityCurve {
  std::vector<double> x;
  std::vector<double> density;
  std::vector<double> error;
  double width = 0;  ///< standard deviation of the Gaussian in units of x
};
/// Density of λ over the range of the body; integrates to the weight of the body.
[[nodiscard]] DensityCurve density_of_value(const SpectralDensity& density, std::size_t points);
/// Density of log10 |λ| of the positive (sign > 0) or the negative eigenvalues of the body above
/// `least` in size. x is |λ| itself, for a logarithmic axis.
[[nodiscard]] DensityCurve density_of_logarithm(const SpectralDensity& density,
                                                int sign,
                                                double least,
                                                std::size_t points);

}  // namespace thermoscape::analysis
