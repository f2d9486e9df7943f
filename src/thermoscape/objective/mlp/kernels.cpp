#include "thermoscape/objective/mlp/kernels.hpp"

namespace thermoscape::mlp {

template <class Real>
const Kernels<Real>& kernels(InstructionSet set) {
  switch (set) {
    case InstructionSet::avx512:
      return kernels_avx512<Real>();
    case InstructionSet::avx2:
      return kernels_avx2<Real>();
    case InstructionSet::portable:
      break;
  }
  return kernels_portable<Real>();
}

template const Kernels<float>& kernels<float>(InstructionSet);
template const Kernels<double>& kernels<double>(InstructionSet);

}  // namespace thermoscape::mlp
