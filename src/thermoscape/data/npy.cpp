#include "thermoscape/data/npy.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/data/check.hpp"
#include "thermoscape/data/npy_header.hpp"

namespace thermoscape::data {

static_assert(std::endian::native == std::endian::little,
              "numbers are read in the machine's own byte order");

namespace {
template <class T>
void convert(std::span<const std::byte> bytes, std::vector<double>& out) {
  out.resize(bytes.size() / sizeof(T));
  for (std::size_t i = 0; i < out.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    out[i] = static_cast<double>(value);
  }
}

std::size_t item_size(const std::string& type) {
  if (type == "<f8" || type == "<i8") return 8;
  if (type == "<f4" || type == "<i4") return 4;
  return type == "|u1" ? 1 : 0;
}

std::string hint_for(const std::string& type) {
  if (type.starts_with('>')) return "big-endian: use a.astype(a.dtype.newbyteorder('<'))";
  return "use a.astype('float32')";
}

void check_size(const NpyHeader& header,
                std::size_t there,
                std::size_t item,
                std::string_view file) {
  const bool none = std::find(header.shape.begin(), header.shape.end(), 0) != header.shape.end();
  std::uint64_t needed = none ? 0 : item;
  bool agrees = true;
  for (const std::int64_t n : header.shape) {
    // Dividing first keeps the product from running over; needed <= there throughout.
    if (needed == 0) break;
    agrees = agrees && static_cast<std::uint64_t>(n) <= there / needed;
    if (!agrees) break;
    needed *= static_cast<std::uint64_t>(n);
  }
  if (agrees && needed == there) return;
  reject({at(file, header.shape_offset),
          fmt::format("({})", fmt::join(header.shape, ", ")),
          fmt::format("must fit the {} bytes of values, {} bytes each", there, item),
          agrees && needed < there ? "something was appended" : "the file is cut short"});
}

template <class Real>
Bytes bytes_of(std::string_view type,
               std::span<const std::int64_t> shape,
               std::span<const Real> values) {
  std::uint64_t count = 1;
  for (const std::int64_t n : shape)
    count *= static_cast<std::uint64_t>(std::max<std::int64_t>(n, 0));
  if (count != values.size()) {
    reject({"npy shape",
            fmt::format("({})", fmt::join(shape, ", ")),
            fmt::format("must have as many elements as there are values, {}", values.size()),
            ""});
  }
  const std::string comma = shape.size() == 1 ? "," : "";
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}",
                                   type,
                                   fmt::join(shape, ", "),
                                   comma);
  constexpr std::size_t kBefore = 10;  // magic, version, length
  while ((kBefore + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string front("\x93NUMPY\x01\x00", 8);
  front += static_cast<char>(header.size() & 0xff);
  front += static_cast<char>(header.size() >> 8);
  front += header;
  Bytes bytes(front.size() + values.size_bytes());
  std::memcpy(bytes.data(), front.data(), front.size());
  if (!values.empty()) std::memcpy(bytes.data() + front.size(), values.data(), values.size_bytes());
  return bytes;
}
}  // namespace

Npy parse_npy(std::span<const std::byte> bytes, std::string_view file) {
  const NpyHeader header = parse_npy_header(bytes, file);
  Npy array;
  array.type = header.type == "<u1" || header.type == "u1" ? "|u1" : header.type;
  array.item = item_size(array.type);
  array.offset = header.end;
  array.shape = header.shape;
  if (array.item == 0) {
    reject({at(file, header.type_offset),
            header.type,
            "must be one of <f8, <f4, |u1, <i4, <i8",
            hint_for(header.type)});
  }
  if (header.fortran_order) {
    reject({at(file, header.order_offset),
            "True",
            "must be False: rows one after the other",
            "use numpy.ascontiguousarray"});
  }
  const auto data = bytes.subspan(header.end);
  check_size(header, data.size(), array.item, file);
  if (array.type == "<f8") convert<double>(data, array.values);
  if (array.type == "<f4") convert<float>(data, array.values);
  if (array.type == "|u1") convert<std::uint8_t>(data, array.values);
  if (array.type == "<i4") convert<std::int32_t>(data, array.values);
  if (array.type == "<i8") {
    convert<std::int64_t>(data, array.values);
    for (std::size_t i = 0; i < array.values.size(); ++i) {
      if (std::abs(array.values[i]) <= 0x1p53) continue;
      reject({at(file, array.offset + i * array.item),
              fmt::format("{:.0f}", array.values[i]),
              "an integer must be within ± 2^53",
              ""});
    }
  }
  return array;
}

Npy read_npy(const std::filesystem::path& path) {
  const File file = read_file(path);
  return parse_npy(file.bytes, file.name);
}

Bytes to_npy(std::span<const std::int64_t> shape, std::span<const double> values) {
  return bytes_of("<f8", shape, values);
}
Bytes to_npy(std::span<const std::int64_t> shape, std::span<const float> values) {
  return bytes_of("<f4", shape, values);
}
void write_npy(const std::filesystem::path& path,
               std::span<const std::int64_t> shape,
               std::span<const double> values) {
  write_file(path, to_npy(shape, values));
}
void write_npy(const std::filesystem::path& path,
               std::span<const std::int64_t> shape,
               std::span<const float> values) {
  write_file(path, to_npy(shape, values));
}

Labelled labelled_from_npy(const File& inputs, const File& labels, Present classes) {
  const Npy x = parse_npy(inputs.bytes, inputs.name);
  const Npy y = parse_npy(labels.bytes, labels.name);
  if (x.shape.size() < 2 || x.values.empty()) {
    reject({at(inputs.name, x.offset),
            fmt::format("({})", fmt::join(x.shape, ", ")),
            "inputs must have the shape (examples, ...) with at least one value",
            ""});
  }
  if (y.shape.size() != 1 || !y.integral()) {
    reject({at(labels.name, y.offset),
            fmt::format("{} ({})", y.type, fmt::join(y.shape, ", ")),
            "labels must be integers of the shape (examples,)",
            "use y.astype('int64').ravel()"});
  }
  if (x.shape[0] != y.shape[0]) {
    reject({at(labels.name, y.offset),
            fmt::format("{} labels", y.shape[0]),
            fmt::format("must be as many as there are inputs, {} in {}", x.shape[0], inputs.name),
            ""});
  }
  // More classes than examples leave one empty, so the number of examples bounds the labels.
  const auto bound = static_cast<std::int32_t>(
      classes == Present::all ? std::min<std::int64_t>(y.shape[0], 0x7fffffff) : 0x7fffffff);
  Labelled set;
  set.source = inputs.name;
  set.shape.assign(x.shape.begin() + 1, x.shape.end());
  set.labels.reserve(y.values.size());
  for (std::size_t i = 0; i < y.values.size(); ++i) {
    check_label(static_cast<std::int64_t>(y.values[i]), bound, labels.name, y.offset + i * y.item);
    set.labels.push_back(static_cast<std::int32_t>(y.values[i]));
  }
  set.classes = *std::max_element(set.labels.begin(), set.labels.end()) + 1;
  if (classes == Present::all) check_classes(set.labels, set.classes, at(labels.name, y.offset));
  set.inputs.reserve(x.values.size());
  for (std::size_t i = 0; i < x.values.size(); ++i) {
    if (!(std::abs(x.values[i]) <=
          std::numeric_limits<float>::max())) {  // NaN fails every comparison
      reject({at(inputs.name, x.offset + i * x.item),
              fmt::format("{}", x.values[i]),
              "must be a finite number within the range of float",
              ""});
    }
    set.inputs.push_back(static_cast<float>(x.values[i]));
  }
  return set;
}

Labelled read_labelled_npy(const std::filesystem::path& inputs,
                           const std::filesystem::path& labels,
                           Present classes) {
  const File label_file = read_file(labels);
  return labelled_from_npy(read_file(inputs), label_file, classes);
}

}  // namespace thermoscape::data
