#include "thermoscape/objective/mlp/kernel_set.hpp"

namespace thermoscape::mlp {

// 6 x 2 fills 15 of 16 registers; with three columns GCC 12 moves the sums through memory, three
// times slower.
template <>
const Kernels<float>& kernels_avx2<float>() {
  return kernel_set<float, 32, 6, 2>();
}
template <>
const Kernels<double>& kernels_avx2<double>() {
  return kernel_set<double, 32, 6, 2>();
}

}  // namespace thermoscape::mlp
