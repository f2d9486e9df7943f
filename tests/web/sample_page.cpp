// Usage: report_sample FOLDER: writes there the pages and pictures that the browser test opens.
#include <filesystem>
#include <iostream>

#include "report/sample_run.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/report/report.hpp"
#include "thermoscape/store/atomic_write.hpp"

int main(int argc, char** argv) {
  using namespace thermoscape;
  if (argc != 2) {
    std::cerr << "usage: report_sample FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  Dataset run = sample::run();
  store::atomic_write(folder / "report.html",
                      report::render_report(run, sample::manifest(), sample::recipe()));
  for (const auto& [id, group] : run.group("figures").groups) {
    store::atomic_write(folder / (id + ".svg"), export_figure_svg(figure_from(id, group)));
  }
  const std::string bad = sample::kHostile;
  run.attributes["title"] = bad;
  run.attributes["notes"] = Json({bad}).dump();
  put_table(run, {"temperatures", bad, bad, {bad, bad}, {{bad, bad}}});
  store::atomic_write(folder / "hostile.html",
                      report::render_report(run, {{"status", bad}, {bad, bad}}, bad));
  return 0;
}
