#include <algorithm>
#include <cmath>
#include <utility>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/analysis/jackknife.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/thermal_probe/wall_density.hpp"

namespace thermoscape {

namespace {

Estimate over(Estimate estimate, double divisor) {
  return {estimate.value / divisor, estimate.standard_error / divisor, estimate.status};
}

std::string label_of(const WallPoint& point) {
  return fmt::format("T = {:.3g}", point.law.temperature);
}

Figure density_figure(const std::vector<WallPoint>& points) {
  Figure figure{"density",
                "Density of the wall's coordinate",
                "Points: histogram of the simulated walls (jackknife errors over groups of walls). "
                "Lines: p(θ) ∝ exp(-ℓ(θ)/T) on "
                "θ ≥ -θ*. Dashes: the Gaussian p_Q of the loss expanded to second order where ℓ(θ) "
                "= ⟨ℓ⟩. T is the temperature "
                "that one wall feels.",
                {"θ", "linear"},
                {"p(θ)", "linear"},
                {}};
  for (const WallPoint& point : points) {
    Series histogram{label_of(point), {}, {}, {}, "points", label_of(point)};
    for (std::size_t b = 0; b < point.all.bins.size(); ++b) {
      std::vector<double> without;
      for (const WallSums& group : point.groups) {
        without.push_back((point.all.bins[b] - group.bins[b]) / (point.all.count - group.count) /
                          point.bin_width);
      }
      const Estimate density =
          analysis::jackknife(point.all.bins[b] / point.all.count / point.bin_width, without);
      histogram.x.push_back(-point.law.cutoff + point.bin_width * (static_cast<double>(b) + 0.5));
      histogram.y.push_back(density.value);
      histogram.y_error.push_back(density.standard_error);
    }
    figure.series.push_back(std::move(histogram));
    Series exact{label_of(point) + ", exact", {}, {}, {}, "line", label_of(point)};
    Series quadratic{label_of(point) + ", p_Q", {}, {}, {}, "dashed", label_of(point)};
    const double right = point.law.quadratic_centre + 3 * std::sqrt(point.law.quadratic_variance);
    for (int i = 0; i <= 600; ++i) {
      const double theta = -point.law.cutoff * 1.1 + (right + point.law.cutoff * 1.1) * i / 600;
      exact.x.push_back(theta);
      exact.y.push_back(point.law.density(theta));
      quadratic.x.push_back(theta);
      quadratic.y.push_back(point.law.quadratic_density(theta));
    }
    figure.series.push_back(std::move(exact));
    figure.series.push_back(std::move(quadratic));
  }
  return figure;
}

Figure loss_figure(const std::vector<WallPoint>& points, const ExponentialWallSettings& wall) {
  Figure figure{"potential",
                "Loss of a wall and its expansions",
                "ℓ(θ) in units of T beside the parabolas that p_Q takes for it. A parabola that "
                "follows the wall where ℓ = ⟨ℓ⟩ "
                "misses the flat bottom.",
                {"θ", "linear"},
                {"ℓ(θ)/T", "linear"},
                {}};
  for (const WallPoint& point : points) {
    const WallLaw& law = point.law;
    Series exact{label_of(point), {}, {}, {}, "line", label_of(point)};
    Series parabola{label_of(point) + ", expanded", {}, {}, {}, "dashed", label_of(point)};
    for (int i = 0; i <= 400; ++i) {
      const double right = law.quadratic_centre + 3.5 * std::sqrt(law.quadratic_variance);
      const double theta = -law.cutoff + (right + law.cutoff) * i / 400;
      const double loss = wall.at(0, theta).loss / law.temperature;
      const double from_centre = theta - law.quadratic_centre;
      if (loss < 6) {
        exact.x.push_back(theta);
        exact.y.push_back(loss);
      }
      if (const double expanded = from_centre * from_centre / (2 * law.quadratic_variance);
          expanded < 6) {
        parabola.x.push_back(theta);
        parabola.y.push_back(expanded);
      }
    }
    figure.series.push_back(std::move(exact));
    figure.series.push_back(std::move(parabola));
  }
  return figure;
}

std::string cell(const theory::Value& value) {
  if (value.status == Status::undefined) return "—";
  return fmt::format("{:.5g}{}", value.value, value.status == Status::ok ? "" : " [out of range]");
}

Table statistics_table(const std::vector<WallPoint>& points) {
  Table table{"statistics",
              "One wall: simulation, exact value, limit of a wide box",
              "T is the temperature that a wall feels. Entropy at θ0 = 1. Errors by jackknife over "
              "groups of walls.",
              {"T", "quantity", "simulated", "exact", "limit u → 0"},
              {}};
  for (const WallPoint& point : points) {
    const WallLaw& law = point.law;
    const double t = law.temperature;
    const auto row = [&](const char* name,
                         WallStatistic statistic,
                         double unit,
                         double exact,
                         theory::Value limit) {
      const Estimate value = over(estimate(point, statistic), unit);
      limit.value /= unit;
      table.rows.push_back({fmt::format("{:.3g}", t),
                            name,
                            with_error(value.value, value.standard_error),
                            fmt::format("{:.5g}", exact / unit),
                            cell(limit)});
    };
    row("⟨ℓ⟩/T", mean_of, t, law.mean, law.mean_limit);
    row("σ²/T²", variance_of, t * t, law.variance, law.variance_limit);
    row("⟨ℓ''⟩/T", curvature_of, t, law.curvature, law.curvature_limit);
    row("S", entropy_of, 1, law.entropy, law.entropy_limit);
  }
  return table;
}

Table quadratic_table(const std::vector<WallPoint>& points) {
  Table table{"quadratic",
              "How far the quadratic approximation fails",
              "Total variation ½∫|p - q|, between 0 and 1, of the simulated histogram (its noise "
              "alone gives the first column a "
              "small positive value) and of theory; KL(p‖p_Q) in nats.",
              {"T",
               "histogram to p",
               "histogram to p_Q",
               "p to p_Q",
               "KL(p‖p_Q)",
               "p_Q: centre",
               "p_Q: deviation"},
              {}};
  for (const WallPoint& point : points) {
    const Estimate quadratic = estimate(point, distance_to_quadratic);
    table.rows.push_back({fmt::format("{:.3g}", point.law.temperature),
                          fmt::format("{:.2g}", distance_to_exact(point, point.all)),
                          with_error(quadratic.value, quadratic.standard_error),
                          fmt::format("{:.4f}", point.law.total_variation),
                          fmt::format("{:.4f}", point.law.divergence),
                          fmt::format("{:.3f}", point.law.quadratic_centre),
                          fmt::format("{:.3f}", std::sqrt(point.law.quadratic_variance))});
  }
  return table;
}

void store_point(const WallPoint& point, Dataset& data) {
  Dataset& group = data.make_group(fmt::format("T_{:.3g}", point.law.temperature));
  for (const auto& [key, value] : point.where) group.attributes[key] = value;
  group.attributes["wall_temperature"] = point.law.temperature;
  group.attributes["looks"] = point.all.count;
  std::vector<double> centre;
  std::vector<double> density;
  std::vector<double> exact;
  std::vector<double> quadratic;
  for (std::size_t b = 0; b < point.all.bins.size(); ++b) {
    const double theta = -point.law.cutoff + point.bin_width * (static_cast<double>(b) + 0.5);
    centre.push_back(theta);
    density.push_back(point.all.bins[b] / point.all.count / point.bin_width);
    exact.push_back(point.law.density(theta));
    quadratic.push_back(point.law.quadratic_density(theta));
  }
  group.put_vector("theta", "bin", centre, "1", "centre of the bin");
  group.put_vector("density", "bin", density, "1", "simulated density of the wall's coordinate");
  group.put_vector("exact_density", "bin", exact, "1", "p(θ) ∝ exp(-ℓ/T)");
  group.put_vector("quadratic_density", "bin", quadratic, "1", "the Gaussian p_Q");
}

}  // namespace

Measured measure_wall_density(const RunView* view,
                              const MeasureSettings& settings,
                              TomlReader& reader) {
  WallDensityOptions options;
  reader.read(options);
  reader.read(options.window);
  reader.finish();
  if (view == nullptr) return {};
  const std::vector<WallPoint> points = wall_points(*view, settings.phase, options);
  Measured measured;
  std::vector<std::pair<std::string, std::vector<Estimate>>> pooled;
  const auto add = [&](const WallPoint& point, const std::string& name, const Estimate& value) {
    measured.findings.push_back({name, point.where, value, "1"});
    auto it = std::find_if(
        pooled.begin(), pooled.end(), [&](const auto& one) { return one.first == name; });
    if (it == pooled.end()) it = pooled.insert(pooled.end(), {name, {}});
    it->second.push_back(value);
  };
  for (const WallPoint& point : points) {
    const WallLaw& law = point.law;
    const Estimate entropy = estimate(point, entropy_of);
    add(point, "mean_over_exact", over(estimate(point, mean_of), law.mean));
    add(point, "variance_over_exact", over(estimate(point, variance_of), law.variance));
    add(point, "curvature_over_exact", over(estimate(point, curvature_of), law.curvature));
    add(point,
        "entropy_less_exact",
        {entropy.value - law.entropy, entropy.standard_error, entropy.status});
    add(point, "mean_over_limit", over(estimate(point, mean_of), law.mean_limit.value));
    add(point, "variance_over_limit", over(estimate(point, variance_of), law.variance_limit.value));
    // Not bias-corrected: a distance is not smooth at 0. Its error is the jackknife's all the same.
    add(point,
        "total_variation_to_exact",
        {distance_to_exact(point, point.all),
         estimate(point, distance_to_exact).standard_error,
         Status::ok});
    add(point, "total_variation_to_quadratic", estimate(point, distance_to_quadratic));
    store_point(point, measured.data);
  }
  for (const auto& [name, values] : pooled) {
    if (values.size() > 1)
      measured.findings.push_back({name, {}, analysis::combine(values).estimate, "1"});
  }
  measured.figures = {
      density_figure(points),
      loss_figure(points, std::get<ExponentialWallSettings>(view->recipe().objective))};
  measured.tables = {statistics_table(points), quadratic_table(points)};
  return measured;
}

}  // namespace thermoscape
