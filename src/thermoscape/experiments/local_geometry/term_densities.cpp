#include "thermoscape/experiments/local_geometry/term_densities.hpp"

#include <algorithm>
#include <cmath>

#include "thermoscape/analysis/dense.hpp"
#include "thermoscape/experiments/local_geometry/curvature_report.hpp"
#include "thermoscape/landscape/operators.hpp"
#include "thermoscape/models/softmax_hessian.hpp"

namespace thermoscape {

namespace {

constexpr std::size_t kPoints = 400;
constexpr double kLeastShare = 1e-7;  ///< of the largest |λ|, where the axis begins

Vector bulk_of_model(const RandomHessian& model, double scale, const Noise& noise) {
  const RandomHessianDraw draw = sample(model, noise, 0);
  Matrix hessian = scale * softmax_hessian(draw.probabilities, draw.jacobian);
  const Vector rising = analysis::dense::diagonalise(hessian);
  return rising.head(rising.size() - (model.classes - 1));
}

/// ⟨λ²⟩ of the body, spikes left out, over all P.
Estimate mean_square(const analysis::SpectralDensity& density) {
  Estimate all = density.mean_of([](double x) { return x * x; });
  all.value -= density.spikes.squaredNorm() / static_cast<double>(density.size);
  return all;
}

Estimate root(const Estimate& square) {
  if (!(square.value > 0)) return {};
  const double value = std::sqrt(square.value);
  return {value, square.standard_error / (2 * value), square.status};
}

/// Of two independent numbers.
Estimate ratio(const Estimate& a, const Estimate& b) {
  if (!(b.value > 0)) return {};
  const double value = a.value / b.value;
  return {value,
          std::hypot(a.standard_error / b.value, value * b.standard_error / b.value),
          a.status == Status::ok ? b.status : a.status};
}

/// A curve of counts per decade with its band; nothing where fewer than a tenth of an eigenvalue
/// lies.
void add_curves(Figure& figure,
                const analysis::SpectralDensity& density,
                const std::string& name,
                double least) {
  const auto count = static_cast<double>(density.size);
  for (const int sign : {1, -1}) {
    const analysis::DensityCurve curve = density_of_logarithm(density, sign, least, kPoints);
    const std::string label = name + (sign > 0 ? ", λ > 0" : ", λ < 0");
    Series line{label, {}, {}, {}, sign > 0 ? "line" : "dashed", label};
    Series band{label + " ± SE", {}, {}, {}, "band", label};
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      const double height = count * curve.density[i];
      if (height < 0.1) continue;
      line.x.push_back(curve.x[i]);
      line.y.push_back(height);
      band.x.push_back(curve.x[i]);
      band.y.push_back(height);
      band.y_error.push_back(std::min(count * curve.error[i], 0.9 * height));
    }
    if (line.x.empty()) continue;
    if (!density.exact) figure.series.push_back(std::move(band));
    figure.series.push_back(std::move(line));
  }
}

}  // namespace

TermDensities term_densities(Objective<double>& objective,
                             const std::vector<double>& theta,
                             const analysis::Eigenpairs& outliers,
                             const analysis::SlqOptions& options,
                             const RandomHessian* model,
                             double scale,
                             const Noise& noise) {
  TermDensities out;
  out.parameters = objective.parameters();
  out.hessian = analysis::slq(
      hessian_operator(objective, theta), noise.fork("hessian_density", 0), options, &outliers);
  out.h_term = analysis::slq(hessian_operator(objective, theta, HessianTerm::residual),
                             noise.fork("h_term_density", 0),
                             options);
  const Estimate bulk = mean_square(out.hessian);
  const Estimate h_term = mean_square(out.h_term);
  out.bulk_size = root(bulk);
  out.h_term_size = root(h_term);
  out.h_term_share = ratio(h_term, bulk);
  if (model == nullptr) return out;
  out.model_bulk = bulk_of_model(*model, scale, noise.fork("model_bulk", 0));
  const Estimate sum{
      out.model_bulk.squaredNorm() / static_cast<double>(out.parameters), 0, Status::ok};
  out.model_share = ratio(sum, bulk);
  return out;
}

Figure term_density_figure(const TermDensities& found) {
  const auto [low, high] = found.hessian.range();
  const double least = kLeastShare * std::max({high, -low, 1e-300});
  Figure figure{
      "term_densities",
      "The bulk of the Hessian, the H-term and the bulk of the random model",
      fmt::format("Eigenvalues per decade of |λ| at the end of training, first run, above "
                  "{:.2g}; those of the Hessian without its {} largest. Shade: one "
                  "standard error of {} random starts of the quadrature, which cannot "
                  "resolve what lies close to zero. The model: one draw, scaled to the "
                  "measured |c_k|²; its bulk is all G-term.",
                  least,
                  found.hessian.spikes.size(),
                  found.hessian.nodes.size()),
      {"|λ| [loss/θ²]", "log"},
      {"eigenvalues per decade", "log"},
      {}};
  add_curves(figure, found.hessian, "bulk of H", least);
  add_curves(figure, found.h_term, "H-term", least);
  if (found.model_bulk.size() > 0)
    add_curves(figure, analysis::exact_density(found.model_bulk, 0), "bulk of the model", least);
  return figure;
}

std::vector<Finding> term_density_findings(const TermDensities& found, const Coordinates& where) {
  return {{"bulk_size", where, found.bulk_size, "loss/θ²"},
          {"h_term_size", where, found.h_term_size, "loss/θ²"},
          {"h_term_share_of_bulk", where, found.h_term_share, "1"},
          {"model_share_of_bulk", where, found.model_share, "1"}};
}

Dataset term_density_dataset(const TermDensities& found) {
  Dataset out;
  put_density(out.make_group("hessian"), found.hessian);
  put_density(out.make_group("h_term"), found.h_term);
  if (found.model_bulk.size() > 0) {
    out.put_vector("model_bulk",
                   "eigenvalue",
                   {found.model_bulk.begin(), found.model_bulk.end()},
                   "loss/θ²",
                   "eigenvalues of a draw of the random model without the C - 1 largest");
  }
  return out;
}

}  // namespace thermoscape
