#include "thermoscape/experiments/variance_flatness/variance_flatness.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "thermoscape/analysis/power_law.hpp"

namespace thermoscape {

namespace {

template <class Real>
std::vector<MeasuredMode> measure_typed(const Objective<Real>& prototype,
                                        std::span<const double> theta,
                                        const ParameterSubset& subset,
                                        const analysis::Pca& pca,
                                        std::span<const std::int64_t> ranks,
                                        ProfileOptions options) {
  const std::unique_ptr<Objective<Real>> objective = prototype.clone();
  const std::vector<Real> at(theta.begin(), theta.end());
  LossLine<Real> line(*objective, at);
  std::vector<Real> direction(at.size());
  std::vector<MeasuredMode> modes;
  for (const std::int64_t rank : ranks) {
    const auto axis = pca.components.col(rank - 1);
    subset.put<Real>({axis.data(), static_cast<std::size_t>(axis.size())}, direction);
    MeasuredMode mode{
        rank, pca.variances(rank - 1), 0, loss_profile<Real>(line, direction, options)};
    // Neighbours are about as wide.
    if (mode.profile.status == Status::ok) options.guess = mode.profile.delta.back();
    modes.push_back(std::move(mode));
  }
  return modes;
}

std::vector<double> ranks_of(const std::vector<double>& values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return values[a] < values[b];
  });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size(); ++i) ranks[order[i]] = static_cast<double>(i);
  return ranks;
}

/// Spearman's coefficient; continuous values have no ties.
double rank_correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const std::vector<double> a = ranks_of(x), b = ranks_of(y);
  const auto n = static_cast<double>(x.size());
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) squares += (a[i] - b[i]) * (a[i] - b[i]);
  return 1 - 6 * squares / (n * (n * n - 1));
}

}  // namespace

std::vector<std::int64_t> spaced_ranks(std::int64_t highest, std::int64_t count) {
  std::vector<std::int64_t> ranks;
  if (count >= highest) {
    ranks.resize(static_cast<std::size_t>(highest));
    std::iota(ranks.begin(), ranks.end(), 1);
    return ranks;
  }
  // The ratio that ends at `highest` after `count` steps of at least one rank each.
  double low = 1, high = static_cast<double>(highest);
  const auto filled = [&](double ratio) {
    ranks.assign(1, 1);
    double next = 1;
    while (true) {
      next = std::max(next + 1, next * ratio);
      if (next > static_cast<double>(highest)) break;
      ranks.push_back(static_cast<std::int64_t>(next));
    }
    return static_cast<std::int64_t>(ranks.size());
  };
  for (int i = 0; i < 60; ++i) {
    const double middle = std::sqrt(low * high);
    (filled(middle) > count ? low : high) = middle;
  }
  filled(high);
  return ranks;
}

std::vector<std::int64_t> ranks_with(std::int64_t highest,
                                     std::int64_t count,
                                     const std::vector<std::int64_t>& wanted) {
  std::vector<std::int64_t> ranks = spaced_ranks(highest, count);
  for (const std::int64_t one : wanted) {
    if (one <= highest) ranks.push_back(one);
  }
  std::sort(ranks.begin(), ranks.end());
  ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
  return ranks;
}

std::vector<MeasuredMode> measure_modes(const Ground& ground,
                                        std::span<const double> theta,
                                        const ParameterSubset& subset,
                                        const analysis::Pca& pca,
                                        std::span<const std::int64_t> ranks,
                                        ProfileOptions options) {
  return std::visit(
      [&](const auto& objective) {
        return measure_typed(*objective, theta, subset, pca, ranks, options);
      },
      ground.objective);
}

FlatnessLaw flatness_law(std::span<const MeasuredMode> modes,
                         std::int64_t first,
                         std::int64_t last,
                         Spread spread) {
  std::vector<double> x, y;
  for (const MeasuredMode& one : modes) {
    const double value = spread == Spread::variance ? one.variance : one.step_square;
    const Estimate& width = one.profile.flatness.width;
    if (one.rank < first || one.rank > last || !width.ok() || !(value > 0)) continue;
    x.push_back(std::log(width.value));
    y.push_back(std::log(value));
  }
  FlatnessLaw law;
  law.psi.status = law.rank_correlation.status = Status::too_short;
  if (x.size() < 5) return law;
  std::vector<double> x_error = analysis::local_scatter(x), y_error = analysis::local_scatter(y);
  for (double& one : x_error) one = std::max(one, 1e-6);
  for (double& one : y_error) one = std::max(one, 1e-3);
  const analysis::ErrorsInBothFit fit = analysis::errors_in_both_fit(x, y, x_error, y_error);
  law.psi = {-fit.slope.value, fit.slope.standard_error, fit.slope.status};
  law.direct = -fit.slope_y_on_x;
  law.inverse = -fit.slope_x_on_y;
  law.quality = fit.quality;
  law.rank_correlation = {
      rank_correlation(x, y), 1 / std::sqrt(static_cast<double>(x.size() - 1)), Status::ok};
  if (std::abs(law.rank_correlation.value) < 2 * law.rank_correlation.standard_error)
    law.psi = Estimate{};
  return law;
}

Estimate rank_exponent(std::span<const double> variances, std::int64_t first, std::int64_t last) {
  std::vector<double> rank, value;
  for (std::int64_t i = first; i <= std::min<std::int64_t>(last, std::ssize(variances)); ++i) {
    if (!(variances[static_cast<std::size_t>(i - 1)] > 0)) continue;
    rank.push_back(static_cast<double>(i));
    value.push_back(variances[static_cast<std::size_t>(i - 1)]);
  }
  Estimate gamma = analysis::power_law(rank, value).exponent;
  gamma.value = -gamma.value;
  return gamma;
}

}  // namespace thermoscape
