#include "thermoscape/analysis/two_phases.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/analysis/linear_fit.hpp"
#include "thermoscape/core/error.hpp"

namespace thermoscape::analysis {

namespace {

void require_curve(std::span<const double> time, std::span<const double> loss) {
  if (time.size() != loss.size()) {
    reject({"two_phases.loss",
            fmt::format("{} values", loss.size()),
            fmt::format("must be as many as times, {}", time.size()),
            ""});
  }
  for (std::size_t i = 0; i < time.size(); ++i) {
    if (!(time[i] > (i == 0 ? 0.0 : time[i - 1])))
      reject({"two_phases.time", fmt::format("{}", time[i]), "must increase from above 0", ""});
    if (!(loss[i] > 0) || !std::isfinite(loss[i]))
      reject({"two_phases.loss", fmt::format("{}", loss[i]), "must be positive", ""});
  }
}

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// Half the width of the window round t.
double reach(double t, const TwoPhasesOptions& options) {
  return std::max(options.share * t, options.half_width);
}

/// q of L ∝ (t - drop)^-q over t >= boundary.
Estimate decay_after(const TwoPhases& phases,
                     std::span<const double> time,
                     std::span<const double> loss) {
  std::vector<double> x, y;
  for (std::size_t i = 0; i < time.size(); ++i) {
    if (time[i] < phases.boundary.value) continue;
    x.push_back(std::log(time[i] - phases.drop.value));
    y.push_back(std::log(loss[i]));
  }
  if (x.size() < 4) return {0, 0, Status::too_short};
  Estimate decay = linear_fit(x, y).slope;
  decay.value = -decay.value;
  return decay;
}

}  // namespace

TwoPhases two_phases(std::span<const double> time,
                     std::span<const double> loss,
                     const TwoPhasesOptions& options) {
  require_curve(time, loss);
  validate(options, "two_phases");
  TwoPhases out;
  std::vector<double> losses;
  for (std::size_t i = 0; i < time.size(); ++i) {
    const double wide = reach(time[i], options);
    std::vector<double> x, y;
    for (std::size_t k = 0; k < time.size(); ++k) {
      if (std::abs(time[k] - time[i]) > wide * (1 + 1e-12)) continue;
      x.push_back(std::log(time[k]));
      y.push_back(std::log(loss[k]));
    }
    // A window that leaves the curve would be one-sided.
    if (x.size() < 4 || time[i] - wide < time.front() * (1 - 1e-9) ||
        time[i] + wide > time.back() * (1 + 1e-9))
      continue;
    out.time.push_back(time[i]);
    out.exponent.push_back(-linear_fit(x, y).slope.value);
    losses.push_back(loss[i]);
  }
  if (out.time.size() < 5) {
    out.drop.status = out.boundary.status = out.decay.status = Status::too_short;
    return out;
  }
  const auto peak = std::max_element(out.exponent.begin(), out.exponent.end());
  const auto at = static_cast<std::size_t>(peak - out.exponent.begin());
  out.highest = *peak;
  if (at == 0 || at + 1 == out.time.size() || *peak < 2 * median(out.exponent)) return out;
  out.before = median({out.exponent.begin(), peak});
  out.drop = {out.time[at], reach(out.time[at], options) / std::sqrt(3.0), Status::ok};
  const auto slow =
      std::find_if(peak, out.exponent.end(), [&](double p) { return p <= 0.5 * out.highest; });
  if (slow == out.exponent.end()) {
    out.boundary.status = out.decay.status = Status::too_short;
    return out;
  }
  const auto end = static_cast<std::size_t>(slow - out.exponent.begin());
  out.boundary = {out.time[end], reach(out.time[end], options) / std::sqrt(3.0), Status::ok};
  out.after = median({slow, out.exponent.end()});
  out.loss_at_boundary = losses[end];
  out.decay = decay_after(out, time, loss);
  return out;
}

}  // namespace thermoscape::analysis
