#include "thermoscape/experiments/thermal_probe/hessian_spectrum.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/blocking.hpp"
#include "thermoscape/analysis/power_law.hpp"
#include "thermoscape/landscape/hessian_spectrum.hpp"

namespace thermoscape {

namespace {

/// A snapshot to be computed: where θ is and where its spectrum goes.
struct Work {
  std::size_t task;
  const Recorded* theta;
  std::size_t row;
  bool with_gauss_newton;
  SpectrumSnapshot* place;
};

/// `count` indices spread evenly over [first, last), each in the middle of its share.
std::vector<std::size_t> spread(std::size_t first, std::size_t last, std::size_t count) {
  std::vector<std::size_t> rows;
  const std::size_t width = last - first;
  count = std::min(count, width);
  for (std::size_t i = 0; i < count; ++i) rows.push_back(first + (2 * i + 1) * width / (2 * count));
  return rows;
}

void fill(const RunView& view, const HessianSpectrumOptions& options, const Work& work) {
  const std::unique_ptr<Objective<double>> objective = view.objective(work.task);
  const std::size_t size = work.theta->width;
  const std::span<const double> theta = work.theta->values.span().subspan(work.row * size, size);
  const auto falling = [&](HessianTerm term) {
    HessianSpectrum found = hessian_spectrum(*objective, theta, {}, term);
    std::reverse(found.eigenvalues.begin(), found.eigenvalues.end());
    return found;
  };
  HessianSpectrum spectrum = falling(HessianTerm::full);
  work.place->status = spectrum.status;
  work.place->eigenvalues = std::move(spectrum.eigenvalues);
  work.place->outliers = outliers(work.place->eigenvalues, options.gap_ranks);
  if (work.with_gauss_newton && objective->output_loss() != OutputLoss::none) {
    work.place->gauss_newton = falling(HessianTerm::gauss_newton).eigenvalues;
  }
}

std::vector<double> divided(std::vector<double> sample, double by) {
  for (double& one : sample) one /= by;
  return sample;
}

/// Mean distance of all pairs of points in a minimum, every sample divided by T^power.
Estimate pair_distance(const SpectrumStudy& study, double power) {
  return over_minima(study.windows, 2, [&](std::size_t m, const std::vector<std::size_t>& healthy) {
    std::vector<std::vector<double>> samples;
    for (const std::size_t i : healthy) {
      const double unit = std::pow(study.windows[i].temperature, power);
      samples.push_back(divided(study.spectra[i].sample(m, study.options.ranks), unit));
    }
    double sum = 0;
    int pairs = 0;
    for (std::size_t a = 0; a < samples.size(); ++a) {
      for (std::size_t b = a + 1; b < samples.size(); ++b, ++pairs) {
        sum += kolmogorov_smirnov(samples[a], samples[b]);
      }
    }
    return Estimate{sum / pairs, 0, Status::ok};
  });
}

Estimate replica_distance(const SpectrumStudy& study) {
  return over_minima(study.windows, 1, [&](std::size_t m, const std::vector<std::size_t>& healthy) {
    double sum = 0;
    int pairs = 0;
    for (const std::size_t i : healthy) {
      const auto replicas = static_cast<std::int64_t>(study.spectra[i].minima[m].size());
      for (std::int64_t a = 0; a < replicas; ++a) {
        for (std::int64_t b = a + 1; b < replicas; ++b, ++pairs) {
          sum += kolmogorov_smirnov(study.spectra[i].sample(m, study.options.ranks, a),
                                    study.spectra[i].sample(m, study.options.ranks, b));
        }
      }
    }
    return pairs == 0 ? Estimate{} : Estimate{sum / pairs, 0, Status::ok};
  });
}

/// d ln λ_k / d ln T in one minimum from its means over replicas at the healthy temperatures,
/// unweighted (relative errors are alike); undefined below three of them.
Estimate exponent_in(const SpectrumStudy& study,
                     std::size_t minimum,
                     const std::vector<Members>& members) {
  std::vector<double> temperatures;
  std::vector<double> values;
  for (std::size_t i = 0; i < study.windows.size(); ++i) {
    if (study.windows[i].health[minimum].status != Status::ok) continue;
    temperatures.push_back(study.windows[i].temperature);
    values.push_back(
        analysis::combine(members[i][minimum], {.exclude_not_ok = false}).estimate.value);
  }
  return temperatures.size() < 3 ? Estimate{} : analysis::power_law(temperatures, values).exponent;
}

}  // namespace

Members SpectrumPoint::members(const std::function<double(const SpectrumSnapshot&)>& of) const {
  Members all;
  for (const auto& replicas : minima) {
    std::vector<Estimate>& row = all.emplace_back();
    for (const auto& snapshots_of : replicas) {
      std::vector<double> series;
      Status status = Status::ok;
      for (const SpectrumSnapshot& one : snapshots_of) {
        status = analysis::worse(status, one.status);
        if (one.status == Status::ok) series.push_back(of(one));
      }
      Estimate mean = analysis::blocking(series).mean;
      if (series.size() == 1) mean = {series.front(), 0, Status::too_short};
      if (status != Status::ok) mean.status = status;
      row.push_back(mean);
    }
  }
  return all;
}

std::vector<double> SpectrumPoint::sample(std::size_t minimum,
                                          std::int64_t ranks,
                                          std::int64_t replica) const {
  std::vector<double> all;
  const auto& replicas = minima[minimum];
  for (std::size_t r = 0; r < replicas.size(); ++r) {
    if (replica >= 0 && r != static_cast<std::size_t>(replica)) continue;
    for (const SpectrumSnapshot& one : replicas[r]) {
      if (one.status != Status::ok) continue;
      all.insert(all.end(), one.eigenvalues.begin(), one.eigenvalues.begin() + ranks);
    }
  }
  return all;
}

std::vector<double> SpectrumStudy::temperatures() const {
  std::vector<double> list;
  for (const SweepPoint& one : windows) list.push_back(one.temperature);
  return list;
}

Estimate SpectrumStudy::median_exponent(std::int64_t ranks) const {
  const auto count = std::min(static_cast<std::size_t>(std::max<std::int64_t>(ranks, 0)),
                              exponents_in_minima.size());
  if (count == 0) return {};
  const auto median = [](std::vector<double> list) {
    const auto middle = list.begin() + static_cast<std::ptrdiff_t>(list.size() / 2);
    std::nth_element(list.begin(), middle, list.end());
    return *middle;
  };
  std::vector<Estimate> medians;
  for (std::size_t m = 0; m < exponents_in_minima.front().size(); ++m) {
    std::vector<double> values;
    std::vector<double> errors;
    for (std::size_t k = 0; k < count; ++k) {
      const Estimate& one = exponents_in_minima[k][m];
      if (!one.ok()) continue;
      values.push_back(one.value);
      errors.push_back(one.standard_error);  // neighbouring ranks move together: no gain from many
    }
    if (!values.empty()) medians.push_back({median(values), median(errors), Status::ok});
  }
  return analysis::combine(medians).estimate;
}

std::vector<SpectrumPoint> hessian_spectra(const RunView& view,
                                           const std::vector<SweepPoint>& points,
                                           const HessianSpectrumOptions& options) {
  std::vector<SpectrumPoint> spectra(points.size());
  std::vector<std::unique_ptr<Recorded>> recorded;
  std::vector<Work> looks;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const SweepPoint& point = points[i];
    std::size_t chains = 0;
    for (const auto& replicas : point.minima) chains += replicas.size();
    const std::size_t each = (static_cast<std::size_t>(options.snapshots) + chains - 1) / chains;
    spectra[i].minima.resize(point.minima.size());
    for (std::size_t m = 0; m < point.minima.size(); ++m) {
      spectra[i].minima[m].resize(point.minima[m].size());
      for (std::size_t r = 0; r < point.minima[m].size(); ++r) {
        const ReplicaStatistics& replica = point.minima[m][r];
        if (replica.status != Status::ok && replica.status != Status::too_short) continue;
        recorded.push_back(std::make_unique<Recorded>(view.recorded(replica.task, "theta")));
        const Recorded& theta = *recorded.back();
        if (static_cast<std::int64_t>(theta.width) < options.ranks) {
          reject({"hessian-spectrum.ranks",
                  std::to_string(options.ranks),
                  fmt::format("must be at most the {} parameters", theta.width),
                  ""});
        }
        const auto [first, last] = window_of(theta, point.from, point.to);
        if (first == last) {
          reject({"hessian-spectrum.window", "", "holds no recorded θ", "record theta more often"});
        }
        const std::vector<std::size_t> rows = spread(first, last, each);
        auto& places = spectra[i].minima[m][r];
        places.resize(rows.size());
        spectra[i].snapshots += static_cast<std::int64_t>(rows.size());
        for (std::size_t s = 0; s < rows.size(); ++s) {
          looks.push_back({replica.task,
                           &theta,
                           rows[s],
                           options.gauss_newton && s == rows.size() / 2,
                           &places[s]});
        }
      }
    }
  }
  view.in_parallel(looks.size(), [&](std::size_t i) { fill(view, options, looks[i]); });
  return spectra;
}

SpectrumStudy study_spectra(const RunView& view,
                            std::vector<SweepPoint> windows,
                            const HessianSpectrumOptions& options) {
  SpectrumStudy study;
  study.options = options;
  study.windows = std::move(windows);
  study.spectra = hessian_spectra(view, study.windows, options);
  study.outputs = view.objective(study.windows.front().minima.front().front().task)->outputs();
  study.eigenvalues.resize(study.windows.size());
  const std::size_t minima = study.windows.front().minima.size();
  for (std::int64_t k = 0; k < options.ranks; ++k) {
    const auto rank = static_cast<std::size_t>(k);
    std::vector<Members> members;
    for (std::size_t i = 0; i < study.windows.size(); ++i) {
      members.push_back(study.spectra[i].members(
          [rank](const SpectrumSnapshot& one) { return one.eigenvalues[rank]; }));
      study.eigenvalues[i].push_back(pooled(study.windows[i], members[i]));
    }
    if (study.windows.size() < 3) continue;
    std::vector<Estimate> row;
    for (std::size_t m = 0; m < minima; ++m) row.push_back(exponent_in(study, m, members));
    study.exponents.push_back(analysis::combine(row).estimate);
    study.exponents_in_minima.push_back(std::move(row));
  }
  if (study.windows.size() >= 2) {
    study.distance_raw = pair_distance(study, 0);
    study.distance_rescaled = pair_distance(study, 1);
  }
  study.distance_replicas = replica_distance(study);
  return study;
}

}  // namespace thermoscape
