#include "thermoscape/objective/mlp/replica_loops.hpp"

namespace thermoscape::mlp {

template <>
const ReplicaKernels<float>& replica_kernels_avx2<float>() {
  return replica_kernel_set<float, 32, 6, 2>();
}
template <>
const ReplicaKernels<double>& replica_kernels_avx2<double>() {
  return replica_kernel_set<double, 32, 6, 2>();
}

}  // namespace thermoscape::mlp
