#include <algorithm>
#include <cmath>
#include <utility>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/analysis/jackknife.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/wall_law.hpp"

namespace thermoscape {

namespace {

struct WallDensityOptions {
  WindowSettings window;
  std::int64_t bins = 160;
  std::int64_t groups = 25;

  static constexpr auto fields() {
    using O = WallDensityOptions;
    return std::tuple{field("bins", &O::bins, "1", "bins of the histogram between cut-off and wall", Range{10, 10000}),
                      field("groups", &O::groups, "1", "groups of walls behind the jackknife errors", Range{5, 1000})};
  }
};

/// Sums over the looks of some walls, from which every statistic of one wall follows.
struct WallSums {
  double count = 0;
  double loss = 0;
  double square = 0;
  double curvature = 0;
  std::vector<double> bins;

  void add(const WallSums& other, double sign) {
    count += sign * other.count;
    loss += sign * other.loss;
    square += sign * other.square;
    curvature += sign * other.curvature;
    for (std::size_t b = 0; b < bins.size(); ++b) bins[b] += sign * other.bins[b];
  }
};

/// One temperature: the sums of each group of walls, and the law they should follow.
struct WallPoint {
  Coordinates where;
  WallLaw law;
  double bin_width = 0;
  std::vector<WallSums> groups;
  WallSums all;
};

double mean_of(const WallPoint&, const WallSums& sums) { return sums.loss / sums.count; }
double curvature_of(const WallPoint&, const WallSums& sums) { return sums.curvature / sums.count; }
double variance_of(const WallPoint& point, const WallSums& sums) {
  const double mean = mean_of(point, sums);
  return sums.square / sums.count - mean * mean;
}
/// -∫ p ln p: the entropy ln Z + ⟨ℓ⟩/T at θ0 = 1. The width of a bin takes (1/24)∫(p' w)²/p, about 1e-4 here.
double entropy_of(const WallPoint& point, const WallSums& sums) {
  double entropy = 0;
  for (const double count : sums.bins) {
    const double share = count / sums.count;
    if (share > 0) entropy -= share * std::log(share / point.bin_width);
  }
  return entropy;
}
/// ½Σ|share - ∫q| of the bins and of what q has outside them, for a density q.
template <class Density>
double total_variation(const WallPoint& point, const WallSums& sums, Density&& q) {
  double distance = 0;
  double inside = 0;
  for (std::size_t b = 0; b < sums.bins.size(); ++b) {
    const double left = -point.law.cutoff + point.bin_width * static_cast<double>(b);
    const double expected =
        point.bin_width * (q(left + 1e-12) + 4 * q(left + 0.5 * point.bin_width) + q(left + point.bin_width)) / 6;
    inside += expected;
    distance += std::abs(sums.bins[b] / sums.count - expected);
  }
  return 0.5 * (distance + std::max(0.0, 1 - inside));
}
double distance_to_exact(const WallPoint& point, const WallSums& sums) {
  return total_variation(point, sums, point.law.density);
}
double distance_to_quadratic(const WallPoint& point, const WallSums& sums) {
  return total_variation(point, sums, [&](double theta) { return point.law.quadratic_density(theta); });
}

using Statistic = double (*)(const WallPoint&, const WallSums&);

Estimate estimate(const WallPoint& point, Statistic statistic) {
  std::vector<double> without;
  for (const WallSums& group : point.groups) {
    WallSums rest = point.all;
    rest.add(group, -1);
    without.push_back(statistic(point, rest));
  }
  return analysis::jackknife(statistic(point, point.all), without);
}

Estimate over(Estimate estimate, double divisor) { return {estimate.value / divisor, estimate.standard_error / divisor, estimate.status}; }

/// Adds the looks of one task to the groups: wall i of a replica belongs to group i mod g, so groups are independent.
void add_task(const RunView& view, std::size_t index, const ExponentialWallSettings& wall, const WallDensityOptions& options,
              WallPoint& point) {
  const Branch& branch = view.branch(index);
  const double temperature = *rule_parameter(branch.rule, "temperature");
  const double duration = time_step(branch.rule) * static_cast<double>(branch.stop.steps);
  const auto [from, to] = options.window.resolve(temperature, duration);
  const Recorded theta = view.recorded(index, "theta");
  const auto [first, last] = window_of(theta, from, to);
  const auto walls = static_cast<std::size_t>(wall.walls);
  for (std::size_t row = first; row < last; ++row) {
    for (std::size_t i = 0; i < walls; ++i) {
      const double x = wall.unfolded(theta.values[row * theta.width + i]);
      const LocalLoss at = wall.at(0, x);
      WallSums& sums = point.groups[i % point.groups.size()];
      sums.count += 1;
      sums.loss += at.loss;
      sums.square += at.loss * at.loss;
      sums.curvature += at.curvature;
      const auto bin = static_cast<std::size_t>((x + wall.cutoff) / point.bin_width);
      sums.bins[std::min(bin, sums.bins.size() - 1)] += 1;
    }
  }
}

std::vector<WallPoint> wall_points(const RunView& view, const std::string& phase, const WallDensityOptions& options) {
  const auto* wall = std::get_if<ExponentialWallSettings>(&view.recipe().objective);
  if (wall == nullptr) reject({"analysis wall-density", "", "needs the objective exponential-wall", ""});
  if (wall->walls < options.groups) {
    reject({"groups", fmt::format("{}", options.groups), fmt::format("must be at most the {} walls", wall->walls), ""});
  }
  std::vector<WallPoint> points;
  for (const std::size_t index : view.tasks_of(phase)) {
    const Coordinates& where = view.task(index).where;
    auto it = std::find_if(points.begin(), points.end(), [&](const WallPoint& one) { return one.where == where; });
    if (it == points.end()) {
      const double temperature = rule_parameter(view.branch(index).rule, "temperature").value_or(0);
      WallPoint point;
      point.where = where;
      point.law = wall_law(*wall, temperature * static_cast<double>(wall->walls));
      point.bin_width = (point.law.top + wall->cutoff) / static_cast<double>(options.bins);
      const WallSums empty{0, 0, 0, 0, std::vector<double>(static_cast<std::size_t>(options.bins))};
      point.groups.assign(static_cast<std::size_t>(options.groups), empty);
      point.all = empty;
      it = points.insert(points.end(), std::move(point));
    }
    if (view.end(index).status == Status::ok) add_task(view, index, *wall, options, *it);
  }
  for (WallPoint& point : points) {
    for (const WallSums& group : point.groups) point.all.add(group, 1);
    if (!(point.all.count > 0)) reject({"analysis wall-density", "", "has no look in its window", "record theta more often"});
  }
  return points;
}

std::string label_of(const WallPoint& point) { return fmt::format("T = {:.3g}", point.law.temperature); }

Figure density_figure(const std::vector<WallPoint>& points) {
  Figure figure{"density",
                "Density of the wall's coordinate",
                "Points: histogram of the simulated walls (jackknife errors over groups of walls). Lines: p(θ) ∝ exp(-ℓ(θ)/T) on "
                "θ ≥ -θ*. Dashes: the Gaussian p_Q of the loss expanded to second order where ℓ(θ) = ⟨ℓ⟩. T is the temperature "
                "that one wall feels.",
                {"θ", "linear"},
                {"p(θ)", "linear"},
                {}};
  for (const WallPoint& point : points) {
    Series histogram{label_of(point), {}, {}, {}, "points", label_of(point)};
    for (std::size_t b = 0; b < point.all.bins.size(); ++b) {
      std::vector<double> without;
      for (const WallSums& group : point.groups) {
        without.push_back((point.all.bins[b] - group.bins[b]) / (point.all.count - group.count) / point.bin_width);
      }
      const Estimate density = analysis::jackknife(point.all.bins[b] / point.all.count / point.bin_width, without);
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
                "ℓ(θ) in units of T beside the parabolas that p_Q takes for it. A parabola that follows the wall where ℓ = ⟨ℓ⟩ "
                "misses the flat bottom.",
                {"θ", "linear"},
                {"ℓ(θ)/T", "linear"},
                {}};
  for (const WallPoint& point : points) {
    const WallLaw& law = point.law;
    Series exact{label_of(point), {}, {}, {}, "line", label_of(point)};
    Series parabola{label_of(point) + ", expanded", {}, {}, {}, "dashed", label_of(point)};
    for (int i = 0; i <= 400; ++i) {
      const double theta = -law.cutoff + (law.top + law.cutoff) * i / 400;
      const double loss = wall.at(0, theta).loss / law.temperature;
      const double from_centre = theta - law.quadratic_centre;
      if (loss < 6) {
        exact.x.push_back(theta);
        exact.y.push_back(loss);
      }
      if (const double expanded = from_centre * from_centre / (2 * law.quadratic_variance); expanded < 6) {
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
              "T is the temperature that a wall feels. Entropy at θ0 = 1. Errors by jackknife over groups of walls.",
              {"T", "quantity", "simulated", "exact", "limit u → 0"},
              {}};
  for (const WallPoint& point : points) {
    const WallLaw& law = point.law;
    const double t = law.temperature;
    const auto row = [&](const char* name, Statistic statistic, double unit, double exact, theory::Value limit) {
      const Estimate value = over(estimate(point, statistic), unit);
      limit.value /= unit;
      table.rows.push_back({fmt::format("{:.3g}", t), name, with_error(value.value, value.standard_error),
                            fmt::format("{:.5g}", exact / unit), cell(limit)});
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
              "Total variation ½∫|p - q|, between 0 and 1, of the simulated histogram (its noise alone gives the first column a "
              "small positive value) and of theory; KL(p‖p_Q) in nats.",
              {"T", "histogram to p", "histogram to p_Q", "p to p_Q", "KL(p‖p_Q)", "p_Q: centre", "p_Q: deviation"},
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

Measured measure_wall_density(const RunView* view, const MeasureSettings& settings, TomlReader& reader) {
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
    auto it = std::find_if(pooled.begin(), pooled.end(), [&](const auto& one) { return one.first == name; });
    if (it == pooled.end()) it = pooled.insert(pooled.end(), {name, {}});
    it->second.push_back(value);
  };
  for (const WallPoint& point : points) {
    const WallLaw& law = point.law;
    const Estimate entropy = estimate(point, entropy_of);
    add(point, "mean_over_exact", over(estimate(point, mean_of), law.mean));
    add(point, "variance_over_exact", over(estimate(point, variance_of), law.variance));
    add(point, "curvature_over_exact", over(estimate(point, curvature_of), law.curvature));
    add(point, "entropy_less_exact", {entropy.value - law.entropy, entropy.standard_error, entropy.status});
    add(point, "mean_over_limit", over(estimate(point, mean_of), law.mean_limit.value));
    add(point, "variance_over_limit", over(estimate(point, variance_of), law.variance_limit.value));
    // Not bias-corrected: a distance is not smooth at 0. Its error is the jackknife's all the same.
    add(point, "total_variation_to_exact",
        {distance_to_exact(point, point.all), estimate(point, distance_to_exact).standard_error, Status::ok});
    add(point, "total_variation_to_quadratic", estimate(point, distance_to_quadratic));
    store_point(point, measured.data);
  }
  for (const auto& [name, values] : pooled) {
    if (values.size() > 1) measured.findings.push_back({name, {}, analysis::combine(values).estimate, "1"});
  }
  measured.figures = {density_figure(points), loss_figure(points, std::get<ExponentialWallSettings>(view->recipe().objective))};
  measured.tables = {statistics_table(points), quadratic_table(points)};
  return measured;
}

}  // namespace thermoscape
