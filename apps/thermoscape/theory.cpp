#include <algorithm>
#include <charconv>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "terminal.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/theory/catalog.hpp"
#include "verbs.hpp"

namespace thermoscape::app {

namespace {

struct TheoryArguments {
  std::string model;
  std::vector<std::string> assignments;
  bool json = false;
  bool csv = false;
};

/// A swept input: its name and the values it takes in turn.
struct Sweep {
  std::string name;
  std::vector<double> values;
};

double number(const std::string& text, const std::string& where) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    reject({where, text, "must be a number", "value, list a,b,c or sweep from:to:count"});
  }
  return value;
}

std::vector<std::string> split(const std::string& text, char mark) {
  std::vector<std::string> parts{""};
  for (const char c : text) {
    if (c == mark) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

/// from:to:count[:log|:linear]; without the last word logarithmic where both ends are positive and
/// a decade apart.
std::vector<double> sweep_values(const std::string& text, const std::string& where) {
  const std::vector<std::string> parts = split(text, ':');
  const bool named = parts.size() == 4 && (parts[3] == "log" || parts[3] == "linear");
  if (parts.size() != 3 && !named)
    reject({where, text, "must be from:to:count, with :log or :linear behind it if wanted", ""});
  const double from = number(parts[0], where);
  const double to = number(parts[1], where);
  const double count = number(parts[2], where);
  if (!(count >= 1 && count <= 1e6) || count != std::floor(count))
    reject({where, parts[2], "must be a count from 1 to 1000000", ""});
  const bool positive = from > 0 && to > 0;
  const bool log = named ? parts[3] == "log" : positive && std::abs(std::log10(to / from)) >= 1;
  if (log && !positive)
    reject({where, text, "needs positive ends for a logarithmic sweep", "use :linear"});
  std::vector<double> values;
  for (int i = 0; i < static_cast<int>(count); ++i) {
    const double share = count > 1 ? i / (count - 1) : 0;
    values.push_back(log ? from * std::pow(to / from, share) : from + (to - from) * share);
  }
  return values;
}

void list_models(bool json) {
  Table table{"models", "", "", {"model", "title", "source"}, {}};
  Json list = Json::array();
  for (const theory::Model& one : theory::models()) {
    table.rows.push_back({one.name, one.title, one.citation});
    list.push_back({{"name", one.name}, {"title", one.title}, {"citation", one.citation}});
  }
  if (json) {
    fmt::print("{}\n", Json{{"models", list}}.dump(2));
  } else {
    fmt::print(
        "{}\n`thermoscape theory NAME` prints the page of a model, `theory NAME key=value ...` its "
        "numbers.\n",
        as_text(table));
  }
}

std::string default_text(const theory::Input& input) {
  return input.value.empty() ? "required" : fmt::format("{}", fmt::join(input.value, ","));
}

void print_page(const theory::Model& model, bool json) {
  if (json) {
    Json inputs = Json::array();
    for (const theory::Input& one : model.inputs) {
      inputs.push_back({{"name", one.quantity.name},
                        {"symbol", one.quantity.symbol},
                        {"unit", one.quantity.unit},
                        {"meaning", one.quantity.meaning},
                        {"range", describe(one.range)},
                        {"default", one.value},
                        {"list", one.list}});
    }
    Json outputs = Json::array();
    for (const theory::Quantity& one : model.outputs) {
      outputs.push_back({{"name", one.name},
                         {"symbol", one.symbol},
                         {"unit", one.unit},
                         {"meaning", one.meaning}});
    }
    fmt::print("{}\n",
               Json{{"name", model.name},
                    {"title", model.title},
                    {"equation", model.equation},
                    {"validity", model.validity},
                    {"citation", model.citation},
                    {"inputs", inputs},
                    {"outputs", outputs}}
                   .dump(2));
    return;
  }
  fmt::print("{}: {}\n\n{}\n\nvalid: {}\nsource: {}\n\n",
             model.name,
             model.title,
             model.equation,
             model.validity,
             model.citation);
  Table inputs{"inputs", "", "", {"input", "symbol", "unit", "range", "default", "meaning"}, {}};
  for (const theory::Input& one : model.inputs) {
    inputs.rows.push_back({one.quantity.name + (one.list ? " (list)" : ""),
                           one.quantity.symbol,
                           one.quantity.unit,
                           describe(one.range),
                           default_text(one),
                           one.quantity.meaning});
  }
  Table outputs{"outputs", "", "", {"output", "symbol", "unit", "meaning"}, {}};
  for (const theory::Quantity& one : model.outputs)
    outputs.rows.push_back({one.name, one.symbol, one.unit, one.meaning});
  fmt::print("{}\n{}", as_text(inputs), as_text(outputs));
}

Json as_json(const std::vector<theory::Output>& outputs) {
  Json object = Json::object();
  for (const theory::Output& one : outputs) {
    object[one.name] = {{"value", json_number(one.value)},
                        {"unit", one.unit},
                        {"status", std::string(name(one.status))}};
  }
  return object;
}

std::string cell(const theory::Output& output) {
  if (output.status == Status::undefined) return "undefined";
  return fmt::format("{:.10g}", output.value) +
         (output.status == Status::ok ? "" : " [" + std::string(name(output.status)) + "]");
}

void print_single(const theory::Model& model,
                  const theory::Inputs& inputs,
                  const TheoryArguments& given) {
  const auto outputs = theory::evaluate(model.name, inputs);
  if (given.json) {
    fmt::print(
        "{}\n",
        Json{{"model", model.name}, {"inputs", inputs}, {"outputs", as_json(outputs)}}.dump(2));
    return;
  }
  if (given.csv) fmt::print("name,unit,value,status\n");
  Table table{"outputs", "", "", {"quantity", "symbol", "value", "unit", "status"}, {}};
  for (const theory::Output& one : outputs) {
    const std::string status(name(one.status));
    if (given.csv) {
      fmt::print("{},{},{},{}\n",
                 one.name,
                 one.unit,
                 one.status == Status::undefined ? "" : fmt::format("{}", one.value),
                 status);
    }
    table.rows.push_back({one.name,
                          one.symbol,
                          one.status == Status::undefined ? "—" : fmt::format("{:.10g}", one.value),
                          one.unit,
                          status});
  }
  if (!given.csv) fmt::print("{}", as_text(table));
}

void print_sweep(const theory::Model& model,
                 theory::Inputs inputs,
                 const Sweep& sweep,
                 const TheoryArguments& given) {
  Table table{"sweep", "", "", {sweep.name}, {}};
  Json points = Json::array();
  for (const double value : sweep.values) {
    inputs[sweep.name] = {value};
    const auto outputs = theory::evaluate(model.name, inputs);
    std::vector<std::string> row{fmt::format("{:.6g}", value)};
    if (table.rows.empty()) {
      for (const theory::Output& one : outputs) table.columns.push_back(one.name);
      if (given.csv)
        fmt::print("{},{},status\n",
                   sweep.name,
                   fmt::join(table.columns.begin() + 1, table.columns.end(), ","));
    }
    Status worst = Status::ok;
    std::vector<std::string> cells;
    for (const theory::Output& one : outputs) {
      row.push_back(cell(one));
      cells.push_back(one.status == Status::undefined ? "" : fmt::format("{}", one.value));
      worst = std::max(worst, one.status);
    }
    if (given.csv) fmt::print("{},{},{}\n", value, fmt::join(cells, ","), name(worst));
    points.push_back({{sweep.name, value}, {"outputs", as_json(outputs)}});
    table.rows.push_back(std::move(row));
  }
  if (given.json) {
    fmt::print("{}\n",
               Json{{"model", model.name}, {"sweep", sweep.name}, {"points", points}}.dump(2));
  } else if (!given.csv) {
    fmt::print("{}", as_text(table));
  }
}

void evaluate(const TheoryArguments& given) {
  const theory::Model& model = theory::model(given.model);
  theory::Inputs inputs;
  std::vector<Sweep> sweeps;
  for (const std::string& one : given.assignments) {
    const std::size_t equals = one.find('=');
    if (equals == std::string::npos)
      reject({"theory " + given.model, one, "must be key=value or key=from:to:count", ""});
    const std::string key = one.substr(0, equals);
    const std::string text = one.substr(equals + 1);
    const std::string where = "theory " + given.model + ", " + key;
    if (inputs.contains(key)) reject({where, text, "is given twice", ""});
    if (text.find(':') != std::string::npos) {
      sweeps.push_back({key, sweep_values(text, where)});
      inputs[key] = {sweeps.back().values.front()};
      continue;
    }
    for (const std::string& part : split(text, ',')) inputs[key].push_back(number(part, where));
  }
  if (sweeps.size() > 1)
    reject({"theory " + given.model, sweeps[1].name, "is a second sweep; one at a time", ""});
  if (sweeps.empty()) {
    print_single(model, inputs, given);
  } else {
    print_sweep(model, inputs, sweeps.front(), given);
  }
}

}  // namespace

void add_theory_verb(CLI::App& program, int& exit_code) {
  static TheoryArguments given;
  CLI::App* verb =
      program.add_subcommand("theory", "list the models, print the page of one, or its numbers");
  verb->add_option("model", given.model, "name of a model");
  verb->add_option(
      "assignments", given.assignments, "key=value, key=a,b,c or key=from:to:count[:log|:linear]");
  CLI::Option* json = verb->add_flag("--json", given.json, "print one JSON object");
  verb->add_flag("--csv", given.csv, "comma-separated values")->excludes(json);
  verb->callback([&exit_code] {
    exit_code = 0;
    if (given.model.empty()) {
      list_models(given.json);
    } else if (given.assignments.empty()) {
      print_page(theory::model(given.model), given.json);
    } else {
      evaluate(given);
    }
  });
}

}  // namespace thermoscape::app
