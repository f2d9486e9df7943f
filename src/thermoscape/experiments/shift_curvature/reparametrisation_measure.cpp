#include <algorithm>
#include <cmath>
#include <numeric>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/shift_curvature/minima_pair.hpp"
#include "thermoscape/experiments/shift_curvature/reparametrised_charts.hpp"
#include "thermoscape/experiments/spread.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/landscape/line_scan.hpp"

namespace thermoscape {

namespace {

struct ReparametrisationOptions {
  std::string test;
  double factor = 3;
  std::int64_t vectors = 8;
  std::int64_t charts = 20;

  static constexpr auto fields() {
    using O = ReparametrisationOptions;
    return std::tuple{
        field("test", &O::test, "", "phase that descended from the same states on the test part"),
        field("factor",
              &O::factor,
              "1",
              "each hidden layer but the last is scaled by this, the next one by its inverse",
              kPositive),
        field("vectors",
              &O::vectors,
              "",
              "random displacements that stand for bias and spread",
              Range{2, 1e4}),
        field("charts", &O::charts, "", "random curved coordinates", Range{3, 1e4})};
  }
};

/// The factor of each parameter when every hidden layer is scaled by `factor` and the layer above
/// it by the inverse: the function of a ReLU network does not change.
std::vector<double> layer_factors(const Ground& ground, double factor) {
  const auto* settings = std::get_if<MlpSettings>(&ground.settings);
  if (settings == nullptr || !ground.train ||
      (settings->activation != "relu" && settings->activation != "identity")) {
    reject({"reparametrisation",
            "",
            "needs an mlp with relu or identity, whose layers can be rescaled",
            "objective.activation = \"relu\""});
  }
  std::vector<std::int64_t> widths = settings->hidden;
  widths.push_back(ground.train->classes);
  std::vector<double> factors;
  std::int64_t inputs = ground.train->width();
  double carried = 1;  // what the activations below are scaled by
  for (std::size_t l = 0; l < widths.size(); ++l) {
    const bool last = l + 1 == widths.size();
    const double own = last ? 1 : carried * (l % 2 == 0 ? factor : 1 / factor);
    factors.insert(factors.end(), static_cast<std::size_t>(inputs * widths[l]), own / carried);
    if (settings->biases) factors.insert(factors.end(), static_cast<std::size_t>(widths[l]), own);
    carried = own;
    inputs = widths[l];
  }
  return factors;
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

std::vector<double> times(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = a[i] * b[i];
  return out;
}

/// What Eq. 4 is made of at one point, for a shift s and displacements v_k.
struct Terms {
  double depth = 0;
  double at_train = 0;
  double shift = 0;           ///< ½ sᵀCs
  double mixed = 0;           ///< sᵀC v_0
  double spread = 0;          ///< ½ tr ΣC, Σ = mean of v vᵀ
  double along = 0;           ///< sᵀCs/|s|²: raw curvature
  double mean_curvature = 0;  ///< tr C/P, by the same displacements made isotropic
};

class Judge {
 public:
  Judge(const RunView& view, std::size_t train_task, std::size_t test_task)
      : objective_(view.objective(test_task)),
        labels_(view.ground(test_task).labels()),
        ridge_(ridge_of(view.ground(train_task).settings)) {}

  [[nodiscard]] Terms terms(const std::vector<double>& train,
                            const std::vector<double>& test,
                            const std::vector<std::vector<double>>& displacements,
                            const std::vector<std::vector<double>>& signs) {
    std::vector<double> s(train.size());
    for (std::size_t i = 0; i < s.size(); ++i) s[i] = test[i] - train[i];
    const auto product = [&](const std::vector<double>& v) {
      std::vector<double> out(v.size());
      objective_->hessian_products(test, {}, v, out);
      for (std::size_t i = 0; i < v.size(); ++i) out[i] -= ridge_ * v[i];
      return out;
    };
    const double origin[] = {0};
    const auto loss = [&](const std::vector<double>& at) {
      return scan_line<double>(*objective_, at, s, origin, labels_).loss[0];
    };
    Terms terms;
    terms.depth = loss(test);
    terms.at_train = loss(train);
    const std::vector<double> cs = product(s);
    terms.shift = dot(s, cs) / 2;
    terms.along = dot(s, cs) / dot(s, s);
    terms.mixed = dot(displacements.front(), cs);
    const auto count = static_cast<double>(displacements.size());
    for (const auto& v : displacements) terms.spread += dot(v, product(v)) / (2 * count);
    for (const auto& v : signs)
      terms.mean_curvature += dot(v, product(v)) / (count * static_cast<double>(s.size()));
    return terms;
  }

 private:
  std::unique_ptr<Objective<double>> objective_;
  std::span<const std::int32_t> labels_;
  double ridge_;
};

}  // namespace

Measured measure_reparametrisation(const RunView* view,
                                   const MeasureSettings& settings,
                                   TomlReader& reader) {
  const auto options = read_options<ReparametrisationOptions>(reader);
  if (options.test.empty())
    reject({reader.where() + ", test", "", "must name the phase on the test part", ""});
  if (view == nullptr) return {};
  const Noise noise = Noise(static_cast<std::uint64_t>(view->recipe().head.seed))
                          .fork("measure " + settings.name, 0);
  const std::vector<std::size_t> tasks = view->tasks_of(settings.phase);
  const std::vector<std::size_t> tests = view->tasks_of(options.test);
  std::vector<std::pair<Terms, Terms>> found(tasks.size());
  view->in_parallel(tasks.size(), [&](std::size_t t) {
    const auto partner = std::find_if(tests.begin(), tests.end(), [&](std::size_t other) {
      return view->task(other).parent == view->task(tasks[t]).parent;
    });
    if (partner == tests.end())
      reject({"reparametrisation, test", options.test, "must go on from the same states", ""});
    const std::vector<double> factors = layer_factors(view->ground(tasks[t]), options.factor);
    const std::vector<double> train = view->last_theta(tasks[t]);
    const std::vector<double> test = view->last_theta(*partner);
    std::vector<std::vector<double>> moved;
    std::vector<std::vector<double>> scaled;
    std::vector<std::vector<double>> signs;
    for (std::int64_t k = 0; k < options.vectors; ++k) {
      std::vector<double> v(train.size());
      noise.fork("displacement", t).normal<double>("v", static_cast<std::uint64_t>(k), v);
      signs.push_back(v);
      for (double& one : signs.back()) one = one < 0 ? -1 : 1;
      scaled.push_back(times(factors, v));
      moved.push_back(std::move(v));
    }
    Judge judge(*view, tasks[t], *partner);
    found[t] = {judge.terms(train, test, moved, signs),
                judge.terms(times(factors, train), times(factors, test), scaled, signs)};
  });
  Measured measured;
  Table table{
      "layers",
      "Rescaled layers",
      fmt::format("Each term of the test loss after every hidden layer was scaled by {:.3g} "
                  "or its inverse and the next one back, over the term before: the network "
                  "is the same function. The last two rows are curvatures as such. Means "
                  "over pairs, errors from their spread.",
                  options.factor),
      {"quantity", "after / before"},
      {}};
  struct Row {
    const char* name;
    const char* meaning;
    double Terms::*of;
  };
  const Row rows[] = {{"depth", "test loss at the test minimum", &Terms::depth},
                      {"test_at_train", "test loss at the train minimum", &Terms::at_train},
                      {"shift_term", "½ sᵀCs", &Terms::shift},
                      {"bias_term", "sᵀCb", &Terms::mixed},
                      {"covariance_term", "½ tr ΣC", &Terms::spread},
                      {"curvature_along_shift", "sᵀCs/|s|²", &Terms::along},
                      {"mean_curvature", "tr C/P", &Terms::mean_curvature}};
  for (const Row& row : rows) {
    std::vector<double> ratios;
    for (const auto& [before, after] : found) ratios.push_back(after.*row.of / (before.*row.of));
    const Estimate mean = mean_of(ratios);
    measured.findings.push_back({std::string(row.name) + "_ratio", {}, mean, "1"});
    table.rows.push_back({row.meaning, cell(mean)});
    measured.data.put_vector(
        row.name, "pair", ratios, "1", std::string(row.meaning) + ", after/before");
  }
  ChartStudy charts = study_charts(options.charts, noise);
  Table bent{"bent",
             "Curved coordinates",
             "The exponent of ε in what each term of Eq. 4 changes by, where shift, bias and "
             "spread are of order ε, and |ln| of the factor by which the curvature along the "
             "shift changes. Means over random charts, errors from their spread.",
             {"quantity", "order"},
             {}};
  const auto put = [&](const char* name, const char* meaning, const Estimate& value) {
    measured.findings.push_back({name, {}, value, "1"});
    bent.rows.push_back({meaning, cell(value)});
  };
  put("chart_shift_order", "½ sᵀCs", charts.shift_order);
  put("chart_bias_order", "½ bᵀCb + sᵀCb", charts.bias_order);
  put("chart_covariance_order", "½ tr ΣC", charts.covariance_order);
  put("chart_curvature_change", "|ln| of the change of sᵀCs/|s|²", charts.curvature_change);
  measured.tables.push_back(std::move(table));
  measured.tables.push_back(std::move(bent));
  measured.figures.push_back(std::move(charts.figure));
  return measured;
}

}  // namespace thermoscape
