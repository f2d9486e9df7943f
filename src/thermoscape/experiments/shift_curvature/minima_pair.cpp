#include "thermoscape/experiments/shift_curvature/minima_pair.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/analysis/lanczos.hpp"
#include "thermoscape/theory/shift_curvature.hpp"

namespace thermoscape {

Status MinimaPair::status() const {
  return analysis::worse(train_end.status, test_end.status);
}

double noise_scale_before(const RunView& view, std::size_t task) {
  for (std::optional<std::size_t> t = task; t; t = view.task(*t).parent) {
    const Branch& branch = view.branch(*t);
    const std::optional<double> rate = rule_parameter(branch.rule, "learning_rate");
    if (branch.batch.size > 0 && rate) return *rate / static_cast<double>(branch.batch.size);
  }
  return 0;
}

double ridge_of(const AnyObjective& settings) {
  return std::visit(
      [](const auto& one) {
        if constexpr (requires { one.l2; }) {
          return one.l2;
        } else {
          return 0.0;
        }
      },
      settings);
}

LinearOperator hessian_of(Objective<double>& objective, const std::vector<double>& theta) {
  return {static_cast<Eigen::Index>(theta.size()),
          [&objective, &theta](const Eigen::Ref<const Matrix>& in, Eigen::Ref<Matrix> out) {
            const auto count = static_cast<std::size_t>(in.size());
            objective.hessian_products(theta, {}, {in.data(), count}, {out.data(), count});
          }};
}

namespace {

double dot(std::span<const double> a, std::span<const double> b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

DescentEnd look_at_end(Objective<double>& objective,
                       const std::vector<double>& theta,
                       const MinimaPairOptions& options,
                       const Noise& noise) {
  DescentEnd end;
  std::vector<double> gradient(theta.size());
  objective.loss_gradient(theta, {}, gradient);
  end.gradient_norm = std::sqrt(dot(gradient, gradient));
  analysis::LanczosOptions lanczos;
  lanczos.count = 1;
  lanczos.end = analysis::SpectrumEnd::both;
  lanczos.most_products = options.products;
  lanczos.certainty.tolerance = 1e-2;
  const analysis::Eigenpairs ends = analysis::lanczos(hessian_of(objective, theta), noise, lanczos);
  if (ends.count() < 2) {
    end.status = Status::not_converged;
    return end;
  }
  end.largest = ends.values[0];
  end.smallest = ends.values[ends.count() - 1];
  end.residual = ends.residuals[ends.count() - 1];
  // A Ritz value lies above the smallest eigenvalue: a negative one proves a descent that goes on.
  // There is an eigenvalue within the residual, which says how much below it may lie.
  const double floor = -options.negative_share * end.largest;
  if (end.smallest < floor) {
    end.status = Status::undefined;
  } else if (end.smallest - end.residual < floor) {
    end.status = Status::not_converged;
  }
  return end;
}

/// sᵀC s/|s|² without the penalty.
double curvature_along(Objective<double>& objective,
                       std::span<const double> theta,
                       std::span<const double> unit,
                       double ridge) {
  std::vector<double> product(unit.size());
  objective.hessian_products(theta, {}, unit, product);
  return dot(unit, product) - ridge * dot(unit, unit);
}

void project(MinimaPair& pair,
             Objective<double>& test,
             const std::vector<double>& theta,
             const std::vector<double>& unit,
             double ridge,
             std::int64_t examples) {
  const std::int64_t count = std::min(examples, test.examples());
  if (count < 1) return;
  std::vector<std::int32_t> members(static_cast<std::size_t>(count));
  std::iota(members.begin(), members.end(), 0);
  const auto size = static_cast<Eigen::Index>(theta.size());
  Eigen::MatrixXd gradients(count, size);
  test.example_gradients(theta,
                         Batch{.examples = members},
                         [&](std::int64_t first, std::int64_t rows, std::span<const double> block) {
                           gradients.middleRows(first, rows) =
                               Eigen::Map<const Eigen::Matrix<double, -1, -1, Eigen::RowMajor>>(
                                   block.data(), rows, size);
                         });
  const Eigen::VectorXd shift = pair.shift * Eigen::Map<const Eigen::VectorXd>(unit.data(), size);
  const Eigen::VectorXd inside =
      theory::projected_shift(gradients, shift, Eigen::VectorXd::Zero(size));
  pair.span = std::min<std::int64_t>(count, size);
  pair.projected_shift = inside.norm();
  pair.projected_term = curvature_along(test, theta, {inside.data(), theta.size()}, ridge) / 2;
}

/// The part of the line with low <= x/|s| <= high, x counted from `centre`.
analysis::ReflectedFit side(
    const MinimaPair& pair, const LineScan& scan, double centre, double low, double high) {
  std::vector<double> x;
  std::vector<double> values;
  const double margin = 1e-9 * pair.shift;
  for (std::size_t i = 0; i < pair.positions.size(); ++i) {
    const double from = pair.positions[i] - centre;
    if (from < low * pair.shift - margin || from > high * pair.shift + margin) continue;
    x.push_back(std::abs(from) < margin ? 0.0 : from);
    values.push_back(scan.loss[i]);
  }
  const double bottom = centre == 0 ? pair.train_loss : pair.test_loss;
  return analysis::reflected_fit(x, values, bottom);
}

void measure_pair(const RunView& view,
                  MinimaPair& pair,
                  std::size_t test_task,
                  const MinimaPairOptions& options) {
  const std::unique_ptr<Objective<double>> train = view.objective(pair.train_task);
  const std::unique_ptr<Objective<double>> test = view.objective(test_task);
  const double ridge = ridge_of(view.ground(pair.train_task).settings);
  const std::vector<double> start = view.last_theta(pair.train_task);
  const std::vector<double> end = view.last_theta(test_task);
  std::vector<double> unit(start.size());
  for (std::size_t i = 0; i < unit.size(); ++i) unit[i] = end[i] - start[i];
  pair.shift = std::sqrt(dot(unit, unit));
  if (!(pair.shift > 0)) {
    pair.train_end.status = Status::undefined;
    return;
  }
  for (double& one : unit) one /= pair.shift;
  for (std::int64_t i = 0; i < options.points; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(options.points - 1);
    pair.positions.push_back(pair.shift *
                             (options.line[0] + share * (options.line[1] - options.line[0])));
  }
  const auto scan = [&](Objective<double>& objective, std::size_t task, std::span<const double> r) {
    return scan_line<double>(objective, start, unit, r, view.ground(task).labels());
  };
  pair.train_line = scan(*train, pair.train_task, pair.positions);
  pair.test_line = scan(*test, test_task, pair.positions);
  const double ends[] = {0, pair.shift};
  pair.train_loss = scan(*train, pair.train_task, {ends, 1}).loss[0];
  const LineScan at_ends = scan(*test, test_task, ends);
  pair.test_at_train = at_ends.loss[0];
  pair.test_loss = at_ends.loss[1];
  pair.accuracy = at_ends.accuracy.empty() ? 0 : at_ends.accuracy[0];
  pair.ridge = ridge;
  pair.train_penalty = ridge * dot(start, start) / 2;
  pair.test_penalty = ridge * dot(end, end) / 2;
  pair.train_fit = side(pair, pair.train_line, 0, options.line[0], 0);
  pair.test_fit = side(pair, pair.test_line, pair.shift, -1, 0);
  pair.test_far = side(pair, pair.test_line, pair.shift, 0, options.line[1] - 1);
  pair.train_curvature = curvature_along(*train, start, unit, ridge);
  pair.test_curvature = curvature_along(*test, end, unit, ridge);
  std::vector<double> gradient(end.size());
  test->loss_gradient(end, {}, gradient);
  pair.slope_term = -pair.shift * (dot(gradient, unit) - ridge * dot(end, unit));
  project(pair, *test, end, unit, ridge, options.projection_examples);
  const Noise noise(static_cast<std::uint64_t>(view.recipe().head.seed));
  pair.train_end = look_at_end(*train, start, options, noise.fork("minima-pair", 0));
  pair.test_end = look_at_end(*test, end, options, noise.fork("minima-pair", 1));
}

}  // namespace

std::vector<MinimaPair> find_pairs(const RunView& view,
                                   const std::string& train,
                                   const MinimaPairOptions& options) {
  const std::vector<std::size_t> tests = view.tasks_of(options.test);
  std::vector<MinimaPair> pairs;
  std::vector<std::size_t> partners;
  for (const std::size_t task : view.tasks_of(train)) {
    const auto same = [&](std::size_t other) {
      return view.task(task).parent && view.task(other).parent == view.task(task).parent;
    };
    const auto partner = std::find_if(tests.begin(), tests.end(), same);
    MinimaPair pair;
    pair.train_task = task;
    pair.noise_scale = noise_scale_before(view, task);
    pair.minimum = view.task(task).minimum;
    if (partner == tests.end() || pair.noise_scale == 0) {
      reject({"minima-pair, test",
              options.test,
              "must go on from the same states of a phase with batches as " + train,
              "give both the same `from`"});
    }
    pairs.push_back(pair);
    partners.push_back(*partner);
  }
  view.in_parallel(pairs.size(),
                   [&](std::size_t i) { measure_pair(view, pairs[i], partners[i], options); });
  std::stable_sort(pairs.begin(), pairs.end(), [](const MinimaPair& a, const MinimaPair& b) {
    return a.noise_scale < b.noise_scale * (1 - 1e-9);
  });
  return pairs;
}

}  // namespace thermoscape
