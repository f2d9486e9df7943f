#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/over_draws.hpp"
#include "thermoscape/experiments/steady_windows.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/landscape/random_plane.hpp"
#include "thermoscape/models/random_hessian.hpp"
#include "thermoscape/models/softmax_hessian.hpp"
#include "thermoscape/theory/random_hessian_scales.hpp"

namespace thermoscape {

namespace {

struct RandomSweepOptions {
  RandomHessian model;
  std::int64_t draws = 20;
  std::vector<double> logit_deviations = {
      0.001, 0.01, 0.1, 0.3, 0.6, 1, 1.5, 2, 3, 5, 8, 15, 30, 60, 100};
  std::vector<double> growth_exponents = {0, 0.125, 0.25, 0.375};
  std::int64_t plane_dimension = 10;
  std::int64_t planes = 10;

  static constexpr auto fields() {
    using O = RandomSweepOptions;
    return std::tuple{
        field("draws", &O::draws, "1", "independent draws of the model", Range{2, 1e5}),
        field("logit_deviations", &O::logit_deviations, "1", "σ_z, ascending", kPositive),
        field("growth_exponents",
              &O::growth_exponents,
              "1",
              "a in σ_c = (σ_z/logit_deviation)^a shared_deviation, σ_E/σ_c fixed",
              kNonNegative),
        field("plane_dimension",
              &O::plane_dimension,
              "1",
              "dimension of the random planes that H is projected to",
              kAtLeastOne),
        field("planes", &O::planes, "1", "random planes a draw", kAtLeastOne)};
  }
};

/// One draw at one σ_z, at the σ_c of the options: H scales as σ_c² under any schedule that keeps
/// σ_E/σ_c.
struct SweepDraw {
  double top = 0;
  double trace_over_norm = 0;
  double plane_trace_over_norm = 0;  ///< mean over the planes
  double gradient_share = 0;
  double outlier_gap = 0;
};

SweepDraw look(const RandomSweepOptions& options,
               double logit_deviation,
               const Noise& noise,
               std::uint64_t index) {
  RandomHessian model = options.model;
  model.logit_deviation = logit_deviation;
  const RandomHessianDraw draw = sample(model, noise, index);
  const RandomHessianSpectrum plain = spectrum(draw);
  SweepDraw out{
      plain.eigenvalues[0], plain.trace_over_norm, 0, plain.gradient_share, plain.outlier_gap};
  // PᵀHP = (AᵀP)ᵀ(AᵀP) without forming H again.
  const Matrix factor = hessian_factor(draw.probabilities, draw.jacobian);
  for (std::int64_t p = 0; p < options.planes; ++p) {
    const Matrix plane = random_plane(
        model.parameters,
        options.plane_dimension,
        noise,
        index * static_cast<std::uint64_t>(options.planes) + static_cast<std::uint64_t>(p));
    const Matrix moved = factor.transpose() * plane;
    out.plane_trace_over_norm +=
        trace_over_norm(moved.transpose() * moved) / static_cast<double>(options.planes);
  }
  return out;
}

using Sweep = std::vector<std::vector<SweepDraw>>;  // [σ_z][draw]

/// The schedule's factor of σ_c² at σ_z.
double growth(const RandomSweepOptions& options, double exponent, double logit_deviation) {
  return std::pow(logit_deviation / options.model.logit_deviation, 2 * exponent);
}

/// σ_z at the vertex of the parabola through the highest point and its neighbours, in ln σ_z;
/// nothing where the highest point is the first or the last.
std::optional<double> peak_of(const std::vector<double>& x, const std::vector<double>& y) {
  const auto top = static_cast<std::size_t>(std::ranges::max_element(y) - y.begin());
  if (top == 0 || top + 1 == y.size()) return {};
  const double a = std::log(x[top - 1]);
  const double b = std::log(x[top]);
  const double c = std::log(x[top + 1]);
  const double left = (y[top] - y[top - 1]) / (b - a);
  const double right = (y[top + 1] - y[top]) / (c - b);
  const double curvature = (right - left) / (c - a);
  return std::exp((a + b) / 2 - left / (2 * curvature));
}

/// The peak of the mean curve, its error by the jackknife over draws, which share their random
/// numbers along the sweep.
Estimate peak(const RandomSweepOptions& options, const Sweep& sweep, double exponent) {
  const std::size_t draws = sweep.front().size();
  const auto curve_without = [&](std::size_t left_out) {
    std::vector<double> y(sweep.size(), 0.0);
    for (std::size_t s = 0; s < sweep.size(); ++s) {
      for (std::size_t d = 0; d < draws; ++d) y[s] += d == left_out ? 0 : sweep[s][d].top;
      y[s] *= growth(options, exponent, options.logit_deviations[s]);
    }
    return y;
  };
  const auto all = peak_of(options.logit_deviations, curve_without(draws));
  if (!all) return {};
  std::vector<double> parts;
  for (std::size_t d = 0; d < draws; ++d) {
    const auto one = peak_of(options.logit_deviations, curve_without(d));
    if (!one) return {*all, *all, Status::not_converged};
    parts.push_back(*one);
  }
  const Estimate mean = over_draws(parts);
  return {*all, mean.standard_error * static_cast<double>(draws - 1), Status::ok};
}

Estimate scaled(const Estimate& estimate, double factor) {
  return {estimate.value * factor, estimate.standard_error * factor, estimate.status};
}

Figure curvature_figure(const RandomSweepOptions& options, const Sweep& sweep) {
  Figure figure{
      "top_eigenvalue",
      "Top eigenvalue against the spread of the logits",
      fmt::format("Mean over {} draws under the schedules σ_c = (σ_z/{:.3g})^a {:.3g} at fixed "
                  "σ_E/σ_c; dashed: D σ_c² λ_P, the limit of many examples and parameters, which "
                  "lies below since the top of C - 1 nearly equal eigenvalues is looked at.",
                  options.draws,
                  options.model.logit_deviation,
                  options.model.shared_deviation),
      {"standard deviation of the logits σ_z", "log"},
      {"λ_1 [1/θ²]", "log"},
      {}};
  const auto classes = static_cast<double>(options.model.classes);
  for (const double exponent : options.growth_exponents) {
    std::vector<Estimate> values;
    Series limit{"", {}, {}, {}, "dashed", ""};
    for (std::size_t s = 0; s < sweep.size(); ++s) {
      const double x = options.logit_deviations[s];
      const double factor = growth(options, exponent, x);
      values.push_back(
          scaled(over_draws_of(sweep[s], [](const SweepDraw& d) { return d.top; }), factor));
      limit.x.push_back(x);
      limit.y.push_back(
          factor * theory::random_hessian_limits({x,
                                                  classes,
                                                  static_cast<double>(options.model.parameters),
                                                  options.model.shared_deviation,
                                                  options.model.residual_deviation})
                       .top_eigenvalue);
    }
    const std::string label = fmt::format("a = {:.3g}", exponent);
    figure.series.push_back(series_of(label, options.logit_deviations, values, "line+points"));
    limit.label = label + ", limit";
    limit.group = label;
    figure.series.push_back(std::move(limit));
  }
  return figure;
}

Figure goldilocks_figure(const RandomSweepOptions& options,
                         const std::vector<Estimate>& full,
                         const std::vector<Estimate>& planes) {
  const double limit =
      (1 + std::pow(options.model.residual_deviation / options.model.shared_deviation, 2)) *
      std::sqrt(static_cast<double>(options.model.classes - 1));
  return {"goldilocks",
          "Trace over norm against the spread of the logits",
          fmt::format("tr H/‖H‖_F, Frobenius norm, of H and of its projection to {} random "
                      "planes of dimension {} a draw, over {} draws. It falls where the "
                      "probabilities freeze, because few of the {} examples then carry curvature: "
                      "the limit of infinitely many examples, dashed, does not depend on σ_z.",
                      options.planes,
                      options.plane_dimension,
                      options.draws,
                      options.model.examples),
          {"standard deviation of the logits σ_z", "log"},
          {"tr H / ‖H‖", "linear"},
          {series_of("H", options.logit_deviations, full, "line+points"),
           series_of(fmt::format("{}-dimensional planes", options.plane_dimension),
                     options.logit_deviations,
                     planes,
                     "line+points"),
           {"N, D → ∞",
            {options.logit_deviations.front(), options.logit_deviations.back()},
            {limit, limit},
            {},
            "dashed",
            "limit"}}};
}

}  // namespace

Measured measure_random_sweep(const RunView* view,
                              const MeasureSettings& settings,
                              TomlReader& reader) {
  RandomSweepOptions options;
  reader.read(options.model);
  reader.read(options);
  reader.finish();
  validate(options.model, "measure " + settings.name);
  const std::string where = "measure " + settings.name;
  if (options.logit_deviations.size() < 2 || !std::ranges::is_sorted(options.logit_deviations)) {
    reject({where + ", logit_deviations", "", "must be two ascending numbers at least", ""});
  }
  if (options.model.parameters <= std::max(options.model.classes + 1, options.plane_dimension) ||
      !(options.model.shared_deviation > 0) || !(options.model.logit_deviation > 0)) {
    reject({where,
            "",
            "needs shared_deviation > 0, logit_deviation > 0 and more parameters than classes and "
            "dimensions of a plane",
            ""});
  }
  if (view == nullptr) return {};
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view->recipe().head.seed)).fork("random-sweep", 0);
  const std::size_t points = options.logit_deviations.size();
  Sweep sweep(points, std::vector<SweepDraw>(static_cast<std::size_t>(options.draws)));
  view->in_parallel(points * sweep.front().size(), [&](std::size_t task) {
    const std::size_t d = task / points;
    sweep[task % points][d] = look(options, options.logit_deviations[task % points], noise, d);
  });

  Measured measured;
  const auto classes = static_cast<double>(options.model.classes);
  Table table{
      "sweep",
      "The random model against the spread of its logits",
      fmt::format(
          "Means over {} draws at σ_c = {:.4g}.", options.draws, options.model.shared_deviation),
      {"σ_z", "λ_1", "tr H/‖H‖", "the same in planes", "gradient share", "λ_(C-1)/λ_C"},
      {}};
  std::vector<Estimate> full;
  std::vector<Estimate> planes;
  for (std::size_t s = 0; s < points; ++s) {
    const double x = options.logit_deviations[s];
    const Estimate top = over_draws_of(sweep[s], [](const SweepDraw& d) { return d.top; });
    full.push_back(over_draws_of(sweep[s], [](const SweepDraw& d) { return d.trace_over_norm; }));
    planes.push_back(
        over_draws_of(sweep[s], [](const SweepDraw& d) { return d.plane_trace_over_norm; }));
    const Estimate share =
        over_draws_of(sweep[s], [](const SweepDraw& d) { return d.gradient_share; });
    const Estimate gap = over_draws_of(sweep[s], [](const SweepDraw& d) { return d.outlier_gap; });
    const Coordinates here{{"logit_deviation", x}};
    measured.findings.push_back({"top_eigenvalue", here, top, "1/θ²"});
    measured.findings.push_back({"trace_over_norm", here, full.back(), "1"});
    measured.findings.push_back({"plane_trace_over_norm", here, planes.back(), "1"});
    measured.findings.push_back({"gradient_share", here, share, "1"});
    table.rows.push_back({fmt::format("{:.3g}", x),
                          cell(top),
                          cell(full.back()),
                          cell(planes.back()),
                          cell(share),
                          cell(gap)});
  }
  const auto fall = [&](double SweepDraw::*of) {
    std::vector<double> each;
    for (std::size_t d = 0; d < sweep.front().size(); ++d) {
      each.push_back(sweep.front()[d].*of - sweep.back()[d].*of);
    }
    return over_draws(each);
  };
  measured.findings.push_back({"trace_over_norm_fall", {}, fall(&SweepDraw::trace_over_norm), "1"});
  measured.findings.push_back(
      {"plane_trace_over_norm_fall", {}, fall(&SweepDraw::plane_trace_over_norm), "1"});
  Table peaks{"peaks",
              "Where the top eigenvalue peaks",
              "σ_z of the largest mean λ_1 by a parabola in ln σ_z, error by the jackknife over "
              "draws, for each schedule; beside the argmax of σ_z^{2a}(1 - EΣp²).",
              {"a", "σ_z at the peak", "limit", "λ_1(peak)/λ_1(least σ_z)"},
              {}};
  for (const double exponent : options.growth_exponents) {
    const Estimate at = peak(options, sweep, exponent);
    const theory::Value limit = theory::top_eigenvalue_peak(classes, exponent);
    std::vector<double> rise;
    for (std::size_t d = 0; d < sweep.front().size(); ++d) {
      double highest = 0;
      for (std::size_t s = 0; s < points; ++s) {
        highest = std::max(
            highest, growth(options, exponent, options.logit_deviations[s]) * sweep[s][d].top);
      }
      rise.push_back(highest / (growth(options, exponent, options.logit_deviations.front()) *
                                sweep.front()[d].top));
    }
    const Coordinates here{{"growth_exponent", exponent}};
    measured.findings.push_back({"peak_logit_deviation", here, at, "1"});
    measured.findings.push_back({"peak_over_start", here, over_draws(rise), "1"});
    peaks.rows.push_back({fmt::format("{:.3g}", exponent),
                          cell(at),
                          limit.status == Status::ok ? fmt::format("{:.4g}", limit.value) : "none",
                          cell(over_draws(rise))});
  }
  measured.tables = {std::move(table), std::move(peaks)};
  measured.figures = {curvature_figure(options, sweep), goldilocks_figure(options, full, planes)};
  measured.data.put_vector(
      "logit_deviation", "point", options.logit_deviations, "1", "standard deviation of logits");
  return measured;
}

}  // namespace thermoscape
