#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/experiments/thermal_probe/hessian_spectrum.hpp"
#include "thermoscape/experiments/thermal_probe/loss_statistics_summary.hpp"

namespace thermoscape {

namespace {

/// A number of each snapshot: its name in findings and the head of its column.
struct SnapshotNumber {
  const char* name;
  const char* head;
  const char* description;
  double (*of)(const SpectrumSnapshot&);
};

double share_negative(const SpectrumSnapshot& one) {
  const double zero =
      1e-12 * std::max(std::abs(one.eigenvalues.front()), std::abs(one.eigenvalues.back()));
  const auto count = std::count_if(
      one.eigenvalues.begin(), one.eigenvalues.end(), [&](double x) { return x < -zero; });
  return static_cast<double>(count) / static_cast<double>(one.eigenvalues.size());
}

const SnapshotNumber kNumbers[] = {
    {"gap_outliers",
     "before the gap",
     "eigenvalues before the largest ratio of neighbours",
     [](const SpectrumSnapshot& s) { return static_cast<double>(s.outliers.before_gap); }},
    {"gap_ratio",
     "gap ratio",
     "the largest ratio of neighbours",
     [](const SpectrumSnapshot& s) { return s.outliers.gap_ratio; }},
    {"above_bulk",
     "above |λ_min|",
     "eigenvalues above |λ_min|",
     [](const SpectrumSnapshot& s) { return static_cast<double>(s.outliers.above_bulk); }},
    {"participation",
     "(Σλ)²/Σλ²",
     "eigenvalues that share the trace, (Σλ)²/Σλ² over λ > 0",
     [](const SpectrumSnapshot& s) { return s.outliers.participation; }},
    {"negative_share", "λ < 0", "share of eigenvalues below zero", &share_negative},
};

Estimate scaled(Estimate estimate, double factor) {
  return {estimate.value * factor, estimate.standard_error * factor, estimate.status};
}

Estimate constrained(const SweepPoint& point) {
  return scaled(point.pooled(&ReplicaStatistics::shape), 2);
}

/// The Gauss-Newton term at the snapshots that have it.
struct GaussNewtonNumbers {
  Estimate rank;           ///< eigenvalues above 1e-9 of the first
  Estimate participation;  ///< (Σλ)²/Σλ²
  Estimate largest_share;  ///< λ_1 of G over λ_1 of the Hessian
};

double rank_of(const std::vector<double>& falling) {
  return static_cast<double>(std::count_if(
      falling.begin(), falling.end(), [&](double x) { return x > 1e-9 * falling.front(); }));
}

GaussNewtonNumbers gauss_newton_numbers(const SweepPoint& window, const SpectrumPoint& spectra) {
  Members rank;
  Members participation;
  Members share;
  for (const auto& replicas : spectra.minima) {
    rank.emplace_back();
    participation.emplace_back();
    share.emplace_back();
    for (const auto& snapshots : replicas) {
      for (const SpectrumSnapshot& one : snapshots) {
        if (one.gauss_newton.empty() || one.eigenvalues.empty()) continue;
        rank.back().push_back({rank_of(one.gauss_newton), 0, Status::too_short});
        participation.back().push_back(
            {outliers(one.gauss_newton).participation, 0, Status::too_short});
        share.back().push_back(
            {one.gauss_newton.front() / one.eigenvalues.front(), 0, Status::too_short});
      }
    }
  }
  return {pooled(window, rank), pooled(window, participation), pooled(window, share)};
}

Table outlier_table(const SpectrumStudy& study) {
  Table table{
      "outliers",
      "Constrained directions, outliers and classes",
      fmt::format(
          "N_c = 2α of the same windows beside the numbers of Hessian eigenvalues that stand out: "
          "before "
          "the largest ratio λ_k/λ_(k+1) among the first {}; above |λ_min|, the edge of the bulk "
          "on the "
          "negative side; and the participation ratio of the positive eigenvalues. Of the "
          "Gauss-Newton term G alone (one snapshot a replica) its rank, eigenvalues above 1e-9 of "
          "the first, and its participation ratio. Means over snapshots.",
          study.options.gap_ranks),
      {"T", "window in s", "snapshots", "N_c = 2α"},
      {}};
  for (const SnapshotNumber& one : kNumbers) table.columns.emplace_back(one.head);
  for (const char* head : {"rank of G", "(Σλ)²/Σλ² of G", "λ_1(G) / λ_1", "C", "C - 1", "health"})
    table.columns.emplace_back(head);
  for (std::size_t i = 0; i < study.windows.size(); ++i) {
    const SweepPoint& window = study.windows[i];
    std::vector<std::string> row{
        fmt::format("{:.3g}", window.temperature),
        fmt::format(
            "{:.3g} – {:.3g}", window.from * window.temperature, window.to * window.temperature),
        std::to_string(study.spectra[i].snapshots),
        cell(constrained(window))};
    for (const SnapshotNumber& one : kNumbers)
      row.push_back(cell(pooled(window, study.spectra[i].members(one.of))));
    const GaussNewtonNumbers own = gauss_newton_numbers(window, study.spectra[i]);
    row.push_back(cell(own.rank));
    row.push_back(cell(own.participation));
    row.push_back(cell(own.largest_share));
    row.push_back(study.outputs > 0 ? std::to_string(study.outputs) : "—");
    row.push_back(study.outputs > 0 ? std::to_string(study.outputs - 1) : "—");
    row.emplace_back(name(window.status()));
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table collapse_table(const SpectrumStudy& study) {
  Table table{
      "collapse",
      "Collapse of the spectra in λ/T",
      fmt::format("Kolmogorov-Smirnov distance (largest difference of two cumulative "
                  "distributions, 0 to 1) of the {} "
                  "largest eigenvalues: mean over all pairs of temperatures in a minimum, and over "
                  "pairs of replicas "
                  "at one temperature, which is the floor. Errors from the spread of minima.",
                  study.options.ranks),
      {"pairs", "distance"},
      {}};
  table.rows.push_back({"temperatures, λ as it is", cell(study.distance_raw)});
  table.rows.push_back({"temperatures, λ/T", cell(study.distance_rescaled)});
  table.rows.push_back({"replicas at one temperature", cell(study.distance_replicas)});
  return table;
}

void store_arrays(const SpectrumStudy& study, Dataset& data) {
  data.put_vector("temperature", "point", study.temperatures(), "loss", "temperature T");
  std::vector<double> mean;
  std::vector<double> error;
  for (const auto& row : study.eigenvalues) {
    for (const Estimate& one : row) {
      mean.push_back(one.value);
      error.push_back(one.standard_error);
    }
  }
  const auto ranks = static_cast<std::size_t>(study.options.ranks);
  const std::vector<std::size_t> shape{study.windows.size(), ranks};
  data.put({"eigenvalue",
            {"point", "rank"},
            shape,
            Values(mean),
            "loss",
            "mean of the k-th largest eigenvalue",
            "",
            {}});
  data.put({"eigenvalue_error",
            {"point", "rank"},
            shape,
            Values(error),
            "loss",
            "standard error",
            "",
            {}});
  if (!study.exponents.empty()) {
    std::vector<double> exponent;
    std::vector<double> exponent_error;
    for (const Estimate& one : study.exponents) {
      exponent.push_back(one.value);
      exponent_error.push_back(one.standard_error);
    }
    data.put_vector("exponent", "rank", exponent, "1", "d ln λ_k / d ln T");
    data.put_vector("exponent_error", "rank", exponent_error, "1", "standard error");
  }
  for (std::size_t i = 0; i < study.windows.size(); ++i) {
    Dataset& group = data.make_group(fmt::format("T_{:.3g}", study.windows[i].temperature));
    group.attributes["temperature"] = study.windows[i].temperature;
    std::vector<double> all;
    std::vector<double> minimum;
    std::vector<double> replica;
    for (std::size_t m = 0; m < study.spectra[i].minima.size(); ++m) {
      for (std::size_t r = 0; r < study.spectra[i].minima[m].size(); ++r) {
        for (const SpectrumSnapshot& one : study.spectra[i].minima[m][r]) {
          if (one.status != Status::ok) continue;
          all.insert(all.end(), one.eigenvalues.begin(), one.eigenvalues.end());
          minimum.push_back(static_cast<double>(m));
          replica.push_back(static_cast<double>(r));
        }
      }
    }
    if (minimum.empty()) continue;
    const std::size_t size = all.size() / minimum.size();
    group.put_vector("minimum", "snapshot", minimum, "1", "which initialisation");
    group.put_vector("replica", "snapshot", replica, "1", "which noise");
    group.put({"spectrum",
               {"snapshot", "parameter"},
               {minimum.size(), size},
               Values(all),
               "loss",
               "all eigenvalues of the Hessian, largest first",
               "dense Hessian",
               {}});
  }
}

/// A number of the snapshots over all windows.
Estimate over_windows(const SpectrumStudy& study, const SnapshotNumber& number) {
  std::vector<Members> members;
  for (const SpectrumPoint& one : study.spectra) members.push_back(one.members(number.of));
  return pooled(study.windows, members);
}

void add_findings(const SpectrumStudy& study, Measured& measured) {
  const auto put = [&](const std::string& quantity,
                       const Coordinates& where,
                       const Estimate& estimate,
                       const char* unit) {
    measured.findings.push_back({quantity, where, estimate, unit});
  };
  for (std::size_t i = 0; i < study.windows.size(); ++i) {
    const SweepPoint& window = study.windows[i];
    put("largest_eigenvalue", window.where, study.eigenvalues[i].front(), "loss");
    put("largest_eigenvalue_over_temperature",
        window.where,
        scaled(study.eigenvalues[i].front(), 1 / window.temperature),
        "1");
    put("constrained_directions", window.where, constrained(window), "1");
    for (const SnapshotNumber& one : kNumbers)
      put(one.name, window.where, pooled(window, study.spectra[i].members(one.of)), "1");
    put("gauss_newton_rank",
        window.where,
        gauss_newton_numbers(window, study.spectra[i]).rank,
        "1");
  }
  const Estimate all_directions = family_mean({{}, study.windows}, constrained);
  if (study.windows.size() > 1) {
    put("constrained_directions", {}, all_directions, "1");
    for (const SnapshotNumber& one : kNumbers) put(one.name, {}, over_windows(study, one), "1");
    put("distance_raw", {}, study.distance_raw, "1");
    put("distance_rescaled", {}, study.distance_rescaled, "1");
  }
  put("distance_replicas", {}, study.distance_replicas, "1");
  if (study.outputs > 0) {
    put("constrained_over_classes",
        {},
        scaled(all_directions, 1 / static_cast<double>(study.outputs)),
        "1");
  }
  if (study.exponents.empty()) return;
  put("largest_exponent", {}, study.exponents.front(), "1");
  const auto stiff = static_cast<std::int64_t>(
      std::llround(std::max(1.0, std::isfinite(all_directions.value) ? all_directions.value : 1)));
  put("stiff_exponent", {}, study.median_exponent(stiff), "1");
  put("median_exponent", {}, study.median_exponent(study.options.ranks), "1");
}

}  // namespace

Measured measure_hessian_spectrum(const RunView* view,
                                  const MeasureSettings& settings,
                                  TomlReader& reader) {
  const LossStatisticsOptions window = read_window_options(reader);
  const auto options = read_options<HessianSpectrumOptions>(reader);
  if (view == nullptr) return {};
  const SpectrumStudy study =
      study_spectra(*view, steady_windows(*view, settings.phase, window), options);
  Measured measured;
  add_findings(study, measured);
  for (const SweepPoint& point : study.windows) {
    if (const std::string reason = point.reason(); !reason.empty()) {
      measured.notes.push_back(fmt::format("{}: {}", temperature_label(point.temperature), reason));
    }
  }
  measured.tables = {outlier_table(study), collapse_table(study)};
  measured.figures = spectrum_figures(study);
  store_arrays(study, measured.data);
  return measured;
}

}  // namespace thermoscape
