#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "thermoscape/data/labelled.hpp"

namespace thermoscape::data {

/// A set that has a name in recipes: one of files, or one that is generated.
struct NamedSet {
  std::string_view name;
  std::string_view description;
  bool generated = false;
};
[[nodiscard]] std::span<const NamedSet> named_sets();

enum class Part { train, test };

/// The first of `folders` that holds a file of the set, with the set's name appended; empty if none
/// does.
[[nodiscard]] std::optional<std::filesystem::path> find_set(
    std::string_view name, std::span<const std::filesystem::path> folders);

/// A part of "mnist" or "cifar10" from its folder; plain files go before their .gz. Throws Error if
/// a file is missing or its content is wrong (see idx.hpp, cifar.hpp), or the set has another name.
[[nodiscard]] Labelled read_set(std::string_view name,
                                Part part,
                                const std::filesystem::path& folder);

/// A line of `data list`.
struct Listing {
  std::string name;
  std::string description;
  bool generated = false;
  bool present = false;  ///< always for generated ones
  std::filesystem::path folder;
  std::uint64_t bytes = 0;  ///< on disk
};
[[nodiscard]] std::vector<Listing> list_sets(std::span<const std::filesystem::path> folders);

/// What `data verify` found in one set: every file read, unpacked and checked.
struct Verification {
  struct FileCheck {
    std::filesystem::path path;
    std::uint64_t bytes = 0;     ///< uncompressed
    std::uint32_t checksum = 0;  ///< CRC-32 of the uncompressed bytes
    bool known = false;          ///< the checksum of the standard file is on record
    bool standard = false;       ///< and this is it
  };
  struct PartCheck {
    std::string name;
    std::int64_t examples = 0;
    std::vector<std::int64_t> class_counts;
    std::string digest;
  };
  std::string name;
  std::filesystem::path folder;
  std::vector<FileCheck> files;
  std::vector<PartCheck> parts;

  [[nodiscard]] bool standard() const;  ///< every file is the standard one
};
/// Throws Error for the first thing that is wrong.
[[nodiscard]] Verification verify_set(std::string_view name, const std::filesystem::path& folder);

/// Verifies the set in `from` (or in its sub-folder of the set's name), then copies its files to
/// `into`/name as they are. The folder appears whole or not at all; one that is there is never
/// touched. Returns the new folder. Throws Error if the set is wrong, missing, or already there;
/// MachineError if it cannot be written.
std::filesystem::path import_set(std::string_view name,
                                 const std::filesystem::path& from,
                                 const std::filesystem::path& into);

}  // namespace thermoscape::data
