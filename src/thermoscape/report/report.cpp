#include "thermoscape/report/report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/report/assets.hpp"
#include "thermoscape/report/escape.hpp"
#include "thermoscape/report/sections.hpp"
#include "thermoscape/store/atomic_write.hpp"
#include "thermoscape/store/netcdf.hpp"

namespace thermoscape::report {

namespace {

constexpr std::size_t kCurveLimit = 5000;

/// The ids in a group of the run: first those of the order attribute, then the others.
std::vector<std::string> ordered_ids(const Dataset& run,
                                     const std::string& group,
                                     std::string_view order) {
  std::vector<std::string> ids;
  if (!run.has_group(group)) return ids;
  const auto& groups = run.group(group).groups;
  for (const std::string& id : sentences(run, order)) {
    const bool taken = std::find(ids.begin(), ids.end(), id) != ids.end();
    if (!taken && groups.count(id) != 0) ids.push_back(id);
  }
  const std::size_t named = ids.size();
  for (const auto& [id, unused] : groups) {
    const auto end = ids.begin() + static_cast<std::ptrdiff_t>(named);
    if (std::find(ids.begin(), end, id) == end) ids.push_back(id);
  }
  return ids;
}

std::vector<PageFigure> page_figures(const Dataset& run) {
  std::vector<PageFigure> out;
  for (const std::string& id : ordered_ids(run, "figures", "figure_order")) {
    PageFigure page;
    page.figure = figure_from(id, run.group("figures/" + id));
    for (const Series& one : page.figure.series) page.curves.push_back(decimate(one, kCurveLimit));
    page.figure.series.clear();
    out.push_back(std::move(page));
  }
  return out;
}

std::vector<Table> page_tables(const Dataset& run) {
  std::vector<Table> out;
  for (const std::string& id : ordered_ids(run, "tables", "table_order")) {
    out.push_back(table_from(id, run.group("tables/" + id)));
  }
  return out;
}

/// The table of contents: a link for each section that is there, with its figures below.
std::string contents(const std::vector<std::pair<std::string, std::string>>& sections,
                     const std::vector<PageFigure>& figures) {
  std::string items;
  for (const auto& [id, title] : sections) {
    items += fmt::format("<li><a href=\"#{}\">{}</a>", id, title);
    if (id == "figures") {
      items += "<ol>";
      for (const PageFigure& one : figures) {
        items += fmt::format("<li><a href=\"#figure-{}\">{}</a></li>",
                             identifier(one.figure.id),
                             escape_markup(one.figure.title));
      }
      items += "</ol>";
    }
    items += "</li>\n";
  }
  return "<nav class=\"contents\" aria-label=\"Contents\"><ul>\n" + items + "</ul></nav>\n";
}

// Forbids every request at the source: the browser would refuse what a mistake here tried to load.
constexpr std::string_view kHead =
    "<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src "
    "'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; base-uri 'none'; form-action 'none'\">\n";

}  // namespace

std::string render_report(const Dataset& run, const Json& manifest, std::string_view recipe) {
  const std::vector<PageFigure> figures = page_figures(run);
  const std::vector<Claim> claims = claims_from(run);
  struct Part {
    std::string id, title, html;
  };
  const std::vector<Part> parts = {
      {"claims", "Claims", claims_section(claims)},
      {"tables", "Results", tables_section(page_tables(run))},
      {"figures", "Figures", figures_section(figures)},
      {"findings", "All measured values", findings_section(findings_from(run))},
      {"choices", "Choices", choices_section(run)},
      {"provenance", "Provenance", provenance_section(manifest)},
      {"recipe", "Recipe", recipe_section(recipe)}};
  std::string body;
  std::vector<std::pair<std::string, std::string>> shown;
  for (const Part& part : parts) {
    if (part.html.empty()) continue;
    shown.emplace_back(part.id, part.title);
    body += fmt::format(
        "<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 "
        "id=\"{0}-title\">{1}</h2>\n{2}</section>\n",
        part.id,
        part.title,
        part.html);
  }
  std::string title = text_attribute(run.attributes, "title");
  if (title.empty()) title = "thermoscape run";
  const Assets web = assets();

  std::string page = "<!doctype html>\n<html lang=\"en\">\n<head>\n";
  page += kHead;
  page += fmt::format("<title>{} — thermoscape</title>\n<style>\n", escape_markup(title));
  page += web.style;
  page += "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the results</a>\n";
  page += header_section(run, manifest);
  page += "<div class=\"page\">\n" + contents(shown, figures) + "<main id=\"main\">\n";
  page += verdict_section(claims);
  page += body + "</main>\n</div>\n";
  const std::string version =
      manifest.is_object() && manifest.contains("version") && manifest["version"].is_string()
          ? " " + manifest["version"].get<std::string>()
          : "";
  page += fmt::format(
      "<footer><p>Made by thermoscape{}. This page holds all it needs and asks nothing of the "
      "network. The full data are in "
      "<code>results.nc</code> beside it; <code>thermoscape export RUN FIGURE --csv</code> writes "
      "every point of a "
      "figure.</p></footer>\n",
      escape_markup(version));
  if (!figures.empty()) {
    page += "<script type=\"application/json\" id=\"figure-data\">" + figure_data(figures) +
            "</script>\n";
    page += "<script>\n";
    page += web.plotly;
    page += "\n</script>\n";
  }
  page += "<script>\n";
  page += web.script;
  page += "</script>\n</body>\n</html>\n";
  return page;
}

void write_report(const store::RunDirectory& directory) {
  const Dataset run = store::read_dataset(directory.results());
  const std::string page =
      render_report(run, directory.read_manifest(), store::read_bytes(directory.recipe()));
  store::atomic_write(directory.report(), page);
}

Figure find_figure(const Dataset& run, std::string_view id) {
  const std::vector<std::string> ids = ordered_ids(run, "figures", "figure_order");
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
    std::string known;
    for (const std::string& one : ids) known += (known.empty() ? "" : ", ") + one;
    reject({"figure",
            std::string(id),
            ids.empty() ? "the run has no figures" : "must be one of " + known,
            did_you_mean(id, ids)});
  }
  return figure_from(id, run.group("figures/" + std::string(id)));
}

}  // namespace thermoscape::report
