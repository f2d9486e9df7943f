#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "thermoscape/analysis/reflected_fit.hpp"
#include "thermoscape/core/linear_operator.hpp"
#include "thermoscape/experiments/run_view.hpp"
#include "thermoscape/landscape/line_scan.hpp"

namespace thermoscape {

struct MinimaPairOptions {
  std::string test;
  std::vector<double> line = {-1, 2};
  std::int64_t points = 61;
  double negative_share = 1e-2;
  std::int64_t products = 400;
  std::int64_t projection_examples = 300;

  static constexpr auto fields() {
    using O = MinimaPairOptions;
    return std::tuple{
        field("test", &O::test, "", "phase that descended from the same states on the test part"),
        field("line", &O::line, "1", "the line from and to, in lengths of the shift"),
        field("points", &O::points, "", "points of the line", Range{13, 10001}),
        field("negative_share",
              &O::negative_share,
              "1",
              "an end is no minimum if its smallest curvature is below -share times the largest",
              kNonNegative),
        field("products",
              &O::products,
              "",
              "Hessian products spent on the ends of a spectrum",
              Range{10, 1e7}),
        field(
            "projection_examples",
            &O::projection_examples,
            "",
            "test examples whose gradients span the space that the shift is projected on (0: none)",
            kNonNegative)};
  }
};

/// Where a descent ended: a minimum of the loss with its penalty, or not.
struct DescentEnd {
  double gradient_norm = 0;  ///< |∇L| [loss]/[θ]
  double smallest = 0;       ///< smallest curvature, by Lanczos [loss]/[θ]²
  double largest = 0;
  double residual = 0;  ///< of the smallest one
  /// ok, or undefined: the curvature is negative; not_converged: the smallest one is not known
  /// well enough to say.
  Status status = Status::ok;
};

/// The train minimum and the test minimum that were reached from one state of SGD, and the line
/// between them. Losses are without the penalty unless said. s = θ_test - θ_train.
struct MinimaPair {
  std::size_t train_task = 0;
  double noise_scale = 0;  ///< T = λ/B of the SGD before
  std::int64_t minimum = 0;
  double shift = 0;            ///< |s|
  double train_loss = 0;       ///< of the train loss at its own minimum
  double test_loss = 0;        ///< of the test loss at its own minimum, U_k^test
  double test_at_train = 0;    ///< of the test loss at the train minimum
  double accuracy = 0;         ///< of the test examples at the train minimum
  double ridge = 0;            ///< λ of the penalty [loss]/[θ]²
  double train_penalty = 0;    ///< ½λ|θ|² at the train minimum
  double test_penalty = 0;     ///< at the test minimum
  double train_curvature = 0;  ///< sᵀC s/|s|² of the train loss at its minimum, by products
  double test_curvature = 0;   ///< of the test loss at its own
  double slope_term = 0;  ///< -s·∇U_test at the test minimum: what the penalty leaves of a slope
  double projected_shift = 0;        ///< |s| on the span of the gradients of test examples
  double projected_term = 0;         ///< ½ sᵀC s of the projected shift
  std::int64_t span = 0;             ///< dimension of that span; 0 if not asked for
  analysis::ReflectedFit train_fit;  ///< on the side away from the test minimum
  analysis::ReflectedFit test_fit;   ///< on the side of the train minimum
  analysis::ReflectedFit test_far;   ///< on the other side
  DescentEnd train_end;
  DescentEnd test_end;
  std::vector<double> positions;  ///< r along the line, 0 at θ_train [θ]
  LineScan train_line;
  LineScan test_line;

  [[nodiscard]] double exact_term() const { return test_curvature * shift * shift / 2; }
  [[nodiscard]] double fitted_term() const { return test_fit.curvature.value * shift * shift / 2; }
  [[nodiscard]] Status status() const;
};

/// The pairs of phase `train` and the phase that the options name, by growing T, then by minimum.
/// Throws Error if the two phases do not go on from the same states of a phase with batches.
[[nodiscard]] std::vector<MinimaPair> find_pairs(const RunView& view,
                                                 const std::string& train,
                                                 const MinimaPairOptions& options);

/// T = λ/B of the last phase with batches that led to a task; 0 if there was none.
[[nodiscard]] double noise_scale_before(const RunView& view, std::size_t task);
/// λ of the penalty ½λ|θ|² in the settings of an objective.
[[nodiscard]] double ridge_of(const AnyObjective& settings);
/// ∇²L as an operator on blocks; `objective` and `theta` must outlive it.
[[nodiscard]] LinearOperator hessian_of(Objective<double>& objective,
                                        const std::vector<double>& theta);

}  // namespace thermoscape
