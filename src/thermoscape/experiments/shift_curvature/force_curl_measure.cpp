#include "thermoscape/landscape/force_curl.hpp"

#include <cmath>
#include <map>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/shift_curvature/minima_pair.hpp"
#include "thermoscape/experiments/spread.hpp"
#include "thermoscape/experiments/table_cell.hpp"

namespace thermoscape {

namespace {

struct ForceCurlMeasureOptions {
  std::vector<double> isotropic_noise = {0.01, 0.1, 1, 10, 100};
  std::int64_t directions = 12;
  bool divergence = false;

  static constexpr auto fields() {
    using O = ForceCurlMeasureOptions;
    return std::tuple{
        field("isotropic_noise",
              &O::isotropic_noise,
              "1",
              "noise added to D, in units of the deviation that D has in a direction, √(tr D/P)",
              kNonNegative),
        field("directions", &O::directions, "", "random directions, all pairs used", Range{3, 1e4}),
        field("divergence",
              &O::divergence,
              "",
              "whether (T/2) ∂·D is taken along: 2 N P Hessian products a direction")};
  }
};

/// √(tr D/P) of the gradients of single examples.
double noise_deviation(Objective<double>& objective, const std::vector<double>& theta) {
  double squares = 0;
  std::vector<double> mean(theta.size(), 0.0);
  objective.example_gradients(
      theta, {}, [&](std::int64_t, std::int64_t rows, std::span<const double> block) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(rows) * theta.size(); ++i) {
          squares += block[i] * block[i];
          mean[i % theta.size()] += block[i];
        }
      });
  const auto examples = static_cast<double>(objective.examples());
  double trace = squares / examples;
  for (const double one : mean) trace -= one * one / (examples * examples);
  return std::sqrt(trace / static_cast<double>(theta.size()));
}

}  // namespace

Measured measure_force_curl(const RunView* view,
                            const MeasureSettings& settings,
                            TomlReader& reader) {
  const auto options = read_options<ForceCurlMeasureOptions>(reader);
  if (options.isotropic_noise.empty())
    reject({reader.where() + ", isotropic_noise", "[]", "needs at least one value", "[1]"});
  if (view == nullptr) return {};
  const std::vector<std::size_t> tasks = view->tasks_of(settings.phase);
  const std::size_t strengths = options.isotropic_noise.size();
  std::vector<Estimate> ratios(tasks.size() * strengths);
  std::vector<double> scales(tasks.size());
  view->in_parallel(tasks.size(), [&](std::size_t t) {
    const std::unique_ptr<Objective<double>> objective = view->objective(tasks[t]);
    const std::vector<double> theta = view->last_theta(tasks[t]);
    const double unit = noise_deviation(*objective, theta);
    scales[t] = noise_scale_before(*view, tasks[t]);
    ForceCurlOptions own;
    own.ridge = ridge_of(view->ground(tasks[t]).settings);
    own.directions = options.directions;
    own.noise_scale = options.divergence ? scales[t] : 0;
    const Noise noise = Noise(static_cast<std::uint64_t>(view->recipe().head.seed))
                            .fork("force-curl", static_cast<std::uint64_t>(t));
    for (std::size_t s = 0; s < strengths; ++s) {
      own.isotropic_noise = options.isotropic_noise[s] * unit;
      ratios[t * strengths + s] = force_curl(*objective, theta, own, noise).ratio;
    }
  });
  Measured measured;
  Table table{
      "curl",
      "Is the force of SGD a gradient?",
      "|A|/|S|, the antisymmetric over the symmetric part of ∂V, V = (D + β²)^{-1}(∂U + "
      "(T/2)∂·D), from random pairs of directions: 0 where an effective potential exists, of "
      "order 1 for a matrix without symmetry. Means over the points of the phase, errors from "
      "their spread. β in units of √(tr D/P).",
      {"T"},
      {}};
  Figure figure{
      "curl",
      "The zero-curl condition measured",
      "|A|/|S| against the isotropic noise β that is added: where it dominates D, the force "
      "is that of the train loss and has no curl.",
      {"β/√(tr D/P) [1]", "log"},
      {"|A|/|S| [1]", "log"},
      {}};
  for (const double one : options.isotropic_noise)
    table.columns.push_back(fmt::format("β = {:.3g}", one));
  std::map<double, std::vector<std::size_t>> groups;
  for (std::size_t t = 0; t < tasks.size(); ++t) groups[scales[t]].push_back(t);
  for (const auto& [scale, members] : groups) {
    std::vector<std::string> row{fmt::format("{:.3g}", scale)};
    std::vector<Estimate> means;
    for (std::size_t s = 0; s < strengths; ++s) {
      std::vector<Estimate> own;
      for (const std::size_t t : members) own.push_back(ratios[t * strengths + s]);
      means.push_back(analysis::combine(own).estimate);
      row.push_back(cell(means.back()));
      measured.findings.push_back(
          {"curl_ratio",
           {{"noise_scale", scale}, {"isotropic_noise", options.isotropic_noise[s]}},
           means.back(),
           "1"});
    }
    table.rows.push_back(std::move(row));
    figure.series.push_back(
        points_of(fmt::format("T = {:.2g}", scale), options.isotropic_noise, means));
  }
  for (std::size_t s = 0; s < strengths; ++s) {
    std::vector<Estimate> all;
    for (std::size_t t = 0; t < tasks.size(); ++t) all.push_back(ratios[t * strengths + s]);
    measured.findings.push_back({"curl_ratio",
                                 {{"isotropic_noise", options.isotropic_noise[s]}},
                                 analysis::combine(all).estimate,
                                 "1"});
  }
  std::vector<double> values;
  for (const Estimate& one : ratios) values.push_back(one.value);
  measured.data.put({"curl_ratio",
                     {"point", "isotropic_noise"},
                     {tasks.size(), strengths},
                     Values(values),
                     "1",
                     "|A|/|S|",
                     "force_curl",
                     {}});
  measured.tables.push_back(std::move(table));
  measured.figures.push_back(std::move(figure));
  return measured;
}

}  // namespace thermoscape
