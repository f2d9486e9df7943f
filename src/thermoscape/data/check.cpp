#include "thermoscape/data/check.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/data/bytes.hpp"

namespace thermoscape::data {

std::int64_t Labelled::width() const {
  std::int64_t product = 1;
  for (const std::int64_t n : shape) product *= n;
  return product;
}

void check_label(std::int64_t label,
                 std::int32_t classes,
                 std::string_view file,
                 std::uint64_t offset) {
  if (label >= 0 && label < classes) return;
  reject({at(file, offset),
          fmt::format("{}", label),
          fmt::format("a label must be in 0 ... {}", classes - 1),
          ""});
}

std::vector<std::int64_t> class_counts(std::span<const std::int32_t> labels, std::int32_t classes) {
  std::vector<std::int64_t> counts(static_cast<std::size_t>(classes));
  for (const std::int32_t label : labels) ++counts[static_cast<std::size_t>(label)];
  return counts;
}

void check_classes(std::span<const std::int32_t> labels,
                   std::int32_t classes,
                   const std::string& where) {
  const std::vector<std::int64_t> counts = class_counts(labels, classes);
  const auto empty = std::find(counts.begin(), counts.end(), 0);
  if (empty == counts.end()) return;
  reject({where,
          fmt::format("class {} without an example", empty - counts.begin()),
          fmt::format(
              "each of the {} classes must have one among the {} labels", classes, labels.size()),
          ""});
}

void check(const Labelled& set, Present classes) {
  const std::string where = set.source.empty() ? set.name : set.source;
  if (set.labels.empty()) reject({where, "0 examples", "must hold at least one", ""});
  if (set.classes < 1)
    reject({where, fmt::format("{} classes", set.classes), "must be at least 1", ""});
  const auto width = static_cast<std::size_t>(set.width());
  if (set.inputs.size() != set.labels.size() * width) {
    reject({where,
            fmt::format("{} input values", set.inputs.size()),
            fmt::format("must be {} labels times {} values", set.labels.size(), width),
            ""});
  }
  for (std::size_t i = 0; i < set.labels.size(); ++i) {
    if (set.labels[i] >= 0 && set.labels[i] < set.classes) continue;
    reject({fmt::format("{}, example {}", where, i),
            fmt::format("{}", set.labels[i]),
            fmt::format("a label must be in 0 ... {}", set.classes - 1),
            ""});
  }
  const auto bad =
      std::find_if(set.inputs.begin(), set.inputs.end(), [](float x) { return !std::isfinite(x); });
  if (bad != set.inputs.end()) {
    const auto index = static_cast<std::size_t>(bad - set.inputs.begin());
    reject({fmt::format("{}, example {}, input {}", where, index / width, index % width),
            fmt::format("{}", *bad),
            "must be a finite number",
            ""});
  }
  if (classes == Present::all) check_classes(set.labels, set.classes, where);
}

std::vector<float> unit_pixels(std::span<const std::byte> pixels) {
  std::array<float, 256> scaled{};
  for (std::size_t v = 0; v < scaled.size(); ++v) scaled[v] = static_cast<float>(v) / 255.0f;
  std::vector<float> out(pixels.size());
  std::transform(pixels.begin(), pixels.end(), out.begin(), [&scaled](std::byte b) {
    return scaled[std::to_integer<std::size_t>(b)];
  });
  return out;
}

std::string digest(const Labelled& set) {
  std::uint64_t hash = 14695981039346656037ull;
  const auto eat = [&hash](std::uint64_t word, int bytes) {
    for (int i = 0; i < bytes; ++i) hash = (hash ^ ((word >> (8 * i)) & 0xff)) * 1099511628211ull;
  };
  eat(set.shape.size(), 8);
  for (const std::int64_t n : set.shape) eat(static_cast<std::uint64_t>(n), 8);
  eat(static_cast<std::uint64_t>(set.classes), 8);
  eat(set.labels.size(), 8);
  for (const std::int32_t label : set.labels) eat(static_cast<std::uint32_t>(label), 4);
  for (const float x : set.inputs) eat(std::bit_cast<std::uint32_t>(x), 4);
  return fmt::format("{:016x}", hash);
}

}  // namespace thermoscape::data
