#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/gamma_fit.hpp"
#include "thermoscape/analysis/linear_fit.hpp"
#include "thermoscape/experiments/loss_statistics.hpp"

namespace thermoscape {

namespace {

using R = ReplicaStatistics;

std::string temperature_label(double temperature) {
  return fmt::format("T = {:.3g}", temperature);
}

/// "μ" or "μ, time_step = 0.01".
std::string label_in(const Family& family, const std::string& label) {
  const std::string rest = family.label();
  return rest.empty() ? label : label + ", " + rest;
}

/// A quantity · T^shift against T: healthy points as one series, the others as another.
void add_points(Figure& figure,
                const std::vector<SweepPoint>& points,
                const std::string& label,
                Estimate R::*quantity,
                double shift) {
  Series healthy{label, {}, {}, {}, "points", label};
  Series other{label + " (not healthy)", {}, {}, {}, "points", label + " (not healthy)"};
  for (const SweepPoint& one : points) {
    const Estimate estimate = one.pooled(quantity);
    if (!std::isfinite(estimate.value)) continue;
    Series& series = estimate.ok() ? healthy : other;
    const double factor = std::pow(one.temperature, shift);
    series.x.push_back(one.temperature);
    series.y.push_back(estimate.value * factor);
    series.y_error.push_back(
        std::isfinite(estimate.standard_error) ? estimate.standard_error * factor : 0);
  }
  if (!healthy.x.empty()) figure.series.push_back(std::move(healthy));
  if (!other.x.empty()) figure.series.push_back(std::move(other));
}

void add_line(Figure& figure,
              const std::vector<SweepPoint>& points,
              const std::string& label,
              double factor,
              double power) {
  Series line{label, {}, {}, {}, "dashed", label};
  for (const SweepPoint& one : points) {
    line.x.push_back(one.temperature);
    line.y.push_back(factor * std::pow(one.temperature, power));
  }
  figure.series.push_back(std::move(line));
}

Figure distribution_figure(const std::vector<SweepPoint>& points) {
  Figure figure{"distribution",
                "Distribution of the loss",
                "Density of L/T in the window, all replicas of the first minimum (points, Poisson "
                "errors for independent "
                "samples), and the Gamma law of maximum likelihood (dashes). On a common α the "
                "curves would coincide.",
                {"L / T", "linear"},
                {"P(L/T)", "linear"},
                {}};
  for (const SweepPoint& point : points) {
    std::vector<double> scaled;
    for (const ReplicaStatistics& one : point.minima.front()) {
      for (const double loss : one.losses) scaled.push_back(loss / point.temperature);
    }
    if (scaled.size() < 100) continue;
    const analysis::GammaFit fit = analysis::gamma_fit(scaled);
    analysis::HistogramOptions bins;
    bins.bins = 60;
    std::vector<double> sorted = scaled;
    const auto top = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() * 999 / 1000);
    std::nth_element(sorted.begin(), top, sorted.end());
    bins.high = *top;  // spikes would stretch the axis; what lies above is counted in the density
    bins.low = 0.0;
    if (!(*bins.high > 0)) continue;
    const analysis::Histogram histogram = analysis::histogram(scaled, bins);
    const std::string label = temperature_label(point.temperature);
    figure.series.push_back(
        {label, histogram.centres, histogram.density, histogram.density_error, "points", label});
    if (fit.shape.value > 0 && std::isfinite(fit.shape.value)) {
      Series law{label + ", Gamma law", {}, {}, {}, "dashed", label};
      const double shape = fit.shape.value;
      const double rate = fit.rate.value;
      for (int i = 1; i <= 200; ++i) {
        const double x = *bins.high * i / 200;
        law.x.push_back(x);
        law.y.push_back(std::exp(shape * std::log(rate) + (shape - 1) * std::log(x) - rate * x -
                                 std::lgamma(shape)));
      }
      figure.series.push_back(std::move(law));
    }
  }
  return figure;
}

Figure moments_figure(const std::vector<Family>& families) {
  Figure figure{
      "moments",
      "Mean and standard deviation of the loss",
      "μ and σ against T with the equipartition lines: μ = C_h T fitted to the healthy points, and "
      "σ = √C_h T with no further parameter. Error bars: the largest of within-run, replica and "
      "minimum spread.",
      {"temperature T [loss]", "log"},
      {"loss", "log"},
      {}};
  for (const Family& family : families) {
    add_points(figure, family.points, label_in(family, "μ"), &R::mean, 1);
    add_points(figure, family.points, label_in(family, "σ"), &R::deviation, 1);
  }
  const std::vector<SweepPoint>& points = families.front().points;
  std::vector<double> temperatures;
  std::vector<double> means;
  std::vector<double> errors;
  for (const SweepPoint& one : points) {
    const Estimate mean = one.pooled(&R::mean);
    if (!mean.ok() || !(mean.standard_error > 0)) continue;
    temperatures.push_back(one.temperature);
    means.push_back(mean.value * one.temperature);
    errors.push_back(mean.standard_error * one.temperature);
  }
  if (!temperatures.empty()) {
    const double heat_capacity =
        analysis::proportional_fit(temperatures, means, errors).factor.value;
    add_line(figure, points, fmt::format("C_h T, C_h = {:.3g}", heat_capacity), heat_capacity, 1);
    add_line(figure, points, "√C_h T", std::sqrt(heat_capacity), 1);
  }
  return figure;
}

Figure shape_figure(const std::vector<Family>& families) {
  Figure figure{"shape",
                "Gamma shape and effective examples",
                "α = N_c/2 and φ = (Σℓ)²/Σℓ² against T. Walls predict φ close to α; a quadratic "
                "minimum φ ≈ N_c/3.",
                {"temperature T [loss]", "log"},
                {"α, φ", "linear"},
                {}};
  for (const Family& family : families) {
    add_points(figure, family.points, label_in(family, "α"), &R::shape, 0);
    add_points(figure, family.points, label_in(family, "φ"), &R::effective_examples, 0);
  }
  return figure;
}

Figure rate_figure(const std::vector<Family>& families) {
  Figure figure{"rate",
                "Equipartition: βT and σ²/(μT)",
                "Both are 1 for a quadratic minimum; one exponential wall gives βT = Λ/(Λ-1) and "
                "its inverse.",
                {"temperature T [loss]", "log"},
                {"βT, σ²/(μT)", "linear"},
                {}};
  for (const Family& family : families) {
    add_points(figure, family.points, label_in(family, "βT"), &R::rate, 0);
    add_points(figure, family.points, label_in(family, "σ²/(μT)"), &R::fluctuation_ratio, 0);
  }
  add_line(figure, families.front().points, "quadratic minimum", 1, 0);
  return figure;
}

Figure half_time_figure(const std::vector<Family>& families) {
  Figure figure{"half_time",
                "Correlation time of the loss",
                "τ½ against T (trend removed). A quadratic minimum gives a constant; walls give "
                "L²/T with a length L.",
                {"temperature T [loss]", "log"},
                {"τ½ [time]", "log"},
                {}};
  for (const Family& family : families)
    add_points(figure, family.points, label_in(family, "τ½"), &R::half_time, 0);
  const std::vector<SweepPoint>& points = families.front().points;
  std::vector<Estimate> lengths;
  for (const SweepPoint& one : points) {
    Estimate product = one.pooled(&R::half_time);
    product.value *= one.temperature;
    product.standard_error *= one.temperature;
    lengths.push_back(product);
  }
  const Estimate squared = analysis::combine(lengths).estimate;
  if (squared.ok()) {
    add_line(figure,
             points,
             fmt::format("L²/T, L = {:.3g}", std::sqrt(squared.value)),
             squared.value,
             -1);
  }
  return figure;
}

Figure correlation_figure(const std::vector<SweepPoint>& points, bool rescaled) {
  Figure figure{rescaled ? "correlation_rescaled" : "correlation",
                rescaled ? "Autocorrelation against 2TΔt" : "Autocorrelation of the loss",
                rescaled ? "If times go as 1/T the curves fall onto one."
                         : "χ(Δt), trend removed, mean over the replicas of the first minimum.",
                {rescaled ? "2 T Δt [loss time]" : "Δt [time]", "log"},
                {"χ", "linear"},
                {}};
  for (const SweepPoint& point : points) {
    const auto& replicas = point.minima.front();
    std::size_t lags = replicas.front().chi.size();
    for (const ReplicaStatistics& one : replicas) lags = std::min(lags, one.chi.size());
    if (lags < 4) continue;
    const std::string label = temperature_label(point.temperature);
    Series series{label, {}, {}, {}, "line", label};
    // Lags evenly spread in ln Δt; a tenth of the window is as far as the estimate can be trusted.
    std::size_t previous = 0;
    for (int i = 0; i <= 200; ++i) {
      const double top = std::log(static_cast<double>(std::max<std::size_t>(2, lags / 5)));
      const auto lag = static_cast<std::size_t>(std::llround(std::exp(top * i / 200)));
      if (lag == previous || lag >= lags) continue;
      previous = lag;
      double chi = 0;
      for (const ReplicaStatistics& one : replicas)
        chi += one.chi[lag] / static_cast<double>(replicas.size());
      const double time = static_cast<double>(lag) * replicas.front().interval;
      series.x.push_back(rescaled ? 2 * point.temperature * time : time);
      series.y.push_back(chi);
    }
    figure.series.push_back(std::move(series));
  }
  return figure;
}

/// μ/T, α, φ and βT against a swept coordinate that is not the temperature, a curve a temperature.
Figure against_figure(const std::vector<Family>& families,
                      const std::string& name,
                      const std::string& id,
                      const std::string& label,
                      Estimate R::*quantity) {
  Figure figure{id + "_against_" + name,
                label + " against " + name,
                "Error bars: the largest of within-run, replica and minimum spread. Points of "
                "unhealthy windows are marked.",
                {name, "log"},
                {label, "linear"},
                {}};
  for (std::size_t p = 0; p < families.front().points.size(); ++p) {
    const std::string curve = temperature_label(families.front().points[p].temperature);
    Series healthy{curve, {}, {}, {}, "line+points", curve};
    Series other{curve + " (not healthy)", {}, {}, {}, "points", curve + " (not healthy)"};
    for (const Family& family : families) {
      const auto place =
          std::find_if(family.where.begin(), family.where.end(), [&](const auto& coordinate) {
            return coordinate.first == name;
          });
      if (place == family.where.end() || p >= family.points.size()) continue;
      const Estimate estimate = family.points[p].pooled(quantity);
      if (!std::isfinite(estimate.value)) continue;
      Series& series = estimate.ok() ? healthy : other;
      series.x.push_back(place->second);
      series.y.push_back(estimate.value);
      series.y_error.push_back(std::isfinite(estimate.standard_error) ? estimate.standard_error
                                                                      : 0);
    }
    if (!healthy.x.empty()) figure.series.push_back(std::move(healthy));
    if (!other.x.empty()) figure.series.push_back(std::move(other));
  }
  return figure;
}

}  // namespace

std::vector<Figure> loss_statistics_figures(const std::vector<Family>& families) {
  // Distributions and correlations of several families would not be told apart: the first stands
  // for all.
  const std::vector<SweepPoint>& points = families.front().points;
  std::vector<Figure> figures{distribution_figure(points)};
  if (points.size() > 1) {
    figures.push_back(moments_figure(families));
    figures.push_back(shape_figure(families));
    figures.push_back(rate_figure(families));
    figures.push_back(half_time_figure(families));
  }
  figures.push_back(correlation_figure(points, false));
  figures.push_back(correlation_figure(points, true));
  std::vector<std::string> coordinates;
  for (const Family& family : families) {
    for (const auto& [name, value] : family.where) {
      if (std::find(coordinates.begin(), coordinates.end(), name) == coordinates.end())
        coordinates.push_back(name);
    }
  }
  for (const std::string& name : coordinates) {
    figures.push_back(against_figure(families, name, "mean", "μ/T", &R::mean));
    figures.push_back(against_figure(families, name, "shape", "α", &R::shape));
    figures.push_back(
        against_figure(families, name, "effective_examples", "φ", &R::effective_examples));
    figures.push_back(against_figure(families, name, "rate", "βT", &R::rate));
    figures.push_back(against_figure(families, name, "length", "L = √(T τ½)", &R::length));
  }
  return figures;
}

}  // namespace thermoscape
