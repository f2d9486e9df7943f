#include <cmath>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "figure_file.hpp"
#include "model.hpp"
#include "terminal.hpp"
#include "thermoscape/analysis/lanczos.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/landscape/gradient_noise.hpp"
#include "thermoscape/landscape/operators.hpp"
#include "verbs.hpp"

namespace thermoscape::app {

namespace {

struct NoiseArguments {
  ModelArguments model;
  double learning_rate = 0.1;
  std::int64_t batch = 50;
  bool replacement = false;
  std::int64_t top = 5;
  std::string svg;
  bool json = false;
};

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

int noise(const NoiseArguments& given) {
  const LoadedModel model = load_model(given.model);
  print_model(model, given.json);
  Objective<double>& objective = *model.objective;
  const BatchDraw draw{objective.examples(), given.batch, given.replacement};
  const double factor = draw.factor();
  const GradientNoise moments =
      gradient_noise<double>(objective, model.theta, 0, objective.parameters());
  const std::span<const std::int32_t> labels =
      model.data ? std::span<const std::int32_t>(model.data->labels)
                 : std::span<const std::int32_t>();
  const LinearOperator covariance =
      gradient_operator(objective, model.theta, GradientMoment::covariance, labels);
  const analysis::Eigenpairs pairs = analysis::lanczos(
      covariance,
      Noise(static_cast<std::uint64_t>(given.model.seed)),
      {.count = std::min<std::int64_t>(given.top, covariance.size()), .block = 4});
  // Of a batch: |∇L|² counts as a mean force, the rest is noise.
  const double temperature = 0.5 * given.learning_rate * factor * moments.trace;
  Table table{"noise",
              "",
              "",
              {"direction", "variance of example gradients", "residual", "active temperature"},
              {}};
  Series values{"variance of example gradients", {}, {}, {}, "line+points", "variance"};
  Series temperatures{"active temperature", {}, {}, {}, "line+points", "temperature"};
  Json list = Json::array();
  for (Eigen::Index i = 0; i < pairs.count(); ++i) {
    const double mean = pairs.vectors.col(i).dot(
        Eigen::Map<const Vector>(moments.mean.data(), pairs.vectors.rows()));
    const SlopeMoments along{model.loss, mean, pairs.values(i)};
    const ActiveTemperature active = active_temperature(along, given.learning_rate, draw);
    table.rows.push_back({fmt::format("eigenvector {}", i + 1),
                          fmt::format("{:.6g}", pairs.values(i)),
                          fmt::format("{:.1e}", pairs.residuals(i)),
                          fmt::format("{:.6g}", active.temperature)});
    values.x.push_back(static_cast<double>(i + 1));
    values.y.push_back(pairs.values(i));
    temperatures.x.push_back(static_cast<double>(i + 1));
    temperatures.y.push_back(active.temperature);
    list.push_back({{"value", pairs.values(i)},
                    {"residual", pairs.residuals(i)},
                    {"converged", bool(pairs.converged[static_cast<std::size_t>(i)])},
                    {"active_temperature", active.temperature}});
  }
  write_svg({"noise",
             "Gradient noise along the eigenvectors of its covariance",
             "Variance of the gradients of single examples, and the active temperature of batches.",
             {"eigenvector", "linear"},
             {"variance [loss²/θ²], temperature [loss]", "log"},
             {values, temperatures}},
            given.svg);
  if (given.json) {
    fmt::print("{}\n",
               Json{{"model", model.record},
                    {"examples", objective.examples()},
                    {"batch", given.batch},
                    {"learning_rate", given.learning_rate},
                    {"loss", model.loss},
                    {"gradient_norm_squared", moments.mean_square},
                    {"gradient_variance_trace", moments.trace},
                    {"gradient_noise_scale", number(moments.scale())},
                    {"active_temperature_trace", temperature},
                    {"eigenvalues", list}}
                   .dump(2));
  } else {
    fmt::print(
        "|∇L|² {:.6g}, tr Σ {:.6g} over single examples; noise scale tr Σ/|∇L|² {:.6g} examples\n"
        "batches of {}: Σ/S × {:.4g}, active temperature summed over all directions {:.6g}\n{}\n",
        moments.mean_square,
        moments.trace,
        moments.scale(),
        given.batch,
        factor * static_cast<double>(given.batch),
        temperature,
        as_text(table));
  }
  return pairs.status == Status::ok ? 0 : 1;
}

}  // namespace

void add_noise_verb(CLI::App& program, int& exit_code) {
  static NoiseArguments given;
  CLI::App* verb = program.add_subcommand(
      "noise",
      "gradient noise of a model: noise scale, spectrum of the covariance, active temperature");
  add_model_options(*verb, given.model);
  verb->add_option("--learning-rate", given.learning_rate, "α")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--batch", given.batch, "examples in a batch")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_flag("--replacement", given.replacement, "batches drawn with replacement");
  verb->add_option("--top", given.top, "eigenvalues of the covariance")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  verb->add_option("--svg", given.svg, "write the figure to this file");
  verb->add_flag("--json", given.json, "print one JSON object");
  verb->callback([&exit_code] { exit_code = noise(given); });
}

}  // namespace thermoscape::app
