#include "thermoscape/landscape/gradient_span.hpp"

#include <algorithm>
#include <numeric>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/shift_curvature/minima_pair.hpp"
#include "thermoscape/experiments/spread.hpp"
#include "thermoscape/experiments/table_cell.hpp"

namespace thermoscape {

namespace {

struct GradientSpanOptions {
  std::int64_t examples = 12;

  static constexpr auto fields() {
    return std::tuple{field("examples",
                            &GradientSpanOptions::examples,
                            "",
                            "the first examples of the set, whose gradients are looked at",
                            Range{2, 1000})};
  }
};

}  // namespace

Measured measure_gradient_span(const RunView* view,
                               const MeasureSettings& settings,
                               TomlReader& reader) {
  const auto options = read_options<GradientSpanOptions>(reader);
  if (view == nullptr) return {};
  const std::vector<std::size_t> tasks = view->tasks_of(settings.phase);
  std::vector<GradientSpan> spans(tasks.size());
  double classes = 0;
  view->in_parallel(tasks.size(), [&](std::size_t t) {
    const std::unique_ptr<Objective<double>> objective = view->objective(tasks[t]);
    std::vector<std::int32_t> members(
        static_cast<std::size_t>(std::min(options.examples, objective->examples())));
    std::iota(members.begin(), members.end(), 0);
    if (t == 0) classes = static_cast<double>(objective->outputs());
    spans[t] = gradient_span(
        *objective, view->last_theta(tasks[t]), members, ridge_of(view->ground(tasks[t]).settings));
  });
  struct Row {
    const char* name;
    const char* meaning;
    const char* expected;
    std::int64_t GradientSpan::*of;
  };
  const Row rows[] = {
      {"gradient_rank", "span of the gradients", "N", &GradientSpan::gradients},
      {"covariance_rank", "covariance of the gradients", "N - 1", &GradientSpan::covariance},
      {"gauss_newton_rank",
       "Gauss-Newton term",
       "N; N (C - 1) corrected",
       &GradientSpan::gauss_newton},
      {"hessian_rank", "Hessian", "N", &GradientSpan::hessian}};
  Measured measured;
  Table table{"ranks",
              "Directions with curvature and noise",
              fmt::format("Dimensions that {} examples give a slope, noise and curvature to, "
                          "without the penalty, where the phase ended; C = {:.0f}. Means over the "
                          "ends, errors from their spread.",
                          spans.empty() ? 0 : spans.front().examples,
                          classes),
              {"matrix", "the paper", "rank", "rank / N"},
              {}};
  for (const Row& row : rows) {
    std::vector<double> ranks;
    std::vector<double> shares;
    for (const GradientSpan& one : spans) {
      ranks.push_back(static_cast<double>(one.*row.of));
      shares.push_back(ranks.back() / static_cast<double>(one.examples));
    }
    const Estimate rank = mean_of(ranks);
    const Estimate share = mean_of(shares);
    measured.findings.push_back({row.name, {}, rank, "1"});
    measured.findings.push_back({std::string(row.name) + "_over_examples", {}, share, "1"});
    table.rows.push_back({row.meaning, row.expected, cell(rank), cell(share)});
    measured.data.put_vector(row.name, "end", ranks, "1", std::string("rank: ") + row.meaning);
  }
  measured.tables.push_back(std::move(table));
  return measured;
}

}  // namespace thermoscape
