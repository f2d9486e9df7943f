#include "thermoscape/data/digits.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/data/digit_strokes.hpp"

namespace thermoscape::data {

namespace {
constexpr int kSide = 28;
constexpr double kHeight =
    18.5;  // pixels from top to bottom of the unit square; the pen adds its width

/// Normal numbers of one image, handed out one after the other.
class Style {
 public:
  Style(const Noise& noise, std::uint64_t example, double distortion) : distortion_(distortion) {
    noise.normal("data.digits.style", example, std::span<double>(draws_));
  }
  /// mean + deviation ξ, ξ cut at ± 2.5 so that no digit becomes unreadable
  double next(double mean, double deviation) {
    return mean + distortion_ * deviation * std::clamp(draws_[next_++ % draws_.size()], -2.5, 2.5);
  }
  /// A choice among n: the same with and without distortion.
  std::size_t pick(std::size_t n) {
    const double u = 0.5 * std::erfc(-draws_[next_++] / std::numbers::sqrt2);
    return std::min(static_cast<std::size_t>(u * static_cast<double>(n)), n - 1);
  }

 private:
  std::array<double, 96> draws_{};
  std::size_t next_ = 0;
  double distortion_;
};

/// A smooth displacement of the unit square: the lowest sine modes with random amplitudes.
class Elastic {
 public:
  explicit Elastic(Style& style) {
    for (Point& a : amplitude_) a = {style.next(0, 0.022), style.next(0, 0.022)};
    phase_ = {style.next(0, 1), style.next(0, 1)};
  }
  [[nodiscard]] Point moved(Point p) const {
    const double a = std::numbers::pi * p.x + phase_.x;
    const double b = std::numbers::pi * p.y + phase_.y;
    const std::array<double, 4> mode = {
        std::sin(a) * std::cos(b), std::cos(a) * std::sin(b), std::sin(2 * b), std::sin(a + 2 * b)};
    Point out = p;
    for (std::size_t k = 0; k < mode.size(); ++k) {
      out.x += amplitude_[k].x * mode[k];
      out.y += amplitude_[k].y * mode[k];
    }
    return out;
  }

 private:
  std::array<Point, 4> amplitude_{};
  Point phase_;
};

/// Turn, slant and scale about the centre of the unit square; the result is in pixels about the
/// origin.
struct Affine {
  double xx, xy, yx, yy;
  explicit Affine(Style& style) {
    const double angle = style.next(0, 0.09);
    const double slant = style.next(0, 0.16);
    const double wide = kHeight * style.next(1, 0.14);
    const double high = kHeight * style.next(1, 0.07);
    xx = wide * std::cos(angle);
    xy = -slant * high * std::cos(angle) - high * std::sin(angle);
    yx = wide * std::sin(angle);
    yy = high * std::cos(angle) - slant * high * std::sin(angle);
  }
  [[nodiscard]] Point operator()(Point p) const {
    const double x = p.x - 0.5;
    const double y = p.y - 0.5;
    return {xx * x + xy * y, yx * x + yy * y};
  }
};

/// Moves the drawing so that its centre of mass is the centre of the image plus a shift, and
/// shrinks it where it would leave the frame.
void place(Skeleton& drawing, Point shift, double pen) {
  double length = 0;
  Point centre;
  for (const Stroke& stroke : drawing) {
    for (std::size_t i = 0; i + 1 < stroke.size(); ++i) {
      const double step = std::hypot(stroke[i + 1].x - stroke[i].x, stroke[i + 1].y - stroke[i].y);
      length += step;
      centre.x += step * 0.5 * (stroke[i].x + stroke[i + 1].x);
      centre.y += step * 0.5 * (stroke[i].y + stroke[i + 1].y);
    }
  }
  centre = {centre.x / length, centre.y / length};
  double reach = 0;
  for (const Stroke& stroke : drawing) {
    for (const Point& p : stroke) {
      reach =
          std::max({reach, std::abs(p.x - centre.x + shift.x), std::abs(p.y - centre.y + shift.y)});
    }
  }
  const double room = 0.5 * kSide - 1 - 0.5 * pen;
  const double shrink = std::min(1.0, room / reach);
  for (Stroke& stroke : drawing) {
    for (Point& p : stroke) {
      p.x = 0.5 * kSide + shrink * (p.x - centre.x + shift.x);
      p.y = 0.5 * kSide + shrink * (p.y - centre.y + shift.y);
    }
  }
}

/// Draws a line with a round pen: full inside, a linear ramp of `soft` pixels at the edge. Strokes
/// cover each other.
void draw_line(Point a, Point b, double pen, double soft, std::span<float> image) {
  const double reach = 0.5 * (pen + soft);
  const auto first = [reach](double u, double v) {
    return std::clamp(static_cast<int>(std::floor(std::min(u, v) - reach)), 0, kSide - 1);
  };
  const auto last = [reach](double u, double v) {
    return std::clamp(static_cast<int>(std::ceil(std::max(u, v) + reach)), 0, kSide - 1);
  };
  const double dx = b.x - a.x;
  const double dy = b.y - a.y;
  const double square = std::max(dx * dx + dy * dy, 1e-12);
  for (int row = first(a.y, b.y); row <= last(a.y, b.y); ++row) {
    for (int column = first(a.x, b.x); column <= last(a.x, b.x); ++column) {
      const double x = column + 0.5 - a.x;
      const double y = row + 0.5 - a.y;
      const double t = std::clamp((x * dx + y * dy) / square, 0.0, 1.0);
      const double distance = std::hypot(x - t * dx, y - t * dy);
      const double ink = std::clamp((reach - distance) / soft, 0.0, 1.0);
      float& pixel = image[static_cast<std::size_t>(row * kSide + column)];
      pixel = std::max(pixel, static_cast<float>(ink));
    }
  }
}

void draw_digit(int digit, Style style, std::span<float> image) {
  const std::span<const Skeleton> ways = skeletons(digit);
  const Skeleton& way = ways[style.pick(ways.size())];
  const double pen = std::max(style.next(2.3, 0.55), 1.2);
  const double soft = std::max(style.next(1.1, 0.15), 0.7);
  const Point shift = {style.next(0, 0.7), style.next(0, 0.7)};
  const Affine affine(style);
  const Elastic elastic(style);
  Skeleton drawing;
  for (const Stroke& stroke : way) {
    Stroke control = stroke;
    // Ends stay: strokes that meet must go on meeting.
    for (std::size_t i = 1; i + 1 < control.size(); ++i) {
      control[i].x += style.next(0, 0.022);
      control[i].y += style.next(0, 0.022);
    }
    // A straight line needs inner points as well, for the displacement to bend it.
    Stroke curve = smooth(control, control.size() == 2 ? 8 : 5);
    for (Point& p : curve) p = affine(elastic.moved(p));
    drawing.push_back(std::move(curve));
  }
  place(drawing, shift, pen);
  for (const Stroke& stroke : drawing) {
    for (std::size_t i = 0; i + 1 < stroke.size(); ++i)
      draw_line(stroke[i], stroke[i + 1], pen, soft, image);
  }
}

void check_settings(const Digits& settings) {
  if (settings.count < 1 || settings.count > 0x7fffffff) {
    reject({"digits.count", fmt::format("{}", settings.count), "must be in [1, 2147483647]", ""});
  }
  if (!(settings.distortion >= 0 && settings.distortion <= 3)) {
    reject({"digits.distortion", fmt::format("{}", settings.distortion), "must be in [0, 3]", ""});
  }
  if (settings.digits.empty()) reject({"digits.digits", "", "must name at least one digit", ""});
  std::set<std::int64_t> seen;
  for (const std::int64_t digit : settings.digits) {
    if (digit >= 0 && digit <= 9 && seen.insert(digit).second) continue;
    reject({"digits.digits", fmt::format("{}", digit), "must be in 0 ... 9, each once", ""});
  }
}
}  // namespace

Labelled generate(const Digits& settings, const Noise& noise) {
  check_settings(settings);
  constexpr std::size_t kPixels = static_cast<std::size_t>(kSide) * kSide;
  Labelled set;
  set.name = "digits";
  set.source = "generated: digits";
  set.shape = {1, kSide, kSide};
  set.classes = static_cast<std::int32_t>(settings.digits.size());
  const auto count = static_cast<std::size_t>(settings.count);
  set.inputs.assign(count * kPixels, 0.0f);
  set.labels.resize(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t label = i % settings.digits.size();
    set.labels[i] = static_cast<std::int32_t>(label);
    draw_digit(static_cast<int>(settings.digits[label]),
               Style(noise, i, settings.distortion),
               std::span(set.inputs).subspan(i * kPixels, kPixels));
  }
  set.steps.push_back(fmt::format("drawn digits {}, distortion {}, pixels in [0, 1]",
                                  fmt::join(settings.digits, ", "),
                                  settings.distortion));
  return set;
}

}  // namespace thermoscape::data
