#include <thread>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "recipes.hpp"
#include "terminal.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/data/catalog.hpp"
#include "thermoscape/data/location.hpp"
#include "thermoscape/objective/torch_library.hpp"
#include "thermoscape/store/provenance.hpp"
#include "verbs.hpp"

namespace thermoscape::app {

void add_doctor_verb(CLI::App& program, int& exit_code) {
  static bool json = false;
  CLI::App* verb = program.add_subcommand("doctor", "check this installation and machine");
  verb->add_flag("--json", json, "print one JSON object");
  verb->callback([&exit_code] {
    const TorchBackend torch = torch_backend();
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    Json facts = store::provenance(0, cores);
    facts["torch"] = {{"version", torch.version},
                      {"blas", torch.blas},
                      {"fast_blas", torch.fast_blas},
                      {"matmul_gflops", torch.matmul_gflops},
                      {"advice", torch.advice}};
    facts["recipes"] = recipe_folder().string();
    Json sets = Json::object();
    for (const data::Listing& one : data::list_sets(data::data_folders())) {
      if (!one.generated) sets[one.name] = one.present ? one.folder.string() : "not found";
    }
    facts["data"] = sets;
    exit_code = 0;
    if (json) {
      fmt::print("{}\n", facts.dump(2));
      return;
    }
    Table table{"doctor", "", "", {"what", "found"}, {}};
    for (const auto& [key, value] : facts.items()) {
      if (!value.is_object()) {
        table.rows.push_back({key, value.is_string() ? value.get<std::string>() : value.dump()});
        continue;
      }
      for (const auto& [inner, item] : value.items()) {
        if (item.is_string() && item.get<std::string>().empty()) continue;
        table.rows.push_back(
            {key + " " + inner, item.is_string() ? item.get<std::string>() : item.dump()});
      }
    }
    fmt::print("{}\n", as_text(table));
    if (torch.fast_blas) {
      fmt::print("healthy: a fast BLAS backs LibTorch\n");
    } else {
      fmt::print("warning: {}\n", torch.advice);
    }
  });
}

}  // namespace thermoscape::app
