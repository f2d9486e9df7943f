#include "thermoscape/store/provenance.hpp"

#include <fstream>
#include <string_view>
#include <thread>

#include <H5public.h>
#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <netcdf.h>
#include <zlib.h>
#include <Eigen/Core>

#include "thermoscape/core/cpu.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape_commit.hpp"

namespace thermoscape::store {

namespace {
std::string compiler() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

/// "4.9.0 of Aug 27 2022 ..." without the date of the library's build.
std::string netcdf_version() {
  const std::string_view full = ::nc_inq_libvers();
  return std::string(full.substr(0, full.find(' ')));
}
std::string hdf5_version() {
  unsigned major = 0;
  unsigned minor = 0;
  unsigned release = 0;
  ::H5get_libversion(&major, &minor, &release);
  return fmt::format("{}.{}.{}", major, minor, release);
}
}  // namespace

std::string version() {
  return THERMOSCAPE_VERSION;
}

std::string commit() {
  return THERMOSCAPE_COMMIT;
}

std::string cpu_model() {
  std::ifstream info("/proc/cpuinfo");
  for (std::string line; std::getline(info, line);) {
    const std::size_t colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

Json provenance(int threads_given, int threads_used) {
  return {
      {"version", version()},
      {"commit", commit()},
      {"build_type", THERMOSCAPE_BUILD_TYPE},
      {"compiler", compiler()},
      {"flags", THERMOSCAPE_FLAGS},
      {"cpu", cpu_model()},
      {"instruction_set", std::string(name(thermoscape::instruction_set()))},
      {"cores", std::thread::hardware_concurrency()},
      {"threads", {{"given", threads_given}, {"used", threads_used}}},
      {"libraries",
       {{"netcdf", netcdf_version()},
        {"hdf5", hdf5_version()},
        {"zlib", ::zlibVersion()},
        {"eigen",
         fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION)},
        {"fmt",
         fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100)},
        {"nlohmann-json",
         fmt::format("{}.{}.{}",
                     NLOHMANN_JSON_VERSION_MAJOR,
                     NLOHMANN_JSON_VERSION_MINOR,
                     NLOHMANN_JSON_VERSION_PATCH)},
        {"glibc", ::gnu_get_libc_version()}}}};
}

}  // namespace thermoscape::store
