#pragma once
// The loops over blocks behind NoiseKernels, shared by the translation units noise_<set>.cpp.
#include "thermoscape/core/noise_block.hpp"

namespace thermoscape {
namespace {

/// A tail is computed as a whole block in a buffer, so that a draw never depends on how a range is
/// split.
void noise_words(const NoiseAddress& address, std::uint32_t* out, std::size_t count) {
  for (std::size_t done = 0; done < count; done += 4 * kWideLanes) {
    Words a;
    philox<1>(address, address.counter + static_cast<std::uint32_t>(done / 4), &a);
    std::uint64_t lanes[4][kWideLanes];
    for (std::size_t j = 0; j < 4; ++j) store(lanes[j], a.w[j]);
    std::uint32_t buffer[4 * kWideLanes];
    for (std::size_t lane = 0; lane < kWideLanes; ++lane) {
      for (std::size_t j = 0; j < 4; ++j)
        buffer[4 * lane + j] = static_cast<std::uint32_t>(lanes[j][lane]);
    }
    const std::size_t here = count - done < 4 * kWideLanes ? count - done : 4 * kWideLanes;
    __builtin_memcpy(out + done, buffer, here * sizeof(std::uint32_t));
  }
}

/// The words of this many blocks come first: in the two long chains of a block, words to normals,
/// the core would wait most of the time.
constexpr std::size_t kAhead = 8;

/// The words of the next kAhead blocks of a run of `count` draws, or of as many as are left.
inline void words_ahead(const NoiseAddress& address,
                        std::size_t done,
                        std::size_t count,
                        Words* words) {
  const std::size_t left = (count - done + kNoiseBlock - 1) / kNoiseBlock;
  block_words(address,
              address.counter + static_cast<std::uint32_t>(done / 4),
              left < kAhead ? left : kAhead,
              words);
}

template <class Real>
void noise_normal(const NoiseAddress& address, Real* out, std::size_t count) {
  Words words[kAhead * kWideVectors];
  for (std::size_t done = 0; done < count; done += kNoiseBlock) {
    const std::size_t b = done / kNoiseBlock % kAhead;
    if (b == 0) words_ahead(address, done, count, words);
    const std::size_t here = count - done;
    Real buffer[kNoiseBlock];
    Real* place = here < kNoiseBlock ? buffer : out + done;
    for_normals(words + b * kWideVectors, Real(), [place](std::size_t at, auto x) {
      store(place + at, x);
    });
    if (here < kNoiseBlock) __builtin_memcpy(out + done, buffer, here * sizeof(Real));
  }
}

/// One block of `here` <= 64 numbers.
template <class Real>
void kick_block(const Words* words,
                Real amplitude,
                Real eta,
                const Real* slope,
                Real* theta,
                std::size_t here) {
  using Vector = typename VectorOf<Real>::Type;
  Real theta_buffer[kNoiseBlock];
  Real gradient_buffer[kNoiseBlock];
  Real* place = theta;
  if (here < kNoiseBlock) {
    place = theta_buffer;
    __builtin_memset(theta_buffer, 0, sizeof theta_buffer);
    __builtin_memcpy(theta_buffer, theta, here * sizeof(Real));
    if (slope != nullptr) {
      __builtin_memset(gradient_buffer, 0, sizeof gradient_buffer);
      __builtin_memcpy(gradient_buffer, slope, here * sizeof(Real));
      slope = gradient_buffer;
    }
  }
  if (slope != nullptr) {
    for_normals(words, Real(), [=](std::size_t at, auto x) {
      store(place + at,
            load<Vector>(place + at) + (x * amplitude - load<Vector>(slope + at) * eta));
    });
  } else {
    for_normals(words, Real(), [=](std::size_t at, auto x) {
      store(place + at, load<Vector>(place + at) + x * amplitude);
    });
  }
  if (here < kNoiseBlock) __builtin_memcpy(theta, theta_buffer, here * sizeof(Real));
}

template <class Real>
void noise_kick(const NoiseAddress& address,
                Real amplitude,
                Real eta,
                const Real* gradient,
                Real* theta,
                std::size_t count) {
  Words words[kAhead * kWideVectors];
  for (std::size_t done = 0; done < count; done += kNoiseBlock) {
    const std::size_t b = done / kNoiseBlock % kAhead;
    if (b == 0) words_ahead(address, done, count, words);
    const std::size_t here = count - done < kNoiseBlock ? count - done : kNoiseBlock;
    const Real* const slope = gradient == nullptr ? nullptr : gradient + done;
    kick_block(words + b * kWideVectors, amplitude, eta, slope, theta + done, here);
  }
}

constexpr NoiseKernels kNoiseHere = {
    noise_words, noise_normal<float>, noise_normal<double>, noise_kick<float>, noise_kick<double>};

}  // namespace
}  // namespace thermoscape
