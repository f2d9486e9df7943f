#include "thermoscape/store/netcdf_call.hpp"

#include <algorithm>
#include <cerrno>

#include <H5Epublic.h>
#include <H5public.h>
#include <fcntl.h>
#include <netcdf.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/store/file.hpp"

namespace thermoscape::store {

std::mutex& netcdf_mutex() {
  static std::mutex mutex;
  return mutex;
}

std::string in_one_line(std::string text) {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  std::replace_if(text.begin(), text.end(), is_control, '?');
  return text;
}

void check_netcdf(int status, const std::filesystem::path& path, const std::string& what) {
  if (status == NC_NOERR) return;
  const std::string action = in_one_line(what);
  if (status > 0) file_failure(path, action, status);
  const std::string line =
      to_line({path.string(), "", "cannot " + action + ": " + ::nc_strerror(status), ""});
  if (status == NC_ENOMEM || status == NC_EIO || status <= NC_EHDFERR) throw MachineError(line);
  throw Error(line);
}

namespace {
/// Each thread has its own switch for the messages that HDF5 prints by itself; netCDF turns off
/// only the one of the first. Without exit handlers a file that failed to close does not crash the
/// process at its end.
void silence_hdf5() {
  [[maybe_unused]] static const herr_t at_first_use = ::H5dont_atexit();
  ::H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

/// Takes room for `bytes` without changing the length of the file.
void reserve(const File& file, const std::filesystem::path& path, std::size_t bytes) {
  struct rlimit limit {};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
      limit.rlim_cur < bytes) {
    file_failure(path, "write", EFBIG);
  }
  const int descriptor = file.descriptor();
  if (::fallocate(descriptor, FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(bytes)) == 0) return;
  if (errno != EOPNOTSUPP && errno != ENOSYS) file_failure(path, "write", errno);
  // A file system that cannot reserve: at least see that there is room now.
  struct statvfs disk {};
  if (::fstatvfs(descriptor, &disk) != 0) file_failure(path, "write", errno);
  if (static_cast<std::size_t>(disk.f_bavail) < bytes / disk.f_frsize + 1)
    file_failure(path, "write", ENOSPC);
}
}  // namespace

NetcdfFile NetcdfFile::create(const std::filesystem::path& path,
                              const std::filesystem::path& shown,
                              std::size_t bytes) {
  silence_hdf5();
  const std::string absolute = std::filesystem::absolute(path);
  File file(path, O_WRONLY | O_CREAT | O_TRUNC, "write", shown);
  reserve(file, shown, bytes);
  int id = -1;
  int status = ::nc_create(absolute.c_str(), NC_NETCDF4 | NC_CLOBBER, &id);
  if (status == NC_NOERR) status = ::nc_close(id);
  check_netcdf(status, shown, "write");
  reserve(file, shown, bytes);
  check_netcdf(::nc_open(absolute.c_str(), NC_WRITE, &id), shown, "write");
  return {shown, std::move(file), id};
}

NetcdfFile NetcdfFile::open(const std::filesystem::path& path) {
  silence_hdf5();
  int id = -1;
  const int status = ::nc_open(std::filesystem::absolute(path).c_str(), NC_NOWRITE, &id);
  if (status == NC_ENOTNC || status <= NC_EHDFERR) {
    reject({path.string(),
            "",
            "is not a netCDF file, or is damaged or truncated",
            ::nc_strerror(status)});
  }
  check_netcdf(status, path, "read");
  return {path, File(), id};
}

NetcdfFile::~NetcdfFile() {
  if (open_) ::nc_close(id_);
}

void NetcdfFile::close() {
  open_ = false;
  check_netcdf(::nc_close(id_), path_, "write");
  struct stat status {};
  if (::fstat(file_.descriptor(), &status) != 0 ||
      ::ftruncate(file_.descriptor(), status.st_size) != 0) {
    file_failure(path_, "write", errno);
  }
}

}  // namespace thermoscape::store
