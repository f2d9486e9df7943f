#include "thermoscape/objective/mlp/kernel_set.hpp"

namespace thermoscape::mlp {

template <>
const Kernels<float>& kernels_portable<float>() {
  return kernel_set<float, 16, 4, 3>();
}
template <>
const Kernels<double>& kernels_portable<double>() {
  return kernel_set<double, 16, 4, 3>();
}

}  // namespace thermoscape::mlp
