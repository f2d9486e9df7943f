#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "figure_file.hpp"
#include "model.hpp"
#include "model_folder.hpp"
#include "options.hpp"
#include "terminal.hpp"
#include "thermoscape/analysis/lanczos.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/landscape/gradient_noise_errors.hpp"
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
  std::string out;
  bool json = false;
};

/// What the verb found.
struct NoiseStudy {
  GradientNoise moments;  ///< exact for the examples
  analysis::Eigenpairs pairs;
  GradientNoiseEstimates estimates;
  double factor = 0;       ///< var(batch mean) / var(one example)
  Estimate temperature;    ///< summed over all directions, without the mean force
  double exaggerated = 0;  ///< tr Σ/D
};

NoiseStudy study(const LoadedModel& model, const NoiseArguments& given) {
  Objective<double>& objective = *model.objective;
  const BatchDraw draw{objective.examples(), given.batch, given.replacement};
  NoiseStudy out;
  out.factor = draw.factor();
  out.moments = gradient_noise<double>(objective, model.theta, 0, objective.parameters());
  const LinearOperator covariance =
      gradient_operator(objective, model.theta, GradientMoment::covariance, model.data->labels);
  out.pairs = analysis::lanczos(
      covariance,
      Noise(static_cast<std::uint64_t>(given.model.seed)),
      {.count = std::min<std::int64_t>(given.top, covariance.size()), .block = 4});
  out.estimates = gradient_noise_estimates(
      objective, model.theta, out.moments, out.pairs.vectors, given.learning_rate, draw);
  // Of a batch: |∇L|² counts as a mean force, the rest is noise.
  const double scale = 0.5 * given.learning_rate * out.factor;
  out.temperature = {scale * out.moments.trace,
                     scale * out.estimates.trace.standard_error,
                     out.estimates.trace.status};
  // T is linear in α: what overflows is not the model's.
  const auto finite = [](const Estimate& one) { return std::isfinite(one.value); };
  if (!finite(out.temperature) ||
      !std::all_of(out.estimates.temperatures.begin(), out.estimates.temperatures.end(), finite)) {
    reject({"--learning-rate",
            fmt::format("{:g}", given.learning_rate),
            "must leave the temperatures of the noise finite",
            ""});
  }
  out.exaggerated = out.moments.trace / static_cast<double>(objective.examples());
  return out;
}

std::string text(const Estimate& estimate) {
  const std::string value = with_error(estimate.value, estimate.standard_error);
  return estimate.ok() ? value : fmt::format("{} ({})", value, name(estimate.status));
}

Table summary_table(const NoiseStudy& found, const NoiseArguments& given) {
  const GradientNoiseEstimates& e = found.estimates;
  return {
      "summary",
      "Gradient noise",
      fmt::format("Left: exact for these examples. Right: for the distribution that they were "
                  "drawn from, without bias, with the error of drawing them. Batches of {}: "
                  "covariance Σ/S times {:.4g}.",
                  given.batch,
                  found.factor * static_cast<double>(given.batch)),
      {"", "unit", "these examples", "their distribution"},
      {{"|∇L|²", "loss²/θ²", fmt::format("{:.6g}", found.moments.mean_square), text(e.mean_square)},
       {"tr Σ", "loss²/θ²", fmt::format("{:.6g}", found.moments.trace), text(e.trace)},
       {"noise scale tr Σ/|∇L|²",
        "examples",
        fmt::format("{:.6g}", found.moments.scale()),
        text(e.scale)},
       {"active temperature, all directions",
        "loss",
        fmt::format("{:.6g}", found.temperature.value),
        text(found.temperature)}}};
}

Table direction_table(const NoiseStudy& found) {
  Table table{"directions",
              "Along the eigenvectors of the covariance",
              fmt::format("Variance of the gradients of single examples (an eigenvalue of Σ), and "
                          "the active temperature of batches. Errors of drawing the examples, to "
                          "first order, along the vector as it is; besides, a covariance of so few "
                          "examples exaggerates large eigenvalues by about tr Σ/D = {:.3g}.",
                          found.exaggerated),
              {"eigenvector", "variance [loss²/θ²]", "residual", "active temperature [loss]"},
              {}};
  for (Eigen::Index i = 0; i < found.pairs.count(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    table.rows.push_back({fmt::format("{}", i + 1),
                          text(found.estimates.variances[at]),
                          fmt::format("{:.1e}", found.pairs.residuals(i)),
                          text(found.estimates.temperatures[at])});
  }
  return table;
}

Figure figure_of(const NoiseStudy& found) {
  const auto series = [](const char* label, const std::vector<Estimate>& values) {
    Series out{label, {}, {}, {}, "line+points", label};
    for (std::size_t i = 0; i < values.size(); ++i) {
      out.x.push_back(static_cast<double>(i + 1));
      out.y.push_back(values[i].value);
      if (values[i].ok()) out.y_error.push_back(values[i].standard_error);
    }
    if (out.y_error.size() < out.y.size()) out.y_error.clear();
    return out;
  };
  return {"directions",
          "Gradient noise along the eigenvectors of its covariance",
          "Variance of the gradients of single examples, and the active temperature of batches; "
          "errors of drawing the examples.",
          {"eigenvector", "linear"},
          {"variance [loss²/θ²], temperature [loss]", "log"},
          {series("variance of example gradients", found.estimates.variances),
           series("active temperature", found.estimates.temperatures)}};
}

ModelResults results_of(const NoiseStudy& found, const NoiseArguments& given) {
  ModelResults out;
  out.description =
      "Noise of the gradient at the parameters as they are stored: covariance Σ of the "
      "gradients of single examples, and the temperature that batches make of it.";
  const GradientNoiseEstimates& e = found.estimates;
  const auto put = [&out](const char* name,
                          const std::vector<Estimate>& values,
                          const char* unit,
                          const char* what) {
    std::vector<double> numbers, errors;
    for (const Estimate& one : values) {
      numbers.push_back(one.value);
      errors.push_back(one.standard_error);
    }
    out.arrays.put_vector(name, "eigenvector", numbers, unit, what);
    out.arrays.put_vector(
        std::string(name) + "_error", "eigenvector", errors, unit, "its standard error");
  };
  put("variance", e.variances, "loss²/θ²", "eigenvalues of the covariance of example gradients");
  put("active_temperature", e.temperatures, "loss", "active temperature of batches");
  out.figures = {figure_of(found)};
  out.tables = {summary_table(found, given), direction_table(found)};
  out.findings = {{"gradient_norm_squared", {}, e.mean_square, "loss²/θ²"},
                  {"gradient_variance_trace", {}, e.trace, "loss²/θ²"},
                  {"gradient_noise_scale", {}, e.scale, "examples"},
                  {"active_temperature_trace", {}, found.temperature, "loss"}};
  return out;
}

Json as_json(const NoiseStudy& found, const NoiseArguments& given, const LoadedModel& model) {
  const GradientNoiseEstimates& e = found.estimates;
  Json list = Json::array();
  for (Eigen::Index i = 0; i < found.pairs.count(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    list.push_back({{"value", found.pairs.values(i)},
                    {"standard_error", json_number(e.variances[at].standard_error)},
                    {"residual", found.pairs.residuals(i)},
                    {"converged", bool(found.pairs.converged[at])},
                    {"active_temperature", e.temperatures[at].value},
                    {"active_temperature_error", json_number(e.temperatures[at].standard_error)}});
  }
  return {{"model", model.record},
          {"examples", model.objective->examples()},
          {"batch", given.batch},
          {"learning_rate", given.learning_rate},
          {"loss", model.loss},
          {"gradient_norm_squared", found.moments.mean_square},
          {"gradient_variance_trace", found.moments.trace},
          {"gradient_noise_scale", json_number(found.moments.scale())},
          {"active_temperature_trace", found.temperature.value},
          {"distribution",
           {{"gradient_norm_squared", to_json(e.mean_square)},
            {"gradient_variance_trace", to_json(e.trace)},
            {"gradient_noise_scale", to_json(e.scale)},
            {"active_temperature_trace", to_json(found.temperature)}}},
          {"eigenvalues", list}};
}

int noise(const NoiseArguments& given) {
  const LoadedModel model = load_model(given.model);
  print_model(model, given.json);
  if (given.batch > model.objective->examples()) {
    reject({"--batch",
            std::to_string(given.batch),
            fmt::format("must be in 1 ... {}, the number of examples", model.objective->examples()),
            ""});
  }
  const FolderArguments folder{
      "noise", "Gradient noise", given.model.script.file, given.out, given.model.seed, given.json};
  const auto directory = begin_folder(folder,
                                      model,
                                      {{"learning_rate", given.learning_rate},
                                       {"batch", given.batch},
                                       {"replacement", given.replacement},
                                       {"top", given.top}});
  const NoiseStudy found = study(model, given);
  write_svg(figure_of(found), given.svg);
  if (given.json) {
    fmt::print("{}\n", as_json(found, given, model).dump(2));
  } else {
    fmt::print("{}\n{}", as_text(summary_table(found, given)), as_text(direction_table(found)));
  }
  finish_folder(directory, folder, model, results_of(found, given));
  return found.pairs.status == Status::ok ? 0 : 1;
}

}  // namespace

void add_noise_verb(CLI::App& program, int& exit_code) {
  static NoiseArguments given;
  CLI::App* verb = program.add_subcommand(
      "noise",
      "gradient noise of a model: noise scale, spectrum of the covariance, active temperature");
  add_model_options(*verb, given.model);
  add_number(*verb, "--learning-rate", given.learning_rate, "α", kPositive)->capture_default_str();
  add_number(*verb, "--batch", given.batch, "examples in a batch", kAtLeastOne)
      ->capture_default_str();
  verb->add_flag("--replacement", given.replacement, "batches drawn with replacement");
  add_number(*verb, "--top", given.top, "eigenvalues of the covariance", kAtLeastOne)
      ->capture_default_str();
  verb->add_option("--svg", given.svg, "write the figure to this file");
  verb->add_option("--out", given.out, kOutOption);
  verb->add_flag("--json", given.json, kJsonOption);
  verb->callback([&exit_code] { exit_code = noise(given); });
}

}  // namespace thermoscape::app
