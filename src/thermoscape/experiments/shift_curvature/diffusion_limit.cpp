#include "thermoscape/experiments/shift_curvature/diffusion_limit.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/jackknife.hpp"
#include "thermoscape/experiments/queue.hpp"

namespace thermoscape {

namespace {

constexpr std::size_t kGroups = 40;  // of paths, left out one at a time

/// Power sums about a fixed point, enough for three cumulants.
struct Sums {
  double count = 0;
  double first = 0;
  double second = 0;
  double third = 0;
  double loss = 0;

  void add(double x, double value) {
    count += 1;
    first += x;
    second += x * x;
    third += x * x * x;
    loss += value;
  }
  [[nodiscard]] Sums without(const Sums& part) const {
    return {count - part.count,
            first - part.first,
            second - part.second,
            third - part.third,
            loss - part.loss};
  }
  [[nodiscard]] double mean() const { return first / count; }
  [[nodiscard]] double variance() const { return second / count - mean() * mean(); }
  [[nodiscard]] double third_moment() const {
    const double m = mean();
    return third / count - 3 * m * second / count + 2 * m * m * m;
  }
};

class Gatherer {
 public:
  Gatherer(double origin, const theory::Landscape::Function& loss)
      : origin_(origin), loss_(loss), groups_(kGroups) {}

  void look(std::span<const double> positions) {
    for (std::size_t p = 0; p < positions.size(); ++p)
      groups_[p * kGroups / positions.size()].add(positions[p] - origin_, loss_(positions[p]));
  }
  [[nodiscard]] Cumulants result() const {
    Sums all;
    for (const Sums& one : groups_) {
      all = {all.count + one.count,
             all.first + one.first,
             all.second + one.second,
             all.third + one.third,
             all.loss + one.loss};
    }
    const auto estimate = [&](auto&& of) {
      std::vector<double> left;
      for (const Sums& one : groups_) left.push_back(of(all.without(one)));
      return analysis::jackknife(of(all), left);
    };
    Cumulants found;
    found.mean = estimate([&](const Sums& s) { return origin_ + s.mean(); });
    found.variance = estimate([](const Sums& s) { return s.variance(); });
    found.third = estimate([](const Sums& s) { return s.third_moment(); });
    found.loss = estimate([](const Sums& s) { return s.loss / s.count; });
    return found;
  }

 private:
  double origin_;
  const theory::Landscape::Function& loss_;
  std::vector<Sums> groups_;
};

DiffusionPoint point_of(const CubicExamples& problem,
                        bool linear,
                        const DiffusionLimitOptions& options,
                        double rate,
                        double batch,
                        const Noise& noise) {
  DiffusionPoint point;
  point.learning_rate = rate;
  point.batch_size = batch;
  const double temperature = point.noise_scale();
  const theory::Landscape landscape = cubic_landscape(problem);
  const double minimum = linear ? 0 : 1;
  const double off = minimum + (linear ? 1 : 0.3);
  const auto size = static_cast<std::int64_t>(batch);
  const auto paths = static_cast<std::size_t>(options.paths);

  MinibatchEnsemble single(
      problem, rate, size, noise.fork("one", 0), std::vector<double>(paths, off));
  Gatherer step(off, landscape.loss);
  single.advance(1);
  step.look(single.positions());
  point.one_step = step.result();
  point.one_step.mean.value -= off;
  point.first_kappa = -rate * landscape.slope(off);
  point.second_kappa = rate * temperature * landscape.noise(off);
  point.third_kappa = -rate * temperature * temperature * third_cumulant(problem, off);

  MinibatchEnsemble ensemble(
      problem, rate, size, noise.fork("steady", 0), std::vector<double>(paths, minimum));
  Gatherer gatherer(minimum, landscape.loss);
  const auto steps = static_cast<std::int64_t>(std::ceil(options.time / rate));
  for (std::int64_t s = 0; s < options.snapshots && ensemble.status() == Status::ok; ++s) {
    ensemble.advance(steps);
    gatherer.look(ensemble.positions());
  }
  point.status = ensemble.status();
  if (point.status == Status::ok) point.steady = gatherer.result();

  const double omega_two = landscape.noise(minimum);
  const double omega_three = third_cumulant(problem, minimum);
  if (linear) {
    // θ' = (1-λ)θ + (λ/B)Σb: its cumulants obey c_n = (1-λ)^n c_n + κ_n, those of the
    // Kramers-Moyal equation nλ c_n = κ_n.
    const double keep = 1 - rate;
    point.diffusion_mean = minimum;
    point.diffusion_variance = temperature * omega_two / 2;
    point.diffusion_loss = point.diffusion_variance / 2;
    point.third_order = -temperature * temperature * omega_three / 3;
    point.discrete_variance = rate * temperature * omega_two / (1 - keep * keep);
    point.discrete_third =
        -rate * temperature * temperature * omega_three / (1 - keep * keep * keep);
    return point;
  }
  const double shape = 2 / temperature - 0.5;
  const double scale = temperature / 2;
  point.diffusion_mean = std::sqrt(scale) * std::exp(std::lgamma(shape + 0.5) - std::lgamma(shape));
  point.diffusion_variance = shape * scale - point.diffusion_mean * point.diffusion_mean;
  point.diffusion_loss = scale * scale * shape * (shape + 1) / 8 - shape * scale / 4;
  return point;
}

}  // namespace

CubicExamples linear_problem(std::int64_t examples) {
  CubicExamples problem;
  std::vector<double> b;
  double mean = 0;
  double square = 0;
  const auto count = static_cast<double>(examples);
  for (std::int64_t i = 0; i < examples; ++i) {
    b.push_back(-std::log(1 - (static_cast<double>(i) + 0.5) / count));
    mean += b.back() / count;
    square += b.back() * b.back() / count;
  }
  const double deviation = std::sqrt(square - mean * mean);
  for (const double one : b) problem.coefficients.push_back({-(one - mean) / deviation, 1, 0, 0});
  return problem;
}

CubicExamples two_layer_problem(std::int64_t examples) {
  CubicExamples problem;
  for (const auto& linear : linear_problem(examples).coefficients)
    problem.coefficients.push_back({0, -(1 - linear[0]) / 2, 0, 0.5});
  return problem;
}

std::vector<DiffusionPoint> study_diffusion(const CubicExamples& problem,
                                            bool linear,
                                            const DiffusionLimitOptions& options,
                                            const Noise& noise,
                                            int threads) {
  const std::size_t rates = options.learning_rate.size();
  std::vector<DiffusionPoint> points(rates * options.batch_size.size());
  run_queue(std::vector<Job>(points.size()), threads, [&](std::size_t i) {
    points[i] = point_of(problem,
                         linear,
                         options,
                         options.learning_rate[i % rates],
                         options.batch_size[i / rates],
                         noise.fork("diffusion-limit", i));
    return true;
  });
  return points;
}

}  // namespace thermoscape
