#include "thermoscape/analysis/lanczos.hpp"

#include <algorithm>
#include <numeric>

#include <Eigen/Eigenvalues>

#include "thermoscape/analysis/krylov_basis.hpp"
#include "thermoscape/core/field.hpp"

namespace thermoscape::analysis {

namespace {

using Indices = std::vector<Eigen::Index>;

/// The options with their defaults filled in for an operator of `size`.
struct Plan {
  Eigen::Index size;
  Eigen::Index count;   ///< wanted at one end
  Eigen::Index wanted;  ///< in all
  Eigen::Index block;
  Eigen::Index basis;
  std::int64_t most_products;

  Plan(const LanczosOptions& options, std::int64_t n) : size(n) {
    const bool both = options.end == SpectrumEnd::both;
    count = std::min<Eigen::Index>(options.count, n);
    wanted = std::min<Eigen::Index>(both ? 2 * count : count, n);
    block = std::min<Eigen::Index>(options.block, n);
    const Eigen::Index roomy = std::max<Eigen::Index>(3 * wanted, wanted + 60);
    const Eigen::Index asked = options.basis > 0 ? options.basis : roomy;
    basis = std::min<Eigen::Index>(std::max<Eigen::Index>(asked, wanted + 2 * block), n);
    constexpr Eigen::Index kSmall = 1024;  // no restarts: it ends for certain, in little memory
    if (options.basis == 0 && n <= std::max(2 * basis, kSmall)) basis = n;
    most_products = options.most_products > 0 ? options.most_products
                                              : std::max<std::int64_t>(2000, 100 * wanted);
  }
  /// Of m ascending values, the `k` nearest to the wanted end or ends.
  [[nodiscard]] Indices nearest(Eigen::Index m, Eigen::Index k, SpectrumEnd end) const {
    k = std::min(k, m);
    const Eigen::Index low = end == SpectrumEnd::largest    ? 0
                             : end == SpectrumEnd::smallest ? k
                                                            : k / 2;
    Indices chosen(static_cast<std::size_t>(k));
    for (Eigen::Index i = 0; i < k; ++i) {
      chosen[static_cast<std::size_t>(i)] = i < low ? i : m - k + i;
    }
    return chosen;
  }
};

void check(const LinearOperator& a, const LanczosOptions& options) {
  check_range(a.size(), kAtLeastOne, "", "lanczos.size");
  check_range(options.count, kAtLeastOne, "", "lanczos.count");
  check_range(options.block, kAtLeastOne, "", "lanczos.block");
  check_range(options.basis, kNonNegative, "", "lanczos.basis");
  check_range(options.most_products, kNonNegative, "", "lanczos.most_products");
  check_range(options.certainty.tolerance, kPositive, "", "lanczos.tolerance");
}

/// The iteration with what it knows at the moment.
struct Iteration {
  const LinearOperator& a;
  const LanczosOptions& options;
  Plan plan;
  KrylovBasis krylov;
  Vector values;     ///< Ritz values, ascending
  Matrix rotations;  ///< S
  Vector residuals;
  Vector known;  ///< the wanted values when they first were all settled
  std::int64_t known_exhausted = 0;
  std::int64_t steps = 0;       ///< block products so far
  std::int64_t widened_at = 0;  ///< when the block was last doubled
  std::int64_t patience = 0;    ///< steps that random vectors are given
  Eigenpairs result;

  Iteration(const LinearOperator& op, const Noise& noise, const LanczosOptions& o)
      : a(op),
        options(o),
        plan(o, op.size()),
        krylov(plan.size, plan.basis + plan.block, plan.block, noise) {}

  /// One block of products; false if one of them is not finite.
  bool step() {
    Matrix w = a * krylov.next();
    result.products += w.cols();
    ++steps;
    if (!w.allFinite()) return false;
    result.norm = std::max(result.norm, w.colwise().norm().maxCoeff());
    krylov.append(std::move(w), std::max(1e-13, 4 * options.certainty.rounding) * result.norm);
    return true;
  }
  /// Where Krylov spaces ended and random vectors went on, settled pairs say nothing about copies
  /// of their values elsewhere: only a whole further Krylov space that brings nothing new does.
  bool nothing_new() {
    const Vector now = values(wanted());
    const bool same =
        known.size() == now.size() && (known - now).cwiseAbs().maxCoeff() <= 1e-10 * result.norm;
    if (krylov.exhausted() == 0 || (same && krylov.exhausted() > known_exhausted)) return true;
    if (!same) {
      known = now;
      known_exhausted = krylov.exhausted();
    }
    return false;
  }
  /// A block of b vectors sees b copies of a multiple eigenvalue: where it has seen so many, at
  /// zero above all, there may be more of them.
  [[nodiscard]] bool copies_may_hide() const {
    const Eigen::Index b = krylov.block();
    const Indices list = wanted();
    Eigen::Index zeros = 0;
    Eigen::Index run = 1;
    for (std::size_t i = 0; i < list.size(); ++i) {
      zeros += std::abs(values[list[i]]) <= std::max(residuals[list[i]], 1e-10 * result.norm);
      const bool again = i > 0 && values[list[i]] - values[list[i - 1]] <= 1e-8 * result.norm;
      run = again ? run + 1 : 1;
      if (run >= std::max<Eigen::Index>(b, 2)) return true;
    }
    return zeros >= b && result.norm > 0;
  }
  /// New random vectors must have had the time that the first ones needed.
  [[nodiscard]] bool has_looked() const { return steps - widened_at >= patience; }
  void widen() {
    const Eigen::Index extra = krylov.block();
    patience = std::max(patience, steps - widened_at);
    widened_at = steps;
    plan.basis = std::min(std::max(plan.basis, plan.wanted + 8 * extra), plan.size);
    krylov.widen(extra, plan.basis + 2 * extra);
  }
  void rayleigh_ritz() {
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(krylov.projected());
    values = solver.eigenvalues();
    rotations = solver.eigenvectors();
    residuals = krylov.residuals(rotations);
    result.norm = values.cwiseAbs().maxCoeff();
  }
  [[nodiscard]] Indices wanted() const {
    return plan.nearest(values.size(), plan.wanted, options.end);
  }
  [[nodiscard]] Indices settled() const {
    Indices list;
    for (const Eigen::Index i : wanted()) {
      if (options.certainty.settled(residuals[i], values[i], result.norm)) list.push_back(i);
    }
    return list;
  }
  void shrink() {
    const Eigen::Index room = krylov.columns() - plan.wanted;
    const Eigen::Index kept =
        std::min(plan.basis - krylov.block(), plan.wanted + std::max(krylov.block(), room / 3));
    const Indices chosen = plan.nearest(values.size(), kept, options.end);
    krylov.restart(Matrix(rotations(Eigen::all, chosen)), Vector(values(chosen)));
  }
  /// A small problem is solved at every step, a large one only after a share of new vectors.
  [[nodiscard]] bool due(Eigen::Index solved_at) const {
    const Eigen::Index m = krylov.columns();
    const bool full = krylov.pending() == 0 || m + krylov.pending() > plan.basis;
    return m >= plan.wanted && (full || m <= 128 || m >= solved_at + m / 32);
  }

  void run() {
    result.status = Status::not_converged;
    Eigen::Index solved_at = 0;
    while (result.products < plan.most_products) {
      if (!step()) {
        result.status = Status::diverged;
        return;
      }
      if (!due(solved_at)) {
        if (!go_on(0)) return;
        continue;
      }
      rayleigh_ritz();
      solved_at = krylov.columns();
      const auto done = static_cast<Eigen::Index>(settled().size());
      const bool all = done == plan.wanted && has_looked() && nothing_new();
      if (krylov.pending() == 0 || (all && !copies_may_hide())) return;
      if (!go_on(done)) return;
      if (all) widen();
      if (krylov.columns() + krylov.pending() > plan.basis) {
        shrink();
        solved_at = 0;
      }
    }
  }
  bool go_on(std::int64_t done) {
    result.interrupted = options.look && !options.look(result.products, done);
    return !result.interrupted;
  }
};

}  // namespace

std::int64_t lanczos_basis(const LanczosOptions& options, std::int64_t size) {
  return Plan(options, size).basis;
}

Eigenpairs lanczos(const LinearOperator& a, const Noise& noise, const LanczosOptions& options) {
  check(a, options);
  Iteration iteration(a, noise, options);
  iteration.run();
  if (iteration.krylov.columns() > 0) iteration.rayleigh_ritz();
  const bool cut_short =
      iteration.result.interrupted || iteration.result.status == Status::diverged;
  const Indices chosen = iteration.values.size() == 0 ? Indices()
                         : cut_short                  ? iteration.settled()
                                                      : iteration.wanted();
  iteration.result.vectors.resize(a.size(), 0);
  if (!chosen.empty()) {
    iteration.result.vectors =
        iteration.krylov.basis() * Matrix(iteration.rotations(Eigen::all, chosen));
  }
  constexpr Eigen::Index kCertifiedTogether = 8;
  return certify(a,
                 std::move(iteration.result),
                 options.certainty,
                 std::max(iteration.plan.block, kCertifiedTogether));
}

}  // namespace thermoscape::analysis
