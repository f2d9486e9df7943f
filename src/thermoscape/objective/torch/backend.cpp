#include "thermoscape/objective/torch/backend.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <ATen/core/ivalue.h>  // before all of LibTorch: clang needs IValue complete where the others use lists of it

#include <ATen/ATen.h>
#include <dlfcn.h>
#include <torch/version.h>

namespace thermoscape::networks {
namespace {

/// The library that the global symbol lookup, and so LibTorch, finds first. Linked names lead
/// through the system's alternatives (libblas.so.3), so only the resolved file says which
/// implementation it is.
std::string blas_in_use() {
  void* const sgemm = dlsym(RTLD_DEFAULT, "sgemm_");
  Dl_info info{};
  if (sgemm == nullptr || dladdr(sgemm, &info) == 0 || info.dli_fname == nullptr) return {};
  std::error_code error;
  const auto file = std::filesystem::canonical(info.dli_fname, error);
  return error ? std::string(info.dli_fname) : file.string();
}

double matmul_gflops() {
  using Clock = std::chrono::steady_clock;
  constexpr std::int64_t kSize = 512;
  constexpr int kRepeats = 5;
  const at::NoGradGuard no_gradient;
  const at::Tensor a = at::full({kSize, kSize}, 0.5F);
  at::Tensor product = at::mm(a, a);  // the first call starts threads and touches pages
  double best = 0;
  for (int repeat = 0; repeat < kRepeats; ++repeat) {
    const auto start = Clock::now();
    at::mm_out(product, a, a);
    const std::chrono::duration<double> elapsed = Clock::now() - start;
    best = std::max(best, 2e-9 * kSize * kSize * kSize / elapsed.count());
  }
  return best;
}

}  // namespace

TorchBackend measured_backend() {
  TorchBackend backend;
  backend.version = TORCH_VERSION;
  backend.blas = blas_in_use();
  backend.matmul_gflops = matmul_gflops();
  backend.advice = blas_advice(backend.blas, backend.matmul_gflops);
  backend.fast_blas = backend.advice.empty();
  return backend;
}

}  // namespace thermoscape::networks
