#include "thermoscape/objective/embedded.hpp"

#include <algorithm>
#include <string>

#include "thermoscape/objective/globs.hpp"
#include "thermoscape/objective/shapes.hpp"

namespace thermoscape {

namespace {

template <class Real>
std::int64_t checked_size(const typename Embedded<Real>::Subspace& subspace,
                          std::int64_t parameters) {
  if (const auto* free = std::get_if<FreeCoordinates>(&subspace)) {
    const bool increasing =
        std::adjacent_find(free->begin(), free->end(), std::greater_equal<>()) == free->end();
    if (free->empty() || !increasing || free->front() < 0 || free->back() >= parameters) {
      reject({"embedded.coordinates",
              fmt::format("{} of {}", free->size(), parameters),
              fmt::format("must be strictly increasing, in 0 ... {}", parameters - 1),
              ""});
    }
    return static_cast<std::int64_t>(free->size());
  }
  const auto& basis = std::get<SubspaceBasis<Real>>(subspace);
  if (basis.rows() != parameters || basis.cols() < 1 || basis.cols() > parameters) {
    reject({"embedded.basis",
            fmt::format("{} x {}", basis.rows(), basis.cols()),
            fmt::format("must be {} x d with 1 <= d <= {}", parameters, parameters),
            ""});
  }
  return basis.cols();
}

}  // namespace

template <class Real>
FreeCoordinates chosen_coordinates(const Objective<Real>& objective,
                                   std::string_view globs,
                                   std::string_view where) {
  const std::vector<ParameterGroup> groups = objective.parameter_groups();
  if (groups.empty()) {
    reject({std::string(where), std::string(globs), "needs parameters with names", ""});
  }
  std::vector<std::string> names;
  for (const ParameterGroup& one : groups) names.push_back(one.name);
  FreeCoordinates chosen;
  for (const std::size_t index : choose_names(names, globs, where)) {
    for (std::int64_t i = 0; i < groups[index].count; ++i) {
      chosen.push_back(groups[index].first + i);
    }
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

template <class Real>
Embedded<Real>::Embedded(std::unique_ptr<Objective<Real>> whole,
                         std::vector<Real> origin,
                         Subspace subspace)
    : whole_(std::move(whole)),
      origin_(std::move(origin)),
      subspace_(std::move(subspace)),
      size_(checked_size<Real>(subspace_, whole_->parameters())) {
  require_size(origin_.size(), whole_->parameters(), "embedded", "origin");
}

template <class Real>
std::unique_ptr<Objective<Real>> Embedded<Real>::clone() const {
  return std::make_unique<Embedded>(whole_->clone(), origin_, subspace_);
}

template <class Real>
std::vector<Real> Embedded<Real>::lifted(std::span<const Real> vectors) const {
  const std::int64_t rows = rows_of(vectors.size(), size_, "embedded", "vectors");
  const std::int64_t whole = whole_->parameters();
  std::vector<Real> out(static_cast<std::size_t>(rows * whole), Real(0));
  if (const auto* free = std::get_if<FreeCoordinates>(&subspace_)) {
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t i = 0; i < size_; ++i) {
        const auto to =
            static_cast<std::size_t>(row * whole + (*free)[static_cast<std::size_t>(i)]);
        out[to] = vectors[static_cast<std::size_t>(row * size_ + i)];
      }
    }
    return out;
  }
  const auto& basis = std::get<SubspaceBasis<Real>>(subspace_);
  const Eigen::Map<const SubspaceBasis<Real>> in(vectors.data(), size_, rows);
  Eigen::Map<SubspaceBasis<Real>>(out.data(), whole, rows).noalias() = basis * in;
  return out;
}

template <class Real>
void Embedded<Real>::lowered(std::span<const Real> vectors, std::span<Real> out) const {
  const std::int64_t whole = whole_->parameters();
  const std::int64_t rows = rows_of(vectors.size(), whole, "embedded", "products");
  require_size(out.size(), rows * size_, "embedded", "products");
  if (const auto* free = std::get_if<FreeCoordinates>(&subspace_)) {
    for (std::int64_t row = 0; row < rows; ++row) {
      for (std::int64_t i = 0; i < size_; ++i) {
        const auto from =
            static_cast<std::size_t>(row * whole + (*free)[static_cast<std::size_t>(i)]);
        out[static_cast<std::size_t>(row * size_ + i)] = vectors[from];
      }
    }
    return;
  }
  const auto& basis = std::get<SubspaceBasis<Real>>(subspace_);
  const Eigen::Map<const SubspaceBasis<Real>> in(vectors.data(), whole, rows);
  Eigen::Map<SubspaceBasis<Real>>(out.data(), size_, rows).noalias() = basis.transpose() * in;
}

template <class Real>
std::vector<Real> Embedded<Real>::whole_theta(std::span<const Real> z) const {
  require_size(z.size(), size_, "embedded", "theta");
  std::vector<Real> theta = lifted(z);
  for (std::size_t i = 0; i < theta.size(); ++i) theta[i] += origin_[i];
  return theta;
}

template <class Real>
std::vector<Real> Embedded<Real>::initial(const Noise&) const {
  return std::vector<Real>(static_cast<std::size_t>(size_), Real(0));
}

template <class Real>
double Embedded<Real>::loss(std::span<const Real> z, const Batch& batch) {
  return whole_->loss(whole_theta(z), batch);
}

template <class Real>
double Embedded<Real>::loss_gradient(std::span<const Real> z,
                                     const Batch& batch,
                                     std::span<Real> gradient) {
  std::vector<Real> all(origin_.size());
  const double value = whole_->loss_gradient(whole_theta(z), batch, all);
  lowered(all, gradient);
  return value;
}

template <class Real>
double Embedded<Real>::training_gradient(std::span<const Real> z,
                                         const Batch& batch,
                                         const TrainingStep<Real>& step,
                                         std::span<Real> gradient) {
  std::vector<Real> all(origin_.size());
  const double value = whole_->training_gradient(whole_theta(z), batch, step, all);
  lowered(all, gradient);
  return value;
}

template <class Real>
void Embedded<Real>::example_losses(std::span<const Real> z,
                                    const Batch& batch,
                                    std::span<double> losses) {
  whole_->example_losses(whole_theta(z), batch, losses);
}

template <class Real>
void Embedded<Real>::logits(std::span<const Real> z, const Batch& batch, std::span<Real> outputs) {
  whole_->logits(whole_theta(z), batch, outputs);
}

template <class Real>
void Embedded<Real>::jacobian_products(std::span<const Real> z,
                                       const Batch& batch,
                                       std::span<const Real> vectors,
                                       std::span<Real> products) {
  whole_->jacobian_products(whole_theta(z), batch, lifted(vectors), products);
}

template <class Real>
void Embedded<Real>::jacobian_pullback(std::span<const Real> z,
                                       const Batch& batch,
                                       std::span<const Real> covectors,
                                       std::span<Real> products) {
  const std::int64_t rows = rows_of(products.size(), size_, "embedded", "products");
  std::vector<Real> all(static_cast<std::size_t>(rows * whole_->parameters()));
  whole_->jacobian_pullback(whole_theta(z), batch, covectors, all);
  lowered(all, products);
}

template <class Real>
void Embedded<Real>::hessian_products(std::span<const Real> z,
                                      const Batch& batch,
                                      std::span<const Real> vectors,
                                      std::span<Real> products) {
  const std::vector<Real> moved = lifted(vectors);
  std::vector<Real> all(moved.size());
  whole_->hessian_products(whole_theta(z), batch, moved, all);
  lowered(all, products);
}

template <class Real>
void Embedded<Real>::example_gradients(std::span<const Real> z,
                                       const Batch& batch,
                                       const GradientBlock& receive) {
  std::vector<Real> own;
  whole_->example_gradients(
      whole_theta(z),
      batch,
      [&](std::int64_t first, std::int64_t rows, std::span<const Real> block) {
        own.resize(static_cast<std::size_t>(rows * size_));
        lowered(block, own);
        receive(first, rows, own);
      });
}

template FreeCoordinates chosen_coordinates(const Objective<float>&,
                                            std::string_view,
                                            std::string_view);
template FreeCoordinates chosen_coordinates(const Objective<double>&,
                                            std::string_view,
                                            std::string_view);
template class Embedded<float>;
template class Embedded<double>;

}  // namespace thermoscape
