#include "thermoscape/data/subset.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/data/check.hpp"

namespace thermoscape::data {

namespace {
/// How many of each class make `count`, given how many there are: equal shares, remainders to the
/// first classes.
std::vector<std::int64_t> shares(std::vector<std::int64_t> there, std::int64_t count) {
  std::vector<std::int64_t> share(there.size(), 0);
  while (count > 0) {
    std::int64_t open = 0;
    for (std::size_t k = 0; k < there.size(); ++k) open += share[k] < there[k] ? 1 : 0;
    const std::int64_t each = std::max<std::int64_t>(count / open, 1);
    for (std::size_t k = 0; k < there.size() && count > 0; ++k) {
      const std::int64_t more = std::min({each, there[k] - share[k], count});
      share[k] += more;
      count -= more;
    }
  }
  return share;
}

/// Positions of each class in a random order.
std::vector<std::vector<std::int64_t>> shuffled_classes(const Labelled& set, const Noise& noise) {
  std::vector<std::vector<std::int64_t>> classes(static_cast<std::size_t>(set.classes));
  for (std::int64_t i = 0; i < set.size(); ++i) {
    classes[static_cast<std::size_t>(set.labels[static_cast<std::size_t>(i)])].push_back(i);
  }
  for (std::size_t k = 0; k < classes.size(); ++k) {
    const auto order =
        noise.permutation("data.subset", k, static_cast<std::int32_t>(classes[k].size()));
    std::vector<std::int64_t> shuffled;
    shuffled.reserve(order.size());
    for (const std::int32_t j : order) shuffled.push_back(classes[k][static_cast<std::size_t>(j)]);
    classes[k] = std::move(shuffled);
  }
  return classes;
}

/// Takes the next shares of every class from `classes`, which lose them.
std::vector<std::int64_t> draw(std::vector<std::vector<std::int64_t>>& classes,
                               std::int64_t count) {
  std::vector<std::int64_t> there;
  for (const auto& one : classes) there.push_back(static_cast<std::int64_t>(one.size()));
  const std::vector<std::int64_t> share = shares(there, count);
  std::vector<std::int64_t> drawn;
  for (std::size_t k = 0; k < classes.size(); ++k) {
    drawn.insert(drawn.end(), classes[k].begin(), classes[k].begin() + share[k]);
    classes[k].erase(classes[k].begin(), classes[k].begin() + share[k]);
  }
  std::sort(drawn.begin(), drawn.end());
  return drawn;
}

void check_count(const Labelled& set,
                 std::string_view what,
                 std::int64_t count,
                 std::int64_t there) {
  if (count >= set.classes && count <= there) return;
  reject({fmt::format("{}, {} examples", set.name, what),
          fmt::format("{}", count),
          fmt::format("must be in [{}, {}]: one a class, and what is there", set.classes, there),
          ""});
}

/// The examples at the given positions, with a record of where they stood.
Labelled recorded(const Labelled& set, const std::vector<std::int64_t>& positions) {
  Labelled out = take(set, positions);
  Array examples{.name = "examples",
                 .dimensions = {"example"},
                 .shape = {positions.size()},
                 .values = std::vector<double>(positions.begin(), positions.end()),
                 .unit = "1",
                 .description = "position of each example before the draw",
                 .source = out.source,
                 .attributes = {}};
  out.records.push_back(std::move(examples));
  return out;
}

Labelled taken(const Labelled& set, const std::vector<std::int64_t>& positions) {
  Labelled out = recorded(set, positions);
  const std::vector<std::int64_t> counts = class_counts(out.labels, out.classes);
  out.steps.push_back(fmt::format("{} of {} examples drawn, {} of the classes",
                                  out.size(),
                                  set.size(),
                                  fmt::join(counts, " + ")));
  return out;
}
}  // namespace

Labelled take(const Labelled& set, std::span<const std::int64_t> positions) {
  Labelled out;
  out.name = set.name;
  out.shape = set.shape;
  out.classes = set.classes;
  out.source = set.source;
  out.steps = set.steps;
  out.records = set.records;
  const std::int64_t width = set.width();
  out.labels.reserve(positions.size());
  out.inputs.reserve(positions.size() * static_cast<std::size_t>(width));
  for (const std::int64_t i : positions) {
    if (i < 0 || i >= set.size()) {
      reject({set.name + ", position",
              fmt::format("{}", i),
              fmt::format("must be below {}", set.size()),
              ""});
    }
    out.labels.push_back(set.labels[static_cast<std::size_t>(i)]);
    const auto first = set.inputs.begin() + i * width;
    out.inputs.insert(out.inputs.end(), first, first + width);
  }
  return out;
}

Labelled select_classes(const Labelled& set, std::span<const std::int64_t> classes) {
  if (classes.empty()) return set;
  std::vector<std::int32_t> new_label(static_cast<std::size_t>(set.classes), -1);
  for (std::size_t k = 0; k < classes.size(); ++k) {
    const std::int64_t old = classes[k];
    const std::string where = fmt::format("{}, classes[{}]", set.name, k);
    if (old < 0 || old >= set.classes) {
      reject(
          {where, fmt::format("{}", old), fmt::format("must be in 0 ... {}", set.classes - 1), ""});
    }
    if (new_label[static_cast<std::size_t>(old)] >= 0) {
      reject({where, fmt::format("{}", old), "is named twice", ""});
    }
    new_label[static_cast<std::size_t>(old)] = static_cast<std::int32_t>(k);
  }
  std::vector<std::int64_t> positions;
  for (std::size_t i = 0; i < set.labels.size(); ++i) {
    if (new_label[static_cast<std::size_t>(set.labels[i])] >= 0)
      positions.push_back(static_cast<std::int64_t>(i));
  }
  Labelled out = take(set, positions);
  for (std::int32_t& label : out.labels) label = new_label[static_cast<std::size_t>(label)];
  out.classes = static_cast<std::int32_t>(classes.size());
  out.steps.push_back(
      fmt::format("classes {} kept as 0 ... {}", fmt::join(classes, ", "), classes.size() - 1));
  out.records.push_back({.name = "classes",
                         .dimensions = {"class"},
                         .shape = {classes.size()},
                         .values = std::vector<double>(classes.begin(), classes.end()),
                         .unit = "1",
                         .description = "label of each class in the source",
                         .source = out.source,
                         .attributes = {}});
  return out;
}

Labelled choose(const Labelled& set, std::int64_t count, const Noise& noise) {
  check_count(set, "chosen", count, set.size());
  auto classes = shuffled_classes(set, noise);
  return taken(set, draw(classes, count));
}

Labelled choose_any(const Labelled& set, std::int64_t count, const Noise& noise) {
  if (count < 1 || count > set.size()) {
    reject({set.name + ", examples",
            fmt::format("{}", count),
            fmt::format("must be in [1, {}]", set.size()),
            ""});
  }
  const std::vector<std::int32_t> order =
      noise.permutation("data.subset.any", 0, static_cast<std::int32_t>(set.size()));
  std::vector<std::int64_t> drawn(order.begin(), order.begin() + count);
  std::sort(drawn.begin(), drawn.end());
  Labelled out = recorded(set, drawn);
  out.steps.push_back(fmt::format("{} of {} examples drawn", out.size(), set.size()));
  return out;
}

Split split(const Labelled& set, std::int64_t train, std::int64_t test, const Noise& noise) {
  check_count(set, "training", train, set.size());
  auto classes = shuffled_classes(set, noise);
  Split out;
  out.train = taken(set, draw(classes, train));
  out.train.name = set.name + "/train";
  if (test == 0) return out;
  check_count(set, "test", test, set.size() - train);
  out.test = taken(set, draw(classes, test));
  out.test.name = set.name + "/test";
  check_classes(out.test.labels, out.test.classes, out.test.name);
  return out;
}

}  // namespace thermoscape::data
