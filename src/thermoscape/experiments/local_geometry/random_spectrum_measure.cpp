#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/local_geometry/random_spectrum.hpp"
#include "thermoscape/experiments/measure_catalog.hpp"
#include "thermoscape/experiments/over_draws.hpp"
#include "thermoscape/experiments/table_cell.hpp"
#include "thermoscape/theory/random_hessian_scales.hpp"
#include "thermoscape/theory/softmax_gaussian.hpp"

namespace thermoscape {

namespace {

/// A number of each draw, its mean over the draws, and what the limit of large N and D says.
struct DrawNumber {
  const char* name;
  const char* description;
  const char* unit;
  double (*of)(const RandomDraw&);
};

std::size_t classes_of(const RandomDraw& draw) {
  return static_cast<std::size_t>(draw.shared.cols());
}

const DrawNumber kNumbers[] = {
    {"outliers",
     "eigenvalues before the largest ratio of neighbours",
     "1",
     [](const RandomDraw& d) { return d.outliers(); }},
    {"outlier_gap",
     "λ_(C-1)/λ_C",
     "1",
     [](const RandomDraw& d) {
       return d.eigenvalues[classes_of(d) - 2] / d.eigenvalues[classes_of(d) - 1];
     }},
    {"bulk_gap",
     "λ_C/λ_(C+1)",
     "1",
     [](const RandomDraw& d) {
       return d.eigenvalues[classes_of(d) - 1] / d.eigenvalues[classes_of(d)];
     }},
    {"top_eigenvalue", "λ_1", "1/θ²", [](const RandomDraw& d) { return d.eigenvalues.front(); }},
    {"hessian_trace", "tr H", "1/θ²", [](const RandomDraw& d) { return d.trace; }},
    {"trace_over_norm", "tr H/‖H‖", "1", [](const RandomDraw& d) { return d.trace_over_norm; }},
    {"gradient_share",
     "share of |g|² in the top C eigenvectors",
     "1",
     [](const RandomDraw& d) { return d.share(classes_of(d)); }},
    {"gradient_share_outliers",
     "the same in the top C - 1",
     "1",
     [](const RandomDraw& d) { return d.share(classes_of(d) - 1); }},
    {"gradient_share_less_predicted",
     "share in the top C less |r̄|²/(|r̄|² + ν Σ|r|²/N²)",
     "1",
     [](const RandomDraw& d) { return d.share(classes_of(d)) - d.predicted_share; }},
    {"max_probability",
     "mean largest class probability",
     "1",
     [](const RandomDraw& d) { return d.max_probability; }},
    {"probability_entropy",
     "mean entropy of the class probabilities",
     "bit",
     [](const RandomDraw& d) { return d.entropy; }},
    {"same_logit", "q_SL", "1", [](const RandomDraw& d) { return d.same_logit; }},
    {"same_logit_same_class", "q_SLSC", "1", [](const RandomDraw& d) { return d.same_class; }},
    {"different_logits", "q_DL", "1", [](const RandomDraw& d) { return d.different_logits; }},
    {"separated_top_ratio",
     "λ_1 without cross terms (Eq. 16) over λ_1 with them (Eq. 10)",
     "1",
     [](const RandomDraw& d) { return d.separated.front() / d.eigenvalues.front(); }},
    {"separated_outlier_ratio",
     "the same, mean over the C - 1 outliers",
     "1",
     [](const RandomDraw& d) {
       double sum = 0;
       for (std::size_t k = 0; k + 1 < classes_of(d); ++k) sum += d.separated[k] / d.eigenvalues[k];
       return sum / static_cast<double>(classes_of(d) - 1);
     }},
    {"separated_trace_ratio",
     "tr H without cross terms over tr H with them",
     "1",
     [](const RandomDraw& d) {
       double sum = 0;
       for (const double x : d.separated) sum += x;
       return sum / d.trace;
     }},
};

/// What the closed forms say of a number, as text; empty where they are silent.
std::string limit_of(const std::string& number, const RandomHessian& model) {
  const auto classes = static_cast<double>(model.classes);
  const theory::RandomHessianLimits limits =
      theory::random_hessian_limits({model.logit_deviation,
                                     classes,
                                     static_cast<double>(model.parameters),
                                     model.shared_deviation,
                                     model.residual_deviation});
  const theory::SoftmaxAverages p = theory::softmax_averages({model.logit_deviation, classes});
  const auto text = [](double x) { return fmt::format("{:.5g}", x); };
  if (number == "outliers") return text(limits.outliers);
  if (number == "top_eigenvalue") return text(limits.top_eigenvalue);
  if (number == "hessian_trace") return text(limits.hessian_trace);
  if (number == "trace_over_norm") return text(limits.trace_over_norm);
  if (number == "max_probability") return text(p.max_probability);
  if (number == "probability_entropy") return text(p.probability_entropy);
  if (number == "same_logit" || number == "gradient_share") return text(limits.clustering);
  return "";
}

/// A comparison's findings and its row of the table.
void add_spiked(const SpikedComparison& comparison,
                const std::string& part,
                const std::string& sentence,
                Measured& measured,
                Table& table) {
  const auto put = [&](const std::string& quantity,
                       const std::string& words,
                       const std::vector<double>& values) {
    const Estimate estimate = over_draws(values);
    measured.findings.push_back({quantity, {}, estimate, "1"});
    table.rows.push_back({quantity, words, cell(estimate), "0"});
  };
  put("spiked_deviation_" + part,
      "predicted over measured outliers, less 1: " + sentence,
      comparison.mean);
  put("spiked_rms_" + part, "root mean square of the same", comparison.rms);
  put("spiked_missing_" + part, "outliers that the equation does not find", comparison.missing);
}

}  // namespace

Measured measure_random_spectrum(const RunView* view,
                                 const MeasureSettings& settings,
                                 TomlReader& reader) {
  RandomSpectrumOptions options;
  reader.read(options.model);
  reader.read(options);
  reader.finish();
  validate(options.model, "measure " + settings.name);
  if (options.model.parameters < options.model.classes + 2) {
    reject({"measure " + settings.name + ", parameters",
            std::to_string(options.model.parameters),
            "must exceed the number of classes by 2 at least",
            ""});
  }
  if (view == nullptr) return {};
  const Noise noise =
      Noise(static_cast<std::uint64_t>(view->recipe().head.seed)).fork("random-spectrum", 0);
  RandomSpectrumStudy study;
  study.options = options;
  study.draws.resize(static_cast<std::size_t>(options.draws));
  view->in_parallel(study.draws.size(),
                    [&](std::size_t i) { study.draws[i] = study_draw(options, noise, i); });
  std::vector<double> pooled;
  for (const RandomDraw& one : study.draws) {
    pooled.insert(pooled.end(), one.bulk.begin(), one.bulk.end());
  }
  const BulkSpectrum bulk(pooled, static_cast<std::size_t>(options.model.parameters));
  study.bulk_edge = bulk.edge();
  study.separated = compare_spiked(study.draws, bulk, options.model, SharedPart::separated);
  study.crossed = compare_spiked(study.draws, bulk, options.model, SharedPart::crossed);

  Measured measured;
  Table table{"numbers",
              "The random model",
              fmt::format("Means over {} draws with standard errors, beside the limit of large N "
                          "and D.",
                          options.draws),
              {"quantity", "what", "value", "limit"},
              {}};
  for (const DrawNumber& one : kNumbers) {
    const Estimate estimate = over_draws_of(study.draws, one.of);
    measured.findings.push_back({one.name, {}, estimate, one.unit});
    table.rows.push_back(
        {one.name, one.description, cell(estimate), limit_of(one.name, options.model)});
  }
  add_spiked(study.separated, "separated", "Eq. 16", measured, table);
  add_spiked(study.crossed, "crossed", "Eq. 10, with cross terms", measured, table);
  Table lengths{"lengths",
                "Unequal lengths of c_k",
                "Ratios of neighbouring eigenvalues; an outlier number C would lift the last.",
                {"longest / shortest", "λ_(C-1)/λ_C", "λ_C/λ_(C+1)"},
                {}};
  for (std::size_t r = 0; r < options.length_ratios.size(); ++r) {
    const Coordinates where{{"length_ratio", options.length_ratios[r]}};
    const Estimate last =
        over_draws_of(study.draws, [&](const RandomDraw& d) { return d.lengths[r].last; });
    const Estimate next =
        over_draws_of(study.draws, [&](const RandomDraw& d) { return d.lengths[r].next; });
    measured.findings.push_back({"outlier_gap", where, last, "1"});
    measured.findings.push_back({"bulk_gap", where, next, "1"});
    lengths.rows.push_back(
        {fmt::format("{:.3g}", options.length_ratios[r]), cell(last), cell(next)});
  }
  for (std::size_t a = 0; a < options.accuracies.size(); ++a) {
    measured.findings.push_back(
        {"gradient_share",
         {{"accuracy", options.accuracies[a]}},
         over_draws_of(study.draws, [&](const RandomDraw& d) { return d.shares[a]; }),
         "1"});
  }
  std::vector<double> all;
  for (const RandomDraw& one : study.draws) {
    all.insert(all.end(), one.eigenvalues.begin(), one.eigenvalues.end());
  }
  measured.data.put({"spectrum",
                     {"draw", "parameter"},
                     {study.draws.size(), static_cast<std::size_t>(options.model.parameters)},
                     Values(all),
                     "1/θ²",
                     "eigenvalues of each draw, largest first",
                     "random model",
                     {}});
  measured.tables.push_back(std::move(table));
  if (!options.length_ratios.empty()) measured.tables.push_back(std::move(lengths));
  measured.figures = random_spectrum_figures(study);
  return measured;
}

}  // namespace thermoscape
