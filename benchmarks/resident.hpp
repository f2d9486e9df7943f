#pragma once
#include <unistd.h>

#include <fstream>

namespace thermoscape::bench {

/// Resident memory of this process in bytes.
inline double resident() {
  std::ifstream file("/proc/self/statm");
  double pages = 0;
  file >> pages >> pages;
  return pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

}  // namespace thermoscape::bench
