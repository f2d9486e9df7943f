#include <algorithm>
#include <cmath>

#include "thermoscape/experiments/local_geometry/curvature_report.hpp"
#include "thermoscape/experiments/table_cell.hpp"

namespace thermoscape {

namespace {

/// "4", "1,234,567".
std::string with_commas(std::int64_t n) {
  const std::string digits = std::to_string(n);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text += ',';
    text += digits[i];
  }
  return text;
}

std::string estimate_cell(const analysis::TraceEstimate& of, const Estimate& one) {
  if (one.status == Status::undefined) return "—";
  return of.exact ? fmt::format("{:.6g} (exact)", one.value) : cell(one);
}

Table summary(const Curvature& curvature) {
  Table table{
      "summary",
      "Curvature",
      fmt::format("Mean over {} examples of the second derivatives of the loss in {} "
                  "parameters; {} products with vectors in all.",
                  with_commas(curvature.examples),
                  with_commas(curvature.parameters),
                  with_commas(curvature.products)),
      {"", "largest", "smallest found", "converged", "trace", "‖·‖_F", "trace/‖·‖_F", "products"},
      {}};
  for (const TermCurvature& one : curvature.terms) {
    const auto count = one.pairs.count();
    const bool whole = one.all.size() > 0;
    const auto number = [&](double x) { return fmt::format("{:.6g}", x); };
    table.rows.push_back(
        {std::string(name(one.term)),
         count > 0 ? number(one.pairs.values[0]) : "—",
         whole       ? number(one.all[one.all.size() - 1])
         : count > 0 ? number(one.pairs.values[count - 1])
                     : "—",
         fmt::format("{} of {}", one.pairs.converged_count(), count),
         estimate_cell(one.trace, one.trace.trace),
         estimate_cell(one.trace, one.trace.frobenius),
         estimate_cell(one.trace, one.trace.trace_over_frobenius),
         whole ? "dense" : fmt::format("{} + {}", one.pairs.products, one.pairs.certification)});
  }
  return table;
}

Table pairs_table(const Curvature& curvature, const TermCurvature& term) {
  const analysis::Eigenpairs& pairs = term.pairs;
  const bool own = term.term == HessianTerm::full;
  const bool shares = own && !curvature.share_of_g.empty();
  const bool gradient = own && !curvature.gradient_share.empty();
  Table table{key_of(term.term) + "_pairs",
              fmt::format("Eigenpairs of the {}", name(term.term)),
              "Each with its residual |Av - λv| by a product of its own: an eigenvalue lies within "
              "it. Converged: the residual is at most the tolerance times the larger of |λ| and a "
              "millionth of the largest |λ|.",
              {"k", "λ [loss/θ²]", "residual", "converged"},
              {}};
  if (shares) table.columns.emplace_back("share of G");
  if (gradient) table.columns.emplace_back("share of |∇L|²");
  std::int64_t zeros = 0;
  for (Eigen::Index i = 0; i < pairs.count(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (pairs.zeros > 1 &&
        std::abs(pairs.values[i]) <= std::max(pairs.residuals[i], 1e-10 * pairs.norm)) {
      ++zeros;
      continue;
    }
    std::vector<std::string> row{std::to_string(i + 1),
                                 fmt::format("{:.8g}", pairs.values[i]),
                                 fmt::format("{:.1e}", pairs.residuals[i]),
                                 pairs.converged[at] ? "yes" : "no"};
    if (shares) row.push_back(fmt::format("{:.3f}", curvature.share_of_g[at]));
    if (gradient) row.push_back(fmt::format("{:.3g}", curvature.gradient_share[at]));
    table.rows.push_back(std::move(row));
  }
  if (zeros > 0) {
    std::vector<std::string> row{fmt::format("{} more", zeros), "at zero", "", ""};
    row.resize(table.columns.size());
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table layer_table(const Curvature& curvature) {
  Table table{
      "layers",
      "Curvature by layer",
      "The diagonal block of each layer: largest eigenvalue, trace with its standard error, "
      "and the part of the trace that the G-term makes.",
      {"layer", "parameters", "λ_1", "residual", "trace", "share of G in the trace"},
      {}};
  for (const LayerCurvature& one : curvature.layers) {
    const bool has_share = one.gauss_newton_trace.ok() && one.trace.ok() && one.trace.value != 0;
    table.rows.push_back(
        {one.layer.name,
         with_commas(one.layer.count),
         fmt::format("{:.6g}{}", one.largest, one.converged ? "" : " [not_converged]"),
         fmt::format("{:.1e}", one.residual),
         cell(one.trace),
         has_share ? fmt::format("{:.3f}", one.gauss_newton_trace.value / one.trace.value) : "—"});
  }
  return table;
}

Table density_table(const Curvature& curvature) {
  Table table{"moments",
              "Moments of the spectral density",
              "(1/P) Σ λ^k with the standard error of the random starts, and the part of the "
              "spectrum within a thousandth of the largest |λ| from zero (to the resolution of the "
              "quadrature).",
              {"", "k = 1", "k = 2", "k = 3", "k = 4", "|λ| ≤ 10⁻³ max"},
              {}};
  for (const TermCurvature& one : curvature.terms) {
    if (!one.density) continue;
    std::vector<std::string> row{std::string(name(one.term))};
    for (int power = 1; power <= 4; ++power) {
      row.push_back(cell(one.density->mean_of([power](double x) { return std::pow(x, power); })));
    }
    const double edge = 1e-3 * one.pairs.norm;
    row.push_back(
        cell(one.density->mean_of([edge](double x) { return std::abs(x) <= edge ? 1.0 : 0.0; })));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

std::vector<Table> curvature_tables(const Curvature& curvature) {
  std::vector<Table> tables{summary(curvature)};
  for (const TermCurvature& one : curvature.terms) {
    tables.push_back(pairs_table(curvature, one));
  }
  if (curvature.hessian().density) tables.push_back(density_table(curvature));
  if (!curvature.layers.empty()) tables.push_back(layer_table(curvature));
  return tables;
}

}  // namespace thermoscape
