#pragma once
#include <filesystem>
#include <string_view>

#include "thermoscape/core/dataset.hpp"

namespace thermoscape::store {

/// Writes a netCDF-4 file: a Dataset is a group, its arrays are variables of doubles over named
/// dimensions with the attributes `units`, `long_name` and `source`. Equal Datasets give equal
/// bytes: no clock enters the file. The file appears whole or not at all (atomic_write); values are
/// read from their span in slices, so mapped arrays of any size need no memory. A dimension of
/// length 0 is stored as an unlimited one that has not grown. Text attributes are UTF-8. Safe from
/// any thread (one at a time: the C library is not). Throws Error naming group and array for a name
/// that netCDF refuses (a slash, a leading or trailing blank, one that is taken), an attribute that
/// repeats unit, description or source, or arrays that disagree with their shape or with the length
/// of a shared dimension; MachineError when the machine fails (disk full, read-only folder). Cost:
/// one pass over the values.
void write_dataset(const std::filesystem::path& path, const Dataset& dataset);

/// Reads `group` ("" or "/" is the root, "probe/replica-1" one below) and all groups within it into
/// memory. Numbers of any type become doubles; an attribute with a single number reads as a number,
/// with several as a vector. Throws Error for a missing, foreign, damaged or truncated file, a
/// group that does not exist (naming those that do), or a variable that holds no numbers;
/// MachineError when the file may not be read.
[[nodiscard]] Dataset read_dataset(const std::filesystem::path& path, std::string_view group = "");

}  // namespace thermoscape::store
