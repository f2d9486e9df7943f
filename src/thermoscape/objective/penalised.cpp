#include "thermoscape/objective/penalised.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/objective/shapes.hpp"

namespace thermoscape {

namespace {

constexpr double kOrthonormal = 1e-6;

Eigen::Map<const Vector> part(std::span<const double> theta, std::int64_t first, Eigen::Index n) {
  return {theta.data() + first, n};
}

void check(std::int64_t first,
           const Vector& centre,
           const Matrix& directions,
           const Vector& stiffness) {
  const Eigen::Index k = directions.size() == 0 ? centre.size() : directions.rows();
  const bool fits = directions.size() == 0 || directions.cols() == centre.size();
  if (first < 0 || centre.size() == 0 || !fits || stiffness.size() != k) {
    reject({"penalty",
            fmt::format("{} parameters, {} x {} directions, {} stiffnesses",
                        centre.size(),
                        directions.rows(),
                        directions.cols(),
                        stiffness.size()),
            "must have a stiffness a direction, and directions as long as the centre",
            ""});
  }
  if (!centre.allFinite() || !directions.allFinite() || !stiffness.allFinite() ||
      stiffness.minCoeff() < 0) {
    reject({"penalty", "", "must be finite, with stiffnesses >= 0", ""});
  }
  if (directions.size() == 0) return;
  const Matrix overlap = directions * directions.transpose() - Matrix::Identity(k, k);
  if (overlap.cwiseAbs().maxCoeff() > kOrthonormal)
    reject({"penalty.directions", "", "must be orthonormal", "the proximal step rests on it"});
}

}  // namespace

QuadraticPenalty::QuadraticPenalty(std::int64_t first,
                                   Vector centre,
                                   Matrix directions,
                                   Vector stiffness)
    : first_(first),
      centre_(std::move(centre)),
      directions_(std::move(directions)),
      stiffness_(std::move(stiffness)) {
  check(first_, centre_, directions_, stiffness_);
}

Vector QuadraticPenalty::displacements(std::span<const double> theta) const {
  const Vector moved = part(theta, first_, centre_.size()) - centre_;
  if (directions_.size() == 0) return moved;
  return directions_ * moved;
}

Vector QuadraticPenalty::lifted(const Vector& amounts) const {
  if (directions_.size() == 0) return amounts;
  return directions_.transpose() * amounts;
}

double QuadraticPenalty::value(std::span<const double> theta) const {
  const Vector moved = displacements(theta);
  return 0.5 * (stiffness_.array() * moved.array().square()).sum();
}

void QuadraticPenalty::add_gradient(std::span<const double> theta,
                                    std::span<double> gradient) const {
  const Vector pull = (stiffness_.array() * displacements(theta).array()).matrix();
  Eigen::Map<Vector>(gradient.data() + first_, centre_.size()) += lifted(pull);
}

void QuadraticPenalty::add_product(std::span<const double> vector,
                                   std::span<double> product) const {
  const Vector own = part(vector, first_, centre_.size());
  const Vector along = directions_.size() == 0 ? own : Vector(directions_ * own);
  Eigen::Map<Vector>(product.data() + first_, centre_.size()) +=
      lifted((stiffness_.array() * along.array()).matrix());
}

void QuadraticPenalty::shrink(std::span<double> theta, double step) const {
  const Vector moved = displacements(theta);
  // What the step takes away: 1 - 1/(1 + step k).
  const Eigen::ArrayXd pull = step * stiffness_.array();
  Eigen::Map<Vector>(theta.data() + first_, centre_.size()) -=
      lifted((moved.array() * pull / (1 + pull)).matrix());
}

double QuadraticPenalty::stiffest() const {
  return stiffness_.maxCoeff();
}

template <class Real>
Penalised<Real>::Penalised(std::unique_ptr<Objective<Real>> whole,
                           std::vector<QuadraticPenalty> penalties)
    : whole_(std::move(whole)), penalties_(std::move(penalties)) {
  for (const QuadraticPenalty& one : penalties_) {
    if (one.end() <= whole_->parameters()) continue;
    reject({"penalised",
            fmt::format("a penalty up to parameter {}", one.end() - 1),
            fmt::format("must lie in 0 ... {}", whole_->parameters() - 1),
            ""});
  }
}

template <class Real>
std::unique_ptr<Objective<Real>> Penalised<Real>::clone() const {
  return std::make_unique<Penalised>(whole_->clone(), penalties_);
}

template <class Real>
double Penalised<Real>::stiffest() const {
  double most = 0;
  for (const QuadraticPenalty& one : penalties_) most = std::max(most, one.stiffest());
  return most;
}

template <class Real>
void Penalised<Real>::shrink(std::span<Real> theta, double step) const {
  require_size(theta.size(), parameters(), "penalised", "theta");
  std::vector<double> own(theta.begin(), theta.end());
  for (const QuadraticPenalty& one : penalties_) one.shrink(own, step);
  std::transform(
      own.begin(), own.end(), theta.begin(), [](double x) { return static_cast<Real>(x); });
}

template <class Real>
double Penalised<Real>::loss(std::span<const Real> theta, const Batch& batch) {
  double sum = whole_->loss(theta, batch);
  const std::vector<double> own(theta.begin(), theta.end());
  for (const QuadraticPenalty& one : penalties_) sum += one.value(own);
  return sum;
}

template <class Real>
double Penalised<Real>::loss_gradient(std::span<const Real> theta,
                                      const Batch& batch,
                                      std::span<Real> gradient) {
  double sum = whole_->loss_gradient(theta, batch, gradient);
  const std::vector<double> own(theta.begin(), theta.end());
  std::vector<double> pull(own.size(), 0.0);
  for (const QuadraticPenalty& one : penalties_) {
    sum += one.value(own);
    one.add_gradient(own, pull);
  }
  for (std::size_t i = 0; i < pull.size(); ++i) gradient[i] += static_cast<Real>(pull[i]);
  return sum;
}

template <class Real>
void Penalised<Real>::hessian_products(std::span<const Real> theta,
                                       const Batch& batch,
                                       std::span<const Real> vectors,
                                       std::span<Real> products) {
  whole_->hessian_products(theta, batch, vectors, products);
  const auto p = static_cast<std::size_t>(parameters());
  for (std::size_t first = 0; first < vectors.size(); first += p) {
    const auto one_vector = vectors.subspan(first, p);
    const std::vector<double> own(one_vector.begin(), one_vector.end());
    std::vector<double> added(p, 0.0);
    for (const QuadraticPenalty& one : penalties_) one.add_product(own, added);
    for (std::size_t i = 0; i < p; ++i) products[first + i] += static_cast<Real>(added[i]);
  }
}

template class Penalised<float>;
template class Penalised<double>;

}  // namespace thermoscape
