#include "thermoscape/models/verify.hpp"

#include <cmath>
#include <thread>

#include <Eigen/Eigenvalues>

#include "thermoscape/core/error.hpp"
#include "thermoscape/models/random_hessian.hpp"
#include "thermoscape/models/softmax_hessian.hpp"
#include "thermoscape/theory/softmax.hpp"

namespace thermoscape {

namespace {

using Numbers = std::vector<double>;

/// A row-major list as [columns, rows]: each row becomes a column.
Matrix columns_from(const Numbers& numbers, std::size_t rows) {
  if (rows == 0 || numbers.empty() || numbers.size() % rows != 0) {
    reject({"small model", "", "must have z [N, C], c [C, D] and E [N, C, D]", ""});
  }
  return Eigen::Map<const Matrix>(numbers.data(),
                                  static_cast<Eigen::Index>(numbers.size() / rows),
                                  static_cast<Eigen::Index>(rows));
}

/// [g, tr H, ‖H‖_F, λ_max, tr and λ_max of the separated H, cos²(g, v_max), spectrum of P
/// ascending, mean p_max, mean loss].
Numbers small_model(const theory::KindInputs& in) {
  const Numbers y = in.list("y");
  const std::vector<std::int64_t> labels(y.begin(), y.end());
  const Matrix logits = columns_from(in.list("z"), labels.size());
  const auto classes = static_cast<std::size_t>(logits.rows());
  const Matrix shared = columns_from(in.list("c"), classes);
  const Matrix residuals = columns_from(in.list("E"), classes * labels.size());
  if (residuals.rows() != shared.rows()) {
    reject({"small model", "", "must have z [N, C], c [C, D] and E [N, C, D]", ""});
  }
  const Matrix p = class_probabilities(logits);
  const auto n = static_cast<Eigen::Index>(labels.size());
  const Matrix jacobian = residuals + shared.replicate(1, n);
  const Vector gradient = softmax_gradient(p, jacobian, labels);
  const Matrix hessian = softmax_hessian(p, jacobian);
  const Matrix separated = separated_hessian(p, shared, residuals);
  const Eigen::SelfAdjointEigenSolver<Matrix> spectrum(hessian);
  const Vector top = spectrum.eigenvectors().rightCols<1>();
  Numbers out(gradient.begin(), gradient.end());
  out.push_back(hessian.trace());
  out.push_back(hessian.norm());
  out.push_back(spectrum.eigenvalues().maxCoeff());
  out.push_back(separated.trace());
  out.push_back(separated.selfadjointView<Eigen::Lower>().eigenvalues().maxCoeff());
  out.push_back(std::pow(top.dot(gradient), 2) / gradient.squaredNorm());
  const Vector classes_spectrum =
      mean_logit_hessian(p).selfadjointView<Eigen::Lower>().eigenvalues();
  out.insert(out.end(), classes_spectrum.begin(), classes_spectrum.end());
  out.push_back(p.colwise().maxCoeff().mean());
  double loss = 0;
  for (Eigen::Index i = 0; i < n; ++i) {
    loss += theory::cross_entropy(logits.col(i), labels[static_cast<std::size_t>(i)]);
  }
  out.push_back(loss / static_cast<double>(n));
  return out;
}

std::int64_t whole(const theory::KindInputs& in, std::string_view key) {
  return static_cast<std::int64_t>(in.number(key));
}

Numbers monte_carlo_model(const theory::KindInputs& in) {
  constexpr std::int64_t kDraws = 24;
  RandomHessian model;
  model.examples = whole(in, "N");
  model.classes = whole(in, "C");
  model.parameters = whole(in, "D");
  const double scale = 1 / std::sqrt(in.number("D"));
  model.logit_deviation = in.number("sigma_z");
  model.shared_deviation = scale * in.number("sc");
  model.residual_deviation = scale * in.number("sE");
  model.accuracy = in.number("acc");
  const int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const RandomHessianAverages s = average_spectrum(model, Noise(4), kDraws, threads);
  return {s.gradient_share.value,
          s.outlier_gap.value,
          s.bulk_gap.value,
          s.trace_over_norm.value,
          s.top_eigenvalue.value,
          s.max_probability.value};
}

}  // namespace

theory::KindTable model_kinds() {
  return {{"small_model", small_model}, {"monte_carlo_model", monte_carlo_model}};
}

}  // namespace thermoscape
