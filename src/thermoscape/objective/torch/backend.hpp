#pragma once
#include <string>

namespace thermoscape {

/// What stands behind LibTorch on this machine. Debian's LibTorch takes whichever BLAS the system
/// offers, and with the reference BLAS its matrix products are 10 to 30 times slower than with
/// OpenBLAS.
struct TorchBackend {
  std::string version;  ///< of LibTorch, "1.13.0"
  std::string
      blas;  ///< the file whose sgemm_ the process calls, links resolved; empty if there is none
  double matmul_gflops =
      0;  ///< measured: float product of two 512 x 512 matrices, best of several [GFLOP/s]
  bool fast_blas = false;  ///< the BLAS is not the reference one and the measured speed agrees
  std::string advice;      ///< one line on how to mend a slow BLAS; empty if it is fast
};

/// The advice for a BLAS file and its measured speed; empty if both are right.
[[nodiscard]] std::string blas_advice(const std::string& blas, double gflops);

/// Looks and measures; 10 ms with a fast BLAS, 0.2 s with the reference one. Uses the threads that
/// LibTorch has.
[[nodiscard]] TorchBackend torch_backend();

}  // namespace thermoscape
