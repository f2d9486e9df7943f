#include <algorithm>
#include <cmath>
#include <numeric>

#include "thermoscape/analysis/autocorrelation.hpp"
#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/experiments/loss_statistics.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/theory/quadratic.hpp"

namespace thermoscape {

namespace {

/// A slice of one task: nothing is assumed stationary, so these describe what was seen.
struct Slice {
  double mean = 0;       ///< μ
  double deviation = 0;  ///< σ about the mean
  double detrended = 0;  ///< σ about a straight line
  double exponent = 0;   ///< d ln μ / d ln t between half the time of the slice and the slice
};

struct SlicePoint {
  const SweepPoint* point = nullptr;
  std::vector<Slice> slices;  ///< of every task whose run is healthy
  std::vector<std::int64_t> minima;
  Estimate identity;  ///< ⟨|∇L|²⟩ / (T⟨tr H⟩)
  Estimate drift;     ///< second half of the slice less the first, over the mean
};

double mean_of(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double deviation_of(std::span<const double> values) {
  const double mean = mean_of(values);
  double squares = 0;
  for (const double one : values) squares += (one - mean) * (one - mean);
  return std::sqrt(squares / static_cast<double>(values.size()));
}

Slice slice_of(const RunView& view, const SweepPoint& point, const ReplicaStatistics& replica) {
  Slice slice;
  slice.mean = mean_of(replica.losses);
  slice.deviation = deviation_of(replica.losses);
  slice.detrended = deviation_of(analysis::residuals(replica.losses, true));
  const Recorded loss = view.recorded(replica.task, "loss");
  const auto [first, last] = window_of(loss, point.from / 2, point.to / 2);
  if (last > first) {
    slice.exponent =
        std::log(slice.mean / mean_of(loss.values.span().subspan(first, last - first))) /
        std::log(2.0);
  }
  return slice;
}

Estimate spread(const SlicePoint& point, double Slice::*member) {
  std::vector<Estimate> members;
  for (const Slice& one : point.slices) members.push_back({one.*member, 0, Status::ok});
  Estimate estimate = analysis::combine(members).estimate;
  if (members.size() == 1) estimate.status = Status::too_short;
  return estimate;
}

SlicePoint slice_point(const RunView& view, const SweepPoint& point) {
  SlicePoint result;
  result.point = &point;
  std::vector<Estimate> identities;
  std::vector<Estimate> drifts;
  for (std::size_t m = 0; m < point.minima.size(); ++m) {
    for (const ReplicaStatistics& one : point.minima[m]) {
      if (one.status != Status::ok) continue;
      result.slices.push_back(slice_of(view, point, one));
      result.minima.push_back(static_cast<std::int64_t>(m));
      if (std::isfinite(one.identity.value)) identities.push_back(one.identity);
      drifts.push_back(analysis::drift(one.losses));
    }
  }
  // In-run errors may be too short for their own correlation; the spread of the runs carries the
  // error then.
  for (auto* list : {&identities, &drifts}) {
    for (Estimate& one : *list)
      one.status = one.status == Status::too_short ? Status::ok : one.status;
  }
  result.identity = analysis::combine(identities).estimate;
  result.drift = analysis::combine(drifts).estimate;
  return result;
}

/// μ = A T^α of each initialisation, then mean and spread over them: one initialisation gives all
/// its temperatures.
struct Law {
  Estimate exponent;
  Estimate amplitude;  ///< geometric mean
};

Law law_of(const std::vector<SlicePoint>& points, double Slice::*member) {
  std::size_t count = 0;
  for (const SlicePoint& one : points) {
    for (const std::int64_t m : one.minima)
      count = std::max(count, static_cast<std::size_t>(m) + 1);
  }
  std::vector<Estimate> exponents;
  std::vector<Estimate> logarithms;
  for (std::size_t m = 0; m < count; ++m) {
    std::vector<double> temperatures;
    std::vector<double> values;
    for (const SlicePoint& one : points) {
      std::vector<double> own;
      for (std::size_t i = 0; i < one.slices.size(); ++i) {
        if (one.minima[i] == static_cast<std::int64_t>(m)) own.push_back(one.slices[i].*member);
      }
      if (own.empty()) continue;
      temperatures.push_back(one.point->temperature);
      values.push_back(mean_of(own));
    }
    if (values.size() < 2) continue;
    const analysis::PowerLaw fit = analysis::power_law(temperatures, values);
    exponents.push_back({fit.exponent.value, 0, Status::ok});
    logarithms.push_back({std::log(fit.prefactor.value), 0, Status::ok});
  }
  Law law{analysis::combine(exponents).estimate, analysis::combine(logarithms).estimate};
  law.amplitude.value = std::exp(law.amplitude.value);
  law.amplitude.standard_error *= law.amplitude.value;
  return law;
}

/// A slice stands still if drift, change since half its time and identity are known to 0.2 and
/// within 10% or 3 errors of equilibrium; a spike makes them unknown.
bool stands_still(const SlicePoint& point) {
  const auto within = [](const Estimate& one, double expected) {
    if (!std::isfinite(one.value)) return true;  // not recorded
    return one.standard_error <= 0.2 &&
           std::abs(one.value - expected) <= std::max(0.1, 3 * one.standard_error);
  };
  return within(point.identity, 1) && within(point.drift, 0) &&
         within(spread(point, &Slice::exponent), 0);
}

Estimate over(Estimate estimate, double divisor) {
  return {estimate.value / divisor, std::abs(estimate.standard_error / divisor), estimate.status};
}

Figure moments_figure(const std::vector<SlicePoint>& points, const Law& law) {
  Figure figure{"moments",
                "Mean and deviation of the loss in the slice",
                "Mean over initialisations, errors from their spread. Line: power law μ = A T^α. "
                "Dashes: σ = √(αA T^(α+1)) with no "
                "further parameter; it would hold in equilibrium.",
                {"temperature T [loss]", "log"},
                {"loss", "log"},
                {}};
  const auto add = [&](const char* label, double Slice::*member) {
    Series series{label, {}, {}, {}, "points", label};
    for (const SlicePoint& one : points) {
      const Estimate value = spread(one, member);
      if (!std::isfinite(value.value)) continue;
      series.x.push_back(one.point->temperature);
      series.y.push_back(value.value);
      series.y_error.push_back(std::isfinite(value.standard_error) ? value.standard_error : 0);
    }
    figure.series.push_back(std::move(series));
  };
  add("μ", &Slice::mean);
  add("σ", &Slice::deviation);
  add("σ about a line", &Slice::detrended);
  if (!(law.exponent.value > 0)) return figure;
  Series fit{fmt::format("A T^α, α = {:.3g}", law.exponent.value), {}, {}, {}, "line", ""};
  Series predicted{"√(αA T^(α+1))", {}, {}, {}, "dashed", ""};
  for (const SlicePoint& one : points) {
    const double t = one.point->temperature;
    fit.x.push_back(t);
    fit.y.push_back(law.amplitude.value * std::pow(t, law.exponent.value));
    predicted.x.push_back(t);
    predicted.y.push_back(theory::power_law_deviation(law.amplitude.value, law.exponent.value, t));
  }
  figure.series.push_back(std::move(fit));
  figure.series.push_back(std::move(predicted));
  return figure;
}

Table slice_table(const std::vector<SlicePoint>& points, const Law& law) {
  Table table{"slice",
              "The slice by temperature",
              "Means over initialisations with the spread as error. Ageing: d ln μ / d ln t "
              "between half the time of the slice and "
              "the slice, 0 when stationary. Identity: ⟨|∇L|²⟩/(T⟨tr H⟩), 1 in equilibrium, above "
              "it where the loss falls.",
              {"T",
               "μ",
               "σ",
               "σ about a line",
               "σ by S2",
               "drift in the slice",
               "ageing",
               "identity",
               "stands still"},
              {}};
  for (const SlicePoint& one : points) {
    const double t = one.point->temperature;
    table.rows.push_back(
        {fmt::format("{:.3g}", t),
         cell(spread(one, &Slice::mean)),
         cell(spread(one, &Slice::deviation)),
         cell(spread(one, &Slice::detrended)),
         law.exponent.value > 0
             ? fmt::format("{:.3g}",
                           theory::power_law_deviation(law.amplitude.value, law.exponent.value, t))
             : "—",
         cell(one.drift),
         cell(spread(one, &Slice::exponent)),
         cell(one.identity),
         stands_still(one) ? "yes" : "no"});
  }
  return table;
}

}  // namespace

Measured measure_slice(const RunView* view, const MeasureSettings& settings, TomlReader& reader) {
  LossStatisticsOptions options;
  reader.read(options);
  reader.read(options.window);
  reader.finish();
  if (view == nullptr) return {};
  std::vector<SweepPoint> sweep = loss_statistics(*view, settings.phase, options);
  std::sort(sweep.begin(), sweep.end(), [](const auto& a, const auto& b) {
    return a.temperature < b.temperature;
  });
  std::vector<SlicePoint> points;
  for (const SweepPoint& one : sweep) points.push_back(slice_point(*view, one));
  const Law law = law_of(points, &Slice::mean);
  Measured measured;
  std::vector<Estimate> ratios;
  std::vector<Estimate> detrended;
  std::vector<Estimate> ageing;
  double still = 0;
  for (const SlicePoint& one : points) {
    const auto add = [&](const char* name, const char* unit, const Estimate& value) {
      measured.findings.push_back({name, one.point->where, value, unit});
    };
    add("mean", "loss", spread(one, &Slice::mean));
    add("deviation", "loss", spread(one, &Slice::deviation));
    add("drift", "1", one.drift);
    add("ageing_exponent", "1", spread(one, &Slice::exponent));
    add("gradient_identity", "1", one.identity);
    ageing.push_back(spread(one, &Slice::exponent));
    still += stands_still(one) ? 1 : 0;
    if (!(law.exponent.value > 0)) continue;
    const double predicted = theory::power_law_deviation(
        law.amplitude.value, law.exponent.value, one.point->temperature);
    ratios.push_back(over(spread(one, &Slice::deviation), predicted));
    detrended.push_back(over(spread(one, &Slice::detrended), predicted));
    add("deviation_over_response", "1", ratios.back());
  }
  const auto pool = [&](const char* name, const Estimate& value) {
    measured.findings.push_back({name, {}, value, "1"});
  };
  pool("mean_exponent", law.exponent);
  pool("mean_amplitude", law.amplitude);
  pool("deviation_exponent", law_of(points, &Slice::deviation).exponent);
  pool("deviation_over_response", analysis::combine(ratios).estimate);
  pool("detrended_deviation_over_response", analysis::combine(detrended).estimate);
  pool("ageing_exponent", analysis::combine(ageing).estimate);
  pool("share_standing_still", {still / static_cast<double>(points.size()), 0, Status::ok});
  measured.figures = {moments_figure(points, law)};
  measured.tables = {slice_table(points, law)};
  return measured;
}

}  // namespace thermoscape
