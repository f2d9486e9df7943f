#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/local_geometry/training_curvature.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/table_cell.hpp"

namespace thermoscape {

namespace {

/// A number of one moment: its name in findings, its head in the table.
struct MomentNumber {
  const char* name;
  const char* head;
  const char* unit;
  double (*of)(const MomentCurvature&);
};

double eigenvalue(const MomentCurvature& one, Eigen::Index rank) {
  const Vector& values = one.eigenvalues;
  return rank < values.size() ? values[rank] : std::numeric_limits<double>::quiet_NaN();
}

Eigen::Index classes_of(const MomentCurvature& one) {
  return one.geometry.probabilities.rows();
}

const MomentNumber kNumbers[] = {
    {"top_eigenvalue", "λ_1", "loss/θ²", [](const MomentCurvature& m) { return eigenvalue(m, 0); }},
    {"outliers", "before the gap", "1", [](const MomentCurvature& m) { return m.outliers; }},
    {"above_h_term",
     "above λ_1(H-term)",
     "1",
     [](const MomentCurvature& m) { return m.above_h_term; }},
    {"outlier_gap",
     "λ_(C-1)/λ_C",
     "1",
     [](const MomentCurvature& m) {
       return eigenvalue(m, classes_of(m) - 2) / eigenvalue(m, classes_of(m) - 1);
     }},
    {"bulk_gap",
     "λ_C/λ_(C+1)",
     "1",
     [](const MomentCurvature& m) {
       return eigenvalue(m, classes_of(m) - 1) / eigenvalue(m, classes_of(m));
     }},
    {"share_of_g", "share of G", "1", [](const MomentCurvature& m) { return m.share_of_g; }},
    {"gradient_share",
     "gradient in top C",
     "1",
     [](const MomentCurvature& m) { return m.gradient_share; }},
    {"bulk_to_h_term",
     "bulk to H-term",
     "1",
     [](const MomentCurvature& m) {
       return m.dense ? m.bulk_to_h_term : std::numeric_limits<double>::quiet_NaN();
     }},
    {"bulk_to_g_term",
     "bulk to G-term",
     "1",
     [](const MomentCurvature& m) {
       return m.dense ? m.bulk_to_g_term : std::numeric_limits<double>::quiet_NaN();
     }},
    {"top_shared_curvature",
     "λ_1(cPcᵀ)",
     "1/θ²",
     [](const MomentCurvature& m) { return m.geometry.top_shared_curvature(); }},
    {"top_logit_curvature",
     "λ_1(P)",
     "1",
     [](const MomentCurvature& m) { return m.geometry.top_logit_curvature(); }},
    {"shared_length_squared",
     "⟨|c_k|²⟩",
     "1/θ²",
     [](const MomentCurvature& m) { return m.geometry.shared_length_squared(); }},
};

Estimate estimate_of(const MomentCurvature& one, double value) {
  if (!std::isfinite(value)) return {};
  return {value, 0, one.status == Status::ok ? Status::ok : one.status};
}

Table stage_table(const CurvatureStudy& study, const std::vector<RunGroup>& groups) {
  Table table{"stages",
              "Curvature at the stages of training",
              "On all training examples; the mean over minima with its error where there are "
              "several. Bulk: the Hessian without its C - 1 largest eigenvalues; distances are "
              "Kolmogorov-Smirnov ones, 0 to 1. c_k: mean gradient of logit k over class k.",
              {"network", "stage", "step"},
              {}};
  for (const MomentNumber& one : kNumbers) table.columns.emplace_back(one.head);
  for (const RunGroup& group : groups) {
    for (std::size_t s = 0; s < kStages.size(); ++s) {
      const TrainingRun& first = study.runs[group.runs.front()];
      std::vector<std::string> row{group.label(),
                                   std::string(kStages[s]),
                                   fmt::format("{:.0f}", first.moments[first.stages[s]].step)};
      for (const MomentNumber& one : kNumbers) {
        row.push_back(cell(over_runs(group, [&](std::size_t r) {
          const MomentCurvature& m = study.at_stage(r, s);
          return estimate_of(m, one.of(m));
        })));
      }
      table.rows.push_back(std::move(row));
    }
  }
  return table;
}

Table model_table(const CurvatureStudy& study, const std::vector<RunGroup>& groups) {
  Table table{"model",
              "The network beside the random model",
              fmt::format("The first minimum of each, and {} draws of the random model with the "
                          "SNR that q_SL gives, the measured logit variance and accuracy, "
                          "D = {}.",
                          study.options.model_draws,
                          study.options.model_parameters),
              {"network",
               "stage",
               "q_SL",
               "SNR",
               "σ_z",
               "λ_(C-1)/λ_C",
               "model",
               "λ_C/λ_(C+1)",
               "model",
               "gradient in top C",
               "model"},
              {}};
  for (const RunGroup& group : groups) {
    const std::size_t run = group.runs.front();
    for (std::size_t s = 0; s < kStages.size(); ++s) {
      const MomentCurvature& m = study.at_stage(run, s);
      const ModelBeside& beside = study.models[run][s];
      const auto model = [&](Estimate RandomHessianAverages::*of) {
        return beside.defined ? cell(beside.averages.*of) : std::string("—");
      };
      const Eigen::Index c = classes_of(m);
      table.rows.push_back({group.label(),
                            std::string(kStages[s]),
                            cell(m.geometry.same_logit),
                            cell(m.geometry.signal_to_noise),
                            fmt::format("{:.3g}", std::sqrt(m.geometry.logit_variance.value)),
                            fmt::format("{:.3g}", eigenvalue(m, c - 2) / eigenvalue(m, c - 1)),
                            model(&RandomHessianAverages::outlier_gap),
                            fmt::format("{:.3g}", eigenvalue(m, c - 1) / eigenvalue(m, c)),
                            model(&RandomHessianAverages::bulk_gap),
                            fmt::format("{:.3g}", m.gradient_share),
                            model(&RandomHessianAverages::gradient_share)});
    }
  }
  return table;
}

Table density_table(const CurvatureStudy& study, const std::vector<RunGroup>& groups) {
  Table table{
      "terms",
      "Bulk of the Hessian, H-term and random model",
      fmt::format("First minimum of each, at the end of training, by stochastic Lanczos "
                  "quadrature with {} starts of {} steps. Bulk: all but the C - 1 largest "
                  "eigenvalues. Sizes are root mean squares over all directions; shares "
                  "compare mean squares. The random model is scaled to the measured |c_k|².",
                  study.options.density_probes,
                  study.options.density_steps),
      {"network", "size of the bulk", "size of the H-term", "H-term / bulk", "model / bulk"},
      {}};
  for (const RunGroup& group : groups) {
    const auto& found = study.densities[group.runs.front()];
    if (!found) continue;
    table.rows.push_back({group.label(),
                          cell(found->bulk_size),
                          cell(found->h_term_size),
                          cell(found->h_term_share),
                          cell(found->model_share)});
  }
  return table;
}

/// max λ_1 over the moments of a run, over λ_1 at one of them.
Estimate peak_over(const CurvatureStudy& study, std::size_t run, std::size_t moment) {
  double highest = 0;
  Status status = Status::ok;
  for (const MomentCurvature& one : study.moments[run]) {
    highest = std::max(highest, eigenvalue(one, 0));
    if (one.status != Status::ok) status = one.status;
  }
  const double base = eigenvalue(study.moments[run][moment], 0);
  if (!(base > 0)) return {};
  return {highest / base, 0, status};
}

void add_findings(const CurvatureStudy& study,
                  const std::vector<RunGroup>& groups,
                  Measured& measured) {
  for (const RunGroup& group : groups) {
    for (std::size_t s = 0; s < kStages.size(); ++s) {
      const std::string ending = fmt::format("_{}", kStages[s]);
      for (const MomentNumber& one : kNumbers) {
        measured.findings.push_back({one.name + ending,
                                     group.where,
                                     over_runs(group,
                                               [&](std::size_t r) {
                                                 const MomentCurvature& m = study.at_stage(r, s);
                                                 return estimate_of(m, one.of(m));
                                               }),
                                     one.unit});
      }
      const ModelBeside& beside = study.models[group.runs.front()][s];
      if (!beside.defined) continue;
      measured.findings.push_back(
          {"model_gradient_share" + ending, group.where, beside.averages.gradient_share, "1"});
      measured.findings.push_back(
          {"model_outlier_gap" + ending, group.where, beside.averages.outlier_gap, "1"});
    }
    if (const auto& found = study.densities[group.runs.front()]) {
      for (const Finding& one : term_density_findings(*found, group.where))
        measured.findings.push_back(one);
    }
    measured.findings.push_back(
        {"peak_over_initial",
         group.where,
         over_runs(group, [&](std::size_t r) { return peak_over(study, r, 0); }),
         "1"});
    measured.findings.push_back(
        {"peak_over_late",
         group.where,
         over_runs(group,
                   [&](std::size_t r) { return peak_over(study, r, study.moments[r].size() - 1); }),
         "1"});
    // A tenth: what λ_1 of one minimum may change by along the way without rise or fall.
    measured.findings.push_back(
        {"rises",
         group.where,
         share_of_runs(group, [&](std::size_t r) { return peak_over(study, r, 0).value > 1.1; }),
         "1"});
    measured.findings.push_back(
        {"falls",
         group.where,
         share_of_runs(group,
                       [&](std::size_t r) {
                         return peak_over(study, r, study.moments[r].size() - 1).value > 1.1;
                       }),
         "1"});
    const auto mean_over_training = [&](double (*of)(const MomentCurvature&)) {
      return over_runs(group, [&](std::size_t r) {
        double sum = 0;
        for (const MomentCurvature& one : study.moments[r]) sum += of(one);
        return Estimate{sum / static_cast<double>(study.moments[r].size()), 0, Status::ok};
      });
    };
    measured.findings.push_back(
        {"gradient_share",
         group.where,
         mean_over_training([](const MomentCurvature& m) { return m.gradient_share; }),
         "1"});
    measured.findings.push_back(
        {"share_of_g",
         group.where,
         mean_over_training([](const MomentCurvature& m) { return m.share_of_g; }),
         "1"});
  }
}

void store_arrays(const RunView& view, const CurvatureStudy& study, Measured& measured) {
  for (std::size_t r = 0; r < study.runs.size(); ++r) {
    Dataset& group = measured.data.make_group(view.task(study.runs[r].task).id);
    std::vector<double> step;
    for (const TrainingMoment& one : study.runs[r].moments) step.push_back(one.step);
    group.put_vector("step", "moment", step, "steps", "step of training");
    if (study.densities[r])
      group.make_group("densities") = term_density_dataset(*study.densities[r]);
    for (const MomentNumber& one : kNumbers) {
      std::vector<double> values;
      for (const MomentCurvature& m : study.moments[r]) values.push_back(one.of(m));
      group.put_vector(one.name, "moment", values, one.unit, one.head);
    }
    std::vector<double> top;
    const auto count = study.moments[r].front().eigenvalues.size();
    for (const MomentCurvature& m : study.moments[r]) {
      for (Eigen::Index k = 0; k < count; ++k) top.push_back(eigenvalue(m, k));
    }
    group.put({"eigenvalue",
               {"moment", "rank"},
               {step.size(), static_cast<std::size_t>(count)},
               Values(top),
               "loss/θ²",
               "largest eigenvalues of the Hessian",
               study.moments[r].front().dense ? "dense" : "lanczos",
               {}});
  }
}

}  // namespace

Measured measure_training_curvature(const RunView* view,
                                    const MeasureSettings& settings,
                                    TomlReader& reader) {
  const auto options = read_options<TrainingCurvatureOptions>(reader);
  if (options.density_probes == 1) {
    reject({"measure " + settings.name + ", density_probes", "1", "must be 0 or at least 2", ""});
  }
  if (view == nullptr) return {};
  const CurvatureStudy study = study_training_curvature(*view, settings.phase, options);
  const std::vector<RunGroup> groups = groups_of(*view, study.runs);
  Measured measured;
  add_findings(study, groups, measured);
  measured.tables = {stage_table(study, groups), model_table(study, groups)};
  Table densities = density_table(study, groups);
  if (!densities.rows.empty()) measured.tables.push_back(std::move(densities));
  measured.figures = training_curvature_figures(*view, study);
  store_arrays(*view, study, measured);
  return measured;
}

}  // namespace thermoscape
