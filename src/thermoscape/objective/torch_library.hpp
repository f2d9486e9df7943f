#pragma once
#include <memory>
#include <string>

#include "thermoscape/data/labelled.hpp"
#include "thermoscape/objective/networks.hpp"
#include "thermoscape/objective/objective.hpp"
#include "thermoscape/objective/script_model.hpp"

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

/// Looks and measures; 10 ms with a fast BLAS, 0.2 s with the reference one. Uses the threads that
/// LibTorch has.
[[nodiscard]] TorchBackend torch_backend();
/// The advice for a BLAS file and its measured speed; empty if both are right.
[[nodiscard]] std::string blas_advice(const std::string& blas, double gflops);

/// What objective/torch offers to the rest of the program. LibTorch takes a third of a second to
/// load, so objective/torch is a shared library of its own, opened when something first asks for
/// it; a program that stays with the built-in kernels never loads it.
struct TorchLibrary {
  template <class Real>
  using Made = std::unique_ptr<Objective<Real>>;

  Made<float> (*network_float)(Architecture, const NetworkSettings&, const data::Labelled&);
  Made<double> (*network_double)(Architecture, const NetworkSettings&, const data::Labelled&);
  Made<float> (*script_float)(const TorchScriptSettings&, const data::Labelled&);
  Made<double> (*script_double)(const TorchScriptSettings&, const data::Labelled&);
  TorchBackend (*backend)();

  template <class Real>
  [[nodiscard]] Made<Real> network(Architecture architecture,
                                   const NetworkSettings& settings,
                                   const data::Labelled& data) const;
};
/// The name of the function in the shared library that returns `const TorchLibrary*`.
inline constexpr const char* kTorchLibraryEntry = "thermoscape_torch_library";

/// Opens the library at the first call, from lib/thermoscape beside the program's folder or where
/// it was built or installed. Throws MachineError in one line if it cannot be loaded.
[[nodiscard]] const TorchLibrary& torch_library();

template <>
inline std::unique_ptr<Objective<float>> TorchLibrary::network(Architecture architecture,
                                                               const NetworkSettings& settings,
                                                               const data::Labelled& data) const {
  return network_float(architecture, settings, data);
}
template <>
inline std::unique_ptr<Objective<double>> TorchLibrary::network(Architecture architecture,
                                                                const NetworkSettings& settings,
                                                                const data::Labelled& data) const {
  return network_double(architecture, settings, data);
}

}  // namespace thermoscape
