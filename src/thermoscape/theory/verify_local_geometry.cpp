#include "thermoscape/core/error.hpp"

#include "thermoscape/theory/logit_clustering.hpp"
#include "thermoscape/theory/random_hessian_scales.hpp"
#include "thermoscape/theory/softmax.hpp"
#include "thermoscape/theory/softmax_gaussian.hpp"
#include "thermoscape/theory/verify_kinds.hpp"

namespace thermoscape::theory {

namespace {

using Numbers = std::vector<double>;

Numbers softmax_gaussian_stats(const KindInputs& in) {
  const SoftmaxAverages s = softmax_averages({in.number("sigma_z"), in.number("C")});
  return {s.mean_square_probability, s.max_probability, s.probability_entropy};
}

Numbers population_scales(const KindInputs& in) {
  const RandomHessianLimits s = random_hessian_limits(
      {in.number("sigma_z"), in.number("C"), in.number("D"), in.number("sc"), in.number("sE")});
  return {s.outliers, s.class_eigenvalue, s.hessian_trace, s.trace_over_norm, s.clustering};
}

Numbers top_eig_peak_sigma_z(const KindInputs& in) {
  return {top_eigenvalue_peak(in.number("C"), in.number("a")).value};
}

Numbers logit_derivs(const KindInputs& in) {
  const Numbers z = in.list("z");
  const Vector logits = Eigen::Map<const Vector>(z.data(), static_cast<Eigen::Index>(z.size()));
  const Vector p = softmax(logits);
  const Vector gradient = logit_gradient(logits, static_cast<std::int64_t>(in.number("y")));
  const Matrix hessian = logit_hessian(logits);
  Numbers out(p.begin(), p.end());
  out.insert(out.end(), gradient.begin(), gradient.end());
  out.insert(out.end(), hessian.reshaped().begin(), hessian.reshaped().end());  // symmetric
  return out;
}

Numbers clustering(const KindInputs& in) {
  const Numbers jacobian = in.list("J");
  const std::vector<std::size_t> shape = in.shape("J");
  const Numbers y = in.list("y");
  if (shape.size() != 3 || shape[0] != y.size()) {
    reject({"inputs.J", "", "must be [N, C, D] with N labels y", ""});
  }
  const LogitClustering q = logit_clustering(
      jacobian, std::vector<std::int64_t>(y.begin(), y.end()), static_cast<std::int64_t>(shape[1]));
  return {q.same_logit, q.same_logit_same_class, q.different_logits};
}

Numbers gradient_fraction_given_r(const KindInputs& in) {
  const std::vector<Numbers> rows = in.matrix("r");
  Matrix residuals(static_cast<Eigen::Index>(rows.size()),
                   static_cast<Eigen::Index>(rows.empty() ? 0 : rows.front().size()));
  for (Eigen::Index i = 0; i < residuals.rows(); ++i) {
    for (Eigen::Index k = 0; k < residuals.cols(); ++k) {
      residuals(i, k) = rows[static_cast<std::size_t>(i)][static_cast<std::size_t>(k)];
    }
  }
  return {gradient_fraction(residuals, in.number("nu"))};
}

}  // namespace

KindTable local_geometry_kinds() {
  return {{"softmax_gaussian_stats", softmax_gaussian_stats},
          {"population_scales", population_scales},
          {"top_eig_peak_sigma_z", top_eig_peak_sigma_z},
          {"logit_derivs", logit_derivs},
          {"clustering", clustering},
          {"gradient_fraction_given_r", gradient_fraction_given_r}};
}

}  // namespace thermoscape::theory
