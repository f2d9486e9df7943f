#include "thermoscape/experiments/local_geometry/logit_geometry_figures.hpp"

#include <cmath>

#include "thermoscape/experiments/local_geometry/class_simplex.hpp"
#include "thermoscape/experiments/steady_windows.hpp"

namespace thermoscape {

namespace {

Figure stage_figure(const RunView& view, const GeometryStudy& study) {
  Figure figure{
      "clustering",
      "Clustering of logit gradients",
      "Mean cosines over all pairs of examples: one logit and its own class (q_SLSC), one "
      "logit (q_SL), two logits (q_DL). Errors: jackknife over examples, or the scatter "
      "of minima where that is larger.",
      {"stage: 1 initial, 2 early, 3 late", "linear"},
      {"mean cosine q", "linear"},
      {}};
  struct Number {
    const char* label;
    Estimate LogitGeometry::*of;
  };
  static constexpr Number kNumbers[] = {{"q_SLSC", &LogitGeometry::same_logit_same_class},
                                        {"q_SL", &LogitGeometry::same_logit},
                                        {"q_DL", &LogitGeometry::different_logits}};
  for (const RunGroup& group : groups_of(view, study.runs)) {
    for (const Number& one : kNumbers) {
      std::vector<double> x;
      std::vector<Estimate> values;
      for (std::size_t s = 0; s < kStages.size(); ++s) {
        x.push_back(static_cast<double>(s + 1));
        values.push_back(over_runs(group, [&](std::size_t r) {
          return study.geometry[r][study.runs[r].stages[s]].*one.of;
        }));
      }
      const std::string label =
          group.where.empty() ? one.label : fmt::format("{}, {}", one.label, group.label());
      figure.series.push_back(series_of(label, x, values, "line+points"));
    }
  }
  return figure;
}

/// One number against the step for the first run of each group; step 0 stands at 0.5.
Figure history(const RunView& view,
               const GeometryStudy& study,
               Figure figure,
               const std::function<Estimate(std::size_t run, std::size_t moment)>& of) {
  figure.x = {"step of training (the start at 0.5)", "log"};
  for (const RunGroup& group : groups_of(view, study.runs)) {
    const std::size_t run = group.runs.front();
    std::vector<double> x;
    std::vector<Estimate> values;
    for (std::size_t m = 0; m < study.runs[run].moments.size(); ++m) {
      x.push_back(std::max(0.5, study.runs[run].moments[m].step));
      values.push_back(of(run, m));
    }
    const std::string label = group.where.empty() ? "network" : group.label();
    figure.series.push_back(series_of(label, x, values, "line+points"));
  }
  return figure;
}

}  // namespace

std::vector<Figure> logit_geometry_figures(const RunView& view, const GeometryStudy& study) {
  std::vector<Figure> figures{stage_figure(view, study)};
  const auto number = [&](Estimate LogitGeometry::*of) {
    return [&study, of](std::size_t r, std::size_t m) { return study.geometry[r][m].*of; };
  };
  figures.push_back(history(view,
                            study,
                            {"clustering_history",
                             "Same-logit clustering over training",
                             "q_SL of the first minimum, errors by the jackknife over examples.",
                             {},
                             {"q_SL", "linear"},
                             {}},
                            number(&LogitGeometry::same_logit)));
  figures.push_back(history(view,
                            study,
                            {"logit_variance",
                             "Logit variance over training",
                             "Variance across the classes (over C - 1), averaged over examples; "
                             "first minimum, standard errors over examples.",
                             {},
                             {"variance of the logits", "log"},
                             {}},
                            number(&LogitGeometry::logit_variance)));
  figures.push_back(
      history(view,
              study,
              {"gradient_length",
               "Length of the logit gradients over training",
               "Root mean square of |∂z_k/∂θ| over examples and logits; first "
               "minimum, standard errors over examples.",
               {},
               {"|J| [1/θ]", "log"},
               {}},
              [&](std::size_t r, std::size_t m) {
                const Estimate& squares = study.geometry[r][m].gradient_length_squared;
                const double root = std::sqrt(squares.value);
                return Estimate{root, squares.standard_error / (2 * root), squares.status};
              }));
  figures.push_back(history(view,
                            study,
                            {"weight_norm",
                             "Norm of the parameters over training",
                             "|θ| of the first minimum.",
                             {},
                             {"|θ| [θ]", "linear"},
                             {}},
                            [&](std::size_t r, std::size_t m) {
                              return Estimate{study.weight_norm(r, m), 0, Status::ok};
                            }));
  std::vector<ClassCloud> clouds;
  for (std::size_t s = 0; s < kStages.size(); ++s) {
    clouds.push_back({std::string(kStages[s]),
                      study.geometry.front()[study.runs.front().stages[s]].probabilities});
  }
  if (clouds.front().probabilities.rows() == 3) {
    figures.push_back(
        simplex_figure(clouds, "The first 400 examples at three stages of the first run."));
  }
  figures.push_back(entropy_figure(
      clouds, "Densities over the examples at three stages of the first run; errors count them."));
  return figures;
}

}  // namespace thermoscape
