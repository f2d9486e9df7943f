// Densities of bulk and H-term by quadrature against all eigenvalues of the dense matrices.
#include "thermoscape/experiments/local_geometry/term_densities.hpp"

#include <cmath>

#include <gtest/gtest.h>
#include <Eigen/Eigenvalues>

#include "objective/mlp_problem.hpp"
#include "thermoscape/landscape/operators.hpp"

namespace thermoscape {
namespace {

using reference::Problem;

Vector falling(const LinearOperator& a, Matrix* vectors = nullptr) {
  const Eigen::SelfAdjointEigenSolver<Matrix> solver(dense_matrix(a));
  if (vectors != nullptr) *vectors = solver.eigenvectors().rowwise().reverse();
  return solver.eigenvalues().reverse();
}

TEST(TermDensities, SizesAreThoseOfTheDenseMatrices) {
  const Problem problem({6, 9, 4}, 60, "tanh");
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  Matrix vectors;
  const Vector hessian = falling(hessian_operator(mlp, theta), &vectors);
  const Vector h_term = falling(hessian_operator(mlp, theta, HessianTerm::residual));
  analysis::Eigenpairs outliers;
  outliers.values = hessian.head(3);
  outliers.vectors = vectors.leftCols(3);
  RandomHessian model;
  model.examples = 40;
  model.classes = 4;
  model.parameters = 60;
  model.logit_deviation = 2;
  const double scale = 0.3;
  const TermDensities found =
      term_densities(mlp, theta, outliers, {.probes = 12, .steps = 20}, &model, scale, Noise(5));

  const auto size = static_cast<double>(mlp.parameters());
  const double bulk = hessian.tail(hessian.size() - 3).squaredNorm() / size;
  const double own = h_term.squaredNorm() / size;
  // Second moments are exact for each start, so that four errors of the mean cover them.
  EXPECT_NEAR(found.bulk_size.value, std::sqrt(bulk), 4 * found.bulk_size.standard_error);
  EXPECT_NEAR(found.h_term_size.value, std::sqrt(own), 4 * found.h_term_size.standard_error);
  EXPECT_NEAR(found.h_term_share.value, own / bulk, 4 * found.h_term_share.standard_error);
  EXPECT_GT(found.h_term_share.standard_error, 0);
  EXPECT_LT(found.h_term_share.standard_error, 0.5 * own / bulk);
  EXPECT_EQ(found.h_term_share.status, Status::ok);

  // The model's bulk: what a draw has beyond its C - 1 largest, in the unit asked for.
  ASSERT_EQ(found.model_bulk.size(), 60 - 3);
  EXPECT_NEAR(found.model_share.value,
              found.model_bulk.squaredNorm() / size / bulk,
              4 * found.model_share.standard_error);
  const TermDensities twice =
      term_densities(mlp, theta, outliers, {.probes = 2, .steps = 4}, &model, 2 * scale, Noise(5));
  EXPECT_LT((twice.model_bulk - 2 * found.model_bulk).norm(), 1e-12 * found.model_bulk.norm());
  const RandomHessianAverages averages = average_spectrum(model, Noise(6), 20);
  const double trace = scale * (averages.trace.value - 3 * averages.top_eigenvalue.value);
  EXPECT_GT(found.model_bulk.sum(), trace) << "three outliers are no larger than the largest";
  EXPECT_LT(found.model_bulk.sum(), scale * averages.trace.value);

  const TermDensities alone =
      term_densities(mlp, theta, outliers, {.probes = 2, .steps = 4}, nullptr, 1, Noise(5));
  EXPECT_EQ(alone.model_bulk.size(), 0);
  EXPECT_EQ(alone.model_share.status, Status::undefined);
}

TEST(TermDensities, TheFigureHoldsEveryEigenvalueAboveItsLeast) {
  const Problem problem({6, 9, 4}, 60, "tanh");
  Mlp<double> mlp = problem.build<double>();
  const std::vector<double> theta = problem.theta();
  Matrix vectors;
  const Vector hessian = falling(hessian_operator(mlp, theta), &vectors);
  analysis::Eigenpairs outliers;
  outliers.values = hessian.head(3);
  outliers.vectors = vectors.leftCols(3);
  const TermDensities found =
      term_densities(mlp, theta, outliers, {.probes = 12, .steps = 100}, nullptr, 1, Noise(5));
  const Figure figure = term_density_figure(found);
  double counted = 0;
  for (const Series& one : figure.series) {
    if (one.style == "band" || !one.label.starts_with("bulk of H")) continue;
    for (std::size_t i = 1; i < one.x.size(); ++i) {
      counted += (one.y[i] + one.y[i - 1]) / 2 * std::log10(one.x[i] / one.x[i - 1]);
    }
  }
  const double least = 1e-7 * hessian[0];
  const auto expected = static_cast<double>((hessian.cwiseAbs().array() > least).count()) - 3;
  // As many steps as eigenvalues resolve the null space. A probe puts a share of 0.1 ±
  // √(2·0.1·0.9/P) there: four errors of 12 probes are 4.8 eigenvalues.
  EXPECT_NEAR(counted, expected, 5);
  EXPECT_LT(expected, 91) << "the shift of all logits and more are null directions";
}

}  // namespace
}  // namespace thermoscape
