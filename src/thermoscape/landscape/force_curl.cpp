#include "thermoscape/landscape/force_curl.hpp"

#include <cmath>
#include <vector>

#include <Eigen/Cholesky>

#include "thermoscape/analysis/jackknife.hpp"
#include "thermoscape/core/field.hpp"
#include "thermoscape/core/linear_operator.hpp"

namespace thermoscape {

namespace {

/// D + β² at one point, and products with it.
class GradientNoise {
 public:
  GradientNoise(Objective<double>& objective, const Vector& theta, double beta)
      : beta_squared_(beta * beta) {
    const Eigen::Index size = theta.size();
    gradients_.resize(size, objective.examples());
    objective.example_gradients(
        {theta.data(), static_cast<std::size_t>(size)},
        {},
        [&](std::int64_t first, std::int64_t rows, std::span<const double> block) {
          gradients_.middleCols(first, rows) = Eigen::Map<const Matrix>(block.data(), size, rows);
        });
    mean_ = gradients_.rowwise().mean();
    centred_ = (gradients_.colwise() - mean_) / std::sqrt(static_cast<double>(gradients_.cols()));
    by_examples_ = beta > 0 && gradients_.cols() < size;
    if (by_examples_) {
      Matrix gram = centred_.transpose() * centred_;
      gram.diagonal().array() += beta_squared_;
      factor_.compute(gram);
    } else {
      Matrix noise = centred_ * centred_.transpose();
      noise.diagonal().array() += beta_squared_;
      factor_.compute(noise);
    }
  }

  [[nodiscard]] bool invertible() const {
    return factor_.info() == Eigen::Success && factor_.rcond() > 1e-13;
  }
  [[nodiscard]] const Matrix& gradients() const { return gradients_; }
  [[nodiscard]] const Vector& mean() const { return mean_; }
  /// (D + β²)^{-1} x; with fewer examples than parameters by the identity of Woodbury.
  [[nodiscard]] Vector solve(const Vector& x) const {
    if (!by_examples_) return factor_.solve(x);
    return (x - centred_ * factor_.solve(centred_.transpose() * x)) / beta_squared_;
  }

 private:
  double beta_squared_;
  bool by_examples_ = false;
  Matrix gradients_;  ///< [P, N]
  Vector mean_;
  Matrix centred_;  ///< over √N
  Eigen::LDLT<Matrix> factor_;
};

/// ∇²ℓ_i of one example times a block of vectors.
Matrix example_product(Objective<double>& objective,
                       const Vector& theta,
                       Eigen::Index example,
                       const Matrix& vectors,
                       double ridge) {
  const std::int32_t one[] = {static_cast<std::int32_t>(example)};
  Matrix out(vectors.rows(), vectors.cols());
  const auto count = static_cast<std::size_t>(vectors.size());
  objective.hessian_products({theta.data(), static_cast<std::size_t>(theta.size())},
                             Batch{.examples = one},
                             {vectors.data(), count},
                             {out.data(), count});
  return out - ridge * vectors;
}

/// ∂·D.
Vector noise_divergence(Objective<double>& objective, const Vector& theta, double ridge) {
  const GradientNoise noise(objective, theta, 0);
  const Eigen::Index size = theta.size();
  const auto examples = static_cast<double>(noise.gradients().cols());
  Vector sum = Vector::Zero(size);
  Matrix mean = Matrix::Zero(size, size);
  const Matrix identity = Matrix::Identity(size, size);
  for (Eigen::Index i = 0; i < noise.gradients().cols(); ++i) {
    const Matrix own = example_product(objective, theta, i, identity, ridge);
    const Vector g = noise.gradients().col(i);
    sum += (own * g + g * own.trace()) / examples;
    mean += own / examples;
  }
  return sum - mean * noise.mean() - noise.mean() * mean.trace();
}

Matrix random_directions(Eigen::Index size, std::int64_t count, const Noise& noise) {
  Matrix directions(size, count);
  noise.normal<double>(
      "curl.directions", 0, {directions.data(), static_cast<std::size_t>(directions.size())});
  return directions;
}

/// Σ over pairs of ((M_ij - M_ji)/2)² and of ((M_ij + M_ji)/2)², leaving out one direction (-1:
/// none).
std::pair<double, double> parts(const Matrix& form, Eigen::Index without) {
  double anti = 0;
  double sym = 0;
  for (Eigen::Index i = 0; i < form.rows(); ++i) {
    for (Eigen::Index j = 0; j < i; ++j) {
      if (i == without || j == without) continue;
      anti += std::pow((form(i, j) - form(j, i)) / 2, 2);
      sym += std::pow((form(i, j) + form(j, i)) / 2, 2);
    }
  }
  return {anti, sym};
}

}  // namespace

ForceCurl force_curl(Objective<double>& objective,
                     std::span<const double> at,
                     const ForceCurlOptions& options,
                     const Noise& noise) {
  check_range(options.noise_scale, kNonNegative, "[time]", "force_curl.noise_scale");
  check_range(options.isotropic_noise, kNonNegative, "[loss]/[θ]", "force_curl.isotropic_noise");
  check_range(options.directions, Range{3, 1e4}, "", "force_curl.directions");
  check_range(options.step, kPositive, "", "force_curl.step");
  const auto size = static_cast<Eigen::Index>(at.size());
  const Vector theta = Eigen::Map<const Vector>(at.data(), size);
  const GradientNoise d(objective, theta, options.isotropic_noise);
  ForceCurl found;
  if (!d.invertible()) return found;
  const double temperature = options.noise_scale;
  const auto examples = static_cast<double>(objective.examples());
  Vector force = d.mean() + options.ridge * theta;
  if (temperature > 0) force += temperature / 2 * noise_divergence(objective, theta, options.ridge);
  const Vector v = d.solve(force);
  const Vector along = d.gradients().transpose() * v;  // g_i·V
  const double mean_along = d.mean().dot(v);
  const Matrix directions = random_directions(size, options.directions, noise);
  Matrix form(options.directions, options.directions);
  for (Eigen::Index k = 0; k < options.directions; ++k) {
    const Vector w = directions.col(k);
    Vector mean_h = Vector::Zero(size);
    Vector change = Vector::Zero(size);  // (∂_w D) V
    for (Eigen::Index i = 0; i < d.gradients().cols(); ++i) {
      const Vector h = example_product(objective, theta, i, w, options.ridge);
      change += (h * along[i] + d.gradients().col(i) * h.dot(v)) / examples;
      mean_h += h / examples;
    }
    change -= mean_h * mean_along + d.mean() * mean_h.dot(v);
    Vector slope = mean_h + options.ridge * w - change;
    if (temperature > 0) {
      const double step =
          options.step * std::max(theta.norm(), 1e-3) / std::sqrt(static_cast<double>(size));
      const Vector ahead = noise_divergence(objective, theta + step * w, options.ridge);
      const Vector behind = noise_divergence(objective, theta - step * w, options.ridge);
      slope += temperature / 2 * (ahead - behind) / (2 * step);
    }
    form.col(k) = directions.transpose() * d.solve(slope);
  }
  const auto ratio = [&](Eigen::Index without) {
    const auto [anti, sym] = parts(form, without);
    return std::sqrt(anti / sym);
  };
  const auto [anti, sym] = parts(form, -1);
  const double pairs = static_cast<double>(form.rows() * (form.rows() - 1)) / 2;
  found.antisymmetric = std::sqrt(anti / pairs);
  found.symmetric = std::sqrt(sym / pairs);
  std::vector<double> left_out;
  for (Eigen::Index k = 0; k < form.rows(); ++k) left_out.push_back(ratio(k));
  found.ratio = analysis::jackknife(ratio(-1), left_out);
  return found;
}

}  // namespace thermoscape
