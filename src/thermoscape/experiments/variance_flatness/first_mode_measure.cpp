#include <algorithm>
#include <cmath>
#include <map>

#include "thermoscape/analysis/histogram.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/pooled_findings.hpp"
#include "thermoscape/experiments/variance_flatness/mode_lines.hpp"
#include "thermoscape/experiments/variance_flatness/of_tasks.hpp"
#include "thermoscape/landscape/margin_line.hpp"

namespace thermoscape {

namespace {

struct FirstModeOptions {
  std::int64_t points = 11;
  std::int64_t averaged = 5;

  static constexpr auto fields() {
    using O = FirstModeOptions;
    return std::tuple{
        field("points", &O::points, "1", "displacements at which margins are taken", Range{3, 1e4}),
        field("averaged",
              &O::averaged,
              "1",
              "examples of each class whose mean margin is drawn",
              kAtLeastOne)};
  }
};

/// Means over the examples k with weights ℓ_k/Σℓ: what the slope and curvature of ln L become if
/// every ℓ_k falls as exp(-β_k θ1).
struct LossWeighted {
  double rate = 0;      ///< ⟨β⟩_ℓ
  double variance = 0;  ///< var_ℓ(β)
};

struct FirstMode {
  bool known = false;
  Profile profile;  ///< along the drift
  MarginLine line;
  std::vector<double> losses;  ///< ℓ_k at δ = 0
  LossWeighted weighted;
};

LossWeighted loss_weighted(const std::vector<double>& rates, const std::vector<double>& losses) {
  double total = 0, sum = 0, squares = 0;
  for (std::size_t k = 0; k < rates.size(); ++k) {
    total += losses[k];
    sum += losses[k] * rates[k];
    squares += losses[k] * rates[k] * rates[k];
  }
  const double mean = sum / total;
  return {mean, squares / total - mean * mean};
}

template <class Real>
FirstMode analyse_typed(const RunView& view,
                        std::size_t index,
                        const Objective<Real>& prototype,
                        const FirstModeOptions& options) {
  ModeLines<Real> lines(view, index, prototype, 1);
  const Trajectory& trajectory = lines.trajectory();
  const Eigen::VectorXd axis = lines.pca().components.col(0);
  const auto at = [&](std::int64_t row) {
    const std::vector<double> theta = trajectory.row(row);
    return axis.dot(Eigen::Map<const Eigen::VectorXd>(theta.data(), axis.size()));
  };
  // The sign of a component is arbitrary; θ1 grows as SGD drifts.
  const Real sign = at(trajectory.rows() - 1) >= at(0) ? Real(1) : Real(-1);
  FirstMode out;
  const std::vector<std::int64_t> first{1};
  const auto look = [&](std::int64_t, std::span<const Real> component, const Profile&) {
    std::vector<Real> direction(component.begin(), component.end());
    for (Real& one : direction) one *= sign;
    out.profile = loss_profile<Real>(lines.line(), direction);
    std::vector<double> delta;
    const double low = out.profile.delta.front(), high = out.profile.delta.back();
    for (std::int64_t i = 0; i < options.points; ++i)
      delta.push_back(low + (high - low) * static_cast<double>(i) /
                                static_cast<double>(options.points - 1));
    out.line = margin_line<Real>(
        lines.objective(), lines.theta(), view.ground(index).labels(), direction, delta);
    out.losses.resize(out.line.rates.size());
    lines.objective().example_losses(lines.theta(), Batch{}, out.losses);
    out.weighted = loss_weighted(out.line.rates, out.losses);
    out.known = true;
  };
  lines.for_each(first, {}, look);
  return out;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void add_findings(PooledFindings& pooled, const Task& task, const FirstMode& one) {
  const std::vector<double>& rates = one.line.rates;
  const auto n = static_cast<double>(rates.size());
  double mean = 0, squares = 0, positive = 0;
  for (const double rate : rates) {
    mean += rate / n;
    squares += rate * rate / n;
    positive += rate > 0 ? 1 / n : 0;
  }
  const double deviation = std::sqrt(std::max(0.0, squares - mean * mean));
  pooled.add(task, "beta_mean", {mean, deviation / std::sqrt(n), Status::ok}, "1/θ");
  pooled.add(task, "beta_deviation", {deviation, 0, Status::ok}, "1/θ");
  pooled.add(task, "beta_positive_share", {positive, 0, Status::ok}, "1");
  pooled.add(task, "straightness", {median(one.line.r_squared), 0, Status::ok}, "1");
  pooled.add(task, "beta_weighted", {one.weighted.rate, 0, Status::ok}, "1/θ");
  const Estimate& slope = one.profile.slope;
  const Estimate& curvature = one.profile.curvature;
  if (slope.ok() && slope.value != 0) {
    const double ratio = -one.weighted.rate / slope.value;
    pooled.add(task,
               "beta_over_slope",
               {ratio, std::abs(ratio * slope.standard_error / slope.value), Status::ok},
               "1");
  }
  if (curvature.ok() && curvature.value > 0) {
    const double ratio = one.weighted.variance / curvature.value;
    pooled.add(task,
               "beta_variance_over_curvature",
               {ratio, ratio * curvature.standard_error / curvature.value, Status::ok},
               "1");
  }
}

Figure margin_figure(const FirstMode& one,
                     std::span<const std::int32_t> labels,
                     std::int64_t averaged) {
  Figure figure{"margins",
                "Margins along the first component",
                fmt::format("ΔY of the first {} examples of each class, averaged, over the "
                            "displacement along the drift.",
                            averaged),
                {"θ_1 [θ]", "linear"},
                {"ΔY", "linear"},
                {}};
  std::map<std::int32_t, std::vector<std::size_t>> of_class;
  for (std::size_t k = 0; k < labels.size(); ++k) {
    std::vector<std::size_t>& members = of_class[labels[k]];
    if (std::ssize(members) < averaged) members.push_back(k);
  }
  for (const auto& [label, members] : of_class) {
    const std::string text = fmt::format("class {}", label);
    Series series{text, one.line.delta, {}, {}, "line+points", text};
    for (std::size_t m = 0; m < one.line.delta.size(); ++m) {
      double sum = 0;
      for (const std::size_t k : members) sum += one.line.margins[m * labels.size() + k];
      series.y.push_back(sum / static_cast<double>(members.size()));
    }
    figure.series.push_back(std::move(series));
  }
  return figure;
}

Figure rate_figure(const FirstMode& one) {
  Figure figure{"rates",
                "Distribution of β_k",
                "Slopes of the margins ΔY_k(θ_1) ≈ ΔY_k(0) + β_k θ_1 of all training examples, and "
                "the same weighted by the losses, which is what the loss feels.",
                {"β_k [1/θ]", "linear"},
                {"density", "linear"},
                {}};
  analysis::HistogramOptions options;
  options.bins = 60;
  const analysis::Histogram all = analysis::histogram(one.line.rates, options);
  figure.series.push_back({"examples", all.centres, all.density, {}, "steps", "examples"});
  Series weighted{"weighted by loss", all.centres, {}, {}, "steps", "weighted by loss"};
  weighted.y.assign(all.centres.size(), 0.0);
  const double low = all.edges.front(), width = all.edges[1] - low;
  double total = 0;
  for (const double loss : one.losses) total += loss;
  for (std::size_t k = 0; k < one.losses.size(); ++k) {
    const auto bin = static_cast<std::size_t>(std::clamp(
        (one.line.rates[k] - low) / width, 0.0, static_cast<double>(weighted.y.size()) - 1));
    weighted.y[bin] += one.losses[k] / total / width;
  }
  figure.series.push_back(std::move(weighted));
  return figure;
}

Figure loss_figure(const FirstMode& one) {
  Figure figure{"loss",
                "The loss along the first component",
                "ln(L/L0) on all training examples; as it would be if every ℓ_k fell as "
                "exp(-β_k θ_1); and the parabola of the loss-weighted mean and variance of β_k.",
                {"θ_1 [θ]", "linear"},
                {"ln(L/L0)", "linear"},
                {}};
  Series measured{"measured", one.profile.delta, {}, {}, "points", "measured"};
  Series lines{"from β_k", one.profile.delta, {}, {}, "line", "from β_k"};
  Series parabola{"-βθ + var(β)θ²/2", one.profile.delta, {}, {}, "dashed", "parabola"};
  double zero = 0;
  for (const double loss : one.losses) zero += loss;
  for (std::size_t m = 0; m < one.profile.delta.size(); ++m) {
    const double d = one.profile.delta[m];
    double sum = 0;
    for (std::size_t k = 0; k < one.losses.size(); ++k)
      sum += one.losses[k] * std::exp(-one.line.rates[k] * d);
    measured.y.push_back(std::log(one.profile.loss[m] / one.profile.loss_at_zero));
    lines.y.push_back(std::log(sum / zero));
    parabola.y.push_back(-one.weighted.rate * d + 0.5 * one.weighted.variance * d * d);
  }
  figure.series = {measured, lines, parabola};
  return figure;
}

void store_arrays(Dataset& data, const Task& task, const FirstMode& one) {
  Dataset& group = data.make_group(task.id);
  group.put_vector("rate", "example", one.line.rates, "1/θ", "β_k, slope of the margin");
  group.put_vector("loss", "example", one.losses, "loss", "ℓ_k at the end of the phase");
  group.put_vector("r_squared", "example", one.line.r_squared, "1", "of the straight line");
}

}  // namespace

Measured measure_first_mode(const RunView* view,
                            const MeasureSettings& settings,
                            TomlReader& reader) {
  const auto options = read_options<FirstModeOptions>(reader);
  if (view == nullptr) return {};
  const auto all =
      of_typed_tasks(*view, settings.phase, [&](std::size_t index, const auto& objective) {
        return analyse_typed(*view, index, objective, options);
      });
  Measured measured;
  PooledFindings pooled;
  for (const auto& [task, found] : all) {
    if (!found.known) {
      measured.notes.push_back(fmt::format(
          "{}: the loss does not rise by e on both sides of the first component", task.id));
      continue;
    }
    add_findings(pooled, task, found);
    store_arrays(measured.data, task, found);
    if (!measured.figures.empty()) continue;
    measured.figures = {
        margin_figure(found, view->workshop().ground(task).labels(), options.averaged),
        rate_figure(found),
        loss_figure(found)};
  }
  measured.findings = pooled.findings();
  return measured;
}

}  // namespace thermoscape
