#include "thermoscape/objective/torch/objective_parts.hpp"

#include <ATen/Parallel.h>
#include <dlfcn.h>

namespace thermoscape::networks {

void use_threads(int threads) {
  if (at::get_num_threads() != threads) at::set_num_threads(threads);
  // OpenBLAS has threads of its own, as many as there are cores unless told.
  using Set = void (*)(int);
  using Get = int (*)();
  static const auto set = reinterpret_cast<Set>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  static const auto get = reinterpret_cast<Get>(dlsym(RTLD_DEFAULT, "openblas_get_num_threads"));
  if (set != nullptr && get != nullptr && get() != threads) set(threads);
}

}  // namespace thermoscape::networks
