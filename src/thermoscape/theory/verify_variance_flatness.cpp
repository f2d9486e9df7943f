#include "thermoscape/theory/drift_mode.hpp"
#include "thermoscape/theory/landscape_constraint.hpp"
#include "thermoscape/theory/mini_loss_landscape.hpp"
#include "thermoscape/theory/softmax.hpp"
#include "thermoscape/theory/verify_kinds.hpp"
#include "thermoscape/theory/window_variance.hpp"

namespace thermoscape::theory {

namespace {

using Numbers = std::vector<double>;

Vector vector_from(const Numbers& numbers) {
  return Eigen::Map<const Vector>(numbers.data(), static_cast<Eigen::Index>(numbers.size()));
}

Matrix matrix_from(const std::vector<Numbers>& rows) {
  const std::size_t columns = rows.empty() ? 0 : rows.front().size();
  Matrix matrix(static_cast<Eigen::Index>(rows.size()), static_cast<Eigen::Index>(columns));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    matrix.row(static_cast<Eigen::Index>(i)) = vector_from(rows[i]).transpose();
  }
  return matrix;
}

/// Appends the numbers, a matrix row by row.
void append(Numbers& numbers, const Eigen::Ref<const Matrix>& values) {
  for (Eigen::Index i = 0; i < values.rows(); ++i) {
    for (Eigen::Index j = 0; j < values.cols(); ++j) numbers.push_back(values(i, j));
  }
}

std::vector<std::int64_t> labels_from(const Numbers& numbers) {
  return {numbers.begin(), numbers.end()};
}

MiniLossEnsemble ensemble_from(const KindInputs& in) {
  MiniLossEnsemble e;
  e.mean_curvature = vector_from(in.list("M0"));
  e.curvature_deviation =
      in.has("sM") ? vector_from(in.list("sM")) : Vector::Zero(e.mean_curvature.size());
  e.centre_deviation = vector_from(in.list("sth"));
  e.coupling_deviation = matrix_from(in.matrix("sij"));
  e.drift_centre = in.number_or("th1", 0);
  return e;
}

MiniLossNoise noise_from(const KindInputs& in) {
  return {in.number("L0"), in.number_or("sL", 0), in.number("alpha")};
}

Eigen::Index mode_from(const KindInputs& in) {
  return static_cast<Eigen::Index>(in.number("i"));
}

Numbers mlf_mii(const KindInputs& in) {
  Numbers out;
  append(out, overall_curvature(ensemble_from(in)));
  return out;
}

Numbers mlf_di(const KindInputs& in) {
  const MiniLossSteps s = mini_loss_steps(ensemble_from(in), noise_from(in));
  Numbers out;
  append(out, s.step_square);
  append(out, s.printed);
  out.push_back(s.mean_step[0]);
  append(out, s.temperature.tail(s.temperature.size() - 1));
  return out;
}

Numbers mlf_logavg(const KindInputs& in) {
  return {log_mean_loss(ensemble_from(in), mode_from(in), in.number("t")).value};
}

Numbers mlf_theta_tilde_var(const KindInputs& in) {
  return {centre_variance(ensemble_from(in), mode_from(in)).leading.value};
}

Numbers mlf_stationary(const KindInputs& in) {
  Numbers out;
  append(out, stationary_spread(ensemble_from(in), noise_from(in)).second_moment);
  return out;
}

Numbers variance_in_window(const KindInputs& in) {
  const WindowVariance s = window_variance({in.number("q"), in.number("n"), in.number("phi")});
  return {s.random_walk, s.window_variance, s.long_window.value};
}

Numbers boltzmann_variance(const KindInputs& in) {
  return {equilibrium_variance(in.number("T"), in.number("F"), in.number("Lmin"))};
}

Numbers logit_margin_loss(const KindInputs& in) {
  const MarginLoss s =
      margin_loss(vector_from(in.list("Y")), static_cast<std::int64_t>(in.number("c")));
  return {s.amplitude, s.margin, s.loss};
}

Numbers drift_mode_expansion(const KindInputs& in) {
  const DriftMode s = drift_mode(in.list("l"), in.list("b"));
  return {s.slope, s.half_curvature, s.width.value};
}

Numbers ldc(const KindInputs& in) {
  const LandscapeConstraint constraint{vector_from(in.list("w1")),
                                       matrix_from(in.matrix("P")),
                                       vector_from(in.list("F")),
                                       in.number("lam")};
  const Penalty s = penalty(constraint, vector_from(in.list("w")));
  Numbers out{s.value};
  append(out, s.gradient);
  append(out,
         constrained_minimum(constraint, matrix_from(in.matrix("K")), vector_from(in.list("w2")))
             .weights);
  return out;
}

Numbers ewc(const KindInputs& in) {
  const Penalty s = penalty(
      ElasticConstraint{vector_from(in.list("w1")), vector_from(in.list("Fd")), in.number("lam")},
      vector_from(in.list("w")));
  Numbers out{s.value};
  append(out, s.gradient);
  return out;
}

Numbers fisher_diag_softmax(const KindInputs& in) {
  const FisherDiagonal s = fisher_diagonal(
      matrix_from(in.matrix("W")), matrix_from(in.matrix("X")), labels_from(in.list("y")));
  Numbers out;
  append(out, s.model);
  append(out, s.data);
  return out;
}

}  // namespace

KindTable variance_flatness_kinds() {
  return {{"mlf_Mii", mlf_mii},
          {"mlf_Di", mlf_di},
          {"mlf_logavg", mlf_logavg},
          {"mlf_theta_tilde_var", mlf_theta_tilde_var},
          {"mlf_stationary", mlf_stationary},
          {"window_variance", variance_in_window},
          {"boltzmann_variance", boltzmann_variance},
          {"logit_margin_loss", logit_margin_loss},
          {"drift_mode_expansion", drift_mode_expansion},
          {"ldc", ldc},
          {"ewc", ewc},
          {"fisher_diag_softmax", fisher_diag_softmax}};
}

}  // namespace thermoscape::theory
