#include "thermoscape/data/idx.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/data/check.hpp"

namespace thermoscape::data {

namespace {
std::uint32_t big_endian(std::span<const std::byte> bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[offset + i]);
  return value;
}
}  // namespace

Idx parse_idx(std::span<const std::byte> bytes, std::string_view file) {
  if (bytes.size() < 4) {
    reject({at(file, bytes.size()), "", "the IDX header is cut short", "it has at least 4 bytes"});
  }
  const std::uint32_t magic = big_endian(bytes, 0);
  const std::size_t dimensions = magic & 0xff;
  if (magic >> 16 != 0) {
    reject({at(file, 0),
            fmt::format("{:#010x}", magic),
            "the magic number must begin with two zero bytes",
            ""});
  }
  if ((magic >> 8) != 0x08) {
    reject({at(file, 2),
            fmt::format("{:#04x}", magic >> 8),
            "the type must be 0x08, unsigned bytes",
            ""});
  }
  if (dimensions < 1 || dimensions > 4) {
    reject({at(file, 3),
            fmt::format("{}", dimensions),
            "the number of dimensions must be in [1, 4]",
            ""});
  }
  const std::size_t header = 4 + 4 * dimensions;
  if (bytes.size() < header) {
    reject({at(file, bytes.size()),
            "",
            "the IDX header is cut short",
            fmt::format("it has {} bytes", header)});
  }
  Idx idx;
  idx.offset = header;
  idx.values = bytes.subspan(header);
  std::uint64_t expected = 1;
  bool agrees = true;
  for (std::size_t i = 0; i < dimensions; ++i) {
    const std::uint32_t size = big_endian(bytes, 4 + 4 * i);
    if (size == 0) reject({at(file, 4 + 4 * i), "0", "a dimension must be at least 1", ""});
    idx.shape.push_back(size);
    // Once the product exceeds the file it only grows; stopping there keeps it below 2^64.
    agrees = agrees && (expected *= size) <= idx.values.size();
  }
  if (!agrees || expected != idx.values.size()) {
    reject({at(file, 4),
            fmt::format("{}", fmt::join(idx.shape, " x ")),
            fmt::format("must be the number of bytes after the header, {}", idx.values.size()),
            agrees ? "something was appended" : "the file is cut short or the count is wrong"});
  }
  return idx;
}

Labelled labelled_from_idx(const File& images, const File& labels, std::int32_t classes) {
  const Idx pixels = parse_idx(images.bytes, images.name);
  const Idx targets = parse_idx(labels.bytes, labels.name);
  if (pixels.shape.size() < 2) {
    reject(
        {at(images.name, 3), "1", "images need at least 2 dimensions", "is this the label file?"});
  }
  if (targets.shape.size() != 1) {
    reject({at(labels.name, 3),
            fmt::format("{}", targets.shape.size()),
            "labels need 1 dimension",
            "is this the image file?"});
  }
  if (pixels.shape[0] != targets.shape[0]) {
    reject(
        {at(labels.name, 4),
         fmt::format("{} labels", targets.shape[0]),
         fmt::format("must be as many as there are images, {} in {}", pixels.shape[0], images.name),
         ""});
  }
  Labelled set;
  set.classes = classes;
  set.source = images.name;
  set.shape.assign(pixels.shape.begin() + 1, pixels.shape.end());
  if (set.shape.size() == 2) set.shape.insert(set.shape.begin(), 1);  // one channel
  set.labels.reserve(targets.values.size());
  for (std::size_t i = 0; i < targets.values.size(); ++i) {
    const auto label = std::to_integer<std::int32_t>(targets.values[i]);
    check_label(label, classes, labels.name, targets.offset + i);
    set.labels.push_back(label);
  }
  check_classes(set.labels, classes, at(labels.name, targets.offset));
  set.inputs = unit_pixels(pixels.values);
  set.steps.push_back("pixels scaled from 0 ... 255 to [0, 1]");
  return set;
}

Labelled read_idx(const std::filesystem::path& images,
                  const std::filesystem::path& labels,
                  std::int32_t classes) {
  const File label_file = read_file(labels);  // the small one first: a wrong pair fails early
  return labelled_from_idx(read_file(images), label_file, classes);
}

}  // namespace thermoscape::data
