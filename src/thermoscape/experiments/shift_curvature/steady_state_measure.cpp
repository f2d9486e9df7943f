#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/shift_curvature/steady_state_figures.hpp"
#include "thermoscape/theory/synthetic_basins.hpp"

namespace thermoscape {

namespace {

std::string at(double temperature) {
  return fmt::format("T = {:.3g}", temperature);
}

/// z² of independent comparisons of paths with the exact numbers, on average: 1 if they agree.
Estimate mean_square(const std::vector<double>& z) {
  if (z.empty()) return {};
  double sum = 0;
  for (const double one : z) sum += one * one;
  const auto n = static_cast<double>(z.size());
  return {sum / n, std::sqrt(2 / n), Status::ok};
}

void add_findings(const std::vector<SteadyPoint>& points, Measured& measured) {
  std::vector<double> z;
  double worst = 0;
  int relaxed = 0;
  for (const SteadyPoint& p : points) {
    const Coordinates where{{"temperature", p.temperature}};
    const auto add = [&](const std::string& name, const Estimate& value, const char* unit) {
      measured.findings.push_back({name, where, value, unit});
    };
    for (std::size_t k = 0; k < p.exact.probabilities.size(); ++k)
      add(fmt::format("basin_{}_probability", k + 1), p.exact.probabilities[k], "1");
    add("train_loss", p.exact.train_loss, "loss");
    add("test_loss", p.exact.test_loss, "loss");
    add("end_density", {p.end_density, 0, Status::ok}, "1");
    if (p.mixture.test_loss.ok()) {
      add("mixture_test_loss", p.mixture.test_loss, "loss");
      add("depth_and_shift", p.depth_and_shift, "loss");
    }
    // The test loss is a function of the same paths: one comparison a temperature.
    if (p.paths.test_loss.ok() && p.paths.test_loss.standard_error > 0)
      z.push_back((p.paths.test_loss.value - p.exact.test_loss.value) /
                  p.paths.test_loss.standard_error);
    if (!p.density.train_loss.ok()) continue;
    ++relaxed;
    for (std::size_t k = 0; k < p.exact.probabilities.size(); ++k)
      worst = std::max(worst,
                       std::abs(p.density.probabilities[k].value - p.exact.probabilities[k].value));
  }
  measured.findings.push_back({"paths_chi_squared", {}, mean_square(z), "1"});
  measured.findings.push_back(
      {"fokker_planck_distance",
       {},
       relaxed > 0 ? Estimate{worst, 0, Status::ok} : Estimate{worst, 0, Status::not_converged},
       "1"});
}

void add_special_temperatures(const SteadyStateOptions& options, Measured& measured) {
  if (options.figure.empty() || options.noise != std::vector<double>{1}) return;
  const auto form = options.form == "density" ? theory::SyntheticForm::density
                                              : theory::SyntheticForm::log_density;
  const theory::SyntheticLoss loss = theory::paper_synthetic_loss(options.figure, form);
  const theory::SyntheticCrossings special =
      theory::synthetic_crossings(loss, 2 * options.temperatures.back());
  const auto add = [&](const char* name, const theory::Value& one) {
    measured.findings.push_back({name, {}, {one.value, 0, one.status}, "time"});
  };
  add("equal_weight_temperature", special.equal_weight);
  add("best_temperature", special.best_temperature);
}

void add_escape(const SteadyGround& ground,
                const SteadyStateOptions& options,
                const Noise& noise,
                Measured& measured) {
  if (options.escape_temperature <= 0) return;
  const EscapeCurve escape = escape_curve(ground, options, noise);
  Figure figure{"escape",
                "Escape from a basin: " + at(options.escape_temperature),
                fmt::format("Share still on its side of the barrier at θ = {:.3f}, from a narrow "
                            "start at θ = {:g}. Line: Fokker-Planck equation. Points: paths of the "
                            "SDE with binomial errors.",
                            escape.barrier,
                            options.escape_from),
                {"t [time]", "linear"},
                {"share", "linear"},
                {}};
  Series paths{"paths", escape.time, {}, {}, "points", "paths"};
  for (const Estimate& one : escape.paths) {
    paths.y.push_back(one.value);
    paths.y_error.push_back(one.standard_error);
  }
  figure.series = {{"Fokker-Planck", escape.time, escape.density, {}, "line", "equation"},
                   std::move(paths)};
  measured.figures.push_back(std::move(figure));
  Estimate last = escape.paths.back();
  last.value -= escape.density.back();
  measured.findings.push_back({"escape_paths_less_equation", {}, last, "1"});
}

/// Weights by the order of each minimum, where one is not quadratic.
void add_orders(const SteadyGround& ground,
                const std::vector<SteadyPoint>& points,
                Measured& measured) {
  Table table{"orders",
              "Basins of any even order",
              "J: order of the first derivative that does not vanish. Weight ∝ e^{-2U/T} "
              "2Γ(1+1/J) (T J!/2)^{1/J} (∂^J U)^{-1/J} (appendix E), beside the exact one.",
              {"T", "basin", "θ_k", "J", "∂^J U", "weight", "exact"},
              {}};
  double worst = 0;
  for (const SteadyPoint& point : points) {
    const theory::SteadyState state(ground.landscape, point.temperature, ground.breaks);
    const std::vector<OrderedBasin> basins = ordered_basins(ground, state);
    if (std::all_of(basins.begin(), basins.end(), [](const auto& b) { return b.order == 2; }))
      return;
    std::vector<double> depths;
    std::vector<double> integrals;
    for (const OrderedBasin& basin : basins) {
      depths.push_back(ground.landscape.loss(basin.minimum));
      integrals.push_back(
          theory::log_even_order_integral({basin.derivative}, basin.order, point.temperature));
    }
    const std::vector<double> weights =
        theory::even_order_weights(depths, integrals, point.temperature);
    for (std::size_t k = 0; k < basins.size() && k < point.exact.probabilities.size(); ++k) {
      const double exact = point.exact.probabilities[k].value;
      if (point.temperature == points.front().temperature)
        worst = std::max(worst, std::abs(weights[k] - exact));
      table.rows.push_back({fmt::format("{:.3g}", point.temperature),
                            fmt::format("{}", k + 1),
                            fmt::format("{:.4g}", basins[k].minimum),
                            fmt::format("{}", basins[k].order),
                            fmt::format("{:.4g}", basins[k].derivative),
                            fmt::format("{:.5f}", weights[k]),
                            fmt::format("{:.5f}", exact)});
    }
  }
  measured.tables.push_back(std::move(table));
  measured.findings.push_back({"order_weight_distance", {}, {worst, 0, Status::ok}, "1"});
}

void put_points(const std::vector<SteadyPoint>& points, Dataset& data) {
  for (const SteadyPoint& p : points) {
    Dataset& group = data.make_group(fmt::format("T_{:.4g}", p.temperature));
    group.attributes["temperature"] = p.temperature;
    group.put_vector("theta", "bin", p.centres, "1", "centre of the bin");
    group.put_vector("density", "bin", p.histogram, "1", "simulated density");
    group.put_vector("density_error", "bin", p.histogram_error, "1", "its standard error");
    group.put_vector("exact_density", "bin", p.exact_density, "1", "ρ ∝ e^{-2v/T}");
    group.put_vector("mixture_density", "bin", p.mixture_density, "1", "Gaussian basins");
  }
}

}  // namespace

Measured measure_steady_state(const RunView* view,
                              const MeasureSettings& settings,
                              TomlReader& reader) {
  auto options = read_options<SteadyStateOptions>(reader);
  std::sort(options.temperatures.begin(), options.temperatures.end());
  const SteadyGround ground = steady_ground(options, reader.where());
  if (view == nullptr) return {};
  const Noise noise = Noise(static_cast<std::uint64_t>(view->recipe().head.seed))
                          .fork("measure " + settings.name, 0);
  std::vector<SteadyPoint> points(options.temperatures.size());
  view->in_parallel(points.size(), [&](std::size_t i) {
    points[i] =
        steady_point(ground, options, options.temperatures[i], noise.fork("temperature", i));
  });
  Measured measured;
  measured.figures = {landscape_figure(ground, options, points),
                      density_figure(points),
                      probability_figure(points),
                      loss_figure(points)};
  measured.tables = {averages_table(points), basins_table(points)};
  add_findings(points, measured);
  add_special_temperatures(options, measured);
  add_escape(ground, options, noise, measured);
  add_orders(ground, points, measured);
  put_points(points, measured.data);
  if (!options.figure.empty()) {
    measured.notes.push_back(
        fmt::format("the paper prints the parameters of Fig. {}, not the loss: this is the form {}",
                    options.figure,
                    options.form == "density" ? "U = cθ² - Σ w N" : "U = -ln(c + Σ w N)"));
  }
  for (const SteadyPoint& p : points) {
    if (p.end_density > 1e-3)
      measured.notes.push_back(
          fmt::format("{}: the density at an end is {:.2g} of its largest: the ends matter",
                      at(p.temperature),
                      p.end_density));
  }
  return measured;
}

}  // namespace thermoscape
