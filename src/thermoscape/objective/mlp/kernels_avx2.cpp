#include "thermoscape/objective/mlp/kernel_set.hpp"

namespace thermoscape::mlp {

template <>
const Kernels<float>& kernels_avx2<float>() {
  return kernel_set<float, 32, 4, 3>();
}
template <>
const Kernels<double>& kernels_avx2<double>() {
  return kernel_set<double, 32, 4, 3>();
}

}  // namespace thermoscape::mlp
