#include "thermoscape/data/load.hpp"

#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/data/catalog.hpp"
#include "thermoscape/data/check.hpp"
#include "thermoscape/data/digits.hpp"
#include "thermoscape/data/generators.hpp"
#include "thermoscape/data/location.hpp"
#include "thermoscape/data/npy.hpp"
#include "thermoscape/data/reduce.hpp"
#include "thermoscape/data/standardise.hpp"
#include "thermoscape/data/subset.hpp"

namespace thermoscape::data {

namespace {
/// What stands in for all 60,000 training digits when no count is given.
constexpr std::int64_t kFallbackCount = 10000;

bool is_files(const std::string& source) {
  return source == "mnist" || source == "cifar10";
}
bool is_images(const std::string& source) {
  return is_files(source) || source == "digits";
}

/// Cuts a generated set behind its training examples.
Splits cut(const Labelled& all, std::int64_t train) {
  std::vector<std::int64_t> positions(static_cast<std::size_t>(all.size()));
  std::iota(positions.begin(), positions.end(), 0);
  const std::span<const std::int64_t> order = positions;
  Splits out;
  out.train = take(all, order.first(static_cast<std::size_t>(train)));
  out.test = take(all, order.subspan(static_cast<std::size_t>(train)));
  out.train.name = all.name + "/train";
  out.test.name = all.name + "/test";
  return out;
}

Labelled draw_digits(const DataSettings& settings, std::int64_t count, const Noise& noise) {
  Digits drawn;
  drawn.count = count;
  drawn.distortion = settings.noise.value_or(drawn.distortion);
  if (!settings.classes.empty()) drawn.digits = settings.classes;
  return generate(drawn, noise);
}

Labelled generate_all(const DataSettings& s, const Noise& noise) {
  const std::int64_t count = s.train + s.test;
  const std::int64_t dimension = s.dimension.value_or(10);
  if (s.source == "digits") return draw_digits(s, count, noise);
  if (s.source == "gaussian")
    return generate(Gaussian{count, dimension, s.class_count.value_or(3)}, noise);
  if (s.source == "mixture") {
    return generate(Mixture{count, dimension, s.class_count.value_or(3), s.noise.value_or(0.5)},
                    noise);
  }
  if (s.source == "teacher") {
    return generate(
        Teacher{
            count, dimension, s.class_count.value_or(3), s.hidden.value_or(0), s.noise.value_or(0)},
        noise);
  }
  return generate(
      Spirals{count, s.class_count.value_or(2), s.turns.value_or(1.5), s.noise.value_or(0.05)},
      noise);
}

/// The examples of both parts in one set.
Labelled pooled(Labelled a, const Labelled& b) {
  a.inputs.insert(a.inputs.end(), b.inputs.begin(), b.inputs.end());
  a.labels.insert(a.labels.end(), b.labels.begin(), b.labels.end());
  a.steps.push_back(fmt::format("pooled with the {} examples of {}", b.size(), b.name));
  return a;
}

Splits from_files(const DataSettings& settings,
                  const std::filesystem::path& folder,
                  const Noise& noise) {
  const auto part = [&](Part which, std::int64_t count, std::string_view fork) {
    Labelled set = select_classes(read_set(settings.source, which, folder), settings.classes);
    return count == 0 ? set : choose(set, count, noise.fork(fork, 0));
  };
  Splits out;
  if (settings.reshuffle > 0) {
    const Labelled all = pooled(part(Part::train, 0, ""), part(Part::test, 0, ""));
    const std::int64_t rest = all.size() - settings.test;
    Split two = split(all,
                      settings.train == 0 ? rest : settings.train,
                      settings.test,
                      noise.fork("data.reshuffle", static_cast<std::uint64_t>(settings.reshuffle)));
    out.train = std::move(two.train);
    out.test = std::move(two.test);
    return out;
  }
  out.train = part(Part::train, settings.train, "data.train");
  if (settings.test > 0) out.test = part(Part::test, settings.test, "data.test");
  return out;
}

Splits from_npy(const DataSettings& settings, const Noise& noise) {
  Labelled all = read_labelled_npy(settings.inputs, settings.labels);
  all.name = "npy";
  all = select_classes(all, settings.classes);
  const std::int64_t rest = all.size() - settings.test;
  Splits out;
  if (settings.train == 0 && settings.test == 0) {
    out.train = std::move(all);
  } else {
    Split two = split(all, settings.train == 0 ? rest : settings.train, settings.test, noise);
    out.train = std::move(two.train);
    out.test = std::move(two.test);
  }
  return out;
}

Splits fall_back(const DataSettings& settings,
                 const Noise& noise,
                 const std::vector<std::filesystem::path>& folders,
                 const std::string& where) {
  std::string places;
  for (const auto& folder : folders)
    places += (places.empty() ? "" : ", ") + (folder / settings.source).string();
  if (places.empty()) places = "any folder";
  if (settings.fallback == "none") {
    reject(
        {where + ".source",
         settings.source,
         "not found in " + places,
         "name its folder in THERMOSCAPE_DATA, use `data import`, or set fallback = \"digits\""});
  }
  const std::int64_t train = settings.train == 0 ? kFallbackCount : settings.train;
  Splits out = cut(draw_digits(settings, train + settings.test, noise), train);
  out.substituted = true;
  out.notes.push_back(
      fmt::format("{} not found in {}, using drawn digits instead", settings.source, places));
  return out;
}

void transform(const DataSettings& settings, Splits& splits) {
  const bool has_test = splits.test.size() > 0;
  if (settings.standardise != "none") {
    const auto grouping = settings.standardise == "channel" ? Grouping::channel : Grouping::feature;
    const Standardisation scales = fit_standardisation(splits.train, grouping);
    if (has_test) splits.test = apply(scales, std::move(splits.test));
    splits.train = apply(scales, std::move(splits.train));
  }
  if (settings.pca > 0) {
    const analysis::Pca components = fit_principal_components(splits.train, settings.pca);
    if (has_test) splits.test = apply(components, splits.test, settings.whiten);
    splits.train = apply(components, splits.train, settings.whiten);
  }
}
}  // namespace

void check_settings(const DataSettings& s, const std::string& where) {
  validate(s, where);
  const auto belongs = [&](bool given, bool fits, std::string_view key, std::string_view sources) {
    if (!given || fits) return;
    reject({fmt::format("{}.{}", where, key),
            "",
            fmt::format("does not belong to the source `{}`", s.source),
            fmt::format("it is for {}", sources)});
  };
  const bool generated = !is_files(s.source) && s.source != "npy";
  const bool vectors = generated && s.source != "digits";
  belongs(!s.classes.empty(),
          !vectors,
          "classes",
          "mnist, cifar10, digits, npy; generators take class_count");
  belongs(s.class_count.has_value(), vectors, "class_count", "gaussian, mixture, teacher, spirals");
  belongs(s.dimension.has_value(),
          vectors && s.source != "spirals",
          "dimension",
          "gaussian, mixture, teacher");
  belongs(s.hidden.has_value(), s.source == "teacher", "hidden", "teacher");
  belongs(s.turns.has_value(), s.source == "spirals", "turns", "spirals");
  belongs(s.noise.has_value(),
          generated && s.source != "gaussian",
          "noise",
          "mixture, teacher, spirals, digits");
  belongs(!s.inputs.empty(), s.source == "npy", "inputs", "npy");
  belongs(!s.labels.empty(), s.source == "npy", "labels", "npy");
  belongs(s.reshuffle > 0, is_files(s.source), "reshuffle", "mnist, cifar10");
  belongs(s.standardise == "channel",
          is_images(s.source) || s.source == "npy",
          "standardise",
          "images when `channel`");
  if (s.source == "npy" && (s.inputs.empty() || s.labels.empty())) {
    reject({where + (s.inputs.empty() ? ".inputs" : ".labels"),
            "",
            "the source `npy` needs this file",
            ""});
  }
  if (generated && s.train == 0) {
    reject({where + ".train", "0", "a generated set needs a number of examples", ""});
  }
  for (const std::int64_t label : s.classes) {
    if (is_images(s.source) && label > 9) {
      reject({where + ".classes", fmt::format("{}", label), "must be in 0 ... 9", ""});
    }
  }
  for (std::size_t i = 0; i < s.classes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (s.classes[i] == s.classes[j]) {
        reject({where + ".classes", fmt::format("{}", s.classes[i]), "is named twice", ""});
      }
    }
  }
}

Splits load(const DataSettings& settings,
            const Noise& noise,
            const std::vector<std::filesystem::path>& folders,
            const std::string& where) {
  check_settings(settings, where);
  Splits out;
  if (settings.source == "npy") {
    out = from_npy(settings, noise);
  } else if (is_files(settings.source)) {
    const auto folder = find_set(settings.source, folders);
    out =
        folder ? from_files(settings, *folder, noise) : fall_back(settings, noise, folders, where);
  } else {
    out = cut(generate_all(settings, noise), settings.train);
  }
  check(out.train);
  if (out.test.size() > 0) check(out.test);
  transform(settings, out);
  return out;
}

Splits load(const DataSettings& settings, const Noise& noise) {
  return load(settings, noise, data_folders());
}

}  // namespace thermoscape::data
