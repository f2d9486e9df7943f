#include "thermoscape/objective/torch_library.hpp"

#include <array>
#include <cstdlib>
#include <filesystem>

#include <dlfcn.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape {

namespace {

constexpr const char* kFile = "libthermoscape_torch.so";

const TorchLibrary* open_library() {
  namespace fs = std::filesystem;
  // LibTorch's own log lines are not for the user of this program; 2 leaves errors.
  setenv("GLOG_minloglevel", "2", /*overwrite=*/0);
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  const std::array<fs::path, 3> roots{program / "..", THERMOSCAPE_BUILT, THERMOSCAPE_INSTALLED};
  std::string problem = fmt::format("{} is in none of its places", kFile);
  for (const fs::path& root : roots) {
    const fs::path place = root / THERMOSCAPE_PLUGINS / kFile;
    if (!fs::exists(place, ignored)) continue;
    // Symbols stay local, as in Python: a program's own libraries and LibTorch's do not meet.
    if (void* const library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE)) {
      using Entry = const TorchLibrary* (*)();
      const auto entry = reinterpret_cast<Entry>(dlsym(library, kTorchLibraryEntry));
      if (entry != nullptr) return entry();
    }
    const char* const reason = dlerror();
    problem = reason != nullptr ? reason : place.string() + " is of another version";
    break;
  }
  throw MachineError(fmt::format(
      "LibTorch cannot be loaded: {} (apt-get install libtorch1.13, or build again)", problem));
}

}  // namespace

const TorchLibrary& torch_library() {
  static const TorchLibrary* const library = open_library();
  return *library;
}

TorchBackend torch_backend() {
  return torch_library().backend();
}

std::string blas_advice(const std::string& blas, double gflops) {
  // Seen: 8 GFLOP/s with the reference loops where OpenBLAS gave 250; OpenBLAS's plainest kernels
  // stay above 10.
  constexpr double kSlowest = 10;
  if (blas.empty()) return "no BLAS is loaded: apt-get install libopenblas0-pthread";
  if (blas.find("/blas/libblas") != std::string::npos) {
    return "LibTorch runs on the reference BLAS: apt-get install libopenblas0-pthread";
  }
  if (gflops < kSlowest) return "the BLAS is slow for its kind: is the machine busy?";
  return {};
}

template <>
std::unique_ptr<Objective<float>> load_script_model(const TorchScriptSettings& settings,
                                                    const data::Labelled& data) {
  return torch_library().script_float(settings, data);
}
template <>
std::unique_ptr<Objective<double>> load_script_model(const TorchScriptSettings& settings,
                                                     const data::Labelled& data) {
  return torch_library().script_double(settings, data);
}

}  // namespace thermoscape
