#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/core/status.hpp"
#include "thermoscape/report/escape.hpp"
#include "thermoscape/report/sections.hpp"

namespace thermoscape::report {

namespace {

std::string_view symbol(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "✓";
    case Verdict::fails:
      return "✗";
    case Verdict::undecided:
      break;
  }
  return "?";
}

std::string number(double value) {
  return std::isfinite(value) ? number_markup(fmt::format("{:.4g}", value)) : "—";
}

/// A name that may break after its dots and underscores.
std::string breakable(std::string_view text) {
  std::string out;
  for (const char c : escape_markup(text)) {
    out += c;
    if (c == '.' || c == '_') out += "<wbr>";
  }
  return out;
}

/// How strongly, and what would change the verdict.
std::string reason(const Claim& claim) {
  std::string text = strength(claim);
  if (!claim.overturned_by.empty()) text += ". What would change it: " + claim.overturned_by;
  return text;
}

/// The distance from the expected value in units of the tolerance, with one and two standard
/// errors, as a small picture.
std::string deviation(const Claim& claim) {
  const double at = (claim.estimate.value - claim.expected) / claim.tolerance;
  const double error = claim.estimate.standard_error / claim.tolerance;
  if (!std::isfinite(at) || !std::isfinite(error) || claim.tolerance <= 0) return "—";
  static constexpr double reach = 3;
  static constexpr double half = 66;
  const auto x = [](double value) { return 74 + half * std::clamp(value, -reach, reach) / reach; };
  std::string mark;
  if (at - 2 * error < reach && at + 2 * error > -reach) {
    mark += fmt::format(
        "<path d=\"M{:.1f} 11H{:.1f}\" class=\"two\"/><path d=\"M{:.1f} 11H{:.1f}\" "
        "class=\"one\"/>",
        x(at - 2 * error),
        x(at + 2 * error),
        x(at - error),
        x(at + error));
  }
  if (std::abs(at) <= reach) {
    mark += fmt::format("<circle cx=\"{:.1f}\" cy=\"11\" r=\"3.6\"/>", x(at));
  } else {
    mark += at > 0 ? "<path d=\"M138 6l8 5l-8 5z\"/>" : "<path d=\"M10 6l-8 5l8 5z\"/>";
  }
  return fmt::format(
      "<svg class=\"deviation {}\" viewBox=\"0 0 148 22\" role=\"img\" aria-label=\"{:.2g} ± "
      "{:.2g} tolerances\">"
      "<rect x=\"{:.1f}\" y=\"2\" width=\"{:.1f}\" height=\"18\" class=\"allowed\"/>"
      "<path d=\"M74 2V20\" class=\"zero\"/>{}</svg>",
      name(claim.verdict),
      at,
      error,
      x(-1),
      x(1) - x(-1),
      mark);
}

std::array<std::size_t, 3> count(const std::vector<Claim>& claims) {
  std::array<std::size_t, 3> n{};
  for (const Claim& one : claims) ++n[static_cast<std::size_t>(one.verdict)];
  return n;
}

}  // namespace

std::string verdict_section(const std::vector<Claim>& claims) {
  if (claims.empty()) return "<p class=\"verdicts none\">No claims were judged in this run.</p>\n";
  const auto n = count(claims);
  std::string cards;
  std::string bar;
  const std::array<std::string_view, 3> words = {
      n[0] == 1 ? "holds" : "hold", n[1] == 1 ? "fails" : "fail", "undecided"};
  for (const Verdict one : {Verdict::holds, Verdict::fails, Verdict::undecided}) {
    const std::size_t i = static_cast<std::size_t>(one);
    cards += fmt::format(
        "<div class=\"card {}{}\"><span class=\"count\">{}</span> <span class=\"word\"><span "
        "aria-hidden=\"true\">{}</span> "
        "{}</span></div>\n",
        name(one),
        n[i] == 0 ? " zero" : "",
        n[i],
        symbol(one),
        words[i]);
    if (n[i] > 0)
      bar += fmt::format("<span class=\"{}\" style=\"flex-grow:{}\"></span>", name(one), n[i]);
  }
  return fmt::format(
      "<section class=\"verdicts\" aria-label=\"Verdicts\">\n<div class=\"cards\">\n{}</div>\n"
      "<div class=\"bar\" aria-hidden=\"true\">{}</div>\n</section>\n",
      cards,
      bar);
}

std::string claims_section(const std::vector<Claim>& claims) {
  if (claims.empty()) return "";
  std::string rows;
  for (const Claim& one : claims) {
    const std::string why = reason(one);
    rows += fmt::format(
        "<tr class=\"{0}\"><th scope=\"row\">{1}{8}</th>"
        "<td><span class=\"pill {0}\"><span aria-hidden=\"true\">{2}</span> {0}</span>{3}</td>"
        "<td class=\"number\">{4}</td><td class=\"number\">{5}</td><td class=\"number\">{6}</td>"
        "<td>{7}</td></tr>\n",
        name(one.verdict),
        breakable(one.claim),
        symbol(one.verdict),
        why.empty() ? "" : "<small class=\"why\">" + escape_markup(why) + "</small>",
        number_markup(with_error(one.estimate.value, one.estimate.standard_error)),
        number(one.expected),
        number(one.tolerance),
        deviation(one),
        one.source.empty() ? ""
                           : "<small class=\"source\">" + escape_markup(one.source) + "</small>");
  }
  return "<p>Expected values and tolerances were written before the run. With x the measured "
         "value, e the expected one and SE "
         "the standard error, a claim <b>holds</b> if |x − e| ≤ tolerance + 2 SE and SE ≤ "
         "tolerance, <b>fails</b> if "
         "|x − e| &gt; tolerance + 3 SE, and is <b>undecided</b> otherwise.</p>\n"
         "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
         "aria-labelledby=\"claims-title\"><table class=\"claims\">\n"
         "<thead><tr><th scope=\"col\">Claim <small>and where it comes from</small></th><th "
         "scope=\"col\">Verdict</th><th scope=\"col\">Measured</th>"
         "<th scope=\"col\">Expected</th><th scope=\"col\">Tolerance</th>"
         "<th scope=\"col\">Deviation <small>shade: tolerance</small><small>bars: 1 and 2 "
         "SE</small></th></tr></thead>\n<tbody>\n" +
         rows + "</tbody></table></div>\n";
}

std::string findings_section(const std::vector<Finding>& findings) {
  if (findings.empty()) return "";
  std::string rows;
  for (const Finding& one : findings) {
    std::string where;
    for (const auto& [key, value] : one.where) {
      where +=
          fmt::format("{}{} = {}", where.empty() ? "" : ", ", escape_markup(key), number(value));
    }
    rows += fmt::format(
        "<tr><th scope=\"row\">{}</th><td>{}</td><td "
        "class=\"number\">{}</td><td>{}</td><td{}>{}</td></tr>\n",
        breakable(one.quantity),
        where,
        number_markup(with_error(one.estimate.value, one.estimate.standard_error)),
        one.unit == "1" ? "" : escape_markup(one.unit),
        one.estimate.ok() ? ""
                          : fmt::format(" class=\"marked\" title=\"{}\"",
                                        escape_markup(explanation(one.estimate.status))),
        name(one.estimate.status));
  }
  return fmt::format(
      "<details><summary>{} value{} with standard error and status</summary>\n"
      "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
      "aria-labelledby=\"findings-title\"><table>\n<thead><tr>"
      "<th scope=\"col\">Quantity</th><th scope=\"col\">At</th><th scope=\"col\">Value</th><th "
      "scope=\"col\">Unit</th>"
      "<th scope=\"col\">Status</th></tr></thead>\n<tbody>\n{}</tbody></table></div>\n</details>\n",
      findings.size(),
      findings.size() == 1 ? "" : "s",
      rows);
}

}  // namespace thermoscape::report
