#include "thermoscape/core/noise.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/noise_kernels.hpp"

namespace thermoscape {

namespace {
const NoiseKernels& kernels() {
  static const NoiseKernels& chosen = noise_kernels(instruction_set());
  return chosen;
}

NoiseAddress address(std::uint64_t key, Stream stream, std::uint64_t step, std::uint64_t first) {
  if (first % kNoiseBlock != 0) {
    reject({"noise range", std::to_string(first), "must start at a multiple of 64", ""});
  }
  return {key, step, stream.key, static_cast<std::uint32_t>(first / 4)};
}

void kick_with(const NoiseAddress& at,
               float amplitude,
               float eta,
               const float* gradient,
               std::span<float> theta) {
  kernels().kick_float(at, amplitude, eta, gradient, theta.data(), theta.size());
}
void kick_with(const NoiseAddress& at,
               double amplitude,
               double eta,
               const double* gradient,
               std::span<double> theta) {
  kernels().kick_double(at, amplitude, eta, gradient, theta.data(), theta.size());
}
}  // namespace

std::uint64_t Noise::mix(std::uint64_t x) {  // splitmix64 finaliser
  x += 0x9e3779b97f4a7c15ull;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

Noise Noise::fork(std::string_view part, std::uint64_t number) const {
  std::uint64_t hash = 1469598103934665603ull;
  for (const char c : part) hash = (hash ^ static_cast<std::uint8_t>(c)) * 1099511628211ull;
  Noise child(0);
  child.key_ = mix(key_ ^ mix(hash ^ mix(number)));
  return child;
}

void Noise::words(Stream stream,
                  std::uint64_t step,
                  std::span<std::uint32_t> out,
                  std::uint64_t first) const {
  kernels().words(address(key_, stream, step, first), out.data(), out.size());
}

template <class Real>
void Noise::uniform(Stream stream,
                    std::uint64_t step,
                    std::span<Real> out,
                    std::uint64_t first) const {
  std::array<std::uint32_t, 16 * kNoiseBlock> raw;
  for (std::size_t done = 0; done < out.size(); done += raw.size()) {
    const std::size_t count = std::min(raw.size(), out.size() - done);
    words(stream, step, std::span(raw).first(count), first + done);
    for (std::size_t i = 0; i < count; ++i) {
      out[done + i] = static_cast<Real>((static_cast<double>(raw[i]) + 0.5) * 0x1p-32);
    }
  }
}

template <>
void Noise::normal<float>(Stream stream,
                          std::uint64_t step,
                          std::span<float> out,
                          std::uint64_t first) const {
  kernels().normal_float(address(key_, stream, step, first), out.data(), out.size());
}
template <>
void Noise::normal<double>(Stream stream,
                           std::uint64_t step,
                           std::span<double> out,
                           std::uint64_t first) const {
  kernels().normal_double(address(key_, stream, step, first), out.data(), out.size());
}

template <class Real>
void Noise::kick(Stream stream,
                 std::uint64_t step,
                 std::type_identity_t<Real> amplitude,
                 std::span<Real> theta,
                 std::uint64_t first) const {
  kick_with(address(key_, stream, step, first), amplitude, Real(0), nullptr, theta);
}

template <class Real>
void Noise::kick(Stream stream,
                 std::uint64_t step,
                 std::type_identity_t<Real> amplitude,
                 std::type_identity_t<Real> eta,
                 std::span<const Real> gradient,
                 std::span<Real> theta,
                 std::uint64_t first) const {
  if (gradient.size() != theta.size()) {
    reject({"kick",
            std::to_string(gradient.size()),
            "gradient must be as long as theta",
            std::to_string(theta.size())});
  }
  kick_with(address(key_, stream, step, first), amplitude, eta, gradient.data(), theta);
}

template void Noise::uniform<float>(Stream, std::uint64_t, std::span<float>, std::uint64_t) const;
template void Noise::uniform<double>(Stream, std::uint64_t, std::span<double>, std::uint64_t) const;
template void Noise::kick<float>(
    Stream, std::uint64_t, float, std::span<float>, std::uint64_t) const;
template void Noise::kick<double>(
    Stream, std::uint64_t, double, std::span<double>, std::uint64_t) const;
template void Noise::kick<float>(Stream,
                                 std::uint64_t,
                                 float,
                                 float,
                                 std::span<const float>,
                                 std::span<float>,
                                 std::uint64_t) const;
template void Noise::kick<double>(Stream,
                                  std::uint64_t,
                                  double,
                                  double,
                                  std::span<const double>,
                                  std::span<double>,
                                  std::uint64_t) const;

std::vector<std::int32_t> Noise::permutation(Stream stream,
                                             std::uint64_t step,
                                             std::int32_t n) const {
  if (n < 0) reject({"permutation length", std::to_string(n), "must be >= 0", ""});
  std::vector<std::int32_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::vector<std::uint32_t> raw(order.size() * 2);
  words(stream, step, raw);
  for (std::size_t i = order.size(); i-- > 1;) {
    // floor(bound * 64 random bits / 2^64) from two 32-bit halves; the bias for a bound below 2^31
    // is below 2^-33.
    const std::uint64_t bound = i + 1;
    const std::size_t j = (raw[2 * i] * bound + ((raw[2 * i + 1] * bound) >> 32)) >> 32;
    std::swap(order[i], order[j]);
  }
  return order;
}

}  // namespace thermoscape
