#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/thermal_probe/hessian_spectrum.hpp"

namespace thermoscape {

namespace {

constexpr std::int64_t kShownRanks[] = {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000};
constexpr std::size_t kQuantiles = 400;

Figure distribution_figure(const SpectrumStudy& study, bool rescaled) {
  const std::string caption = fmt::format(
      "Cumulative distribution of the {} largest eigenvalues of the exact Hessian at recorded θ of "
      "the window, all "
      "minima and replicas{}. The rest of the spectrum, very small or negative, is left out: as "
      "many of each "
      "snapshot at every temperature, so that leaving out cannot make a collapse.",
      study.options.ranks,
      rescaled ? ", divided by the temperature: if stiffness goes as T the curves coincide" : "");
  Figure figure{rescaled ? "distribution_rescaled" : "distribution",
                rescaled ? "Hessian eigenvalues over temperature" : "Hessian eigenvalues",
                caption,
                {rescaled ? "λ / T [1/θ²]" : "λ [loss/θ²]", "log"},
                {"share of eigenvalues below λ", "linear"},
                {}};
  for (std::size_t i = 0; i < study.windows.size(); ++i) {
    std::vector<double> all;
    for (std::size_t m = 0; m < study.spectra[i].minima.size(); ++m) {
      const std::vector<double> own = study.spectra[i].sample(m, study.options.ranks);
      all.insert(all.end(), own.begin(), own.end());
    }
    if (all.empty()) continue;
    std::sort(all.begin(), all.end());
    const double temperature = study.windows[i].temperature;
    const std::string label = temperature_label(temperature);
    Series series{label, {}, {}, {}, "line", label};
    const std::size_t points = std::min(kQuantiles, all.size());
    for (std::size_t q = 0; q < points; ++q) {
      const std::size_t at = q * (all.size() - 1) / std::max<std::size_t>(points - 1, 1);
      if (!(all[at] > 0)) continue;  // a log axis
      series.x.push_back(rescaled ? all[at] / temperature : all[at]);
      series.y.push_back((static_cast<double>(at) + 1) / static_cast<double>(all.size()));
    }
    figure.series.push_back(std::move(series));
  }
  return figure;
}

/// Lowest and highest y of the series so far, for marks across the figure.
std::pair<double, double> extent(const Figure& figure) {
  double low = kInfinity;
  double high = 0;
  for (const Series& one : figure.series) {
    for (const double y : one.y) {
      if (y <= 0) continue;
      low = std::min(low, y);
      high = std::max(high, y);
    }
  }
  return {low, high};
}

/// N_c of all windows, pooled.
Estimate constrained(const SpectrumStudy& study) {
  std::vector<Estimate> members;
  for (const SweepPoint& one : study.windows)
    members.push_back(one.pooled(&ReplicaStatistics::shape));
  Estimate pooled_shape = analysis::combine(members).estimate;
  pooled_shape.value *= 2;
  pooled_shape.standard_error *= 2;
  return pooled_shape;
}

void add_marks(Figure& figure, const SpectrumStudy& study, double low, double high) {
  const Estimate directions = constrained(study);
  if (directions.value >= 1 && directions.value <= static_cast<double>(study.options.ranks)) {
    figure.series.push_back(vertical_mark("N_c = 2α", directions.value, low, high));
  }
  if (study.outputs > 1) {
    figure.series.push_back(
        vertical_mark("classes C", static_cast<double>(study.outputs), low, high));
  }
}

Figure rank_figure(const SpectrumStudy& study) {
  Figure figure{
      "ranks",
      "Hessian spectrum by rank",
      "Mean of λ_k over the snapshots, divided by T, against the rank k. Outliers would stand "
      "above a gap. "
      "Vertical: N_c from the loss fluctuations of the same windows, and the number of classes.",
      {"rank k", "log"},
      {"λ_k / T [1/θ²]", "log"},
      {}};
  std::vector<double> ranks;
  for (std::int64_t k = 1; k <= study.options.ranks; ++k) ranks.push_back(static_cast<double>(k));
  for (std::size_t i = 0; i < study.windows.size(); ++i) {
    std::vector<Estimate> rescaled = study.eigenvalues[i];
    for (Estimate& one : rescaled) one.value /= study.windows[i].temperature;
    Series series =
        series_of(temperature_label(study.windows[i].temperature), ranks, rescaled, "line");
    series.y_error.clear();
    figure.series.push_back(std::move(series));
  }
  const auto [low, high] = extent(figure);
  if (high > 0) add_marks(figure, study, low, high);
  return figure;
}

Figure temperature_figure(const SpectrumStudy& study) {
  Figure figure{"eigenvalues",
                "Hessian eigenvalues against temperature",
                "Mean λ_k in the windows, the largest of within-run, replica and minimum errors. "
                "Dashes: λ ∝ T through "
                "λ_1 at the lowest temperature; a quadratic minimum would give flat lines.",
                {"temperature T [loss]", "log"},
                {"λ_k [loss/θ²]", "log"},
                {}};
  const std::vector<double> temperatures = study.temperatures();
  for (const std::int64_t k : kShownRanks) {
    if (k > study.options.ranks) break;
    std::vector<Estimate> values;
    for (const auto& row : study.eigenvalues)
      values.push_back(row[static_cast<std::size_t>(k - 1)]);
    figure.series.push_back(series_of(fmt::format("λ_{}", k), temperatures, values, "line+points"));
  }
  const double first = study.eigenvalues.front().front().value / temperatures.front();
  Series line{"∝ T", {}, {}, {}, "dashed", "∝ T"};
  for (const double t : temperatures) {
    line.x.push_back(t);
    line.y.push_back(first * t);
  }
  figure.series.push_back(std::move(line));
  return figure;
}

Figure exponent_figure(const SpectrumStudy& study) {
  Figure figure{"exponents",
                "How stiffness depends on temperature, rank by rank",
                "d ln λ_k / d ln T against the rank k: 1 for walls, 0 for a quadratic minimum. "
                "Errors: the larger of "
                "those of the fits and of the spread of minima; neighbouring ranks are correlated.",
                {"rank k", "log"},
                {"d ln λ_k / d ln T", "linear"},
                {}};
  std::vector<double> ranks;
  for (std::size_t k = 1; k <= study.exponents.size(); ++k) ranks.push_back(static_cast<double>(k));
  figure.series.push_back(series_of("exponent of λ_k", ranks, study.exponents, "line+points"));
  const double last = ranks.back();
  figure.series.push_back({"walls", {1, last}, {1, 1}, {}, "dashed", "walls"});
  figure.series.push_back(
      {"quadratic minimum", {1, last}, {0, 0}, {}, "dashed", "quadratic minimum"});
  add_marks(figure, study, 0, 1);
  return figure;
}

}  // namespace

std::vector<Figure> spectrum_figures(const SpectrumStudy& study) {
  std::vector<Figure> figures{
      distribution_figure(study, false), distribution_figure(study, true), rank_figure(study)};
  if (study.windows.size() > 1) figures.push_back(temperature_figure(study));
  if (!study.exponents.empty()) figures.push_back(exponent_figure(study));
  return figures;
}

}  // namespace thermoscape
