#include "thermoscape/objective/mlp/replica_kernels.hpp"

namespace thermoscape::mlp {

template <class Real>
const ReplicaKernels<Real>& replica_kernels(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx512:
      return replica_kernels_avx512<Real>();
    case InstructionSet::avx2:
      return replica_kernels_avx2<Real>();
    case InstructionSet::portable:
      break;
  }
  return replica_kernels_portable<Real>();
}

template const ReplicaKernels<float>& replica_kernels<float>(InstructionSet);
template const ReplicaKernels<double>& replica_kernels<double>(InstructionSet);

}  // namespace thermoscape::mlp
