#pragma once
#include <cstddef>
#include <filesystem>
#include <mutex>
#include <string>
#include <utility>

#include "thermoscape/core/dataset.hpp"
#include "thermoscape/store/file.hpp"

namespace thermoscape::store {

/// Held during every use of the netCDF C library, which is not thread-safe and neither is the HDF5
/// below it.
[[nodiscard]] std::mutex& netcdf_mutex();

/// Control characters become question marks: names in a data set may hold anything.
[[nodiscard]] std::string in_one_line(std::string text);

/// Nothing for a status of 0, else one line with `what` (the group and variable at work) and the
/// reason. MachineError for an errno of the machine and for input/output failures below HDF5, Error
/// for what the library refuses.
void check_netcdf(int status, const std::filesystem::path& path, const std::string& what);

/// At least as many bytes as `dataset` takes as a netCDF-4 file; not much more for large arrays.
[[nodiscard]] std::size_t netcdf_size_bound(const Dataset& dataset);

/// An open netCDF file, closed when it goes out of scope. A local path only: it is made absolute,
/// since the library would take other forms for an address on the network.
class NetcdfFile {
 public:
  /// A new file with room on the disk for `bytes`, an upper bound of its final size. HDF5 does not
  /// survive a failed write (it crashes when the process ends), so the room is taken first: for the
  /// bare file of a few kilobytes, which truncates what it finds, by a trial; for all that follows
  /// by reserving it. Throws as `file_failure` does, with a line about `shown`, the file that the
  /// temporary `path` stands for.
  static NetcdfFile create(const std::filesystem::path& path,
                           const std::filesystem::path& shown,
                           std::size_t bytes);
  static NetcdfFile open(const std::filesystem::path& path);
  NetcdfFile(const NetcdfFile&) = delete;
  NetcdfFile& operator=(const NetcdfFile&) = delete;
  ~NetcdfFile();

  [[nodiscard]] int id() const { return id_; }
  /// Writes out what is still in memory, closes, and gives back what was reserved in excess. For a
  /// file from `create`.
  void close();

 private:
  NetcdfFile(std::filesystem::path path, File file, int id)
      : path_(std::move(path)), file_(std::move(file)), id_(id), open_(true) {}
  std::filesystem::path path_;
  File file_;
  int id_ = -1;
  bool open_ = false;
};

}  // namespace thermoscape::store
