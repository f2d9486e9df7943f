#include "thermoscape/experiments/shift_curvature/steady_state_figures.hpp"
#include "thermoscape/experiments/table_cell.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "thermoscape/core/finding.hpp"

namespace thermoscape {

namespace {

std::string at(double temperature) {
  return fmt::format("T = {:.3g}", temperature);
}

/// One curve over temperature of what `value` picks, where its status is ok.
template <class Value>
Series curve(const std::vector<SteadyPoint>& points,
             const std::string& label,
             const char* style,
             const std::string& group,
             Value&& value) {
  Series series{label, {}, {}, {}, style, group};
  for (const SteadyPoint& point : points) {
    const Estimate one = value(point);
    if (!one.ok()) continue;
    series.x.push_back(point.temperature);
    series.y.push_back(one.value);
    if (std::string_view(style) == "points") series.y_error.push_back(one.standard_error);
  }
  return series;
}

}  // namespace

Figure landscape_figure(const SteadyGround& ground,
                        const SteadyStateOptions& options,
                        const std::vector<SteadyPoint>& points) {
  Figure figure{"landscape",
                "Train loss, test loss and effective potential",
                "U, its test loss U(θ + shift), and v(θ) up to a constant, drawn from the least U: "
                "with constant noise D = 1 they agree; where D varies v leans to low noise.",
                {"θ", "linear"},
                {"loss", "linear"},
                {}};
  Series train{"train loss U", {}, {}, {}, "line", "train"};
  Series test{"test loss", {}, {}, {}, "dashed", "test"};
  constexpr int kPoints = 600;
  double lowest = ground.landscape.loss(options.low);
  const auto place = [&](int i) {
    return options.low + (options.high - options.low) * i / kPoints;
  };
  for (int i = 0; i <= kPoints; ++i) {
    train.x.push_back(place(i));
    train.y.push_back(ground.landscape.loss(place(i)));
    test.x.push_back(place(i));
    test.y.push_back(ground.landscape.loss(place(i) + ground.shift));
    lowest = std::min(lowest, train.y.back());
  }
  figure.series = {std::move(train), std::move(test)};
  if (ground.constant_noise) return figure;
  for (const SteadyPoint& point : points) {
    const theory::SteadyState state(ground.landscape, point.temperature, ground.breaks);
    Series potential{"v, " + at(point.temperature), {}, {}, {}, "line", at(point.temperature)};
    for (int i = 0; i <= kPoints; ++i) {
      potential.x.push_back(place(i));
      potential.y.push_back(lowest + state.effective_potential(place(i)));
    }
    figure.series.push_back(std::move(potential));
  }
  return figure;
}

Figure density_figure(const std::vector<SteadyPoint>& points) {
  Figure figure{"density",
                "Steady-state density",
                "Points: paths of the SDE after the simulated time, started from the exact state, "
                "with binomial errors. Lines: ρ ∝ e^{-2v/T} by quadrature. Dashes: the mixture of "
                "Gaussian basins.",
                {"θ", "linear"},
                {"ρ(θ)", "log"},
                {}};
  for (const SteadyPoint& point : points) {
    const std::string label = at(point.temperature);
    Series paths{label + ", paths", {}, {}, {}, "points", label};
    for (std::size_t b = 0; b < point.centres.size(); ++b) {
      if (point.histogram[b] <= 0) continue;  // the axis is logarithmic
      paths.x.push_back(point.centres[b]);
      paths.y.push_back(point.histogram[b]);
      paths.y_error.push_back(point.histogram_error[b]);
    }
    Series exact{label + ", exact", point.centres, point.exact_density, {}, "line", label};
    Series mixture{label + ", mixture", {}, {}, {}, "dashed", label};
    const double floor =
        1e-6 * *std::max_element(point.exact_density.begin(), point.exact_density.end());
    for (std::size_t b = 0; b < point.centres.size(); ++b) {
      if (point.mixture_density[b] < floor) continue;
      mixture.x.push_back(point.centres[b]);
      mixture.y.push_back(point.mixture_density[b]);
    }
    figure.series.push_back(std::move(paths));
    figure.series.push_back(std::move(exact));
    figure.series.push_back(std::move(mixture));
  }
  return figure;
}

Figure probability_figure(const std::vector<SteadyPoint>& points) {
  Figure figure{"probability",
                "Probability of each basin",
                "Lines: quadrature. Dashes: Gaussian basins (Eq. 6). Points: Fokker-Planck from a "
                "flat start, where it relaxed; the relaxation time grows as e^{2Δv/T}.",
                {"T [time]", "log"},
                {"P", "linear"},
                {}};
  std::size_t basins = 0;
  for (const SteadyPoint& point : points)
    basins = std::max(basins, point.exact.probabilities.size());
  for (std::size_t k = 0; k < basins; ++k) {
    const std::string group = fmt::format("basin {}", k + 1);
    const auto of = [k](const std::vector<Estimate>& all) {
      return k < all.size() ? all[k] : Estimate{};
    };
    figure.series.push_back(curve(points, group, "line", group, [&](const SteadyPoint& p) {
      return of(p.exact.probabilities);
    }));
    figure.series.push_back(
        curve(points, group + ", mixture", "dashed", group, [&](const SteadyPoint& p) {
          return of(p.mixture.probabilities);
        }));
    figure.series.push_back(
        curve(points, group + ", Fokker-Planck", "points", group, [&](const SteadyPoint& p) {
          return of(p.density.probabilities);
        }));
  }
  return figure;
}

Figure loss_figure(const std::vector<SteadyPoint>& points) {
  Figure figure{"loss",
                "Expected train and test loss",
                "Lines: quadrature. Points: paths of the SDE that started from the exact state. "
                "Dashes: Eq. 4, depth and the curvature terms of shift, bias and covariance; the "
                "last curve keeps depth and shift alone, as Eq. 8 does.",
                {"T [time]", "log"},
                {"⟨U⟩ [loss]", "linear"},
                {}};
  figure.series = {
      curve(points, "test", "line", "test", [](const auto& p) { return p.exact.test_loss; }),
      curve(
          points, "test, paths", "points", "test", [](const auto& p) { return p.paths.test_loss; }),
      curve(points,
            "test, Eq. 4",
            "dashed",
            "test",
            [](const auto& p) { return p.mixture.test_loss; }),
      curve(points,
            "test, Eq. 8",
            "dashed",
            "depth and shift",
            [](const auto& p) { return p.depth_and_shift; }),
      curve(points, "train", "line", "train", [](const auto& p) { return p.exact.train_loss; }),
      curve(points,
            "train, paths",
            "points",
            "train",
            [](const auto& p) { return p.paths.train_loss; }),
      curve(points, "train, mixture", "dashed", "train", [](const auto& p) {
        return p.mixture.train_loss;
      })};
  std::erase_if(figure.series, [](const Series& one) { return one.x.empty(); });
  return figure;
}

Table averages_table(const std::vector<SteadyPoint>& points) {
  Table table{"averages",
              "Steady state by four routes",
              "P is the probability of the leftmost basin. Paths start from the exact state and "
              "must stay in it. Fokker-Planck starts flat and in the first basin; not_converged: "
              "the two did not meet, since barriers were not "
              "crossed in the time of the last column.",
              {"T", "quantity", "quadrature", "mixture", "Fokker-Planck", "paths", "relaxation"},
              {}};
  for (const SteadyPoint& p : points) {
    const auto first = [](const std::vector<Estimate>& all) {
      return all.empty() ? Estimate{} : all.front();
    };
    const auto row = [&](const char* name, auto&& of) {
      table.rows.push_back({fmt::format("{:.3g}", p.temperature),
                            name,
                            cell(of(p.exact)),
                            cell(of(p.mixture)),
                            cell(of(p.density)),
                            cell(of(p.paths)),
                            fmt::format("{:.2g}", p.relaxation)});
    };
    row("P", [&](const SteadyAverages& a) { return first(a.probabilities); });
    row("⟨U⟩", [](const SteadyAverages& a) { return a.train_loss; });
    row("⟨U_test⟩", [](const SteadyAverages& a) { return a.test_loss; });
  }
  return table;
}

Table basins_table(const std::vector<SteadyPoint>& points) {
  Table table{"basins",
              "Gaussian basins of the effective potential",
              "μ: minimum of v. Bias θ_k - μ_k beside (T/2)D'/U''; Σ = (T/2)/v''; the weight of "
              "Eq. 6. A basin whose v'' vanishes has no Gaussian.",
              {"T", "basin", "θ_k", "μ_k", "bias", "(T/2)D'/U''", "Σ", "weight"},
              {}};
  const auto text = [](const theory::Value& one) {
    return one.status == Status::ok ? fmt::format("{:.4g}", one.value)
                                    : fmt::format("— [{}]", name(one.status));
  };
  for (const SteadyPoint& point : points) {
    for (std::size_t k = 0; k < point.basins.size(); ++k) {
      const theory::Basin& basin = point.basins[k];
      table.rows.push_back({fmt::format("{:.3g}", point.temperature),
                            fmt::format("{}", k + 1),
                            text(basin.minimum),
                            fmt::format("{:.4g}", basin.centre),
                            text(basin.bias),
                            text(basin.linear_bias),
                            text(basin.variance),
                            text(basin.weight)});
    }
  }
  return table;
}

}  // namespace thermoscape
