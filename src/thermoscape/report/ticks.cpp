#include "thermoscape/report/ticks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include <fmt/format.h>

namespace thermoscape::report {

namespace {

void linear_ticks(Scale& scale, int wanted) {
  const double raw = (scale.high - scale.low) / wanted;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * power >= raw * 0.75) step = factor * power;
  }
  const double largest = std::max(std::abs(scale.low), std::abs(scale.high));
  const int size = static_cast<int>(std::floor(std::log10(largest)));
  const int exponent = size >= 5 || size <= -4 ? size : 0;
  if (exponent != 0) scale.factor = "×" + power_of_ten(exponent);
  const int step_place = static_cast<int>(std::floor(std::log10(step) + 1e-9));
  const int digits = std::clamp(exponent - step_place, 0, 15);
  const auto first = static_cast<long long>(std::ceil(scale.low / step - 1e-9));
  const auto last = static_cast<long long>(std::floor(scale.high / step + 1e-9));
  for (long long k = first; k <= last; ++k) {
    const double value = static_cast<double>(k) * step;
    std::string label =
        fmt::format("{:.{}f}", k == 0 ? 0.0 : value / std::pow(10.0, exponent), digits);
    if (label.front() == '-') label.replace(0, 1, "\u2212");
    scale.ticks.push_back({value, label});
  }
}

std::string decade_label(int mantissa, int exponent, bool plain) {
  if (plain) return fmt::format("{:g}", mantissa * std::pow(10.0, exponent));
  return mantissa == 1 ? power_of_ten(exponent)
                       : fmt::format("{}×{}", mantissa, power_of_ten(exponent));
}

void logarithmic_ticks(Scale& scale, int wanted) {
  const int first = static_cast<int>(std::floor(std::log10(scale.low)));
  const int last = static_cast<int>(std::ceil(std::log10(scale.high)));
  const double decades = std::log10(scale.high) - std::log10(scale.low);
  const int stride = std::max(1, static_cast<int>(std::ceil(decades / (wanted + 2))));
  const bool plain = first >= -2 && last <= 4;
  for (int k = first; k <= last; ++k) {
    for (int m = 1; m <= 9; ++m) {
      const double value = m * std::pow(10.0, k);
      if (value < scale.low * (1 - 1e-12) || value > scale.high * (1 + 1e-12)) continue;
      const bool between = (m == 2 || m == 5) && decades < 1.7;
      const bool every = decades < 0.5;
      if ((m == 1 && k % stride == 0) || between || every) {
        scale.ticks.push_back({value, decade_label(m, k, plain)});
      } else if (decades <= (m == 1 ? 40 : 8)) {
        scale.ticks.push_back({value, ""});
      }
    }
  }
}

}  // namespace

double Scale::fraction(double value) const {
  if (!std::isfinite(value) || (logarithmic && value <= 0))
    return std::numeric_limits<double>::quiet_NaN();
  if (logarithmic) return (std::log(value) - std::log(low)) / (std::log(high) - std::log(low));
  return (value - low) / (high - low);
}

Scale make_scale(double low, double high, bool logarithmic, int wanted) {
  constexpr double margin = 0.04;
  // Differences and ratios at the ends of the range of doubles overflow; nothing that is drawn
  // needs the last decades.
  Scale scale;
  scale.logarithmic = logarithmic;
  if (logarithmic) {
    low = std::clamp(low, 1e-300, 1e300);
    high = std::clamp(high, 1e-300, 1e300);
    if (!(high > low * 1.0001)) {
      low /= 2;
      high *= 2;
    }
    const double pad = std::pow(high / low, margin);
    scale.low = std::max(low / pad, 1e-307);
    scale.high = std::min(high * pad, 1e307);
    logarithmic_ticks(scale, wanted);
  } else {
    low = std::clamp(low, -1e300, 1e300);
    high = std::clamp(high, -1e300, 1e300);
    if (!(high - low > 1e-12 * std::max(std::abs(low), std::abs(high)))) {
      const double half = low == 0 ? 1.0 : std::abs(low) / 2;
      low -= half;
      high += half;
    }
    const double pad = margin * (high - low);
    scale.low = low - pad;
    scale.high = high + pad;
    linear_ticks(scale, wanted);
  }
  return scale;
}

std::string power_of_ten(int exponent) {
  constexpr std::array<std::string_view, 10> digits = {
      "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
  std::string out = exponent < 0 ? "10⁻" : "10";
  for (const char c : std::to_string(std::abs(exponent)))
    out += digits[static_cast<std::size_t>(c - '0')];
  return out;
}

}  // namespace thermoscape::report
