#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/theory/catalog_entry.hpp"
#include "thermoscape/theory/ou.hpp"
#include "thermoscape/theory/sgdm_covariance.hpp"

namespace thermoscape::theory {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

struct ProcessInputs {
  std::vector<double> drift_matrix = {2.5, -1.5, -1.5, 2.5};
  std::vector<double> diffusion_matrix = {4, 0, 0, 1};
  double inverse_temperature = 1;
  double time = 1;
  double later_time = 2;
  std::vector<double> start = {1};
  double row = 1;
  double column = 1;

  static constexpr auto fields() {
    using S = ProcessInputs;
    return std::tuple{
        field("drift_matrix", &S::drift_matrix, "1/[time]", "drift matrix, row by row"),
        field("diffusion_matrix",
              &S::diffusion_matrix,
              "[x]²/[time]",
              "diffusion matrix, row by row"),
        field("inverse_temperature",
              &S::inverse_temperature,
              "1",
              "what the diffusion matrix is divided by",
              kPositive),
        field("time", &S::time, "[time]", "time from the start", kPositive),
        field("later_time", &S::later_time, "[time]", "second time of a covariance", kNonNegative),
        field("start", &S::start, "[x]", "fixed start; one number stands for all coordinates"),
        field("row", &S::row, "1", "row i of the elements that are given, from 1", kAtLeastOne),
        field("column", &S::column, "1", "column j of those elements, from 1", kAtLeastOne)};
  }
};

struct ProcessElements {
  double lyapunov = 0;
  double rotation = 0;
  double potential = 0;
  double propagator = 0;
  double covariance_element = 0;
  double cross_covariance_element = 0;

  static constexpr auto fields() {
    using S = ProcessElements;
    return std::tuple{
        field("lyapunov", &S::lyapunov, "[x]²", "κ times the stationary covariance"),
        field("rotation", &S::rotation, "[x]²/[time]", "skew-symmetric part of the drift"),
        field("potential", &S::potential, "1/[x]²", "second derivative of the modified potential"),
        field("propagator", &S::propagator, "1", "mean per unit of the start"),
        field("covariance_element",
              &S::covariance_element,
              "[x]²",
              "covariance at the time, from a fixed start"),
        field("cross_covariance_element",
              &S::cross_covariance_element,
              "[x]²",
              "covariance between the two times, from a fixed start")};
  }
};

struct ProcessSummary {
  double modified_potential = 0;
  double current = 0;
  double current_along_gradient = 0;
  double current_divergence = 0;
  double irreversibility = 0;
  Value free_energy_excess;
  Value free_energy_rate;

  static constexpr auto fields() {
    using S = ProcessSummary;
    return std::tuple{
        field("modified_potential", &S::modified_potential, "1", "modified potential at the start"),
        field(
            "current", &S::current, "[x]/[time]", "element i of the current velocity at the start"),
        field("current_along_gradient",
              &S::current_along_gradient,
              "1/[time]",
              "current velocity times the gradient of the potential, there: 0"),
        field("current_divergence",
              &S::current_divergence,
              "1/[time]",
              "divergence of the current velocity: 0"),
        field("irreversibility",
              &S::irreversibility,
              "1",
              "share of the drift that breaks detailed balance"),
        field("free_energy_excess",
              &S::free_energy_excess,
              "1",
              "free energy at the time above its minimum"),
        field("free_energy_rate",
              &S::free_energy_rate,
              "1/[time]",
              "its rate of change, never positive")};
  }
};

MatrixXd square(const std::vector<double>& rows, const char* where) {
  const auto n = static_cast<Index>(std::llround(std::sqrt(static_cast<double>(rows.size()))));
  if (n * n != static_cast<Index>(rows.size())) {
    reject({where,
            fmt::format("{} values", rows.size()),
            "must be the n² elements of a square matrix",
            "row by row: 2,1,-0.5,1"});
  }
  return Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
      rows.data(), n, n);
}

Index element_index(double index, Index size, const char* where) {
  if (index != std::floor(index) || index > static_cast<double>(size)) {
    reject({where,
            fmt::format("{}", index),
            fmt::format("must be a whole number from 1 to {}", size),
            ""});
  }
  return static_cast<Index>(index) - 1;
}

std::tuple<ProcessElements, ProcessSummary> process(const ProcessInputs& in) {
  const OrnsteinUhlenbeck ou(square(in.drift_matrix, "ou.drift_matrix"),
                             square(in.diffusion_matrix, "ou.diffusion_matrix"),
                             in.inverse_temperature);
  const Index i = element_index(in.row, ou.size(), "ou.row");
  const Index j = element_index(in.column, ou.size(), "ou.column");
  VectorXd start = Eigen::Map<const VectorXd>(in.start.data(), static_cast<Index>(in.start.size()));
  if (start.size() == 1) start = VectorXd::Constant(ou.size(), in.start.front());
  const VectorXd mean = ou.mean(start, in.time);
  const MatrixXd covariance = ou.covariance(in.time);
  return {ProcessElements{ou.lyapunov()(i, j),
                          ou.rotation()(i, j),
                          ou.potential()(i, j),
                          ou.propagator(in.time)(i, j),
                          covariance(i, j),
                          ou.cross_covariance(in.time, in.later_time)(i, j)},
          ProcessSummary{ou.modified_potential(start),
                         ou.current_velocity(start)(i),
                         ou.current_velocity(start).dot(ou.potential() * start),
                         -(ou.rotation() * ou.potential()).trace(),
                         ou.irreversibility(),
                         ou.free_energy_excess(mean, covariance),
                         ou.free_energy_rate(mean, covariance)}};
}

struct GaussianDataInputs {
  double learning_rate = 0.02;
  double momentum = 0.9;
  double batch_size = 16;
  std::vector<double> stiffness = {0.1, 0.5, 1, 2};
  double residual_variance = 1;
  double row = 1;

  static constexpr auto fields() {
    using S = GaussianDataInputs;
    return std::tuple{
        field("learning_rate", &S::learning_rate, "[θ]²/[loss]", "learning rate", kPositive),
        field("momentum", &S::momentum, "1", "momentum, in PyTorch's convention", kBelowOne),
        field("batch_size", &S::batch_size, "1", "examples in a batch", kPositive),
        field("stiffness",
              &S::stiffness,
              "[loss]/[θ]²",
              "eigenvalues of the Hessian, the covariance of the inputs",
              kPositive),
        field("residual_variance",
              &S::residual_variance,
              "[loss]",
              "variance of the targets about their mean",
              kNonNegative),
        field("row", &S::row, "1", "which eigenvalue, from 1 for the least", kAtLeastOne)};
  }
};

struct GaussianDataResults {
  Value position_variance;
  double additive_variance = 0;
  double continuum_variance = 0;
  Value noise_excess;

  static constexpr auto fields() {
    using S = GaussianDataResults;
    return std::tuple{field("position_variance",
                            &S::position_variance,
                            "[θ]²",
                            "variance of the position, noise growing with the spread"),
                      field("additive_variance",
                            &S::additive_variance,
                            "[θ]²",
                            "the same with the noise at the minimum, step by step"),
                      field("continuum_variance",
                            &S::continuum_variance,
                            "[θ]²",
                            "variance of the parameter in continuous time"),
                      field("noise_excess",
                            &S::noise_excess,
                            "1",
                            "what growing noise adds to the variance, as a share")};
  }
};

std::tuple<GaussianDataResults> gaussian_data(const GaussianDataInputs& in) {
  std::vector<double> ascending = in.stiffness;
  std::sort(ascending.begin(), ascending.end());
  const VectorXd h =
      Eigen::Map<const VectorXd>(ascending.data(), static_cast<Index>(ascending.size()));
  const QuadraticSgd sgd{in.learning_rate, in.momentum, in.batch_size, h.asDiagonal()};
  const GaussianDataVariance p = gaussian_data_variance(sgd, in.residual_variance);
  const Index i = element_index(in.row, h.size(), "sgd-gaussian-data.row");
  const bool bounded = p.status == Status::ok;
  const auto held = [&](double x) { return bounded ? value_within(x, true) : Value{}; };
  return {
      GaussianDataResults{held(p.variance(i)),
                          p.additive(i),
                          p.continuous(i),
                          p.additive(i) > 0 ? held(p.variance(i) / p.additive(i) - 1) : held(0)}};
}

Model described(std::string name, std::string title, std::string equation, std::string validity) {
  return {std::move(name),
          std::move(title),
          std::move(equation),
          std::move(validity),
          "limiting-dynamics",
          {},
          {}};
}

}  // namespace

std::vector<CatalogEntry> linear_process_entries() {
  return {
      catalog_entry(
          described("ou",
                    "The Ornstein-Uhlenbeck process of any drift and diffusion matrix",
                    "dx = -Ax dt + √(2D/κ) dW,  AB + BAᵀ = 2D\n"
                    "A = (D + Q)U,  U = B^{-1},  Q = AB - D;  Ψ = ½ xᵀUx,  j = -QUx\n"
                    "Cov(x_t, x_s) = κ^{-1}(B - e^{-At}Be^{-Aᵀt}) e^{Aᵀ(t-s)},  t <= s\n"
                    "κ(F - F_ss) = ½[tr κUC - n - ln det κUC + κ mᵀUm],  dF/dt <= 0",
                    "Exact for every A whose eigenvalues have a real part > 0 and D that reaches "
                    "every direction; D may be singular."),
          {kPlain, kPlain},
          &process),
      catalog_entry(
          described("sgd-gaussian-data",
                    "Least squares by SGD with momentum, whose noise grows with the spread",
                    "x ~ N(0, H), y = x·θ* + σε:  Σ(P) = σ²H + H tr(HP) + HPH,  P = var θ\n"
                    "P_i = K_ik_i(σ²+τ)/(1 - K_ik_i²),  τ = σ²c/(1-c),  c = Σ K_ik_i²/(1 - "
                    "K_ik_i²)\n"
                    "K_i = η(1+β)/(Sk_i(1-β)(2(1+β) - ηk_i))",
                    "Exact step by step for examples drawn afresh and no weight decay. Undefined "
                    "where the mean square of SGD grows without bound: c >= 1."),
          {kPlain},
          &gaussian_data)};
}

}  // namespace thermoscape::theory
