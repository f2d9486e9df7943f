#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/over_draws.hpp"
#include "thermoscape/experiments/steady_windows.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/landscape/boundary.hpp"
#include "thermoscape/landscape/random_plane.hpp"
#include "thermoscape/objective/embedded.hpp"
#include "thermoscape/record/run.hpp"

namespace thermoscape {

namespace {

struct GoldilocksOptions {
  std::vector<double> scales = {0.1, 0.2, 0.5, 1, 2, 5, 10};
  std::int64_t draws = 10;
  std::int64_t plane_dimension = 10;
  std::int64_t trained_dimension = 50;
  std::int64_t steps = 300;
  double learning_rate = 0.02;
  std::int64_t batch_size = 0;
  bool scale_rate = true;

  static constexpr auto fields() {
    using O = GoldilocksOptions;
    return std::tuple{
        field("scales", &O::scales, "1", "factors of the initial parameters, ascending", kPositive),
        field("draws", &O::draws, "", "initial points, each with planes of its own", Range{2, 1e5}),
        field("plane_dimension",
              &O::plane_dimension,
              "",
              "dimension of the random planes that H is projected to",
              kAtLeastOne),
        field("trained_dimension",
              &O::trained_dimension,
              "",
              "dimension of the random planes that are trained in",
              kAtLeastOne),
        field("steps", &O::steps, "steps", "of Adam inside a plane", kAtLeastOne),
        field("learning_rate",
              &O::learning_rate,
              "[θ]",
              "of Adam in coordinates of an orthonormal basis",
              kPositive),
        field("batch_size", &O::batch_size, "examples", "of that training; 0: all", kNonNegative),
        field(
            "scale_rate",
            &O::scale_rate,
            "",
            "multiply the learning rate by the scale, as the distances that matter grow with it")};
  }
};

/// One initial point at one scale.
struct Point {
  double trace_over_norm = 0;  ///< of PᵀHP on a random plane
  double logit_variance = 0;   ///< across the classes (over C - 1), averaged over examples
  double initial_accuracy = 0;
  double accuracy = 0;  ///< after training inside a random plane
  double loss = 0;
  bool ok = true;  ///< the training did not diverge
};

double accuracy_of(Objective<double>& objective,
                   std::span<const double> theta,
                   std::span<const std::int32_t> labels) {
  const std::vector<std::int32_t> predicted = predictions(objective, theta);
  double right = 0;
  for (std::size_t i = 0; i < predicted.size(); ++i) right += predicted[i] == labels[i];
  return right / static_cast<double>(predicted.size());
}

double logit_variance_of(Objective<double>& objective, std::span<const double> theta) {
  const auto classes = objective.outputs();
  Matrix logits(classes, objective.examples());
  objective.logits(theta, {}, {logits.data(), static_cast<std::size_t>(logits.size())});
  const Eigen::RowVectorXd mean = logits.colwise().mean();
  return (logits.rowwise() - mean).squaredNorm() /
         static_cast<double>((classes - 1) * objective.examples());
}

Point look(const RunView& view,
           const GoldilocksOptions& options,
           std::size_t task,
           double scale,
           std::uint64_t draw) {
  auto objective = view.objective(task);
  const Noise seed(static_cast<std::uint64_t>(view.recipe().head.seed));
  std::vector<double> theta = objective->initial(seed.fork("initial", draw));
  for (double& one : theta) one *= scale;
  Point out;
  const auto size = static_cast<Eigen::Index>(theta.size());
  // The same planes at every scale, so that the scales are compared with one another.
  const Noise noise = seed.fork("goldilocks", draw);
  const Matrix plane = random_plane(size, options.plane_dimension, noise, 0);
  Matrix moved(size, plane.cols());
  objective->hessian_products(theta,
                              {},
                              {plane.data(), static_cast<std::size_t>(plane.size())},
                              {moved.data(), static_cast<std::size_t>(moved.size())});
  out.trace_over_norm = trace_over_norm(plane.transpose() * moved);
  out.logit_variance = logit_variance_of(*objective, theta);
  const std::span<const std::int32_t> labels = view.ground(task).labels();
  out.initial_accuracy = accuracy_of(*objective, theta, labels);

  Embedded<double> inside(
      std::move(objective), theta, random_plane(size, options.trained_dimension, noise, 1));
  Adam adam;
  adam.learning_rate = options.learning_rate * (options.scale_rate ? scale : 1);
  const AnyRule rule = adam;
  SamplerSettings batch;
  batch.size = options.batch_size;
  Sampler sampler(batch, inside.examples(), noise);
  const std::vector<double> origin = inside.initial(noise);
  State<double> state = adam.init(origin);
  state.buffers = inside.buffers();  // running statistics of batch norms, where there are such
  const Outcome outcome = run<double>(
      inside, rule, noise, sampler, state, origin, {}, Stop{options.steps, -1}, Hooks{});
  inside.use_buffers(state.buffers);
  out.ok = outcome.status == Status::ok;
  out.loss = inside.loss(state.theta, {});
  out.accuracy = accuracy_of(inside, state.theta, labels);
  return out;
}

using Points = std::vector<std::vector<Point>>;  // [scale][draw]

Figure figure_of(const GoldilocksOptions& options,
                 const char* id,
                 const char* title,
                 const std::string& caption,
                 const Axis& y,
                 const std::vector<std::pair<std::string, std::vector<Estimate>>>& curves) {
  Figure figure{id, title, caption, {"factor of the initial parameters", "log"}, y, {}};
  for (const auto& [label, values] : curves) {
    figure.series.push_back(series_of(label, options.scales, values, "line+points"));
  }
  return figure;
}

}  // namespace

Measured measure_goldilocks(const RunView* view,
                            const MeasureSettings& settings,
                            TomlReader& reader) {
  const auto options = read_options<GoldilocksOptions>(reader);
  if (options.scales.size() < 2 || !std::ranges::is_sorted(options.scales)) {
    reject({"measure " + settings.name + ", scales",
            "",
            "must be two ascending numbers at least",
            ""});
  }
  if (view == nullptr) return {};
  const std::size_t task = view->tasks_of(settings.phase).front();
  const std::size_t draws = static_cast<std::size_t>(options.draws);
  Points points(options.scales.size(), std::vector<Point>(draws));
  view->in_parallel(points.size() * draws, [&](std::size_t i) {
    points[i / draws][i % draws] = look(*view, options, task, options.scales[i / draws], i % draws);
  });

  Measured measured;
  Table table{"zone",
              "The Goldilocks zone",
              fmt::format("Means over {} initial points with standard errors. tr H/‖H‖_F on a "
                          "random plane of dimension {}; accuracy on the training examples before "
                          "and after {} steps of Adam inside a random plane of dimension {}.",
                          options.draws,
                          options.plane_dimension,
                          options.steps,
                          options.trained_dimension),
              {"scale", "tr H/‖H‖", "logit variance", "accuracy before", "accuracy after", "loss"},
              {}};
  std::vector<Estimate> ratio;
  std::vector<Estimate> variance;
  std::vector<Estimate> before;
  std::vector<Estimate> after;
  for (std::size_t s = 0; s < points.size(); ++s) {
    const auto mean = [&](double Point::*of) {
      Estimate estimate = over_draws_of(points[s], [&](const Point& p) { return p.*of; });
      return estimate;
    };
    ratio.push_back(mean(&Point::trace_over_norm));
    variance.push_back(mean(&Point::logit_variance));
    before.push_back(mean(&Point::initial_accuracy));
    after.push_back(mean(&Point::accuracy));
    const Estimate loss = mean(&Point::loss);
    for (Estimate* one : {&after.back()}) {
      const bool all_ok = std::ranges::all_of(points[s], [](const Point& p) { return p.ok; });
      if (!all_ok) one->status = Status::diverged;
    }
    const Coordinates where{{"scale", options.scales[s]}};
    measured.findings.push_back({"plane_trace_over_norm", where, ratio.back(), "1"});
    measured.findings.push_back({"logit_variance", where, variance.back(), "1"});
    measured.findings.push_back({"accuracy", where, after.back(), "1"});
    table.rows.push_back({fmt::format("{:.3g}", options.scales[s]),
                          cell(ratio.back()),
                          cell(variance.back()),
                          cell(before.back()),
                          cell(after.back()),
                          cell(loss)});
  }
  // Differences of the same draw at two scales.
  const auto paired = [&](double Point::*of, std::size_t a, std::size_t b) {
    std::vector<double> each;
    for (std::size_t d = 0; d < draws; ++d) each.push_back(points[a][d].*of - points[b][d].*of);
    return over_draws(each);
  };
  const auto highest = static_cast<std::size_t>(
      std::ranges::max_element(ratio, {}, &Estimate::value) - ratio.begin());
  measured.findings.push_back(
      {"trace_over_norm_rise", {}, paired(&Point::trace_over_norm, highest, 0), "1"});
  measured.findings.push_back({"trace_over_norm_fall",
                               {},
                               paired(&Point::trace_over_norm, highest, points.size() - 1),
                               "1"});
  measured.findings.push_back({"accuracy_rise", {}, paired(&Point::accuracy, highest, 0), "1"});
  measured.findings.push_back(
      {"accuracy_fall", {}, paired(&Point::accuracy, highest, points.size() - 1), "1"});
  const auto best = static_cast<std::size_t>(std::ranges::max_element(after, {}, &Estimate::value) -
                                             after.begin());
  measured.findings.push_back(
      {"best_accuracy_scale", {}, {options.scales[best], 0, Status::ok}, "1"});
  measured.findings.push_back(
      {"best_accuracy_fall", {}, paired(&Point::accuracy, best, points.size() - 1), "1"});
  measured.findings.push_back({"best_scale", {}, {options.scales[highest], 0, Status::ok}, "1"});
  std::vector<double> growth;
  for (std::size_t d = 0; d < draws; ++d) {
    growth.push_back(std::log(points.back()[d].logit_variance / points.front()[d].logit_variance) /
                     std::log(options.scales.back() / options.scales.front()));
  }
  measured.findings.push_back({"logit_variance_exponent", {}, over_draws(growth), "1"});
  measured.tables.push_back(std::move(table));
  measured.figures = {
      figure_of(options,
                "trace_over_norm",
                "Trace over norm on random planes",
                fmt::format("tr(PᵀHP)/‖PᵀHP‖_F at initialisation, dimension {}; √{} = {:.3g} where "
                            "all directions curve upwards alike. Errors over initial points.",
                            options.plane_dimension,
                            options.plane_dimension,
                            std::sqrt(static_cast<double>(options.plane_dimension))),
                {"tr H / ‖H‖", "linear"},
                {{"random planes", ratio}}),
      figure_of(options,
                "accuracy",
                "Accuracy reached inside random planes",
                fmt::format("Training accuracy before and after {} steps of Adam in {} random "
                            "directions. Errors over initial points.",
                            options.steps,
                            options.trained_dimension),
                {"accuracy", "linear"},
                {{"after training", after}, {"before", before}}),
      figure_of(options,
                "logit_variance",
                "Logit variance against the scale of the initial parameters",
                "Variance across the classes (over C - 1), averaged over examples, at "
                "initialisation. Errors over initial points.",
                {"variance of the logits", "log"},
                {{"initial points", variance}})};
  measured.data.put_vector("scale", "point", options.scales, "1", "factor of the parameters");
  return measured;
}

}  // namespace thermoscape
