#include "thermoscape/objective/penalised.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/objective/shapes.hpp"

namespace thermoscape {

namespace {

constexpr double kOrthonormal = 1e-6;

void check(const ParameterSubset& subset,
           const Vector& centre,
           const Matrix& directions,
           const Vector& stiffness) {
  const Eigen::Index k = directions.size() == 0 ? centre.size() : directions.rows();
  const bool fits = directions.size() == 0 || directions.cols() == centre.size();
  if (centre.size() == 0 || centre.size() != subset.count() || !fits || stiffness.size() != k) {
    reject(
        {"penalty",
         fmt::format("{} parameters, a centre of {}, {} x {} directions, {} stiffnesses",
                     subset.count(),
                     centre.size(),
                     directions.rows(),
                     directions.cols(),
                     stiffness.size()),
         "must have a stiffness a direction, and a centre and directions as long as the parameters",
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

QuadraticPenalty::QuadraticPenalty(ParameterSubset subset,
                                   Vector centre,
                                   Matrix directions,
                                   Vector stiffness)
    : subset_(std::move(subset)),
      centre_(std::move(centre)),
      directions_(std::move(directions)),
      stiffness_(std::move(stiffness)) {
  check(subset_, centre_, directions_, stiffness_);
}

Vector QuadraticPenalty::part(std::span<const double> theta) const {
  Vector values(centre_.size());
  subset_.take<double>(theta, {values.data(), static_cast<std::size_t>(values.size())});
  return values;
}

Vector QuadraticPenalty::along(const Vector& part) const {
  if (directions_.size() == 0) return part;
  return directions_ * part;
}

void QuadraticPenalty::add_lifted(const Vector& amounts, std::span<double> values) const {
  const Vector lifted =
      directions_.size() == 0 ? amounts : Vector(directions_.transpose() * amounts);
  const Vector sum = part(values) + lifted;
  subset_.put<double>({sum.data(), static_cast<std::size_t>(sum.size())}, values);
}

Vector QuadraticPenalty::displacements(std::span<const double> theta) const {
  return along(part(theta) - centre_);
}

double QuadraticPenalty::value(std::span<const double> theta) const {
  return 0.5 * (stiffness_.array() * displacements(theta).array().square()).sum();
}

void QuadraticPenalty::add_gradient(std::span<const double> theta,
                                    std::span<double> gradient) const {
  add_lifted((stiffness_.array() * displacements(theta).array()).matrix(), gradient);
}

void QuadraticPenalty::add_product(std::span<const double> vector,
                                   std::span<double> product) const {
  add_lifted((stiffness_.array() * along(part(vector)).array()).matrix(), product);
}

void QuadraticPenalty::shrink(std::span<double> theta, double step) const {
  // What the step takes away: 1 - 1/(1 + step k).
  const Eigen::ArrayXd pull = step * stiffness_.array();
  add_lifted((-displacements(theta).array() * pull / (1 + pull)).matrix(), theta);
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
