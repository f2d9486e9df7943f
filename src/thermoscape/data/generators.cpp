#include "thermoscape/data/generators.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"

namespace thermoscape::data {

namespace {
void require(bool holds, std::string_view where, double received, std::string_view rule) {
  if (!holds) reject({std::string(where), fmt::format("{}", received), std::string(rule), ""});
}

/// Labels have 32 bits, and so many examples of any width would not fit a machine either.
constexpr std::int64_t kMost = 0x7fffffff;

void require_sizes(std::string_view name,
                   std::int64_t count,
                   std::int64_t dimension,
                   std::int64_t classes) {
  const auto check_one = [&](std::string_view what, std::int64_t value, std::int64_t least) {
    require(value >= least && value <= kMost,
            fmt::format("{}.{}", name, what),
            static_cast<double>(value),
            fmt::format("must be in [{}, {}]", least, kMost));
  };
  check_one("count", count, 1);
  check_one("dimension", dimension, 1);
  check_one("classes", classes, 1);
}

void require_spread(std::string_view where, double spread) {
  require(std::isfinite(spread) && spread >= 0, where, spread, "must be a finite number >= 0");
}

Labelled blank(std::string name, std::int64_t count, std::int64_t dimension, std::int64_t classes) {
  Labelled set;
  set.source = "generated: " + name;
  set.name = std::move(name);
  set.shape = {dimension};
  set.classes = static_cast<std::int32_t>(classes);
  set.inputs.resize(static_cast<std::size_t>(count * dimension));
  set.labels.resize(static_cast<std::size_t>(count));
  return set;
}

std::span<float> row(Labelled& set, std::size_t i) {
  const auto width = static_cast<std::size_t>(set.shape[0]);
  return std::span(set.inputs).subspan(i * width, width);
}

/// W [rows, columns], entries N(0, 1 / columns).
std::vector<double> weights(const Noise& noise,
                            Stream stream,
                            std::size_t rows,
                            std::size_t columns) {
  std::vector<double> w(rows * columns);
  for (std::size_t r = 0; r < rows; ++r)
    noise.normal(stream, r, std::span(w).subspan(r * columns, columns));
  for (double& x : w) x /= std::sqrt(static_cast<double>(columns));
  return w;
}

template <class Real>
void multiply(const std::vector<double>& w, std::span<const Real> x, std::vector<double>& out) {
  for (std::size_t r = 0; r < out.size(); ++r) {
    double sum = 0;
    for (std::size_t j = 0; j < x.size(); ++j)
      sum += w[r * x.size() + j] * static_cast<double>(x[j]);
    out[r] = sum;
  }
}
}  // namespace

Labelled generate(const Gaussian& settings, const Noise& noise) {
  require_sizes("gaussian", settings.count, settings.dimension, settings.classes);
  Labelled set = blank("gaussian", settings.count, settings.dimension, settings.classes);
  for (std::size_t i = 0; i < set.labels.size(); ++i) {
    noise.normal("data.gaussian.inputs", i, row(set, i));
    double u = 0;
    noise.uniform("data.gaussian.labels", i, std::span(&u, 1));
    set.labels[i] = static_cast<std::int32_t>(u * static_cast<double>(settings.classes));
  }
  set.steps.push_back("inputs N(0, 1), labels uniform at random");
  return set;
}

Labelled generate(const Mixture& settings, const Noise& noise) {
  require_sizes("mixture", settings.count, settings.dimension, settings.classes);
  require_spread("mixture.spread", settings.spread);
  Labelled set = blank("mixture", settings.count, settings.dimension, settings.classes);
  const auto width = static_cast<std::size_t>(settings.dimension);
  const auto classes = static_cast<std::size_t>(settings.classes);
  std::vector<float> centres(classes * width);
  for (std::size_t k = 0; k < classes; ++k) {
    noise.normal("data.mixture.centres", k, std::span(centres).subspan(k * width, width));
  }
  const auto spread = static_cast<float>(settings.spread);
  for (std::size_t i = 0; i < set.labels.size(); ++i) {
    const std::size_t k = i % classes;
    const std::span<float> x = row(set, i);
    noise.normal("data.mixture.inputs", i, x);
    for (std::size_t j = 0; j < width; ++j) x[j] = centres[k * width + j] + spread * x[j];
    set.labels[i] = static_cast<std::int32_t>(k);
  }
  set.steps.push_back(
      fmt::format("{} centres N(0, 1), spread {} around them", classes, settings.spread));
  return set;
}

Labelled generate(const Teacher& settings, const Noise& noise) {
  require_sizes("teacher", settings.count, settings.dimension, settings.classes);
  require_spread("teacher.noise", settings.noise);
  require(settings.hidden >= 0 && settings.hidden <= kMost,
          "teacher.hidden",
          static_cast<double>(settings.hidden),
          "must be 0 (linear) or a number of units");
  Labelled set = blank("teacher", settings.count, settings.dimension, settings.classes);
  const auto width = static_cast<std::size_t>(settings.dimension);
  const auto classes = static_cast<std::size_t>(settings.classes);
  const auto hidden = static_cast<std::size_t>(settings.hidden);
  constexpr double kTanhSquare = 0.39429449;  // E tanh²(ξ), ξ ~ N(0, 1)
  const std::vector<double> first =
      weights(noise, "data.teacher.first", hidden > 0 ? hidden : classes, width);
  std::vector<double> second;
  if (hidden > 0) second = weights(noise, "data.teacher.second", classes, hidden);
  std::vector<double> unit(hidden);
  std::vector<double> logit(classes);
  std::vector<double> error(classes);
  for (std::size_t i = 0; i < set.labels.size(); ++i) {
    const std::span<float> x = row(set, i);
    noise.normal("data.teacher.inputs", i, x);
    if (hidden > 0) {
      multiply<float>(first, x, unit);
      for (double& a : unit) a = std::tanh(a) / std::sqrt(kTanhSquare);
      multiply<double>(second, unit, logit);
    } else {
      multiply<float>(first, x, logit);
    }
    noise.normal("data.teacher.noise", i, std::span(error));
    for (std::size_t k = 0; k < classes; ++k) logit[k] += settings.noise * error[k];
    set.labels[i] =
        static_cast<std::int32_t>(std::max_element(logit.begin(), logit.end()) - logit.begin());
  }
  const std::string kind =
      hidden > 0 ? fmt::format("tanh network of {} hidden units", hidden) : "linear map";
  set.steps.push_back(
      fmt::format("inputs N(0, 1), labels of a random {}, noise {}", kind, settings.noise));
  return set;
}

Labelled generate(const Spirals& settings, const Noise& noise) {
  require_sizes("spirals", settings.count, 2, settings.classes);
  require_spread("spirals.spread", settings.spread);
  require(std::isfinite(settings.turns) && settings.turns > 0,
          "spirals.turns",
          settings.turns,
          "must be > 0");
  Labelled set = blank("spirals", settings.count, 2, settings.classes);
  for (std::size_t i = 0; i < set.labels.size(); ++i) {
    const auto label = static_cast<std::int64_t>(i) % settings.classes;
    double u = 0;
    noise.uniform("data.spirals.radius", i, std::span(&u, 1));
    const double radius = std::sqrt(u);
    const double arm = static_cast<double>(label) / static_cast<double>(settings.classes);
    const double angle = 2 * std::numbers::pi * (settings.turns * radius + arm);
    std::array<double, 2> offset{};
    noise.normal("data.spirals.inputs", i, std::span<double>(offset));
    const std::span<float> x = row(set, i);
    x[0] = static_cast<float>(2 * radius * std::cos(angle) + settings.spread * offset[0]);
    x[1] = static_cast<float>(2 * radius * std::sin(angle) + settings.spread * offset[1]);
    set.labels[i] = static_cast<std::int32_t>(label);
  }
  set.steps.push_back(fmt::format(
      "{} arms of {} turns, spread {}", settings.classes, settings.turns, settings.spread));
  return set;
}

}  // namespace thermoscape::data
