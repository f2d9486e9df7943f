#include "thermoscape/core/noise.hpp"

#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include <Random123/philox.h>

namespace thermoscape {

namespace {
std::array<std::uint32_t, 4> block(std::uint64_t key, Stream stream, std::uint64_t step, std::uint32_t index) {
  const r123::Philox4x32::ctr_type counter{
      {index, static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32), stream.key}};
  const r123::Philox4x32::key_type words{
      {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32)}};
  const auto out = r123::Philox4x32()(counter, words);
  return {out[0], out[1], out[2], out[3]};
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

void Noise::words(Stream stream, std::uint64_t step, std::span<std::uint32_t> out) const {
  for (std::size_t i = 0; i < out.size(); i += 4) {
    const auto four = block(key_, stream, step, static_cast<std::uint32_t>(i / 4));
    for (std::size_t j = 0; j < 4 && i + j < out.size(); ++j) out[i + j] = four[j];
  }
}

template <class Real>
void Noise::uniform(Stream stream, std::uint64_t step, std::span<Real> out) const {
  std::vector<std::uint32_t> raw(out.size());
  words(stream, step, raw);
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<Real>((static_cast<double>(raw[i]) + 0.5) * 0x1p-32);
  }
}

template <class Real>
void Noise::normal(Stream stream, std::uint64_t step, std::span<Real> out) const {
  for (std::size_t i = 0; i < out.size(); i += 4) {
    const auto four = block(key_, stream, step, static_cast<std::uint32_t>(i / 4));
    for (std::size_t j = 0; j < 4; j += 2) {
      const double u = (static_cast<double>(four[j]) + 0.5) * 0x1p-32;
      const double angle = 2 * std::numbers::pi * (static_cast<double>(four[j + 1]) * 0x1p-32);
      const double radius = std::sqrt(-2 * std::log(u));
      if (i + j < out.size()) out[i + j] = static_cast<Real>(radius * std::cos(angle));
      if (i + j + 1 < out.size()) out[i + j + 1] = static_cast<Real>(radius * std::sin(angle));
    }
  }
}

template void Noise::uniform<float>(Stream, std::uint64_t, std::span<float>) const;
template void Noise::uniform<double>(Stream, std::uint64_t, std::span<double>) const;
template void Noise::normal<float>(Stream, std::uint64_t, std::span<float>) const;
template void Noise::normal<double>(Stream, std::uint64_t, std::span<double>) const;

std::vector<std::int32_t> Noise::permutation(Stream stream, std::uint64_t step, std::int32_t n) const {
  std::vector<std::int32_t> order(static_cast<std::size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::vector<std::uint32_t> raw(static_cast<std::size_t>(n) * 2);
  words(stream, step, raw);
  for (std::int32_t i = n - 1; i > 0; --i) {
    // 64 random bits against a bound below 2^31: the bias of the remainder is below 2^-33.
    const std::uint64_t wide = (static_cast<std::uint64_t>(raw[2 * i]) << 32) | raw[2 * i + 1];
    const auto j = static_cast<std::int32_t>(wide % static_cast<std::uint64_t>(i + 1));
    std::swap(order[i], order[j]);
  }
  return order;
}

}  // namespace thermoscape
