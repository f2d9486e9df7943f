#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "thermoscape/core/field.hpp"
#include "thermoscape/core/noise.hpp"
#include "thermoscape/data/labelled.hpp"

namespace thermoscape::data {

/// A [data.NAME] table of a recipe: which set, which part of it, and what is done to its inputs. In
/// this order: classes, count, standardise, PCA; scales and components are measured on the training
/// examples and applied to both parts.
struct DataSettings {
  std::string source = "mnist";
  std::vector<std::int64_t> classes;
  std::int64_t train = 0;
  std::int64_t test = 0;
  std::int64_t reshuffle = 0;
  std::optional<std::int64_t> class_count;
  std::optional<std::int64_t> dimension;
  std::optional<std::int64_t> hidden;
  std::optional<double> turns;
  std::optional<double> noise;
  std::string inputs;
  std::string labels;
  std::string standardise = "none";
  std::int64_t pca = 0;
  bool whiten = true;
  std::string fallback = "digits";

  static constexpr std::array<std::string_view, 8> kSources = {
      "mnist", "cifar10", "digits", "gaussian", "mixture", "teacher", "spirals", "npy"};
  static constexpr std::array<std::string_view, 2> kSplits = {"train", "test"};
  static constexpr std::array<std::string_view, 3> kStandardise = {"none", "feature", "channel"};
  static constexpr std::array<std::string_view, 2> kFallback = {"digits", "none"};
  static constexpr auto fields() {
    using S = DataSettings;
    return std::tuple{
        field("source",
              &S::source,
              "",
              "the set: a named one, a generator, or npy",
              Range{.choices = kSources}),
        field("classes",
              &S::classes,
              "",
              "classes to keep, relabelled 0, 1, ... in this order (empty: all)",
              kNonNegative),
        field("train",
              &S::train,
              "",
              "training examples, as equal a share of each class as can be (0: all)",
              kNonNegative),
        field("test", &S::test, "", "test examples (0: none)", kNonNegative),
        field(
            "reshuffle",
            &S::reshuffle,
            "",
            "mnist, cifar10: > 0 pools the published training and test parts and splits them anew, "
            "another way for each number",
            kNonNegative),
        field("class_count",
              &S::class_count,
              "",
              "number of classes: gaussian, mixture, teacher (3), spirals (2)",
              kAtLeastOne),
        field("dimension",
              &S::dimension,
              "",
              "number of inputs: gaussian, mixture, teacher (10)",
              kAtLeastOne),
        field("hidden", &S::hidden, "", "hidden units of the teacher (0: linear)", kNonNegative),
        field("turns", &S::turns, "", "turns of a spiral arm (1.5)", kPositive),
        field("noise",
              &S::noise,
              "",
              "mixture: spread about a centre (0.5); teacher: noise on its logits (0); spirals: "
              "spread about an arm "
              "(0.05); digits: distortion (1)",
              kNonNegative),
        field("inputs", &S::inputs, "", "npy: file of the inputs [examples, ...]"),
        field("labels", &S::labels, "", "npy: file of the labels [examples]"),
        field("standardise",
              &S::standardise,
              "",
              "mean 0 and variance 1 of each feature or channel",
              Range{.choices = kStandardise}),
        field("reduce.pca",
              &S::pca,
              "",
              "number of principal components to reduce the inputs to (0: no reduction)",
              kNonNegative),
        field("reduce.whiten", &S::whiten, "", "scale each principal component to unit variance"),
        field("fallback",
              &S::fallback,
              "",
              "what stands in for mnist or cifar10 where they are not at hand",
              Range{.choices = kFallback})};
  }
};

struct Splits {
  Labelled train;
  Labelled test;  ///< empty (size 0) unless asked for
  std::vector<std::string>
      notes;  ///< sentences for the log and the report: "mnist not found in ..., using ..."
  bool substituted = false;  ///< the fallback stands in for the set
};

/// Throws Error if a value breaks its range, a key does not belong to the source, or one that it
/// needs is missing. Touches no file. `where` is the table's name in messages.
void check_settings(const DataSettings& settings, const std::string& where = "data");

/// Reads or generates the set. A pure function of the settings, the noise and the files. Throws
/// Error for bad settings or bad files (file, offset, rule), MachineError if a file cannot be read.
[[nodiscard]] Splits load(const DataSettings& settings,
                          const Noise& noise,
                          const std::vector<std::filesystem::path>& folders,
                          const std::string& where = "data");
/// The same with the folders of location.hpp.
[[nodiscard]] Splits load(const DataSettings& settings, const Noise& noise);

}  // namespace thermoscape::data
