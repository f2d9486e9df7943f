#include <algorithm>
#include <cmath>
#include <numbers>

#include "thermoscape/experiments/local_geometry/curvature_report.hpp"

namespace thermoscape {

namespace {

constexpr std::size_t kPoints = 600;
constexpr double kLeastShare = 1e-8;  ///< of the largest |λ|, where the logarithmic axis begins

/// A curve and its band of one standard error, cut off below `floor` for a logarithmic axis.
void add_curve(Figure& figure,
               const analysis::DensityCurve& curve,
               const std::string& label,
               double floor) {
  Series line{label, {}, {}, {}, "line", label};
  Series band{label + " ± SE", {}, {}, {}, "band", label};
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    if (curve.density[i] < floor) continue;
    line.x.push_back(curve.x[i]);
    line.y.push_back(curve.density[i]);
    band.x.push_back(curve.x[i]);
    band.y.push_back(curve.density[i]);
    band.y_error.push_back(std::min(curve.error[i], 0.9 * curve.density[i]));
  }
  if (line.x.empty()) return;
  const bool has_error =
      std::any_of(band.y_error.begin(), band.y_error.end(), [](double e) { return e > 0; });
  if (has_error) figure.series.push_back(std::move(band));
  figure.series.push_back(std::move(line));
}

/// A vertical line for each known eigenvalue, as high as one eigenvalue broadened by `width` is.
void add_spikes(Figure& figure,
                const std::vector<double>& places,
                double height,
                double floor,
                const std::string& label) {
  for (const double one : places) {
    figure.series.push_back({label, {one, one}, {floor, height}, {}, "line", label});
  }
}

double height_of(const analysis::SpectralDensity& density, double width) {
  return 1 / (static_cast<double>(density.size) * width * std::sqrt(2 * std::numbers::pi));
}

std::string error_sentence(const analysis::SpectralDensity& density) {
  return density.exact
             ? std::string("From every eigenvalue of the matrix.")
             : fmt::format("Shade: one standard error of {} random starts.", density.nodes.size());
}

Figure linear_figure(const TermCurvature& term) {
  const analysis::SpectralDensity& density = *term.density;
  const analysis::DensityCurve curve = density_of_value(density, kPoints);
  const std::string of(name(term.term));
  Figure figure{key_of(term.term) + "_density",
                "Spectral density of the " + of,
                fmt::format("Broadened by a Gaussian of standard deviation {:.3g}. {} Vertical: "
                            "outliers, known one by one, as high as one eigenvalue is.",
                            curve.width,
                            error_sentence(density)),
                {"λ [loss/θ²]", "linear"},
                {"density [θ²/loss]", "log"},
                {}};
  const double width = curve.width > 0 ? curve.width : std::max(term.pairs.norm, 1e-300) / 80;
  const double height = height_of(density, width);
  const double floor = 1e-2 * height;
  add_curve(figure, curve, "body", floor);
  add_spikes(figure, {density.spikes.begin(), density.spikes.end()}, height, floor, "outliers");
  return figure;
}

Figure logarithmic_figure(const TermCurvature& term) {
  const analysis::SpectralDensity& density = *term.density;
  const double least = kLeastShare * std::max(term.pairs.norm, 1e-300);
  Figure figure{key_of(term.term) + "_log_density",
                fmt::format("Spectral density of the {} in log |λ|", name(term.term)),
                fmt::format("Density of log10 |λ| of the eigenvalues of either sign above {:.2g}, "
                            "broadened by 0.12 decades. {} A quadrature of so many nodes cannot "
                            "resolve what lies close to zero. Vertical: outliers.",
                            least,
                            error_sentence(density)),
                {"|λ| [loss/θ²]", "log"},
                {"density per decade", "log"},
                {}};
  for (const int sign : {1, -1}) {
    const analysis::DensityCurve curve = density_of_logarithm(density, sign, least, kPoints);
    const double height = height_of(density, 0.12);
    const std::string label = sign > 0 ? "λ > 0" : "λ < 0";
    add_curve(figure, curve, label, 1e-2 * height);
    std::vector<double> spikes;
    for (const double one : density.spikes) {
      if (sign * one > least) spikes.push_back(std::abs(one));
    }
    add_spikes(figure, spikes, height, 1e-2 * height, "outliers, " + label);
  }
  return figure;
}

/// Eigenvalues by rank, those of either sign apart, residuals as error bars.
Figure rank_figure(const Curvature& curvature) {
  Figure figure{"eigenvalues",
                "Eigenvalues",
                "Certified eigenvalues by rank; error bars: residuals. Negative ones are drawn by "
                "their size, from the smallest on.",
                {"rank", "log"},
                {"|λ| [loss/θ²]", "log"},
                {}};
  for (const TermCurvature& one : curvature.terms) {
    Series above{std::string(name(one.term)) + ", λ > 0", {}, {}, {}, "points", ""};
    Series below{std::string(name(one.term)) + ", λ < 0", {}, {}, {}, "points", ""};
    const auto count = one.pairs.count();
    for (Eigen::Index i = 0; i < count; ++i) {
      const double value = one.pairs.values[i];
      if (std::abs(value) <= one.pairs.residuals[i]) continue;
      Series& to = value > 0 ? above : below;
      to.x.push_back(static_cast<double>(value > 0 ? i + 1 : count - i));
      to.y.push_back(std::abs(value));
      to.y_error.push_back(one.pairs.residuals[i]);
    }
    for (Series* series : {&above, &below}) {
      series->group = series->label;
      if (!series->x.empty()) figure.series.push_back(std::move(*series));
    }
  }
  return figure;
}

Figure split_figure(const Curvature& curvature) {
  Figure figure{"terms",
                "The Hessian and its terms",
                "Densities of the bodies of Hessian, G-term and H-term, each broadened by an "
                "eightieth of its own range.",
                {"λ [loss/θ²]", "linear"},
                {"density [θ²/loss]", "log"},
                {}};
  for (const TermCurvature& one : curvature.terms) {
    if (!one.density) continue;
    const analysis::DensityCurve curve = density_of_value(*one.density, kPoints);
    if (curve.x.empty()) continue;
    add_curve(
        figure, curve, std::string(name(one.term)), 1e-2 * height_of(*one.density, curve.width));
  }
  return figure;
}

Figure share_figure(const Curvature& curvature) {
  Figure figure{
      "share_of_g",
      "How much of each eigenvalue the G-term makes",
      "vᵀGv/λ for the eigenvectors v of the Hessian: 1 where the curvature is that of the "
      "loss in its logits, 0 where it is that of the network.",
      {"rank", "linear"},
      {"vᵀGv/λ", "linear"},
      {}};
  Series series{"share of G", {}, {}, {}, "points", "share of G"};
  const analysis::Eigenpairs& pairs = curvature.hessian().pairs;
  for (std::size_t i = 0; i < curvature.share_of_g.size(); ++i) {
    const auto at = static_cast<Eigen::Index>(i);
    if (std::abs(pairs.values[at]) <= pairs.residuals[at]) continue;
    series.x.push_back(static_cast<double>(i + 1));
    series.y.push_back(curvature.share_of_g[i]);
  }
  figure.series.push_back(std::move(series));
  return figure;
}

}  // namespace

std::vector<Figure> curvature_figures(const Curvature& curvature) {
  std::vector<Figure> figures{rank_figure(curvature)};
  for (const TermCurvature& one : curvature.terms) {
    if (!one.density) continue;
    figures.push_back(linear_figure(one));
    figures.push_back(logarithmic_figure(one));
  }
  if (curvature.terms.size() > 1 && curvature.hessian().density) {
    figures.push_back(split_figure(curvature));
  }
  if (!curvature.share_of_g.empty()) figures.push_back(share_figure(curvature));
  return figures;
}

}  // namespace thermoscape
