#include "thermoscape/report/decimate.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "thermoscape/core/error.hpp"

namespace thermoscape::report {

namespace {

bool drawable(const Series& s, std::size_t i) {
  return std::isfinite(s.x[i]) && std::isfinite(s.y[i]);
}

double error_at(const Series& s, std::size_t i) {
  return !s.y_error.empty() && std::isfinite(s.y_error[i]) ? std::abs(s.y_error[i]) : 0.0;
}

/// The points of one bucket that stay: extremes in y (with error), in x if asked, and the first
/// gap.
class Bucket {
 public:
  void add(const Series& s, std::size_t i, bool with_x) {
    if (!drawable(s, i)) {
      if (gap_ == kNone) gap_ = i;
      return;
    }
    const double error = error_at(s, i);
    keep(low_, low_value_, s.y[i] - error, i, true);
    keep(high_, high_value_, s.y[i] + error, i, false);
    if (!with_x) return;
    keep(left_, left_value_, s.x[i], i, true);
    keep(right_, right_value_, s.x[i], i, false);
  }

  void flush(std::vector<std::size_t>& chosen) {
    for (const std::size_t i : {low_, high_, left_, right_, gap_}) {
      if (i != kNone) chosen.push_back(i);
    }
    *this = Bucket();
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  static void keep(std::size_t& slot, double& best, double value, std::size_t i, bool smaller) {
    if (slot != kNone && (smaller ? value >= best : value <= best)) return;
    slot = i;
    best = value;
  }

  std::size_t low_ = kNone, high_ = kNone, left_ = kNone, right_ = kNone, gap_ = kNone;
  double low_value_ = 0, high_value_ = 0, left_value_ = 0, right_value_ = 0;
};

/// Walks the series once; `bucket_of(i)` must not decrease.
template <class BucketOf>
void choose(const Series& s, bool with_x, BucketOf&& bucket_of, std::vector<std::size_t>& chosen) {
  Bucket bucket;
  std::size_t current = 0;
  for (std::size_t i = 0; i < s.x.size(); ++i) {
    const std::size_t next = bucket_of(i);
    if (next != current) bucket.flush(chosen);
    current = next;
    bucket.add(s, i, with_x);
  }
  bucket.flush(chosen);
}

/// x without its gaps, each replaced by the value before it, so that a gap falls into its
/// neighbour's bucket.
std::vector<double> filled(const std::vector<double>& x) {
  std::vector<double> out = x;
  const auto first = std::find_if(x.begin(), x.end(), [](double v) { return std::isfinite(v); });
  double last = first == x.end() ? 0.0 : *first;
  for (double& value : out) {
    if (std::isfinite(value)) last = value;
    value = last;
  }
  return out;
}

std::size_t place(double value, double low, double high, std::size_t buckets) {
  const double fraction = high > low ? (value - low) / (high - low) : 0.0;
  return std::min(buckets - 1,
                  static_cast<std::size_t>(std::max(0.0, fraction) * static_cast<double>(buckets)));
}

}  // namespace

DrawnSeries decimate(const Series& series, std::size_t limit) {
  const std::size_t n = series.x.size();
  const bool errors_fit = series.y_error.empty() || series.y_error.size() == n;
  if (series.y.size() != n || !errors_fit) {
    reject({"series `" + series.label + "`", "", "x, y and y_error must be equally long", ""});
  }
  if (limit < 16) reject({"decimate.limit", std::to_string(limit), "must be >= 16", ""});

  DrawnSeries drawn;
  drawn.stored = n;
  for (std::size_t i = 0; i < n; ++i) {
    if (!drawable(series, i)) {
      ++drawn.not_finite;
    } else if (!series.y_error.empty() &&
               !(std::isfinite(series.y_error[i]) && series.y_error[i] >= 0)) {
      ++drawn.no_error;
    }
  }
  if (n <= limit) {
    drawn.series = series;
    return drawn;
  }

  const std::size_t gap = drawn.not_finite > 0 ? 1 : 0;
  const std::vector<double> x = filled(series.x);
  std::vector<std::size_t> chosen = {0, n - 1};
  if (std::is_sorted(x.begin(), x.end())) {
    const auto positive = std::upper_bound(x.begin(), x.end(), 0.0);
    const bool decades = positive != x.end() && x.back() > 10 * *positive;
    const std::size_t buckets = (limit - 2) / ((2 + gap) * (decades ? 2 : 1));
    const auto linear = [&](std::size_t i) { return place(x[i], x.front(), x.back(), buckets); };
    choose(series, false, linear, chosen);
    if (decades) {
      const double low = std::log(*positive);
      const double high = std::log(x.back());
      const auto logarithmic = [&](std::size_t i) {
        return x[i] > 0 ? place(std::log(x[i]), low, high, buckets) : std::size_t{0};
      };
      choose(series, false, logarithmic, chosen);
    }
  } else {
    const std::size_t buckets = (limit - 2) / (4 + gap);
    choose(
        series, true, [&](std::size_t i) { return i * buckets / n; }, chosen);
  }
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());

  Series& out = drawn.series;
  out.label = series.label;
  out.style = series.style;
  out.group = series.group;
  for (const std::size_t i : chosen) {
    out.x.push_back(series.x[i]);
    out.y.push_back(series.y[i]);
    if (!series.y_error.empty()) out.y_error.push_back(series.y_error[i]);
  }
  return drawn;
}

}  // namespace thermoscape::report
