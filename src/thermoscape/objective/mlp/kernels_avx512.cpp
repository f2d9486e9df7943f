#include "thermoscape/objective/mlp/kernel_set.hpp"

namespace thermoscape::mlp {

template <>
const Kernels<float>& kernels_avx512<float>() {
  return kernel_set<float, 64, 5, 5>();
}
template <>
const Kernels<double>& kernels_avx512<double>() {
  return kernel_set<double, 64, 5, 5>();
}

}  // namespace thermoscape::mlp
