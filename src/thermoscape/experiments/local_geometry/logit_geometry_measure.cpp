#include <cmath>

#include "thermoscape/analysis/combine.hpp"
#include "thermoscape/experiments/local_geometry/class_simplex.hpp"
#include "thermoscape/experiments/local_geometry/logit_geometry_figures.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/table_cell.hpp"

namespace thermoscape {

namespace {

struct LogitGeometryOptions {
  std::int64_t examples = 0;
  std::int64_t moments = 12;

  static constexpr auto fields() {
    using O = LogitGeometryOptions;
    return std::tuple{field("examples",
                            &O::examples,
                            "",
                            "training examples taken at random; 0: all",
                            kNonNegative),
                      field("moments",
                            &O::moments,
                            "",
                            "recorded θ that are looked at, at most; the last one always is",
                            Range{2, 1e4})};
  }
};

/// Index of the geometry at a stage of a run.
const LogitGeometry& at_stage(const GeometryStudy& study, std::size_t run, std::size_t stage) {
  return study.geometry[run][study.runs[run].stages[stage]];
}

Table clustering_table(const RunView& view, const GeometryStudy& study) {
  Table table{"clustering",
              "Clustering of logit gradients",
              "Mean cosines over all pairs of different examples, errors by the jackknife over "
              "examples and the scatter of minima, the larger of the two. SNR = q_SL/(1 - q_SL). "
              "Early: the loss has halved.",
              {"network", "stage", "q_SLSC", "q_SL", "q_DL", "SNR", "accuracy"},
              {}};
  for (const RunGroup& group : groups_of(view, study.runs)) {
    for (std::size_t s = 0; s < kStages.size(); ++s) {
      const auto of = [&](Estimate LogitGeometry::*number) {
        return cell(over_runs(group, [&](std::size_t r) { return at_stage(study, r, s).*number; }));
      };
      table.rows.push_back({group.label(),
                            std::string(kStages[s]),
                            of(&LogitGeometry::same_logit_same_class),
                            of(&LogitGeometry::same_logit),
                            of(&LogitGeometry::different_logits),
                            of(&LogitGeometry::signal_to_noise),
                            of(&LogitGeometry::accuracy)});
    }
  }
  return table;
}

Estimate exact(double value) {
  return {value, 0, std::isfinite(value) ? Status::ok : Status::undefined};
}

Estimate ratio(const Estimate& x, const Estimate& y) {
  if (!(y.value > 0)) return {};
  const double value = x.value / y.value;
  const double error =
      std::abs(value) * std::hypot(x.standard_error / x.value, y.standard_error / y.value);
  return {value, error, analysis::worse(x.status, y.status)};
}

void add_findings(const RunView& view, const GeometryStudy& study, Measured& measured) {
  struct Number {
    const char* name;
    Estimate LogitGeometry::*of;
    const char* unit;
  };
  static constexpr Number kNumbers[] = {
      {"same_logit_same_class", &LogitGeometry::same_logit_same_class, "1"},
      {"same_logit", &LogitGeometry::same_logit, "1"},
      {"different_logits", &LogitGeometry::different_logits, "1"},
      {"signal_to_noise", &LogitGeometry::signal_to_noise, "1"},
      {"logit_variance", &LogitGeometry::logit_variance, "1"},
      {"gradient_length_squared", &LogitGeometry::gradient_length_squared, "1/θ²"},
      {"probability_entropy", &LogitGeometry::probability_entropy, "bit"},
      {"accuracy", &LogitGeometry::accuracy, "1"}};
  for (const RunGroup& group : groups_of(view, study.runs)) {
    const auto put = [&](const std::string& name,
                         const char* unit,
                         const std::function<Estimate(std::size_t)>& of) {
      measured.findings.push_back({name, group.where, over_runs(group, of), unit});
    };
    for (std::size_t s = 0; s < kStages.size(); ++s) {
      const std::string ending = fmt::format("_{}", kStages[s]);
      for (const Number& one : kNumbers) {
        put(one.name + ending, one.unit, [&](std::size_t r) {
          return at_stage(study, r, s).*one.of;
        });
      }
      put("same_logit_less_different" + ending, "1", [&](std::size_t r) {
        const LogitGeometry& g = at_stage(study, r, s);
        return Estimate{g.same_logit.value - g.different_logits.value,
                        std::hypot(g.same_logit.standard_error, g.different_logits.standard_error),
                        analysis::worse(g.same_logit.status, g.different_logits.status)};
      });
      put("same_class_less_same_logit" + ending, "1", [&](std::size_t r) {
        const LogitGeometry& g = at_stage(study, r, s);
        return Estimate{
            g.same_logit_same_class.value - g.same_logit.value,
            std::hypot(g.same_logit.standard_error, g.same_logit_same_class.standard_error),
            analysis::worse(g.same_logit.status, g.same_logit_same_class.status)};
      });
    }
    put("logit_variance_growth", "1", [&](std::size_t r) {
      return ratio(at_stage(study, r, 2).logit_variance, at_stage(study, r, 0).logit_variance);
    });
    put("gradient_length_growth", "1", [&](std::size_t r) {
      const Estimate squares = ratio(at_stage(study, r, 2).gradient_length_squared,
                                     at_stage(study, r, 0).gradient_length_squared);
      const double root = std::sqrt(squares.value);
      return Estimate{root, squares.standard_error / (2 * root), squares.status};
    });
    put("weight_norm_growth", "1", [&](std::size_t r) {
      return exact(study.weight_norm(r, study.runs[r].stages[2]) /
                   study.weight_norm(r, study.runs[r].stages[0]));
    });
    const auto rises = [&](const std::string& name,
                           const std::function<Estimate(const LogitGeometry&)>& of) {
      const Estimate share = share_of_runs(group, [&](std::size_t r) {
        const Estimate first = of(at_stage(study, r, 0));
        const Estimate last = of(at_stage(study, r, 2));
        return last.value - first.value > 3 * std::hypot(first.standard_error, last.standard_error);
      });
      measured.findings.push_back({name, group.where, share, "1"});
    };
    rises("logit_variance_rises", [](const LogitGeometry& g) { return g.logit_variance; });
    rises("gradient_length_rises",
          [](const LogitGeometry& g) { return g.gradient_length_squared; });
    measured.findings.push_back(
        {"weight_norm_rises",
         group.where,
         share_of_runs(group,
                       [&](std::size_t r) {
                         return study.weight_norm(r, study.runs[r].stages[2]) >
                                study.weight_norm(r, study.runs[r].stages[0]);
                       }),
         "1"});
    put("entropy_fall", "bit", [&](std::size_t r) {
      const Estimate& first = at_stage(study, r, 0).probability_entropy;
      const Estimate& last = at_stage(study, r, 2).probability_entropy;
      return Estimate{first.value - last.value,
                      std::hypot(first.standard_error, last.standard_error),
                      analysis::worse(first.status, last.status)};
    });
  }
}

void store_arrays(const RunView& view, const GeometryStudy& study, Measured& measured) {
  for (std::size_t r = 0; r < study.runs.size(); ++r) {
    Dataset& group = measured.data.make_group(view.task(study.runs[r].task).id);
    std::vector<double> step;
    std::vector<double> loss;
    std::vector<double> norm;
    for (std::size_t m = 0; m < study.runs[r].moments.size(); ++m) {
      step.push_back(study.runs[r].moments[m].step);
      loss.push_back(study.runs[r].moments[m].loss);
      norm.push_back(study.weight_norm(r, m));
    }
    group.put_vector("step", "moment", step, "steps", "step of training");
    group.put_vector("loss", "moment", loss, "loss", "loss over all examples");
    group.put_vector("weight_norm", "moment", norm, "θ", "|θ|");
    const auto put = [&](const std::string& name,
                         Estimate LogitGeometry::*of,
                         const char* unit,
                         const char* description) {
      std::vector<double> value;
      std::vector<double> error;
      for (const LogitGeometry& one : study.geometry[r]) {
        value.push_back((one.*of).value);
        error.push_back((one.*of).standard_error);
      }
      group.put_vector(name, "moment", value, unit, description);
      group.put_vector(name + "_error", "moment", error, unit, "standard error");
    };
    put("same_logit_same_class", &LogitGeometry::same_logit_same_class, "1", "q_SLSC");
    put("same_logit", &LogitGeometry::same_logit, "1", "q_SL");
    put("different_logits", &LogitGeometry::different_logits, "1", "q_DL");
    put("logit_variance", &LogitGeometry::logit_variance, "1", "variance across classes");
    put("gradient_length_squared", &LogitGeometry::gradient_length_squared, "1/θ²", "⟨|J_k|²⟩");
    put("probability_entropy", &LogitGeometry::probability_entropy, "bit", "mean entropy");
  }
}

}  // namespace

double GeometryStudy::weight_norm(std::size_t run, std::size_t moment) const {
  double squares = 0;
  for (const double x : runs[run].moments[moment].theta) squares += x * x;
  return std::sqrt(squares);
}

GeometryStudy study_geometry(const RunView& view,
                             const std::string& phase,
                             std::int64_t moments,
                             std::int64_t examples) {
  GeometryStudy study;
  study.runs = training_runs(view, phase, moments);
  std::vector<std::pair<std::size_t, std::size_t>> all;
  for (std::size_t r = 0; r < study.runs.size(); ++r) {
    study.geometry.emplace_back(study.runs[r].moments.size());
    for (std::size_t m = 0; m < study.runs[r].moments.size(); ++m) all.emplace_back(r, m);
  }
  view.in_parallel(all.size(), [&](std::size_t i) {
    const std::size_t r = all[i].first;
    const std::size_t m = all[i].second;
    const std::size_t task = study.runs[r].task;
    const auto objective = view.objective(task);
    const std::vector<std::int32_t> chosen = chosen_examples(view, objective->examples(), examples);
    study.geometry[r][m] = logit_geometry(
        *objective, study.runs[r].moments[m].theta, view.ground(task).labels(), Batch{chosen});
  });
  return study;
}

Measured measure_logit_geometry(const RunView* view,
                                const MeasureSettings& settings,
                                TomlReader& reader) {
  const auto options = read_options<LogitGeometryOptions>(reader);
  if (view == nullptr) return {};
  const GeometryStudy study =
      study_geometry(*view, settings.phase, options.moments, options.examples);
  Measured measured;
  add_findings(*view, study, measured);
  measured.tables.push_back(clustering_table(*view, study));
  measured.figures = logit_geometry_figures(*view, study);
  store_arrays(*view, study, measured);
  return measured;
}

}  // namespace thermoscape
