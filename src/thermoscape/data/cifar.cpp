#include "thermoscape/data/cifar.hpp"

#include <utility>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/data/check.hpp"

namespace thermoscape::data {

Labelled parse_cifar10(std::span<const std::byte> bytes, std::string_view file) {
  if (bytes.empty()) reject({at(file, 0), "", "must hold at least one image", ""});
  const std::size_t images = bytes.size() / kCifarRecord;
  if (bytes.size() % kCifarRecord != 0) {
    reject({at(file, images * kCifarRecord),
            fmt::format("{} bytes", bytes.size() % kCifarRecord),
            fmt::format("an image takes {} bytes, its label and 3 x 32 x 32 pixels", kCifarRecord),
            "the file is cut short or no CIFAR-10 file"});
  }
  Labelled set;
  set.classes = kCifarClasses;
  set.shape = {3, 32, 32};
  set.source = std::string(file);
  set.labels.reserve(images);
  set.inputs.reserve(images * kCifarPixels);
  for (std::size_t i = 0; i < images; ++i) {
    const auto record = bytes.subspan(i * kCifarRecord, kCifarRecord);
    const auto label = std::to_integer<std::int32_t>(record[0]);
    check_label(label, kCifarClasses, file, i * kCifarRecord);
    set.labels.push_back(label);
    const std::vector<float> pixels = unit_pixels(record.subspan(1));
    set.inputs.insert(set.inputs.end(), pixels.begin(), pixels.end());
  }
  set.steps.push_back("pixels scaled from 0 ... 255 to [0, 1]");
  return set;
}

Labelled labelled_from_cifar10(std::span<const File> files) {
  if (files.empty()) reject({"cifar10", "", "needs at least one file", ""});
  Labelled all;
  for (const File& file : files) {
    Labelled part = parse_cifar10(file.bytes, file.name);
    if (all.labels.empty()) {
      all = std::move(part);
    } else {
      all.inputs.insert(all.inputs.end(), part.inputs.begin(), part.inputs.end());
      all.labels.insert(all.labels.end(), part.labels.begin(), part.labels.end());
      all.source += ", " + part.source;
    }
  }
  check_classes(all.labels, all.classes, at(all.source, 0));
  return all;
}

}  // namespace thermoscape::data
