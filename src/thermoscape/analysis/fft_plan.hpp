#pragma once
#include <memory>
#include <mutex>
#include <type_traits>

#include <fftw3.h>

namespace thermoscape::analysis {

/// FFTW's planner shares state between threads, so that whoever makes or destroys a plan holds
/// this; executing a plan does not need it.
inline std::mutex& fft_planner() {
  static std::mutex mutex;
  return mutex;
}

struct DestroyFftPlan {
  void operator()(fftw_plan plan) const {
    const std::lock_guard lock(fft_planner());
    fftw_destroy_plan(plan);
  }
};
using FftPlan = std::unique_ptr<std::remove_pointer_t<fftw_plan>, DestroyFftPlan>;

struct FreeFftBuffer {
  void operator()(double* p) const { fftw_free(p); }
};
using FftBuffer = std::unique_ptr<double, FreeFftBuffer>;

}  // namespace thermoscape::analysis
