#include <algorithm>
#include <cmath>
#include <map>

#include "thermoscape/analysis/linear_fit.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/shift_curvature/diffusion_limit.hpp"
#include "thermoscape/experiments/spread.hpp"
#include "thermoscape/experiments/table_cell.hpp"

namespace thermoscape {

namespace {

Estimate over(const Estimate& a, double by) {
  return {a.value / by, a.standard_error / std::abs(by), a.status};
}

Estimate less(const Estimate& a, double by) {
  return {a.value - by, a.standard_error, a.status};
}

struct Number {
  const char* name;
  const char* meaning;
  bool linear;  ///< of the linear problem alone
  Estimate (*of)(const DiffusionPoint&);
};

const Number kNumbers[] = {
    {"first_cumulant",
     "mean of one step over κ₁ = -λU'",
     false,
     [](const DiffusionPoint& p) { return over(p.one_step.mean, p.first_kappa); }},
    {"second_cumulant",
     "variance of one step over κ₂ = λTD",
     false,
     [](const DiffusionPoint& p) { return over(p.one_step.variance, p.second_kappa); }},
    {"second_moment_excess",
     "mean square of one step over κ₂, less 1",
     false,
     [](const DiffusionPoint& p) {
       const double mean = p.one_step.mean.value;
       Estimate moment = p.one_step.variance;
       moment.value += mean * mean;
       return less(over(moment, p.second_kappa), 1);
     }},
    {"third_cumulant",
     "third cumulant of one step over κ₃ = -λT²ω₃",
     false,
     [](const DiffusionPoint& p) { return over(p.one_step.third, p.third_kappa); }},
    {"variance_excess",
     "variance of the steady state over that of diffusion, less 1",
     false,
     [](const DiffusionPoint& p) {
       return less(over(p.steady.variance, p.diffusion_variance), 1);
     }},
    {"variance_over_discrete",
     "variance over the exact one of the steps",
     true,
     [](const DiffusionPoint& p) { return over(p.steady.variance, p.discrete_variance); }},
    {"third_over_third_order",
     "third cumulant of the steady state over that of the third Kramers-Moyal term",
     true,
     [](const DiffusionPoint& p) { return over(p.steady.third, p.third_order); }},
    {"third_over_discrete",
     "third cumulant over the exact one of the steps",
     true,
     [](const DiffusionPoint& p) { return over(p.steady.third, p.discrete_third); }},
    {"skewness",
     "third cumulant over the 3/2 power of the variance: 0 in the diffusion of the linear problem",
     true,
     [](const DiffusionPoint& p) {
       return over(p.steady.third, std::pow(p.diffusion_variance, 1.5));
     }},
    {"loss_excess",
     "mean loss above its minimum over that of diffusion, less 1",
     false,
     [](const DiffusionPoint& p) {
       const double floor = p.third_order != 0 ? 0 : -0.125;
       return less(over(less(p.steady.loss, floor), p.diffusion_loss - floor), 1);
     }},
};

Figure figure_of(const std::vector<DiffusionPoint>& points,
                 const Number& number,
                 const std::string& problem,
                 const std::string& title) {
  Figure figure{problem + "_" + number.name,
                title,
                std::string(number.meaning) +
                    ", against the learning rate, a colour a batch size; errors from the paths.",
                {"λ U'' [1]", "log"},
                {number.meaning, "linear"},
                {}};
  std::map<double, std::pair<std::vector<double>, std::vector<Estimate>>> curves;
  for (const DiffusionPoint& one : points) {
    if (one.status != Status::ok) continue;
    curves[one.batch_size].first.push_back(one.learning_rate);
    curves[one.batch_size].second.push_back(number.of(one));
  }
  for (const auto& [batch, curve] : curves)
    figure.series.push_back(points_of(fmt::format("B = {:.0f}", batch), curve.first, curve.second));
  return figure;
}

/// The excess of the variance over that of the discrete theory: 1 where the steps alone explain it.
Estimate excess_slope(const std::vector<DiffusionPoint>& points) {
  std::vector<double> x;
  std::vector<double> y;
  std::vector<double> error;
  for (const DiffusionPoint& one : points) {
    if (one.status != Status::ok) continue;
    const Estimate excess = less(over(one.steady.variance, one.diffusion_variance), 1);
    x.push_back(1 / (1 - one.learning_rate / 2) - 1);
    y.push_back(excess.value);
    error.push_back(excess.standard_error);
  }
  return analysis::proportional_fit(x, y, error).factor;
}

/// The exponent in λ at one B of the excess of the loss, over the rates where it is above three
/// errors.
Estimate order_in_rate(const std::vector<DiffusionPoint>& points, const Number& number) {
  std::vector<Estimate> orders;
  std::map<double, std::pair<std::vector<double>, std::vector<Estimate>>> curves;
  for (const DiffusionPoint& one : points) {
    if (one.status != Status::ok) continue;
    const Estimate excess = number.of(one);
    if (!(excess.value > 3 * excess.standard_error)) continue;
    curves[one.batch_size].first.push_back(one.learning_rate);
    curves[one.batch_size].second.push_back(excess);
  }
  const auto last = curves.rbegin();  // the largest batch: the smallest T at each λ
  if (curves.empty() || last->second.first.size() < 2) return {};
  return exponent_of(last->second.first, last->second.second);
}

/// The exponent in T at the smallest λ of the skewness, which the diffusion has not.
Estimate skewness_order(const std::vector<DiffusionPoint>& points, const Number& skewness) {
  double least = points.front().learning_rate;
  for (const DiffusionPoint& one : points) least = std::min(least, one.learning_rate);
  std::map<double, Estimate> curve;
  for (const DiffusionPoint& one : points) {
    if (one.status == Status::ok && one.learning_rate == least)
      curve[one.noise_scale()] = skewness.of(one);
  }
  std::vector<double> x;
  std::vector<Estimate> y;
  for (const auto& [temperature, value] : curve) {
    x.push_back(temperature);
    y.push_back({std::abs(value.value), value.standard_error, value.status});
  }
  if (x.size() < 2) return {};
  return exponent_of(x, y);
}

void add_problem(const std::string& problem,
                 const std::string& title,
                 const std::vector<DiffusionPoint>& points,
                 bool linear,
                 Measured& measured) {
  Table table{problem,
              title,
              "Paths of SGD as it is beside the diffusion and its third-order extension. κ are the "
              "cumulants of one step that the Kramers-Moyal expansion takes over.",
              {"λ", "B", "T"},
              {}};
  for (const Number& one : kNumbers) {
    if (linear || !one.linear) table.columns.emplace_back(one.meaning);
  }
  for (const DiffusionPoint& point : points) {
    std::vector<std::string> row{fmt::format("{:.3g}", point.learning_rate),
                                 fmt::format("{:.0f}", point.batch_size),
                                 fmt::format("{:.3g}", point.noise_scale())};
    for (const Number& one : kNumbers) {
      if (!linear && one.linear) continue;
      const Estimate value = one.of(point);
      row.push_back(cell(value));
      measured.findings.push_back(
          {problem + "_" + one.name,
           {{"learning_rate", point.learning_rate}, {"batch_size", point.batch_size}},
           value,
           "1"});
    }
    table.rows.push_back(std::move(row));
    if (point.status != Status::ok) {
      measured.notes.push_back(
          fmt::format("{}: λ = {:.3g}, B = {:.0f} diverged: no steady state of the steps",
                      title,
                      point.learning_rate,
                      point.batch_size));
    }
  }
  for (const Number& one : kNumbers) {
    const std::string_view name = one.name;
    if (!linear && one.linear) continue;
    if (name == "variance_excess" || name == "third_over_third_order" || name == "loss_excess" ||
        name == "second_moment_excess" || name == "skewness")
      measured.figures.push_back(
          figure_of(points, one, problem, fmt::format("{}: {}", title, one.name)));
    Dataset& group = measured.data.make_group(problem);
    std::vector<double> values;
    std::vector<double> errors;
    for (const DiffusionPoint& point : points) {
      values.push_back(one.of(point).value);
      errors.push_back(one.of(point).standard_error);
    }
    group.put_vector(one.name, "point", values, "1", one.meaning);
    group.put_vector(std::string(one.name) + "_error", "point", errors, "1", "one standard error");
  }
  for (const Number& one : kNumbers) {
    const std::string_view name = one.name;
    if (name == "loss_excess")
      measured.findings.push_back({problem + "_loss_order", {}, order_in_rate(points, one), "1"});
    if (name == "skewness" && linear)
      measured.findings.push_back(
          {problem + "_skewness_order", {}, skewness_order(points, one), "1"});
  }
  if (linear)
    measured.findings.push_back({problem + "_excess_slope", {}, excess_slope(points), "1"});
  measured.tables.push_back(std::move(table));
}

}  // namespace

Measured measure_diffusion_limit(const RunView* view,
                                 const MeasureSettings& settings,
                                 TomlReader& reader) {
  const auto options = read_options<DiffusionLimitOptions>(reader);
  for (const double batch : options.batch_size) {
    if (batch != std::floor(batch))
      reject({reader.where() + ", batch_size", fmt::format("{}", batch), "must be whole", ""});
  }
  if (view == nullptr) return {};
  const Noise noise = Noise(static_cast<std::uint64_t>(view->recipe().head.seed))
                          .fork("measure " + settings.name, 0);
  const int threads = view->workshop().threads;
  Measured measured;
  add_problem("linear",
              "Least squares with one weight",
              study_diffusion(linear_problem(options.examples), true, options, noise, threads),
              true,
              measured);
  add_problem(
      "two_layer",
      "Two tied layers",
      study_diffusion(
          two_layer_problem(options.examples), false, options, noise.fork("two", 0), threads),
      false,
      measured);
  return measured;
}

}  // namespace thermoscape
