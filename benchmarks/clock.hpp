#pragma once
#include <ctime>

namespace thermoscape::bench {

inline double read_clock(clockid_t clock) {
  timespec t{};
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}
/// Processor time of this thread: other programs on the machine do not count.
inline double thread_seconds() {
  return read_clock(CLOCK_THREAD_CPUTIME_ID);
}
inline double wall_seconds() {
  return read_clock(CLOCK_MONOTONIC);
}

}  // namespace thermoscape::bench
