#include "thermoscape/experiments/verify.hpp"

#include <cmath>

#include "thermoscape/analysis/effective_examples.hpp"
#include "thermoscape/analysis/flatness.hpp"
#include "thermoscape/analysis/gamma_fit.hpp"
#include "thermoscape/analysis/moments.hpp"
#include "thermoscape/analysis/pca.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/models/verify.hpp"
#include "thermoscape/objective/mlp/mlp.hpp"
#include "thermoscape/store/atomic_write.hpp"

namespace thermoscape {

namespace {

std::vector<double> gamma_mle(const theory::KindInputs& inputs) {
  const analysis::GammaFit fit = analysis::gamma_fit(inputs.list("data"));
  return {fit.shape.value, fit.rate.value, 2 * fit.shape.value};
}

std::vector<double> reflected_fit(const theory::KindInputs& inputs) {
  return {
      analysis::reflected_curvature(inputs.list("x"), inputs.list("U"), inputs.number("U0")).value};
}

std::vector<double> phi_sparsity(const theory::KindInputs& inputs) {
  return {analysis::effective_examples(inputs.list("losses")).value};
}

std::vector<double> flatness(const theory::KindInputs& inputs) {
  const analysis::Flatness f = analysis::polynomial_flatness(
      inputs.number("M"), inputs.number_or("slope", 0), inputs.number_or("quartic", 0));
  return {f.from_curvature.value, f.width.value};
}

std::vector<double> pca_variance(const theory::KindInputs& inputs) {
  const std::vector<std::vector<double>> rows = inputs.matrix("traj");
  Eigen::MatrixXd data(static_cast<Eigen::Index>(rows.size()),
                       static_cast<Eigen::Index>(rows.empty() ? 0 : rows.front().size()));
  for (std::size_t i = 0; i < rows.size(); ++i) {
    data.row(static_cast<Eigen::Index>(i)) =
        Eigen::Map<const Eigen::RowVectorXd>(rows[i].data(), data.cols());
  }
  const Eigen::VectorXd variances = analysis::pca(data).variances;
  std::vector<double> all(variances.begin(), variances.end());
  // The covariance of fewer rows than columns has zeros besides.
  all.resize(static_cast<std::size_t>(data.cols()), 0.0);
  return all;
}

/// [P, loss, φ, |∇L|², ∇L·u with u_i = sin((i+1)/2), last component of ∇L, vᵀHv with v = 1/√P].
std::vector<double> mlp_loss_grad(const theory::KindInputs& inputs) {
  const std::vector<double> sizes = inputs.list("sizes");
  const std::vector<std::vector<double>> rows = inputs.matrix("X");
  const auto classes = static_cast<std::int32_t>(inputs.number("classes"));
  MlpSettings settings;
  settings.hidden.clear();
  for (std::size_t l = 1; l + 1 < sizes.size(); ++l)
    settings.hidden.push_back(static_cast<std::int64_t>(sizes[l]));
  std::vector<double> x;
  std::vector<std::int32_t> labels;
  for (const std::vector<double>& row : rows) {
    x.insert(x.end(), row.begin(), row.end());
    labels.push_back(static_cast<std::int32_t>(labels.size()) % classes);
  }
  Mlp<double> mlp(settings, x, labels, classes);
  const auto size = static_cast<std::size_t>(mlp.parameters());
  std::vector<double> theta(size);
  const double amplitude = inputs.number("amp");
  const double frequency = inputs.number("w");
  for (std::size_t i = 0; i < size; ++i) {
    const auto n = static_cast<double>(i + 1);
    theta[i] = amplitude * std::sin(frequency * n * n);
  }
  std::vector<double> gradient(size);
  const double loss = mlp.loss_gradient(theta, Batch{}, gradient);
  std::vector<double> losses(rows.size());
  mlp.example_losses(theta, Batch{}, losses);
  double squared = 0;
  double along = 0;
  for (std::size_t i = 0; i < size; ++i) {
    squared += gradient[i] * gradient[i];
    along += gradient[i] * std::sin(0.5 * static_cast<double>(i + 1));
  }
  const std::vector<double> v(size, 1 / std::sqrt(static_cast<double>(size)));
  std::vector<double> product(size);
  mlp.hessian_products(theta, Batch{}, v, product);
  double form = 0;
  for (std::size_t i = 0; i < size; ++i) form += v[i] * product[i];
  return {static_cast<double>(size),
          loss,
          analysis::effective_examples(losses).value,
          squared,
          along,
          gradient.back(),
          form};
}

}  // namespace

const theory::KindTable& reference_kinds() {
  static const theory::KindTable all = [] {
    theory::KindTable table = theory::theory_kinds();
    table["gamma_mle"] = gamma_mle;
    table["reflected_fit"] = reflected_fit;
    table["phi_sparsity"] = phi_sparsity;
    table["flatness"] = flatness;
    table["pca_variance"] = pca_variance;
    table.merge(model_kinds());
    table["mlp_loss_grad"] = mlp_loss_grad;
    return table;
  }();
  return all;
}

Verified verify_entries(const Json& entries) {
  const Json* list = &entries;
  if (entries.is_object() && entries.contains("entries")) list = &entries.at("entries");
  if (!list->is_array()) {
    reject({"reference entries",
            entries.type_name(),
            "must be a JSON list of {id, kind, inputs, expected, tol}",
            ""});
  }
  Verified verified;
  for (const Json& one : *list) {
    verified.entries.push_back(theory::verify_entry(reference_kinds(), one));
    ++(verified.entries.back().passed ? verified.passed : verified.failed);
  }
  return verified;
}

Verified verify_file(const std::filesystem::path& file) {
  const Json entries = Json::parse(store::read_bytes(file), nullptr, false);
  if (entries.is_discarded()) reject({file.string(), "", "is not JSON", ""});
  return verify_entries(entries);
}

Json to_json(const Verified& verified) {
  Json entries = Json::array();
  for (const theory::EntryOutcome& one : verified.entries) {
    Json value = Json::array();
    for (const double x : one.value) value.push_back(json_number(x));
    entries.push_back(
        {{"id", one.id},
         {"passed", one.passed},
         {"value", value.size() == 1 ? value.front() : value},
         {"expected", one.expected.size() == 1 ? Json(one.expected.front()) : Json(one.expected)},
         {"reason", one.reason}});
  }
  return {{"passed", verified.passed}, {"failed", verified.failed}, {"entries", entries}};
}

}  // namespace thermoscape
