#include "thermoscape/theory/verify.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/theory/verify_kinds.hpp"

namespace thermoscape::theory {

namespace {

[[noreturn]] void reject_input(std::string_view key, const Json& value, const char* rule) {
  reject({fmt::format("inputs.{}", key), value.dump(), rule, ""});
}

double number_from(std::string_view key, const Json& value) {
  if (!value.is_number()) reject_input(key, value, "must be a number");
  return value.get<double>();
}

void flatten(std::string_view key, const Json& value, std::vector<double>& out) {
  if (!value.is_array()) {
    out.push_back(number_from(key, value));
    return;
  }
  for (const Json& one : value) flatten(key, one, out);
}

struct SinArray {
  std::vector<std::size_t> shape;
  std::vector<double> values;
};

SinArray sin_array(std::string_view key, const Json& settings) {
  if (!settings.is_object() || !settings.contains("shape")) {
    reject_input(key, settings, "must be a sinarray with a shape");
  }
  std::vector<double> lengths;
  flatten(key, settings.at("shape"), lengths);
  SinArray array;
  double size = 1;
  for (const double length : lengths) {
    size *= length;
    if (!(length >= 1 && length == std::floor(length) && size <= 1e8)) {
      reject_input(key, settings.at("shape"), "must be whole numbers >= 1 with a product <= 1e8");
    }
    array.shape.push_back(static_cast<std::size_t>(length));
  }
  const auto setting = [&](const char* name, double otherwise) {
    return settings.contains(name) ? number_from(key, settings.at(name)) : otherwise;
  };
  const double amplitude = setting("amp", 1);
  const double frequency = setting("w", 1);
  const double phase = setting("phase", 0);
  const double offset = setting("offset", 0);
  for (double i = 1; i <= size; ++i) {
    array.values.push_back(offset + amplitude * std::sin(frequency * (i * i) + phase));
  }
  return array;
}

bool is_sin_array(const Json& value) {
  return value.is_object() && value.contains("sinarray");
}

/// "3 of 4: ..." for the first element out of tolerance, empty if there is none.
std::string mismatch(const std::vector<double>& value,
                     const std::vector<double>& expected,
                     double relative,
                     const std::vector<double>& absolute) {
  if (value.size() != expected.size()) {
    return fmt::format("{} values, expected {}", value.size(), expected.size());
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    const double bound = absolute[absolute.size() == 1 ? 0 : i] + relative * std::abs(expected[i]);
    const double difference = std::abs(value[i] - expected[i]);
    if (difference <= bound) continue;  // false for NaN
    return fmt::format("element {} of {}: {} differs from {} by {:.3g}, allowed {:.3g}",
                       i + 1,
                       value.size(),
                       value[i],
                       expected[i],
                       difference,
                       bound);
  }
  return {};
}

void judge(const KindTable& kinds, const Json& entry, EntryOutcome& outcome) {
  const KindInputs fields(entry);
  const std::string kind = fields.text("kind");
  outcome.expected = fields.list("expected");
  if (!entry.contains("inputs")) reject({"entry", "", "must hold `inputs`", ""});
  const std::optional<std::vector<double>> value = evaluate_kind(kinds, kind, entry.at("inputs"));
  if (!value) {
    std::vector<std::string> names;
    for (const auto& [known, function] : kinds) names.push_back(known);
    reject({"kind", kind, "must be a known kind", did_you_mean(kind, names)});
  }
  outcome.value = *value;
  double relative = 0;
  std::vector<double> absolute{0.0};
  if (entry.contains("tol")) {
    const KindInputs tolerance(entry.at("tol"));
    relative = tolerance.number_or("rel", 0);
    if (tolerance.has("abs")) absolute = tolerance.list("abs");
  }
  if (absolute.size() != 1 && absolute.size() != outcome.expected.size()) {
    reject({"tol.abs",
            fmt::format("{} numbers", absolute.size()),
            "must be one number or one an element",
            ""});
  }
  outcome.reason = mismatch(outcome.value, outcome.expected, relative, absolute);
  outcome.passed = outcome.reason.empty();
}

}  // namespace

bool KindInputs::has(std::string_view key) const {
  return inputs_.is_object() && inputs_.contains(key);
}

const Json& KindInputs::at(std::string_view key) const {
  if (!has(key)) reject({fmt::format("inputs.{}", key), "", "must be given", ""});
  return inputs_.at(std::string(key));
}

double KindInputs::number(std::string_view key) const {
  return number_from(key, at(key));
}

double KindInputs::number_or(std::string_view key, double otherwise) const {
  return has(key) ? number(key) : otherwise;
}

std::vector<double> KindInputs::list(std::string_view key) const {
  const Json& value = at(key);
  if (is_sin_array(value)) return sin_array(key, value.at("sinarray")).values;
  std::vector<double> out;
  flatten(key, value, out);
  return out;
}

std::vector<std::vector<double>> KindInputs::matrix(std::string_view key) const {
  const Json& value = at(key);
  std::vector<std::vector<double>> rows;
  if (is_sin_array(value)) {
    const SinArray array = sin_array(key, value.at("sinarray"));
    if (array.shape.size() != 2) reject_input(key, value, "must have two dimensions");
    for (std::size_t i = 0; i < array.shape[0]; ++i) {
      const auto first = array.values.begin() + static_cast<std::ptrdiff_t>(i * array.shape[1]);
      rows.emplace_back(first, first + static_cast<std::ptrdiff_t>(array.shape[1]));
    }
    return rows;
  }
  if (!value.is_array()) reject_input(key, value, "must be a list of rows");
  for (const Json& row : value) flatten(key, row, rows.emplace_back());
  for (const auto& row : rows) {
    if (row.size() != rows.front().size()) {
      reject_input(key, value, "must have rows of equal length");
    }
  }
  return rows;
}

std::vector<std::size_t> KindInputs::shape(std::string_view key) const {
  const Json* value = &at(key);
  if (is_sin_array(*value)) return sin_array(key, value->at("sinarray")).shape;
  std::vector<std::size_t> lengths;
  std::size_t size = 1;
  for (; value->is_array(); value = &value->front()) {
    lengths.push_back(value->size());
    size *= value->size();
    if (value->empty()) break;
  }
  if (size != list(key).size()) reject_input(key, at(key), "must be rows of equal length");
  return lengths;
}

std::string KindInputs::text(std::string_view key) const {
  const Json& value = at(key);
  if (!value.is_string()) reject_input(key, value, "must be text");
  return value.get<std::string>();
}

const KindTable& theory_kinds() {
  static const KindTable all = [] {
    KindTable table = thermal_probe_kinds();
    table.merge(variance_flatness_kinds());
    table.merge(shift_curvature_kinds());
    table.merge(limiting_dynamics_kinds());
    table.merge(local_geometry_kinds());
    return table;
  }();
  return all;
}

std::optional<std::vector<double>> evaluate_kind(const KindTable& kinds,
                                                 std::string_view kind,
                                                 const Json& inputs) {
  const auto found = kinds.find(kind);
  if (found == kinds.end()) return std::nullopt;
  return found->second(KindInputs(inputs));
}

EntryOutcome verify_entry(const KindTable& kinds, const Json& entry) {
  EntryOutcome outcome;
  try {
    if (entry.is_object() && entry.contains("id") && entry.at("id").is_string()) {
      outcome.id = entry.at("id").get<std::string>();
    }
    judge(kinds, entry, outcome);
  } catch (const std::exception& error) {
    outcome.passed = false;
    outcome.reason = error.what();
  }
  return outcome;
}

}  // namespace thermoscape::theory
