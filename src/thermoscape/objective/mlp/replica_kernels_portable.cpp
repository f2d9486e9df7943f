#include "thermoscape/objective/mlp/replica_loops.hpp"

namespace thermoscape::mlp {

template <>
const ReplicaKernels<float>& replica_kernels_portable<float>() {
  return replica_kernel_set<float, 16, 4, 3>();
}
template <>
const ReplicaKernels<double>& replica_kernels_portable<double>() {
  return replica_kernel_set<double, 16, 4, 3>();
}

}  // namespace thermoscape::mlp
