#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/histogram.hpp"
#include "thermoscape/experiments/local_geometry/random_spectrum.hpp"
#include "thermoscape/experiments/over_draws.hpp"
#include "thermoscape/experiments/steady_windows.hpp"

namespace thermoscape {

namespace {

using Ranked = std::vector<double> RandomDraw::*;

/// Mean and error over the draws of number k of a list, k = 1 ... count.
Series by_rank(const std::vector<RandomDraw>& draws,
               Ranked list,
               std::size_t count,
               const std::string& label,
               const std::string& style) {
  std::vector<double> ranks;
  std::vector<Estimate> values;
  for (std::size_t k = 0; k < count; ++k) {
    ranks.push_back(static_cast<double>(k + 1));
    values.push_back(over_draws_of(draws, [&](const RandomDraw& d) { return (d.*list)[k]; }));
  }
  return series_of(label, ranks, values, style);
}

Figure spectrum_figure(const RandomSpectrumStudy& study) {
  Figure figure{"spectrum",
                "Hessian spectrum of the random model",
                fmt::format("Density of the eigenvalues above 1e-9 of the largest, {} draws "
                            "together, with and without the shared gradients c: bulk and C - 1 "
                            "outliers. Errors count eigenvalues as independent.",
                            study.draws.size()),
                {"eigenvalue λ [1/θ²]", "log"},
                {"density of ln λ", "log"},
                {}};
  const auto add = [&](Ranked list, const char* label) {
    std::vector<double> logarithms;
    for (const RandomDraw& draw : study.draws) {
      const double least = 1e-9 * draw.eigenvalues.front();
      for (const double x : draw.*list) {
        if (x > least) logarithms.push_back(std::log(x));
      }
    }
    if (logarithms.empty()) return;
    analysis::HistogramOptions options;
    options.bins = 120;
    const auto histogram = analysis::histogram(logarithms, options);
    Series series{label, {}, {}, {}, "points", label};
    for (std::size_t i = 0; i < histogram.centres.size(); ++i) {
      if (histogram.counts[i] == 0) continue;
      series.x.push_back(std::exp(histogram.centres[i]));
      series.y.push_back(histogram.density[i]);
      series.y_error.push_back(histogram.density_error[i]);
    }
    figure.series.push_back(std::move(series));
  };
  add(&RandomDraw::eigenvalues, "H (Eq. 10)");
  add(&RandomDraw::bulk, "the same draws with c = 0");
  return figure;
}

Figure rank_figure(const RandomSpectrumStudy& study) {
  const auto classes = static_cast<std::size_t>(study.options.model.classes);
  const std::size_t count = std::min(3 * classes, study.draws.front().eigenvalues.size());
  Figure figure{"ranks",
                "Outliers, with and without cross terms, and their prediction",
                "Mean k-th eigenvalue over the draws: of H with the cross terms between c and E "
                "(Eq. 10) and without (Eq. 16). Lines: det(1 - g(λ) cᵀcP) = 0, g the Stieltjes "
                "transform of the draws with c = 0, for each of the two. P·1 = 0, so there are at "
                "most C - 1.",
                {"rank k", "linear"},
                {"λ_k [1/θ²]", "log"},
                {by_rank(study.draws, &RandomDraw::eigenvalues, count, "Eq. 10", "points"),
                 by_rank(study.draws, &RandomDraw::separated, count, "Eq. 16", "points"),
                 by_rank(study.draws, &RandomDraw::bulk, count, "c = 0", "points")}};
  const auto predicted = [&](const SpikedComparison& comparison, const char* label) {
    std::vector<double> ranks;
    std::vector<Estimate> values;
    for (std::size_t k = 0; k + 1 < classes; ++k) {
      std::vector<double> found;
      for (const auto& one : comparison.predicted) {
        if (k < one.size()) found.push_back(one[k]);
      }
      ranks.push_back(static_cast<double>(k + 1));
      values.push_back(over_draws(found));
    }
    Series series = series_of(label, ranks, values, "line");
    series.y_error.clear();
    figure.series.push_back(std::move(series));
  };
  predicted(study.crossed, "spiked matrix, with cross terms");
  predicted(study.separated, "spiked matrix");
  return figure;
}

Figure overlap_figure(const RandomSpectrumStudy& study) {
  const std::size_t count = study.draws.front().power.size();
  Figure figure{"overlap",
                "Overlap of the gradient with the eigenvectors of the Hessian",
                "|cos(g, v_k)| against the rank of the eigenvalue: the first draw, and the root "
                "mean square over all draws.",
                {"rank k", "log"},
                {"|cos(g, v_k)|", "log"},
                {}};
  Series first{"first draw", {}, {}, {}, "points", "first draw"};
  Series mean{"all draws, rms", {}, {}, {}, "line", "all draws, rms"};
  for (std::size_t k = 0; k < count; ++k) {
    const double cosine = std::sqrt(study.draws.front().power[k]);
    if (cosine > 0) {
      first.x.push_back(static_cast<double>(k + 1));
      first.y.push_back(cosine);
    }
    const Estimate power =
        over_draws_of(study.draws, [&](const RandomDraw& d) { return d.power[k]; });
    mean.x.push_back(static_cast<double>(k + 1));
    mean.y.push_back(std::sqrt(power.value));
  }
  figure.series = {std::move(first), std::move(mean)};
  return figure;
}

Figure share_figure(const RandomSpectrumStudy& study) {
  const auto classes = static_cast<double>(study.options.model.classes);
  std::vector<double> ranks;
  std::vector<Estimate> shares;
  for (std::size_t k = 1; k <= study.draws.front().power.size(); ++k) {
    if (k > 40 && k % 10 != 0) continue;
    ranks.push_back(static_cast<double>(k));
    shares.push_back(over_draws_of(study.draws, [&](const RandomDraw& d) { return d.share(k); }));
  }
  return {"share",
          "Share of the gradient in the top of the spectrum",
          "Σ_{k<=n} cos²(g, v_k): mean and standard error over the draws.",
          {"number of eigenvectors n", "log"},
          {"share of |g|²", "linear"},
          {series_of("share", ranks, shares, "line+points"), vertical_mark("C", classes, 0, 1)}};
}

Figure length_figure(const RandomSpectrumStudy& study) {
  Figure figure{"lengths",
                "Unequal lengths of the shared gradients make no further outlier",
                "Ratios of neighbouring eigenvalues against the longest over the shortest |c_k|. "
                "An outlier number C would lift λ_C/λ_(C+1) above 1; the lengths only spread the "
                "C - 1 that there are.",
                {"longest / shortest |c_k|", "log"},
                {"ratio of neighbours", "log"},
                {}};
  const auto add = [&](double LengthGaps::*gap, const char* label) {
    std::vector<Estimate> values;
    for (std::size_t r = 0; r < study.options.length_ratios.size(); ++r) {
      values.push_back(
          over_draws_of(study.draws, [&](const RandomDraw& d) { return d.lengths[r].*gap; }));
    }
    figure.series.push_back(series_of(label, study.options.length_ratios, values, "line+points"));
  };
  add(&LengthGaps::last, "λ_(C-1) / λ_C");
  add(&LengthGaps::next, "λ_C / λ_(C+1)");
  return figure;
}

}  // namespace

std::vector<Figure> random_spectrum_figures(const RandomSpectrumStudy& study) {
  std::vector<Figure> figures{
      spectrum_figure(study), rank_figure(study), overlap_figure(study), share_figure(study)};
  if (!study.options.length_ratios.empty()) figures.push_back(length_figure(study));
  return figures;
}

}  // namespace thermoscape
