#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "terminal.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/data/catalog.hpp"
#include "thermoscape/data/location.hpp"
#include "verbs.hpp"

namespace thermoscape::app {

namespace {

struct DataArguments {
  std::string name;
  std::string from;
  bool json = false;
};

void list_sets(bool json) {
  const auto folders = data::data_folders();
  Table table{"data", "", "", {"set", "what it is", "where"}, {}};
  Json list = Json::array();
  for (const data::Listing& one : data::list_sets(folders)) {
    const std::string where = one.generated ? "generated"
                              : one.present ? one.folder.string()
                                            : "not found";
    table.rows.push_back({one.name, one.description, where});
    list.push_back({{"name", one.name},
                    {"description", one.description},
                    {"generated", one.generated},
                    {"present", one.present},
                    {"folder", one.folder.string()},
                    {"bytes", one.bytes}});
  }
  if (json) {
    fmt::print("{}\n", Json{{"sets", list}}.dump(2));
    return;
  }
  fmt::print("{}\nlooked for in:\n", as_text(table));
  for (const auto& folder : folders) fmt::print("  {}\n", folder.string());
}

/// Checks one set and prints what it found, or returns it for --json.
Json verify_set(const std::string& name, const std::filesystem::path& folder, bool json) {
  const data::Verification found = data::verify_set(name, folder);
  Json files = Json::array();
  Table table{"files", "", "", {"file", "bytes", "CRC-32", "standard file"}, {}};
  for (const auto& one : found.files) {
    const std::string standard = !one.known ? "no record" : one.standard ? "yes" : "no";
    table.rows.push_back({one.path.filename().string(),
                          std::to_string(one.bytes),
                          fmt::format("{:08x}", one.checksum),
                          standard});
    files.push_back({{"file", one.path.string()},
                     {"bytes", one.bytes},
                     {"crc32", one.checksum},
                     {"standard", standard}});
  }
  Json parts = Json::array();
  for (const auto& one : found.parts) {
    parts.push_back({{"name", one.name},
                     {"examples", one.examples},
                     {"class_counts", one.class_counts},
                     {"digest", one.digest}});
  }
  if (json) {
    return {{"name", found.name},
            {"folder", found.folder.string()},
            {"files", files},
            {"parts", parts}};
  }
  fmt::print("{} in {}\n\n{}\n", found.name, found.folder.string(), as_text(table));
  for (const auto& one : found.parts)
    fmt::print("{}: {} examples, digest {}\n", one.name, one.examples, one.digest);
  fmt::print("every file reads; {}\n",
             found.standard() ? "these are the standard files" : "not all are the standard files");
  return {};
}

/// One set, or every set that is found where data are looked for.
void verify_sets(const DataArguments& given) {
  const auto folders = data::data_folders();
  if (!given.name.empty()) {
    const auto folder = data::find_set(given.name, folders);
    if (!folder)
      reject({"data set",
              given.name,
              "was not found",
              "`thermoscape data list` says where it is looked for"});
    const Json found = verify_set(given.name, *folder, given.json);
    if (given.json) fmt::print("{}\n", found.dump(2));
    return;
  }
  Json sets = Json::array();
  for (const data::Listing& one : data::list_sets(folders)) {
    if (one.generated || !one.present) continue;
    if (!given.json && !sets.empty()) fmt::print("\n");
    sets.push_back(verify_set(one.name, one.folder, given.json));
  }
  if (given.json) {
    fmt::print("{}\n", Json{{"sets", sets}}.dump(2));
  } else if (sets.empty()) {
    fmt::print("no set was found; `thermoscape data list` says where they are looked for\n");
  }
}

}  // namespace

void add_data_verb(CLI::App& program, int& exit_code) {
  static DataArguments given;
  CLI::App* verb = program.add_subcommand("data", "list, verify and import data sets");
  verb->require_subcommand(1);

  CLI::App* list = verb->add_subcommand("list", "the named sets and where they are");
  list->add_flag("--json", given.json, "print one JSON object");
  list->callback([&exit_code] {
    list_sets(given.json);
    exit_code = 0;
  });

  CLI::App* verify =
      verb->add_subcommand("verify", "read and check every file of a set, or of all sets");
  verify->add_option("name", given.name, "mnist or cifar10; without it, every set that is found");
  verify->add_flag("--json", given.json, "print one JSON object");
  verify->callback([&exit_code] {
    verify_sets(given);
    exit_code = 0;
  });

  CLI::App* copy =
      verb->add_subcommand("import", "check the files of a set and copy them to the user's cache");
  copy->add_option("name", given.name, "mnist or cifar10")->required();
  copy->add_option("folder", given.from, "where the files are")->required();
  copy->callback([&exit_code] {
    fmt::print("{}\n", data::import_set(given.name, given.from, data::user_cache()).string());
    exit_code = 0;
  });
}

}  // namespace thermoscape::app
