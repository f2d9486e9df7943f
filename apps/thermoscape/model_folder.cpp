#include "model_folder.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "thermoscape/core/json.hpp"
#include "thermoscape/report/report.hpp"
#include "thermoscape/store/atomic_write.hpp"
#include "thermoscape/store/netcdf.hpp"
#include "thermoscape/store/provenance.hpp"

namespace thermoscape::app {

namespace {

std::string as_recipe(const std::string& verb, const Json& options, const Json& record) {
  std::string text = fmt::format("# thermoscape {}\n[model]\n", verb);
  const auto add = [&text](const Json& object) {
    for (const auto& [key, value] : object.items()) {
      if (!value.is_null()) text += fmt::format("{} = {}\n", key, value.dump());
    }
  };
  add(record);
  text += fmt::format("[{}]\n", verb);
  add(options);
  return text;
}

std::vector<std::string> notes_of(const LoadedModel& model) {
  std::vector<std::string> notes = model.notes;
  for (const auto& [key, value] : model.record.items()) {
    if (value.is_null()) continue;
    notes.push_back(key + ": " + (value.is_string() ? value.get<std::string>() : value.dump()));
  }
  return notes;
}

}  // namespace

std::optional<store::RunDirectory> begin_folder(const FolderArguments& given,
                                                const LoadedModel& model,
                                                const Json& options) {
  if (given.json && given.out.empty()) return {};
  const std::filesystem::path file(given.file);
  const std::filesystem::path whole = file.has_filename() ? file : file.parent_path();
  const std::string name = fmt::format("{}-{}", given.verb, whole.stem().string());
  auto directory = given.out.empty() ? store::RunDirectory::create_numbered("runs", name)
                                     : store::RunDirectory::create(given.out);
  store::atomic_write(directory.recipe(), as_recipe(given.verb, options, model.record));
  Json manifest{{"name", directory.path().filename().string()},
                {"title", fmt::format("{} of {}", given.title, whole.filename().string())},
                {"seed", given.seed},
                {"status", "running"},
                {"model", model.record}};
  manifest.update(store::provenance(1, 1));
  directory.write_manifest(manifest);
  return directory;
}

void finish_folder(const std::optional<store::RunDirectory>& directory,
                   const FolderArguments& given,
                   const LoadedModel& model,
                   ModelResults found) {
  if (!directory) return;
  Json manifest = directory->read_manifest();
  Dataset results;
  results.make_group(given.verb) = std::move(found.arrays);
  Json figures = Json::array();
  Json tables = Json::array();
  for (Figure& one : found.figures) {
    one.id = given.verb + "_" + one.id;
    figures.push_back(one.id);
    put_figure(results, one);
  }
  for (Table& one : found.tables) {
    one.id = given.verb + "_" + one.id;
    tables.push_back(one.id);
    put_table(results, one);
  }
  for (Finding& one : found.findings) one.quantity = given.verb + "." + one.quantity;
  put_findings(results, found.findings);
  results.attributes = {{"title", manifest.value("title", "")},
                        {"description", found.description},
                        {"notes", Json(notes_of(model)).dump()},
                        {"figure_order", figures.dump()},
                        {"table_order", tables.dump()}};
  store::write_dataset(directory->results(), results);
  manifest["status"] = found.status;
  if (found.manifest.is_object()) manifest.update(found.manifest);
  directory->write_manifest(manifest);
  report::write_report(*directory);
  fmt::print(given.json ? stderr : stdout,
             "report   {}\nresults  {}\n",
             directory->report().string(),
             directory->results().string());
}

}  // namespace thermoscape::app
