#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/local_geometry/training_curvature.hpp"

namespace thermoscape {

namespace {

constexpr std::size_t kQuantiles = 400;

std::string label_of(const RunGroup& group, const std::string& rest) {
  if (group.where.empty()) return rest;
  return rest.empty() ? group.label() : fmt::format("{}, {}", group.label(), rest);
}

/// A number against the step for the first run of each group.
Series history(const CurvatureStudy& study,
               std::size_t run,
               const std::string& label,
               double (*of)(const MomentCurvature&)) {
  Series series{label, {}, {}, {}, "line+points", label};
  for (std::size_t m = 0; m < study.moments[run].size(); ++m) {
    const double value = of(study.moments[run][m]);
    if (!std::isfinite(value)) continue;
    series.x.push_back(std::max(0.5, study.runs[run].moments[m].step));
    series.y.push_back(value);
  }
  return series;
}

Axis step_axis() {
  return {"step of training (the start at 0.5)", "log"};
}

double top(const MomentCurvature& one) {
  const Vector& values = one.eigenvalues;
  return values.size() > 0 ? values[0] : std::numeric_limits<double>::quiet_NaN();
}

Figure rank_figure(const CurvatureStudy& study, const std::vector<RunGroup>& groups) {
  Figure figure{"ranks",
                "Largest Hessian eigenvalues at the end of training",
                "λ_k on all training examples, first minimum. C - 1 outliers stand above a gap.",
                {"rank k", "linear"},
                {"λ_k [loss/θ²]", "log"},
                {}};
  for (const RunGroup& group : groups) {
    const Vector& values = study.at_stage(group.runs.front(), 2).eigenvalues;
    const std::string label = label_of(group, group.where.empty() ? "H" : "");
    Series series{label, {}, {}, {}, "line+points", label};
    for (Eigen::Index k = 0; k < values.size(); ++k) {
      if (!(values[k] > 0)) break;
      series.x.push_back(static_cast<double>(k + 1));
      series.y.push_back(values[k]);
    }
    figure.series.push_back(std::move(series));
  }
  return figure;
}

Figure factor_figure(const CurvatureStudy& study, const RunGroup& group) {
  const std::size_t run = group.runs.front();
  return {"factors",
          "The top eigenvalue and what it is made of",
          "λ_1 of the Hessian, λ_1 of cPcᵀ with the shared logit gradients c_k, and its two "
          "factors: the top of the mean logit Hessian P, which dies as the probabilities freeze, "
          "and the mean |c_k|², which grows. First minimum" +
              (group.where.empty() ? std::string(".") : " at " + group.label() + "."),
          step_axis(),
          {"λ_1 [loss/θ²], λ_1(P), ⟨|c_k|²⟩ [1/θ²]", "log"},
          {history(study, run, "λ_1(H)", &top),
           history(study,
                   run,
                   "λ_1(cPcᵀ)",
                   [](const MomentCurvature& m) { return m.geometry.top_shared_curvature(); }),
           history(study,
                   run,
                   "λ_1(P)",
                   [](const MomentCurvature& m) { return m.geometry.top_logit_curvature(); }),
           history(study, run, "⟨|c_k|²⟩", [](const MomentCurvature& m) {
             return m.geometry.shared_length_squared();
           })}};
}

Figure share_figure(const CurvatureStudy& study, const std::vector<RunGroup>& groups) {
  Figure figure{"shares",
                "Gradient and Gauss-Newton term in the top of the spectrum",
                "Share of |g|² in the C largest eigenvectors, and the mean share of the G-term in "
                "the C - 1 largest eigenvalues; first minimum. Dashed: the gradient share of the "
                "random model at the SNR and the logit variance of each stage.",
                step_axis(),
                {"share", "linear"},
                {}};
  for (const RunGroup& group : groups) {
    const std::size_t run = group.runs.front();
    figure.series.push_back(
        history(study, run, label_of(group, "gradient in top C"), [](const MomentCurvature& m) {
          return m.gradient_share;
        }));
    figure.series.push_back(
        history(study, run, label_of(group, "G in top C - 1"), [](const MomentCurvature& m) {
          return m.share_of_g;
        }));
    const std::string label = label_of(group, "random model");
    Series model{label, {}, {}, {}, "dashed", label};
    for (std::size_t s = 0; s < kStages.size(); ++s) {
      const ModelBeside& beside = study.models[run][s];
      if (!beside.defined) continue;
      model.x.push_back(std::max(0.5, study.runs[run].moments[study.runs[run].stages[s]].step));
      model.y.push_back(beside.averages.gradient_share.value);
    }
    if (!model.x.empty()) figure.series.push_back(std::move(model));
  }
  return figure;
}

/// Quantiles of |λ| above rounding against the share of eigenvalues below.
Series distribution(const Vector& values, Eigen::Index skipped, const std::string& label) {
  std::vector<double> sizes;
  const double least = 1e-14 * values.cwiseAbs().maxCoeff();
  for (Eigen::Index k = skipped; k < values.size(); ++k) {
    sizes.push_back(std::max(std::abs(values[k]), least));
  }
  std::sort(sizes.begin(), sizes.end());
  Series series{label, {}, {}, {}, "line", label};
  const std::size_t points = std::min(kQuantiles, sizes.size());
  for (std::size_t q = 0; q < points; ++q) {
    const std::size_t at = q * (sizes.size() - 1) / std::max<std::size_t>(points - 1, 1);
    if (!(sizes[at] > 0)) continue;
    series.x.push_back(sizes[at]);
    series.y.push_back((static_cast<double>(at) + 1) / static_cast<double>(sizes.size()));
  }
  return series;
}

Figure term_figure(const MomentCurvature& late) {
  const Eigen::Index outliers = late.geometry.probabilities.rows() - 1;
  return {"terms",
          "Bulk, H-term and G-term",
          "Cumulative distribution of |λ| at the end of training, first run: the Hessian without "
          "its C - 1 largest eigenvalues, the H-term alone, and the G-term without its C - 1 "
          "largest. Sizes below 1e-14 of the largest stand there.",
          {"|λ| [loss/θ²]", "log"},
          {"share of eigenvalues below", "linear"},
          {distribution(late.hessian, outliers, "bulk of H"),
           distribution(late.h_term, 0, "H-term"),
           distribution(late.g_term, outliers, "G-term")}};
}

}  // namespace

std::vector<Figure> training_curvature_figures(const RunView& view, const CurvatureStudy& study) {
  const std::vector<RunGroup> groups = groups_of(view, study.runs);
  Figure tops{"top_eigenvalue",
              "Top Hessian eigenvalue over training",
              "λ_1 on all training examples, first minimum.",
              step_axis(),
              {"λ_1 [loss/θ²]", "log"},
              {}};
  for (const RunGroup& group : groups) {
    tops.series.push_back(history(
        study, group.runs.front(), label_of(group, group.where.empty() ? "λ_1" : ""), &top));
  }
  std::vector<Figure> figures{rank_figure(study, groups),
                              std::move(tops),
                              factor_figure(study, groups.front()),
                              share_figure(study, groups)};
  const MomentCurvature& late = study.at_stage(groups.front().runs.front(), 2);
  if (late.dense) figures.push_back(term_figure(late));
  if (const auto& found = study.densities[groups.back().runs.front()])
    figures.push_back(term_density_figure(*found));
  return figures;
}

}  // namespace thermoscape
