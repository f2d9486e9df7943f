#include "thermoscape/experiments/eigenplane_probe.hpp"

#include <algorithm>
#include <limits>
#include <memory>

#include <fmt/format.h>
#include <Eigen/Core>

#include "thermoscape/analysis/lanczos.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {

template <class Real>
using Columns = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic>;

/// Position and velocity projected together, in stretches of parameters whose sums stay exact
/// enough in single precision and whose part of the basis is read once.
template <class Real>
class Eigenplanes {
 public:
  Eigenplanes(const Objective<Real>& objective, std::int64_t directions, const Noise& noise)
      : objective_(objective.clone()), directions_(directions), noise_(noise) {}

  void measure(Look<Real>& look, std::span<double> out) {
    const std::vector<Real>& theta = look.state.theta;
    if (tiles_.size() == 0) {
      const analysis::Eigenpairs pairs =
          top_eigenpairs<Real>(*objective_, look.origin, directions_, noise_);
      if (pairs.vectors.cols() != directions_) {
        // No finite Hessian: the run has diverged, which the loss of this step says.
        std::fill(out.begin(), out.end(), std::numeric_limits<double>::quiet_NaN());
        return;
      }
      cut(pairs.vectors);
      objective_.reset();
    }
    const auto slot = std::find_if(look.state.slots.begin(),
                                   look.state.slots.end(),
                                   [](const auto& one) { return one.first == "velocity"; });
    if (slot == look.state.slots.end()) {
      reject({"record.probe",
              "eigenplanes",
              "needs a rule with momentum",
              "momentum = 0 makes it plain SGD"});
    }
    const auto size = static_cast<Eigen::Index>(theta.size());
    const auto planes = static_cast<Eigen::Index>(directions_);
    Eigen::MatrixX2d sums = Eigen::MatrixX2d::Zero(planes, 2);
    double moved_square = 0;
    double velocity_square = 0;
    Eigen::Matrix<Real, kStretch, 2> both;
    for (Eigen::Index i = 0; i < size; i += kStretch) {
      const Eigen::Index count = std::min(kStretch, size - i);
      for (Eigen::Index j = 0; j < count; ++j) {
        const auto at = static_cast<std::size_t>(i + j);
        both(j, 0) = theta[at] - look.origin[at];
        both(j, 1) = -slot->second[at];  // the buffer is (θ_{k-1} - θ_k)/η
      }
      const auto part = both.topRows(count);
      moved_square += static_cast<double>(part.col(0).squaredNorm());
      velocity_square += static_cast<double>(part.col(1).squaredNorm());
      const Eigen::Map<const Columns<Real>> tile(tiles_.col(i / kStretch).data(), kStretch, planes);
      // Two columns are too few for a blocked product, which would copy the tile first.
      sums += tile.topRows(count).transpose().lazyProduct(part).template cast<double>();
    }
    const EigenplaneColumns columns{static_cast<std::size_t>(planes)};
    for (std::size_t p = 0; p < columns.planes; ++p) {
      out[columns.position(p)] = sums(static_cast<Eigen::Index>(p), 0);
      out[columns.velocity(p)] = sums(static_cast<Eigen::Index>(p), 1);
    }
    out[columns.displacement_square()] = moved_square;
    out[columns.velocity_square()] = velocity_square;
  }

 private:
  static constexpr Eigen::Index kStretch = 1024;

  /// Keeps the basis as tiles [kStretch, planes], one behind the other, so that a look reads memory
  /// from its beginning to its end.
  void cut(const Matrix& basis) {
    const Eigen::Index count = (basis.rows() + kStretch - 1) / kStretch;
    tiles_ = Columns<Real>::Zero(kStretch * basis.cols(), count);
    for (Eigen::Index t = 0; t < count; ++t) {
      const Eigen::Index rows = std::min(kStretch, basis.rows() - t * kStretch);
      Eigen::Map<Columns<Real>>(tiles_.col(t).data(), kStretch, basis.cols()).topRows(rows) =
          basis.middleRows(t * kStretch, rows).template cast<Real>();
    }
  }

  std::unique_ptr<Objective<Real>> objective_;
  std::int64_t directions_;
  Noise noise_;
  Columns<Real> tiles_;  ///< a tile a column
};

}  // namespace

template <class Real>
analysis::Eigenpairs top_eigenpairs(Objective<Real>& objective,
                                    std::span<const Real> theta,
                                    std::int64_t count,
                                    const Noise& noise) {
  const auto size = static_cast<Eigen::Index>(theta.size());
  const LinearOperator hessian(
      size, [&](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) {
        const Columns<Real> vectors = in.cast<Real>();
        Columns<Real> products(size, in.cols());
        const auto numbers = static_cast<std::size_t>(vectors.size());
        objective.hessian_products(
            theta, {}, {vectors.data(), numbers}, {products.data(), numbers});
        out = products.template cast<double>();
      });
  analysis::LanczosOptions options;
  options.count = count;
  options.certainty.rounding = sizeof(Real) == 4 ? 1.2e-7 : 2.3e-16;
  options.certainty.tolerance = sizeof(Real) == 4 ? 1e-3 : 1e-6;
  return analysis::lanczos(hessian, noise, options);
}

template <class Real>
Probe<Real> eigenplane_probe(const Objective<Real>& objective,
                             std::int64_t directions,
                             Schedule schedule,
                             const Noise& noise) {
  if (directions > objective.parameters()) {
    reject({"record.directions",
            fmt::format("{}", directions),
            fmt::format("must be at most the number of parameters, {}", objective.parameters()),
            ""});
  }
  const EigenplaneColumns columns{static_cast<std::size_t>(directions)};
  const auto planes =
      std::make_shared<Eigenplanes<Real>>(objective, directions, noise.fork("eigenplanes", 0));
  return {"eigenplanes",
          columns.width(),
          "number",
          "1",
          "position and velocity along the largest eigenvectors of the Hessian at the start, |θ - "
          "θ_start|², |v|²",
          std::move(schedule),
          [planes](Look<Real>& look, std::span<double> out) { planes->measure(look, out); }};
}

template analysis::Eigenpairs top_eigenpairs(Objective<float>&,
                                             std::span<const float>,
                                             std::int64_t,
                                             const Noise&);
template analysis::Eigenpairs top_eigenpairs(Objective<double>&,
                                             std::span<const double>,
                                             std::int64_t,
                                             const Noise&);
template Probe<float> eigenplane_probe(const Objective<float>&,
                                       std::int64_t,
                                       Schedule,
                                       const Noise&);
template Probe<double> eigenplane_probe(const Objective<double>&,
                                        std::int64_t,
                                        Schedule,
                                        const Noise&);

}  // namespace thermoscape
