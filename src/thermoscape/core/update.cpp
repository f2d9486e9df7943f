#include "thermoscape/core/update.hpp"

#include <string>
#include <type_traits>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/update_kernels.hpp"

namespace thermoscape {

namespace {
template <class Real>
const UpdateKernels<Real>& kernels() {
  static const UpdateKernelSet& chosen = update_kernels(instruction_set());
  if constexpr (std::is_same_v<Real, float>) {
    return chosen.single;
  } else {
    return chosen.twice;
  }
}

void same_length(std::size_t length, std::size_t parameters) {
  if (length == parameters) return;
  reject({"parameter update",
          std::to_string(length),
          "arrays must be as long as theta",
          std::to_string(parameters)});
}
}  // namespace

template <class Real>
void SgdUpdate<Real>::operator()(std::span<const Real> gradient, std::span<Real> theta) const {
  same_length(gradient.size(), theta.size());
  kernels<Real>().sgd(*this, gradient.data(), theta.data(), theta.size());
}

template <class Real>
void MomentumUpdate<Real>::operator()(std::span<const Real> gradient,
                                      std::span<Real> theta,
                                      std::span<Real> velocity) const {
  same_length(gradient.size(), theta.size());
  same_length(velocity.size(), theta.size());
  kernels<Real>().momentum(*this, gradient.data(), theta.data(), velocity.data(), theta.size());
}

template <class Real>
void AdamUpdate<Real>::operator()(std::span<const Real> gradient,
                                  std::span<Real> theta,
                                  std::span<Real> first_moment,
                                  std::span<Real> second_moment) const {
  same_length(gradient.size(), theta.size());
  same_length(first_moment.size(), theta.size());
  same_length(second_moment.size(), theta.size());
  kernels<Real>().adam(*this,
                       gradient.data(),
                       theta.data(),
                       first_moment.data(),
                       second_moment.data(),
                       theta.size());
}

template struct SgdUpdate<float>;
template struct SgdUpdate<double>;
template struct MomentumUpdate<float>;
template struct MomentumUpdate<double>;
template struct AdamUpdate<float>;
template struct AdamUpdate<double>;

}  // namespace thermoscape
