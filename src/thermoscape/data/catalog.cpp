#include "thermoscape/data/catalog.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/data/bytes.hpp"
#include "thermoscape/data/check.hpp"
#include "thermoscape/data/cifar.hpp"
#include "thermoscape/data/idx.hpp"

namespace thermoscape::data {

namespace fs = std::filesystem;

namespace {
constexpr std::array<NamedSet, 7> kSets = {{
    {"mnist",
     "MNIST handwritten digits: 60,000 + 10,000 images of 28 x 28, 10 classes (IDX files)"},
    {"cifar10",
     "CIFAR-10 colour images: 50,000 + 10,000 of 3 x 32 x 32, 10 classes (binary version)"},
    {"digits", "drawn digits: any number of images of 28 x 28, 10 classes", true},
    {"gaussian", "Gaussian inputs with random labels", true},
    {"mixture", "mixture of Gaussians, one a class", true},
    {"teacher", "Gaussian inputs labelled by a random teacher", true},
    {"spirals", "spiral arms in the plane", true},
}};

/// A file of a set. CRC-32 of the uncompressed standard file where it is on record.
struct SetFile {
  std::string_view set;
  Part part;
  std::string_view name;
  bool required;
  std::uint32_t checksum;
};
constexpr std::array<SetFile, 10> kFiles = {{
    {"mnist", Part::train, "train-images-idx3-ubyte", true, 0xe9f4d8b3},
    {"mnist", Part::train, "train-labels-idx1-ubyte", true, 0xe0cb4ad2},
    {"mnist", Part::test, "t10k-images-idx3-ubyte", true, 0x91373bdf},
    {"mnist", Part::test, "t10k-labels-idx1-ubyte", true, 0x4ab9eff9},
    {"cifar10", Part::train, "data_batch_1.bin", true, 0},
    {"cifar10", Part::train, "data_batch_2.bin", false, 0},
    {"cifar10", Part::train, "data_batch_3.bin", false, 0},
    {"cifar10", Part::train, "data_batch_4.bin", false, 0},
    {"cifar10", Part::train, "data_batch_5.bin", false, 0},
    {"cifar10", Part::test, "test_batch.bin", true, 0},
}};

/// The file under its own name or with .gz; empty if neither is there.
fs::path locate(const fs::path& folder, std::string_view name) {
  std::error_code ignored;
  for (const std::string_view ending : {"", ".gz"}) {
    fs::path path = folder / (std::string(name) + std::string(ending));
    if (fs::exists(path, ignored)) return path;
  }
  return {};
}

void require_files(std::string_view name) {
  std::vector<std::string_view> names;
  for (const NamedSet& set : kSets) {
    if (set.generated) continue;
    if (set.name == name) return;
    names.push_back(set.name);
  }
  reject(
      {"data set", std::string(name), "must be one of mnist, cifar10", did_you_mean(name, names)});
}

struct Loaded {
  Labelled set;
  std::vector<Verification::FileCheck> files;
};

Loaded load_part(std::string_view name, Part part, const fs::path& folder, bool with_checksums) {
  require_files(name);
  Loaded out;
  std::vector<File> files;
  std::size_t all = 0;
  for (const SetFile& one : kFiles) {
    if (one.set != name || one.part != part) continue;
    ++all;
    const fs::path path = locate(folder, one.name);
    if (path.empty()) {
      if (!one.required) continue;
      reject({(folder / one.name).string(),
              "",
              "no such file, with or without .gz",
              fmt::format("{} needs it", name)});
    }
    files.push_back(read_file(path));
    if (!with_checksums) continue;
    const std::uint32_t sum = checksum(files.back().bytes);
    out.files.push_back(
        {path, files.back().bytes.size(), sum, one.checksum != 0, sum == one.checksum});
  }
  if (name == "mnist") {
    out.set = labelled_from_idx(files[0], files[1], 10);
  } else {
    out.set = labelled_from_cifar10(files);
    if (files.size() < all)
      out.set.steps.push_back(fmt::format("{} of the set's {} files", files.size(), all));
  }
  out.set.name = std::string(name) + (part == Part::train ? "/train" : "/test");
  return out;
}
}  // namespace

std::span<const NamedSet> named_sets() {
  return kSets;
}

std::optional<fs::path> find_set(std::string_view name, std::span<const fs::path> folders) {
  require_files(name);
  for (const fs::path& folder : folders) {
    const fs::path candidate = folder / name;
    for (const SetFile& one : kFiles) {
      if (one.set == name && !locate(candidate, one.name).empty()) return candidate;
    }
  }
  return std::nullopt;
}

Labelled read_set(std::string_view name, Part part, const fs::path& folder) {
  return load_part(name, part, folder, false).set;
}

std::vector<Listing> list_sets(std::span<const fs::path> folders) {
  std::vector<Listing> lines;
  for (const NamedSet& set : kSets) {
    Listing line;
    line.name = set.name;
    line.description = set.description;
    line.generated = set.generated;
    line.present = set.generated;
    if (!set.generated) {
      if (const auto folder = find_set(set.name, folders)) {
        line.present = true;
        line.folder = *folder;
        for (const SetFile& one : kFiles) {
          std::error_code ignored;
          const fs::path path = one.set == set.name ? locate(*folder, one.name) : fs::path();
          if (!path.empty() && fs::is_regular_file(path, ignored))
            line.bytes += fs::file_size(path, ignored);
        }
      }
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

bool Verification::standard() const {
  return std::all_of(files.begin(), files.end(), [](const FileCheck& file) {
    return file.known && file.standard;
  });
}

Verification verify_set(std::string_view name, const fs::path& folder) {
  Verification out;
  out.name = name;
  out.folder = folder;
  for (const Part part : {Part::train, Part::test}) {
    Loaded loaded = load_part(name, part, folder, true);
    check(loaded.set);
    out.files.insert(out.files.end(), loaded.files.begin(), loaded.files.end());
    out.parts.push_back({loaded.set.name,
                         loaded.set.size(),
                         class_counts(loaded.set.labels, loaded.set.classes),
                         digest(loaded.set)});
  }
  return out;
}

fs::path import_set(std::string_view name, const fs::path& from, const fs::path& into) {
  const auto nested = find_set(name, std::span(&from, 1));
  const Verification verified = verify_set(name, nested ? *nested : from);
  const fs::path target = into / name;
  std::error_code error;
  if (fs::exists(target, error)) {
    reject({target.string(), "", "is already there and is not overwritten", "move it away first"});
  }
  const auto failed = [&](const std::string& reason) {
    throw MachineError(fmt::format("{}: cannot write: {}", target.string(), reason));
  };
  fs::create_directories(into, error);
  if (error) failed(error.message());
  std::string temporary = target.string() + ".XXXXXX";
  if (::mkdtemp(temporary.data()) == nullptr) failed(std::strerror(errno));
  try {
    for (const Verification::FileCheck& file : verified.files) {
      write_file(fs::path(temporary) / file.path.filename(), read_raw(file.path));
    }
    fs::permissions(temporary, fs::perms(0755), error);
    fs::rename(temporary, target, error);
    if (error) failed(error.message());
  } catch (...) {
    fs::remove_all(temporary, error);
    throw;
  }
  return target;
}

}  // namespace thermoscape::data
