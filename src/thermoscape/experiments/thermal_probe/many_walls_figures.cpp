#include "thermoscape/experiments/thermal_probe/many_walls_figures.hpp"

#include <cmath>

namespace thermoscape {

namespace {

using R = ReplicaStatistics;

Figure against(const std::vector<ComparedWalls>& rows,
               const char* id,
               const char* title,
               const char* label,
               bool log_axis,
               Estimate (*measured)(const SweepPoint&),
               Estimate ComparedWalls::*walls,
               double (*quadratic)(const SweepPoint&)) {
  Figure figure{id,
                title,
                "Points: measured. Band: n walls, fitted to μ/T and φ. Dashes: a quadratic minimum "
                "with the measured μ/T.",
                {"temperature T [loss]", "log"},
                {label, log_axis ? "log" : "linear"},
                {}};
  Series points{"measured", {}, {}, {}, "points", "measured"};
  Series band{"walls", {}, {}, {}, "band", "walls"};
  Series dashes{"quadratic", {}, {}, {}, "dashed", "quadratic"};
  for (const ComparedWalls& one : rows) {
    const Estimate seen = measured(*one.point);
    if (std::isfinite(seen.value)) {
      points.x.push_back(one.point->temperature);
      points.y.push_back(seen.value);
      points.y_error.push_back(std::isfinite(seen.standard_error) ? seen.standard_error : 0);
    }
    if (std::isfinite((one.*walls).value)) {
      band.x.push_back(one.point->temperature);
      band.y.push_back((one.*walls).value);
      band.y_error.push_back((one.*walls).standard_error);
    }
    if (quadratic != nullptr) {
      dashes.x.push_back(one.point->temperature);
      dashes.y.push_back(quadratic(*one.point));
    }
  }
  figure.series = {std::move(band), std::move(points)};
  if (quadratic != nullptr) figure.series.push_back(std::move(dashes));
  return figure;
}

Figure likelihood_figure(const WallsFit& fit) {
  Figure figure{"likelihood",
                "How well μ/T and φ fix the walls",
                "χ² of the best n at each Λ. Within 1 of its minimum a Λ is allowed; a flat right "
                "end means no upper bound.",
                {"Λ at the lowest temperature", "log"},
                {"χ²", "log"},
                {}};
  Series series{"χ²", {}, {}, {}, "line", "χ²"};
  for (const WallsCandidate& one : fit.profile) {
    series.x.push_back(one.width);
    series.y.push_back(one.chi_squared);
  }
  figure.series.push_back(std::move(series));
  return figure;
}

}  // namespace

Estimate half_time_times_temperature(const SweepPoint& point) {
  Estimate measured = point.pooled(&R::half_time);
  measured.value *= point.temperature;
  measured.standard_error *= point.temperature;
  return measured;
}

std::vector<Figure> many_walls_figures(const std::vector<ComparedWalls>& rows,
                                       const WallsFit& fit) {
  const auto mean = [](const SweepPoint& p) { return p.pooled(&R::mean).value; };
  return {against(
              rows,
              "shape",
              "Gamma shape",
              "α",
              false,
              [](const SweepPoint& p) { return p.pooled(&R::shape); },
              &ComparedWalls::shape,
              mean),
          against(
              rows,
              "rate",
              "Gamma rate",
              "βT",
              false,
              [](const SweepPoint& p) { return p.pooled(&R::rate); },
              &ComparedWalls::rate,
              [](const SweepPoint&) { return 1.0; }),
          against(
              rows,
              "effective_examples",
              "Effective examples",
              "φ",
              false,
              [](const SweepPoint& p) { return p.pooled(&R::effective_examples); },
              &ComparedWalls::effective_examples,
              [](const SweepPoint& p) { return 2 * p.pooled(&R::mean).value / 3; }),
          against(
              rows,
              "deviation",
              "Deviation of the loss",
              "σ/T",
              false,
              [](const SweepPoint& p) { return p.pooled(&R::deviation); },
              &ComparedWalls::deviation,
              [](const SweepPoint& p) { return std::sqrt(p.pooled(&R::mean).value); }),
          against(rows,
                  "half_time",
                  "Correlation time",
                  "τ½T [loss time]",
                  true,
                  half_time_times_temperature,
                  &ComparedWalls::half_time,
                  nullptr),
          likelihood_figure(fit)};
}

}  // namespace thermoscape
