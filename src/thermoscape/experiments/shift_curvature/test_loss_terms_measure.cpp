#include <algorithm>
#include <cmath>
#include <numeric>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/shift_curvature/minima_pair.hpp"
#include "thermoscape/experiments/spread.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/landscape/line_scan.hpp"

namespace thermoscape {

namespace {

struct TestLossTermsOptions {
  std::string test;
  double discard = 0.5;

  static constexpr auto fields() {
    using O = TestLossTermsOptions;
    return std::tuple{
        field("test", &O::test, "", "phase that descended from the same states on the test part"),
        field("discard",
              &O::discard,
              "1",
              "share of each run that is left out at its start",
              kBelowOne)};
  }
};

/// Eq. 4 about one train minimum, from runs of SGD that began there. Losses without the penalty.
struct LossTerms {
  double noise_scale = 0;
  double samples = 0;
  double measured = 0;    ///< mean of the test loss over the runs
  double depth = 0;       ///< U_k
  double shift = 0;       ///< ½ sᵀCs
  double bias = 0;        ///< ½ bᵀCb + sᵀCb
  double covariance = 0;  ///< ½ tr ΣC
  double trace = 0;       ///< (T/4) tr D: ½ tr ΣC if test and train curvature are one
  double bias_length = 0;

  [[nodiscard]] double predicted() const { return depth + shift + bias + covariance; }
};

struct Number {
  const char* name;
  const char* unit;
  const char* meaning;
  double (*of)(const LossTerms&);
};

const Number kNumbers[] = {
    {"test_loss",
     "loss",
     "mean test loss of the runs",
     [](const LossTerms& t) { return t.measured; }},
    {"depth_term", "loss", "U_k", [](const LossTerms& t) { return t.depth; }},
    {"shift_term", "loss", "½ sᵀCs", [](const LossTerms& t) { return t.shift; }},
    {"bias_term", "loss", "½ bᵀCb + sᵀCb", [](const LossTerms& t) { return t.bias; }},
    {"covariance_term", "loss", "½ tr ΣC", [](const LossTerms& t) { return t.covariance; }},
    {"prediction_ratio",
     "1",
     "the four terms over the mean test loss",
     [](const LossTerms& t) { return t.predicted() / t.measured; }},
    {"covariance_over_trace",
     "1",
     "½ tr ΣC over (T/4) tr D, D the covariance of the train gradients",
     [](const LossTerms& t) { return t.covariance / t.trace; }},
    {"shift_share",
     "1",
     "½ sᵀCs over the three terms beside U_k",
     [](const LossTerms& t) { return t.shift / (t.shift + t.bias + t.covariance); }},
    {"bias", "1", "|b|, b the train minimum less the mean of the runs", [](const LossTerms& t) {
       return t.bias_length;
     }}};

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

std::vector<double> minus(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = a[i] - b[i];
  return out;
}

/// tr D of the gradients of single examples.
double gradient_variance(Objective<double>& objective, const std::vector<double>& theta) {
  double squares = 0;
  std::vector<double> mean(theta.size(), 0.0);
  objective.example_gradients(
      theta, {}, [&](std::int64_t, std::int64_t rows, std::span<const double> block) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(rows) * theta.size(); ++i) {
          squares += block[i] * block[i];
          mean[i % theta.size()] += block[i];
        }
      });
  const auto examples = static_cast<double>(objective.examples());
  for (double& one : mean) one /= examples;
  return squares / examples - dot(mean, mean);
}

/// The later part of every run that began at one train minimum with one T.
struct Runs {
  std::size_t start = 0;  ///< task of the train minimum
  double noise_scale = 0;
  std::vector<std::vector<double>> theta;
};

std::vector<Runs> collect(const RunView& view, const std::string& phase, double discard) {
  std::vector<Runs> all;
  for (const std::size_t task : view.tasks_of(phase)) {
    const double scale = noise_scale_before(view, task);
    if (!view.task(task).parent || scale == 0 || view.branch(task).batch.size == 0) {
      reject({"phase " + phase, "", "must go on from a minimum with batches", "set `from`"});
    }
    const std::size_t start = *view.task(task).parent;
    auto place = std::find_if(all.begin(), all.end(), [&](const Runs& one) {
      return one.start == start && std::abs(one.noise_scale - scale) <= 1e-9 * scale;
    });
    if (place == all.end()) place = all.insert(all.end(), Runs{start, scale, {}});
    const Recorded recorded = view.recorded(task, "theta");
    const auto first = static_cast<std::size_t>(discard * static_cast<double>(recorded.rows));
    for (std::size_t row = first; row < recorded.rows; ++row) {
      const auto from = recorded.values.begin() + static_cast<std::ptrdiff_t>(row * recorded.width);
      place->theta.emplace_back(from, from + static_cast<std::ptrdiff_t>(recorded.width));
    }
  }
  return all;
}

LossTerms terms_of(const RunView& view, const Runs& runs, std::size_t test_task) {
  const std::unique_ptr<Objective<double>> train = view.objective(runs.start);
  const std::unique_ptr<Objective<double>> test = view.objective(test_task);
  const double ridge = ridge_of(view.ground(runs.start).settings);
  const std::vector<double> bottom = view.last_theta(runs.start);
  const std::vector<double> goal = view.last_theta(test_task);
  const auto form = [&](const std::vector<double>& a, const std::vector<double>& b) {
    std::vector<double> product(a.size());
    test->hessian_products(goal, {}, a, product);
    return dot(b, product) - ridge * dot(a, b);
  };
  const auto loss = [&](const std::vector<double>& theta) {
    const double origin[] = {0};
    return scan_line<double>(*test, theta, goal, origin, view.ground(test_task).labels()).loss[0];
  };
  const auto count = static_cast<double>(runs.theta.size());
  LossTerms terms;
  terms.noise_scale = runs.noise_scale;
  terms.samples = count;
  std::vector<double> centre(bottom.size(), 0.0);
  for (const std::vector<double>& one : runs.theta) {
    for (std::size_t i = 0; i < centre.size(); ++i) centre[i] += one[i] / count;
    terms.measured += loss(one) / count;
  }
  for (const std::vector<double>& one : runs.theta) {
    const std::vector<double> off = minus(one, centre);
    terms.covariance += form(off, off) / (2 * count);
  }
  const std::vector<double> s = minus(goal, bottom);
  const std::vector<double> b = minus(bottom, centre);
  terms.depth = loss(goal);
  terms.shift = form(s, s) / 2;
  terms.bias = form(b, b) / 2 + form(b, s);
  terms.bias_length = std::sqrt(dot(b, b));
  terms.trace = runs.noise_scale / 4 * gradient_variance(*train, bottom);
  return terms;
}

}  // namespace

Measured measure_test_loss_terms(const RunView* view,
                                 const MeasureSettings& settings,
                                 TomlReader& reader) {
  const auto options = read_options<TestLossTermsOptions>(reader);
  if (options.test.empty())
    reject({reader.where() + ", test", "", "must name the phase on the test part", ""});
  if (view == nullptr) return {};
  const std::vector<Runs> runs = collect(*view, settings.phase, options.discard);
  const std::vector<std::size_t> tests = view->tasks_of(options.test);
  std::vector<LossTerms> terms(runs.size());
  view->in_parallel(runs.size(), [&](std::size_t i) {
    const auto partner = std::find_if(tests.begin(), tests.end(), [&](std::size_t other) {
      return view->task(other).parent == view->task(runs[i].start).parent;
    });
    if (partner == tests.end()) {
      reject({"measure " + settings.name + ", test",
              options.test,
              "must go on from the same states as the minima of the runs",
              ""});
    }
    terms[i] = terms_of(*view, runs[i], *partner);
  });
  Measured measured;
  Table table{
      "terms",
      "The test loss of SGD in its parts",
      "E[U_test] ≈ U_k + ½(s + b)ᵀC(s + b) + ½ tr ΣC about each train minimum, from runs of "
      "SGD that began there; means over minima, errors from their spread.",
      {"quantity"},
      {}};
  Figure figure{"terms",
                "The test loss of SGD in its parts",
                "Parts of the mean test loss about a train minimum against T. The bias term may be "
                "negative and is then left out of this logarithmic figure.",
                {"T = λ/B [time]", "log"},
                {"U [loss]", "log"},
                {}};
  for (const Number& number : kNumbers) {
    SweptMembers members;
    for (const LossTerms& one : terms) members.add(one.noise_scale, number.of(one));
    const std::vector<Estimate> means = members.means();
    if (table.columns.size() == 1) {
      for (const double at : members.x) table.columns.push_back(fmt::format("T = {:.3g}", at));
    }
    std::vector<std::string> row{number.meaning};
    std::vector<double> everything;
    for (std::size_t i = 0; i < means.size(); ++i) {
      row.push_back(cell(means[i]));
      measured.findings.push_back(
          {number.name, {{"noise_scale", members.x[i]}}, means[i], number.unit});
      everything.insert(everything.end(), members.members[i].begin(), members.members[i].end());
    }
    table.rows.push_back(std::move(row));
    measured.findings.push_back({number.name, {}, mean_of(everything), number.unit});
    if (means.size() > 2)
      measured.findings.push_back(
          {std::string(number.name) + "_exponent", {}, exponent_of(members.x, means), "1"});
    if (std::string_view(number.unit) == "loss") {
      Series series = points_of(number.meaning, members.x, means);
      const bool positive =
          std::all_of(series.y.begin(), series.y.end(), [](double y) { return y > 0; });
      if (positive) figure.series.push_back(std::move(series));
    }
    std::vector<double> values;
    for (const LossTerms& one : terms) values.push_back(number.of(one));
    measured.data.put_vector(number.name, "minimum", values, number.unit, number.meaning);
  }
  std::vector<double> scales;
  for (const LossTerms& one : terms) scales.push_back(one.noise_scale);
  measured.data.put_vector("noise_scale", "minimum", scales, "time", "T = λ/B of the runs");
  measured.tables.push_back(std::move(table));
  measured.figures.push_back(std::move(figure));
  return measured;
}

}  // namespace thermoscape
