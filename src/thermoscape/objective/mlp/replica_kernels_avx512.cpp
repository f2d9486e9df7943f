#include "thermoscape/objective/mlp/replica_loops.hpp"

namespace thermoscape::mlp {

template <>
const ReplicaKernels<float>& replica_kernels_avx512<float>() {
  return replica_kernel_set<float, 64, 5, 5>();
}
template <>
const ReplicaKernels<double>& replica_kernels_avx512<double>() {
  return replica_kernel_set<double, 64, 5, 5>();
}

}  // namespace thermoscape::mlp
