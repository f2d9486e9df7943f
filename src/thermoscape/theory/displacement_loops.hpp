#pragma once
// The loops behind displacement_curve.hpp, shared by the translation units displacement_<set>.cpp.
// No difference here cancels: small arguments take series (see underdamped_ou.cpp for the forms).
#include <algorithm>
#include <array>

#include "thermoscape/core/simd.hpp"
#include "thermoscape/theory/displacement_kernels.hpp"

namespace thermoscape::theory {
namespace {

constexpr double kMagic = 0x1.8p52;  ///< adding and subtracting it rounds to an integer

/// Σ_n x^n / (n + shift)! sign^n, by Horner's rule.
template <int Shift, int Terms, int Sign>
inline Double factorial_series(Double x) {
  constexpr auto kCoefficients = [] {
    std::array<double, Terms> c{};
    double factorial = 1;
    for (int n = 1; n <= Shift; ++n) factorial *= n;
    for (int n = 0; n < Terms; ++n) {
      c[n] = (Sign < 0 && n % 2 == 1 ? -1 : 1) / factorial;
      factorial *= n + Shift + 1;
    }
    return c;
  }();
  Double sum = x * 0.0 + kCoefficients[Terms - 1];
#pragma GCC unroll 24
  for (int n = Terms - 2; n >= 0; --n) sum = sum * x + kCoefficients[n];
  return sum;
}

/// e^{-x} for x in [0, 700].
inline Double decay_of(Double x) {
  constexpr double kLog2e = 1.4426950408889634;
  constexpr double kLn2High = 0x1.62e42fefa38p-1;
  constexpr double kLn2Low = 0x1.ef35793c7673p-45;
  const Double shifted = x * -kLog2e + kMagic;
  const Double n = shifted - kMagic;
  const Double r = (x * -1.0 - n * kLn2High) - n * kLn2Low;
  const Double mantissa = factorial_series<0, 13, 1>(r);
  return bits<Double>(bits<Long>(mantissa) + (bits<Long>(shifted) << 52));
}

struct SineCosine {
  Double sine;
  Double cosine;
};

/// For 0 <= x < 1e6: three parts of π/2, whose multiples are exact.
inline SineCosine circle(Double x) {
  constexpr double kTwoOverPi = 0.6366197723675814;
  constexpr double kHigh = 0x1.921fb544p0;
  constexpr double kMiddle = 0x1.0b4611a6p-34;
  constexpr double kLow = 0x1.3198a2e037073p-69;
  const Double shifted = x * kTwoOverPi + kMagic;
  const Double n = shifted - kMagic;
  const Double r = ((x - n * kHigh) - n * kMiddle) - n * kLow;
  const Double z = r * r;
  // sin r / r = Σ (-z)^n/(2n+1)!,  cos r = Σ (-z)^n/(2n)!
  Double s = z * -7.6471637318198165e-13 + 1.6059043836821613e-10;
  s = s * z - 2.5052108385441719e-08;
  s = s * z + 2.7557319223985893e-06;
  s = s * z - 1.9841269841269841e-04;
  s = s * z + 8.3333333333333333e-03;
  s = s * z - 1.6666666666666667e-01;
  s = (s * z) * r + r;
  Double c = z * 4.7794773323873853e-14 - 1.1470745597729725e-11;
  c = c * z + 2.0876756987868099e-09;
  c = c * z - 2.7557319223985891e-07;
  c = c * z + 2.4801587301587302e-05;
  c = c * z - 1.3888888888888889e-03;
  c = c * z + 4.1666666666666667e-02;
  c = c * z - 0.5;
  c = c * z + 1.0;
  const Long quadrant = bits<Long>(shifted);
  const Long swapped = (quadrant << 63) < 0;
  const Long sign_s = (quadrant & 2) << 62;
  const Long sign_c = ((quadrant + 1) & 2) << 62;
  return {bits<Double>(bits<Long>(swapped ? c : s) ^ sign_s),
          bits<Double>(bits<Long>(swapped ? s : c) ^ sign_c)};
}

/// 1 - e^{-y}(1 + y)
inline Double two_or_more(Double y, Double decay) {
  return y < 0.5 ? decay * y * y * factorial_series<2, 12, 1>(y) : 1.0 - decay * (1.0 + y);
}

/// The smaller of the time and the end of all motion, so that no argument leaves its range.
inline Double until(Double time, double end) {
  return time < end ? time : Double{} + end;
}

constexpr std::size_t kLanes = sizeof(Double) / sizeof(double);

void prepare_here(const SharedTimes& shared) {
  for (std::size_t i = 0; i < shared.count; i += kLanes) {
    const Double y = until(load<Double>(shared.times + i) * shared.friction, 350);
    const Double decay = decay_of(y);
    store(shared.decay + i, decay);
    store(shared.rest + i, two_or_more(y, decay));
  }
}

inline void add_to(double* place, Double value) {
  store(place, load<Double>(place) + value);
}

inline void add_oscillating(const RelaxingMode& mode,
                            const SharedTimes& shared,
                            std::size_t count,
                            double* sum,
                            double* slope) {
  const double inverse = mode.splitting > 0 ? 1 / mode.splitting : 0;
  const double slope_weight = mode.weight * mode.frequency_squared;
  for (std::size_t i = 0; i < count; i += kLanes) {
    const Double t = until(load<Double>(shared.times + i), 50 / mode.rate);
    const Double z = t * mode.splitting;
    const Double decay = load<Double>(shared.decay + i);
    const SineCosine half = circle(z * 0.5);
    const Double sine = 2.0 * half.sine * half.cosine;
    // (z - sin z)/α and sin z/α
    const Long small = z < 1.0;
    const Double square = z * z;
    Double series = square * -2.8114572543455206e-15 + 7.6471637318198165e-13;
    series = series * square - 1.6059043836821613e-10;
    series = series * square + 2.5052108385441719e-08;
    series = series * square - 2.7557319223985893e-06;
    series = series * square + 1.9841269841269841e-04;
    series = series * square - 8.3333333333333333e-03;
    series = series * square + 1.6666666666666667e-01;
    const Double lag = small ? t * square * series : (z - sine) * inverse;
    const Double response = small ? t - lag : sine * inverse;
    const Double loss =
        load<Double>(shared.rest + i) + decay * (2.0 * half.sine * half.sine + mode.rate * lag);
    add_to(sum + i, mode.weight * loss);
    add_to(slope + i, slope_weight * decay * response);
  }
}

/// Real rates, while the fast one still counts: e^{-2αt} = e^{-2γt}/e^{-2y} with y = slow rate · t.
/// Tiny: y < 2^-10, where five terms of a series are all of it.
template <bool Tiny>
inline void add_fast_part(const RelaxingMode& mode,
                          const SharedTimes& shared,
                          std::size_t first,
                          std::size_t last,
                          double* sum,
                          double* slope) {
  const double inverse = 0.5 / mode.splitting;
  const double slope_weight = mode.weight * mode.frequency_squared;
  for (std::size_t i = first; i < last; i += kLanes) {
    const Double t = until(load<Double>(shared.times + i), 50 / mode.rate);
    const Double y = t * mode.rate;
    const Double x = t * (2 * mode.splitting);
    const Double both = load<Double>(shared.decay + i);
    const Double decay = Tiny ? factorial_series<0, 6, 1>(y * -1.0) : decay_of(y);
    const Double ratio = both / decay;
    const Double other = ratio * ratio;
    // (x - (1 - e^{-x}))/(2α) and (1 - e^{-x})/(2α)
    const Long small = x < 0.5;
    const Double lag =
        small ? t * x * factorial_series<2, 12, -1>(x) : (x - (1.0 - other)) * inverse;
    const Double response = small ? t - lag : (1.0 - other) * inverse;
    const Double rest = Tiny ? decay * y * y * factorial_series<2, 5, 1>(y) : two_or_more(y, decay);
    add_to(sum + i, mode.weight * (rest + mode.rate * decay * lag));
    add_to(slope + i, slope_weight * decay * response);
  }
}

/// Once the fast rate is spent, 1 - e^{-y}(1 + q) and e^{-y}/(2α), q = slow rate/(2α) < y/40.
template <bool Small>
inline void add_slow_part(const RelaxingMode& mode,
                          const SharedTimes& shared,
                          std::size_t first,
                          std::size_t last,
                          double* sum,
                          double* slope) {
  const double inverse = 0.5 / mode.splitting;
  const double share = mode.rate * inverse;
  const double slope_weight = mode.weight * mode.frequency_squared * inverse;
  for (std::size_t i = first; i < last; i += kLanes) {
    const Double y = until(load<Double>(shared.times + i) * mode.rate, 50);
    Double gone;
    Double decay;
    if constexpr (Small) {
      gone = y * factorial_series<1, 13, -1>(y);
      decay = 1.0 - gone;
    } else {
      decay = decay_of(y);
      gone = 1.0 - decay;
    }
    add_to(sum + i, mode.weight * (gone - share * decay));
    add_to(slope + i, slope_weight * decay);
  }
}

/// The first block of times, of those below `count`, that lies past `end` as a whole.
inline std::size_t blocks_until(const SharedTimes& shared, std::size_t count, double end) {
  const auto place = std::lower_bound(shared.times, shared.times + count, end) - shared.times;
  const std::size_t whole = (static_cast<std::size_t>(place) + kTimeBlock - 1) / kTimeBlock;
  return std::min(count, whole * kTimeBlock);
}

inline void add_relaxing(const RelaxingMode& mode,
                         const SharedTimes& shared,
                         std::size_t count,
                         double* sum,
                         double* slope) {
  const std::size_t tiny = blocks_until(shared, count, 0x1p-10 / mode.rate) / kTimeBlock;
  const std::size_t all_tiny = tiny > 0 ? (tiny - 1) * kTimeBlock : 0;
  const std::size_t fast = blocks_until(shared, count, 20 / mode.splitting);
  const std::size_t start = std::min(all_tiny, fast);
  add_fast_part<true>(mode, shared, 0, start, sum, slope);
  add_fast_part<false>(mode, shared, start, fast, sum, slope);
  const std::size_t past = blocks_until(shared, count, 0.5 / mode.rate);
  const std::size_t half = std::max(fast, past > kTimeBlock ? past - kTimeBlock : 0);
  add_slow_part<true>(mode, shared, fast, half, sum, slope);
  add_slow_part<false>(mode, shared, half, count, sum, slope);
}

void add_here(const RelaxingMode& mode,
              const SharedTimes& shared,
              std::size_t count,
              double* sum,
              double* slope) {
  (mode.oscillates ? add_oscillating : add_relaxing)(mode, shared, count, sum, slope);
}

constexpr DisplacementKernels kDisplacementHere{&prepare_here, &add_here};

}  // namespace
}  // namespace thermoscape::theory
