#include "model.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "options.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/data/bytes.hpp"
#include "thermoscape/data/check.hpp"
#include "thermoscape/data/load.hpp"
#include "thermoscape/data/npy.hpp"
#include "thermoscape/data/subset.hpp"
#include "thermoscape/objective/widened.hpp"

namespace thermoscape::app {

namespace {

template <class Number>
std::vector<Number> numbers_of(const std::string& text,
                               const char* option,
                               const Range& range = kAny) {
  std::vector<Number> numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    Number number{};
    const auto [rest, error] = std::from_chars(at, end, number);
    if (error != std::errc() || (rest != end && *rest != ','))
      reject({option, text, "must be numbers with commas between them", ""});
    check_range(number, range, "", option);
    numbers.push_back(number);
    at = rest == end ? end : rest + 1;
  }
  return numbers;
}

/// Whether the set is one of files, which has a size of its own.
bool is_stored(const std::string& source) {
  return source == "mnist" || source == "cifar10";
}

/// data::load, whose complaints name keys of a recipe, in the words of the command line.
data::Splits load_by_options(const data::DataSettings& settings, const Noise& noise) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"data.source", "--data"}, {"data.train", "--examples"}, {"data.test", "--examples"}};
  try {
    return data::load(settings, noise);
  } catch (const Error& error) {
    constexpr std::string_view kFallback = "set fallback = \"digits\"";
    std::string line = error.what();
    if (const std::size_t at = line.find(kFallback); at != std::string::npos)
      line.replace(at, kFallback.size(), "choose --data digits");
    for (const auto& [key, option] : kNames) {
      if (line.starts_with(key)) throw Error(std::string(option) + line.substr(key.size()));
    }
    throw Error(line);
  }
}

data::Labelled read_data(const ModelArguments& given, std::vector<std::string>& notes) {
  const Noise noise(static_cast<std::uint64_t>(given.seed));
  if (given.data.empty() == given.inputs.empty() || given.inputs.empty() != given.labels.empty()) {
    reject({"data",
            "",
            "needs either --data NAME or --inputs FILE.npy with --labels FILE.npy",
            "--data mnist"});
  }
  if (!given.inputs.empty()) {
    // A measurement takes the classes that are there; load_script_model bounds the labels.
    data::Labelled set = data::read_labelled_npy(given.inputs, given.labels, data::Present::any);
    set.name = "npy";
    data::check(set, data::Present::any);
    if (given.examples == 0) return set;
    return given.examples < set.classes ? data::choose_any(set, given.examples, noise)
                                        : data::choose(set, given.examples, noise);
  }
  constexpr std::array<std::string_view, 7> kNamed{
      "mnist", "cifar10", "digits", "gaussian", "mixture", "teacher", "spirals"};
  check_range(given.data, Range{.choices = kNamed}, "", "--data");
  data::DataSettings settings;
  settings.source = given.data;
  settings.fallback = "none";  // a model is measured on what it was asked for, or not at all
  const bool test = given.split == "test";
  (test ? settings.test : settings.train) = given.examples;
  if (test && given.examples == 0) settings.test = 10000;
  // Sets that are drawn need some of each class in front of those of the test.
  if (test && !is_stored(given.data)) settings.train = 1000;
  if (!test && given.examples == 0 && !is_stored(given.data)) {
    reject({"--examples",
            "",
            fmt::format("must be given with --data {}, which has as many as are asked for",
                        given.data),
            "--examples 1000"});
  }
  data::Splits splits = load_by_options(settings, noise.fork("data", 0));
  notes.insert(notes.end(), splits.notes.begin(), splits.notes.end());
  return std::move(test ? splits.test : splits.train);
}

/// The part of the examples whose largest logit is at their label.
double accuracy_of(Objective<double>& objective,
                   const std::vector<double>& theta,
                   const data::Labelled& data) {
  const auto width = static_cast<std::size_t>(objective.outputs());
  std::vector<double> z(static_cast<std::size_t>(data.size()) * width);
  objective.logits(theta, {}, z);
  std::int64_t right = 0;
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    const auto row = z.begin() + static_cast<std::ptrdiff_t>(i * width);
    const auto largest = std::max_element(row, row + static_cast<std::ptrdiff_t>(width)) - row;
    if (largest == data.labels[i]) ++right;
  }
  return static_cast<double>(right) / static_cast<double>(data.size());
}

/// Warns if the accuracy is within three standard errors of answering with the commonest class.
void warn_at_chance(LoadedModel& model) {
  const std::vector<std::int64_t> counts =
      data::class_counts(model.data->labels, model.data->classes);
  const auto n = static_cast<double>(model.data->size());
  const double chance = static_cast<double>(*std::max_element(counts.begin(), counts.end())) / n;
  const double error = std::sqrt(chance * (1 - chance) / n);
  if (model.accuracy > chance + 3 * error) return;
  model.notes.push_back(fmt::format(
      "warning: an accuracy of {:.1f} % is what guessing gives ({:.1f} %): untrained, or are the "
      "inputs normalised otherwise than in training (--normalize mean,std), or the labels others?",
      100 * model.accuracy,
      100 * chance));
}

}  // namespace

void add_model_options(CLI::App& verb, ModelArguments& given) {
  verb.add_option("model", given.script.file, "a TorchScript file")->required();
  verb.add_option("--loss",
                  given.script.loss,
                  "cross-entropy, mse (½|z-y|², y one-hot), bce (one logit), or model: forward "
                  "returns the loss")
      ->transform(one_of("--loss", kScriptLosses));
  verb.add_option(
      "--params", given.script.params, "globs of parameters, ! takes away: 'layer3.*,!*.bias'");
  verb.add_option("--shape", given.shape, "shape of one input, e.g. 1,28,28");
  verb.add_option("--normalize",
                  given.normalize,
                  "mean,std of the inputs; or the means of the channels and then their stds");
  verb.add_option("--data", given.data, "a named set: mnist, cifar10, digits");
  verb.add_option("--split", given.split, "train or test")->check(CLI::IsMember({"train", "test"}));
  verb.add_option("--inputs", given.inputs, "inputs as a .npy file [examples, ...]");
  verb.add_option("--labels", given.labels, "labels as a .npy file [examples]");
  add_number(verb, "--examples", given.examples, "how many examples; default all", kAtLeastOne);
  add_number(
      verb, "--seed", given.seed, "of the choice of examples and of random vectors", kNonNegative);
  verb.add_option("--precision", given.precision, "float64 or float32")
      ->check(CLI::IsMember({"float32", "float64"}));
  verb.add_option("--device", given.script.device, "cpu, or cuda (passed through, untested)");
  verb.add_option("--batch-statistics",
                  given.script.batch_statistics,
                  "of batch norms: running (eval mode), or batch: those of all examples at once")
      ->transform(one_of("--batch-statistics", kBatchStatistics));
  add_number(
      verb, "--intra-threads", given.script.threads, "threads inside an operation", kAtLeastOne);
}

LoadedModel load_model(const ModelArguments& given) {
  LoadedModel model;
  TorchScriptSettings settings = given.script;
  settings.shape = numbers_of<std::int64_t>(given.shape, "--shape", kAtLeastOne);
  settings.normalize = numbers_of<double>(given.normalize, "--normalize");
  validate(settings, "model");
  model.data = std::make_shared<const data::Labelled>(read_data(given, model.notes));
  if (given.precision == "float32") {
    model.objective = std::make_unique<Widened>(load_script_model<float>(settings, *model.data));
  } else {
    model.objective = load_script_model<double>(settings, *model.data);
  }
  model.theta = model.objective->initial(Noise(0));
  model.loss = model.objective->loss(model.theta, {});
  if (!std::isfinite(model.loss)) {
    reject({settings.file,
            "",
            fmt::format("returns {} for the loss of {} examples", model.loss, model.data->size()),
            "are the inputs normalised as in training? (--normalize mean,std)"});
  }
  if (model.objective->outputs() > 0) {
    model.accuracy = accuracy_of(*model.objective, model.theta, *model.data);
    warn_at_chance(model);
  }
  const bool statistics = !model.objective->buffers().empty();
  model.record = {
      {"file", settings.file},
      {"file_checksum", fmt::format("{:08x}", data::checksum(data::read_raw(settings.file)))},
      {"data", model.data->name},
      {"data_digest", data::digest(*model.data)},
      {"loss_function", settings.loss},
      {"params", settings.params.empty() ? "*" : settings.params},
      {"batch_statistics", statistics ? settings.batch_statistics : "none"},
      {"augmentation", "none"},
      {"weight_decay", settings.l2},
      {"precision", given.precision},
      {"device", settings.device},
      {"accuracy", model.accuracy < 0 ? Json(nullptr) : Json(model.accuracy)}};
  return model;
}

void print_model(const LoadedModel& model, bool json) {
  std::FILE* const out = json ? stderr : stdout;
  const std::string accuracy = model.accuracy < 0
                                   ? "no logits, so no accuracy"
                                   : fmt::format("accuracy {:.2f} %", 100 * model.accuracy);
  fmt::print(out,
             "loss {:.6g}, {} on {} examples of {}; {} parameters, batch norms: {}\n",
             model.loss,
             accuracy,
             model.objective->examples(),
             model.data->name,
             model.objective->parameters(),
             model.record.at("batch_statistics").get<std::string>());
  for (const std::string& note : model.notes) fmt::print(stderr, "{}\n", note);
}

}  // namespace thermoscape::app
