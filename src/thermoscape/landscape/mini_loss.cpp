#include "thermoscape/landscape/mini_loss.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/landscape/profile.hpp"

namespace thermoscape {

namespace {

constexpr double kWeakest = 0.3;  // of M0: flatter batches put their minimum anywhere

std::vector<double> grid(double reach, std::int64_t points) {
  if (points < 5 || !(reach > 0)) {
    reject({"mini_losses",
            fmt::format("{} points, reach {}", points, reach),
            "needs at least five points and a reach above 0",
            ""});
  }
  const std::int64_t half = points / 2;  // δ = 0 is one of them
  std::vector<double> delta;
  for (std::int64_t i = -half; i <= half; ++i)
    delta.push_back(reach * static_cast<double>(i) / static_cast<double>(half));
  return delta;
}

MiniProfile fit_batch(const MiniCurve& curve) {
  std::vector<double> log_loss;
  for (const double one : curve.loss) log_loss.push_back(std::log(one));
  const auto lowest = std::min_element(log_loss.begin(), log_loss.end());
  const auto place = static_cast<std::size_t>(lowest - log_loss.begin());
  const double bottom = *lowest;
  MiniProfile out;
  out.loss = curve.loss[curve.loss.size() / 2];
  // Round the lowest point; its own slope there is refitted.
  std::vector<double> delta, rise;
  for (std::size_t i = 0; i < log_loss.size(); ++i) {
    delta.push_back(curve.delta[i] - curve.delta[place]);
    rise.push_back(log_loss[i] - bottom);
  }
  const ParabolaFit fit = fit_parabola(delta, rise, 1);
  if (!fit.curvature.ok()) return out;
  out.curvature = fit.curvature.value;
  out.bounded = out.curvature > 0;
  out.slope = fit.slope.value - out.curvature * curve.delta[place];
  return out;
}

void summarise(MiniLossMode& out) {
  double count = 0;
  for (const MiniProfile& one : out.batches) {
    out.mean_square_loss += one.loss * one.loss / static_cast<double>(out.batches.size());
    if (!one.bounded) continue;
    ++count;
    out.mean_curvature += one.curvature;
    out.mean_force += one.slope;
  }
  out.bounded = static_cast<std::int64_t>(count);
  if (count == 0) return;
  out.mean_curvature /= count;
  out.mean_force /= count;
  double squares = 0, forces = 0, centres = 0, kept = 0;
  for (const MiniProfile& one : out.batches) {
    if (!one.bounded) continue;
    squares += std::pow(one.curvature - out.mean_curvature, 2) / count;
    forces += std::pow(one.slope - out.mean_force, 2) / count;
    if (one.curvature < kWeakest * out.mean_curvature) continue;
    centres += one.centre() * one.centre();
    ++kept;
  }
  out.curvature_deviation = std::sqrt(squares);
  out.force_variance = forces;
  out.centre_variance = kept > 0 ? centres / kept : 0;
}

}  // namespace

template <class Real>
std::vector<MiniCurve> mini_curves(LossLine<Real>& line,
                                   std::span<const Real> direction,
                                   std::span<const std::int32_t> batches,
                                   std::int64_t size,
                                   double reach,
                                   std::int64_t points) {
  const std::vector<double> delta = grid(reach, points);
  const auto examples = static_cast<std::size_t>(line.examples());
  const auto wide = static_cast<std::size_t>(size);
  if (size < 1 || batches.size() % wide != 0) {
    reject({"mini_losses.batches",
            fmt::format("{} indices", batches.size()),
            fmt::format("must be whole batches of {}", size),
            ""});
  }
  for (const std::int32_t one : batches) {
    if (one >= 0 && one < line.examples()) continue;
    reject({"mini_losses.batches",
            fmt::format("{}", one),
            fmt::format("must be in 0 ... {}", line.examples() - 1),
            ""});
  }
  std::vector<double> losses(delta.size() * examples);
  line.example_losses(direction, delta, losses);
  std::vector<MiniCurve> curves;
  for (std::size_t first = 0; first < batches.size(); first += wide) {
    MiniCurve curve{delta, std::vector<double>(delta.size(), 0.0)};
    for (std::size_t m = 0; m < delta.size(); ++m) {
      for (std::size_t k = 0; k < wide; ++k)
        curve.loss[m] += losses[m * examples + static_cast<std::size_t>(batches[first + k])];
      curve.loss[m] /= static_cast<double>(size);
    }
    curves.push_back(std::move(curve));
  }
  return curves;
}

template <class Real>
MiniLossMode mini_losses(LossLine<Real>& line,
                         std::span<const Real> direction,
                         std::span<const std::int32_t> batches,
                         std::int64_t size,
                         double reach,
                         std::int64_t points) {
  MiniLossMode out;
  for (const MiniCurve& one : mini_curves(line, direction, batches, size, reach, points)) {
    const bool positive =
        std::all_of(one.loss.begin(), one.loss.end(), [](double x) { return x > 0; });
    out.batches.push_back(positive ? fit_batch(one) : MiniProfile{});
  }
  summarise(out);
  return out;
}

template std::vector<MiniCurve> mini_curves(LossLine<float>&,
                                            std::span<const float>,
                                            std::span<const std::int32_t>,
                                            std::int64_t,
                                            double,
                                            std::int64_t);
template std::vector<MiniCurve> mini_curves(LossLine<double>&,
                                            std::span<const double>,
                                            std::span<const std::int32_t>,
                                            std::int64_t,
                                            double,
                                            std::int64_t);
template MiniLossMode mini_losses(LossLine<float>&,
                                  std::span<const float>,
                                  std::span<const std::int32_t>,
                                  std::int64_t,
                                  double,
                                  std::int64_t);
template MiniLossMode mini_losses(LossLine<double>&,
                                  std::span<const double>,
                                  std::span<const std::int32_t>,
                                  std::int64_t,
                                  double,
                                  std::int64_t);

}  // namespace thermoscape
