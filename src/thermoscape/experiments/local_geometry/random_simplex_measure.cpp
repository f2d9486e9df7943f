#include <algorithm>
#include <cmath>
#include <numeric>

#include "thermoscape/experiments/local_geometry/class_simplex.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/over_draws.hpp"
#include "thermoscape/experiments/steady_windows.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/models/softmax_hessian.hpp"
#include "thermoscape/theory/softmax_gaussian.hpp"

namespace thermoscape {

namespace {

struct RandomSimplexOptions {
  std::int64_t classes = 3;
  std::int64_t examples = 20000;
  std::vector<double> logit_deviations = {0.3, 1, 3, 10};

  static constexpr auto fields() {
    using O = RandomSimplexOptions;
    return std::tuple{field("classes", &O::classes, "1", "classes", Range{2, 1e4}),
                      field("examples", &O::examples, "1", "independent examples", Range{2, 1e8}),
                      field("logit_deviations", &O::logit_deviations, "1", "σ_z", kPositive)};
  }
};

}  // namespace

Measured measure_random_simplex(const RunView* view, const MeasureSettings&, TomlReader& reader) {
  const auto options = read_options<RandomSimplexOptions>(reader);
  if (view == nullptr) return {};
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view->recipe().head.seed)).fork("random-simplex", 0);
  Matrix normals(options.classes, options.examples);
  noise.normal<double>("random-simplex.logits",
                       0,
                       std::span<double>(normals.data(), static_cast<std::size_t>(normals.size())));
  Measured measured;
  Table table{"freezing",
              "Freezing of random logits",
              fmt::format("Entropy and largest probability of {} classes with independent normal "
                          "logits: {} examples, beside the exact averages.",
                          options.classes,
                          options.examples),
              {"σ_z", "entropy [bit]", "exact", "largest probability", "exact"},
              {}};
  std::vector<ClassCloud> clouds;
  std::vector<Estimate> entropies;
  Series exact_entropy{"exact", {}, {}, {}, "dashed", "exact"};
  for (const double deviation : options.logit_deviations) {
    const Matrix p = class_probabilities(deviation * normals);
    clouds.push_back({fmt::format("σ_z = {:.3g}", deviation), p});
    const Estimate entropy = over_draws(class_entropies(p));
    const Vector largest = p.colwise().maxCoeff();
    const Estimate top = over_draws(
        std::span<const double>(largest.data(), static_cast<std::size_t>(largest.size())));
    const theory::SoftmaxAverages exact =
        theory::softmax_averages({deviation, static_cast<double>(options.classes)});
    const auto off = [](const Estimate& measured_one, double by) {
      return Estimate{measured_one.value - by, measured_one.standard_error, measured_one.status};
    };
    const Coordinates here{{"logit_deviation", deviation}};
    measured.findings.push_back({"probability_entropy", here, entropy, "bit"});
    measured.findings.push_back({"max_probability", here, top, "1"});
    measured.findings.push_back(
        {"probability_entropy_less_exact", here, off(entropy, exact.probability_entropy), "bit"});
    measured.findings.push_back(
        {"max_probability_less_exact", here, off(top, exact.max_probability), "1"});
    table.rows.push_back({fmt::format("{:.3g}", deviation),
                          cell(entropy),
                          fmt::format("{:.5g}", exact.probability_entropy),
                          cell(top),
                          fmt::format("{:.5g}", exact.max_probability)});
    entropies.push_back(entropy);
    exact_entropy.x.push_back(deviation);
    exact_entropy.y.push_back(exact.probability_entropy);
  }
  measured.tables.push_back(std::move(table));
  if (options.classes == 3) {
    measured.figures.push_back(simplex_figure(
        clouds, "The first 400 examples at each σ_z: hot in the centre, frozen at a corner."));
  }
  measured.figures.push_back(
      entropy_figure(clouds, "Densities over all examples; errors count them."));
  measured.figures.push_back(
      {"mean_entropy",
       "Mean entropy against the spread of the logits",
       "Mean over the examples with standard errors; dashed: the exact average.",
       {"standard deviation of the logits σ_z", "log"},
       {"entropy [bit]", "linear"},
       {series_of("random logits", options.logit_deviations, entropies, "points"),
        std::move(exact_entropy)}});
  return measured;
}

}  // namespace thermoscape
