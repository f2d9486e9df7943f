#include "thermoscape/core/finding.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/json.hpp"

namespace thermoscape {

Verdict judge(const Estimate& estimate, double expected, double tolerance) {
  const double error = estimate.standard_error;
  if (!estimate.ok() || !std::isfinite(estimate.value) || !std::isfinite(error))
    return Verdict::undecided;
  const double distance = std::abs(estimate.value - expected);
  if (distance <= tolerance + 2 * error && error <= tolerance) return Verdict::holds;
  return distance > tolerance + 3 * error ? Verdict::fails : Verdict::undecided;
}

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "holds";
    case Verdict::fails:
      return "fails";
    case Verdict::undecided:
      break;
  }
  return "undecided";
}

std::string strength(const Claim& claim) {
  const Estimate& x = claim.estimate;
  if (!x.ok()) return std::string(explanation(x.status));
  if (!std::isfinite(x.value) || !std::isfinite(x.standard_error))
    return "no value with an error bar";
  const double distance = std::abs(x.value - claim.expected);
  const double error = x.standard_error;
  const double edge = distance - claim.tolerance;
  const std::string place = error > 0 ? fmt::format("{:.2g} SE {} the tolerance",
                                                    std::abs(edge) / error,
                                                    edge > 0 ? "outside" : "inside")
                                      : fmt::format("{} the tolerance, without an error",
                                                    edge > 0 ? "outside" : "inside");
  const double least = std::max(distance - 2 * error, error);  // tolerance at which it just holds
  switch (claim.verdict) {
    case Verdict::holds:
      return fmt::format("{}; holds down to a tolerance of {:.2g}", place, least);
    case Verdict::fails:
      return fmt::format("{}; would hold at a tolerance of {:.2g}", place, least);
    case Verdict::undecided:
      break;
  }
  if (error > claim.tolerance) {
    return fmt::format("{}; an error as small as the tolerance takes {:.2g} times the data",
                       place,
                       std::pow(error / claim.tolerance, 2));
  }
  return place + "; fails if the value stays and the error shrinks by a third";
}

namespace {
Verdict verdict_from(const std::string& text) {
  for (const Verdict one : {Verdict::holds, Verdict::fails, Verdict::undecided}) {
    if (name(one) == text) return one;
  }
  reject({"verdict", text, "must be one of holds, fails, undecided", ""});
}

double number_or_nan(const Json& value) {
  return value.is_number() ? value.get<double>() : std::numeric_limits<double>::quiet_NaN();
}

Estimate estimate_from(const Json& object) {
  return {number_or_nan(object.at("value")),
          number_or_nan(object.at("standard_error")),
          status_from(object.at("status").get<std::string>())};
}

template <class F>
auto guarded(const Json& object, F&& read) {
  try {
    return read();
  } catch (const nlohmann::json::exception& e) {
    reject({"stored result", object.dump(), "is not a finding or claim", e.what()});
  }
}
}  // namespace

Json to_json(const Finding& finding) {
  Json where = Json::object();
  for (const auto& [key, value] : finding.where) where[key] = json_number(value);
  return {{"quantity", finding.quantity},
          {"where", where},
          {"value", json_number(finding.estimate.value)},
          {"standard_error", json_number(finding.estimate.standard_error)},
          {"unit", finding.unit},
          {"status", std::string(name(finding.estimate.status))}};
}

Json to_json(const Claim& claim) {
  return {{"claim", claim.claim},
          {"verdict", std::string(name(claim.verdict))},
          {"value", json_number(claim.estimate.value)},
          {"standard_error", json_number(claim.estimate.standard_error)},
          {"expected", json_number(claim.expected)},
          {"tolerance", json_number(claim.tolerance)},
          {"source", claim.source},
          {"overturned_by", claim.overturned_by},
          {"status", std::string(name(claim.estimate.status))}};
}

Finding finding_from(const Json& object) {
  return guarded(object, [&] {
    Finding finding{
        object.at("quantity").get<std::string>(), {}, estimate_from(object), object.at("unit")};
    for (const auto& [key, value] : object.at("where").items()) {
      finding.where.emplace_back(key, number_or_nan(value));
    }
    return finding;
  });
}

Claim claim_from(const Json& object) {
  return guarded(object, [&] {
    return Claim{object.at("claim"),
                 verdict_from(object.at("verdict")),
                 estimate_from(object),
                 number_or_nan(object.at("expected")),
                 number_or_nan(object.at("tolerance")),
                 object.at("source"),
                 object.value("overturned_by", "")};
  });
}

namespace {
template <class Item>
void put_list(Dataset& run,
              const std::string& group,
              const std::string& axis,
              const std::vector<Item>& items) {
  Dataset& place = run.make_group(group) = Dataset{};
  Json list = Json::array();
  std::vector<double> values;
  std::vector<double> errors;
  for (const Item& one : items) {
    list.push_back(to_json(one));
    values.push_back(one.estimate.value);
    errors.push_back(one.estimate.standard_error);
  }
  place.attributes["json"] = list.dump();
  place.put_vector(
      "value", axis, values, "", "value; names, units and status are in the attribute json");
  place.put_vector("standard_error", axis, errors, "", "standard error of value");
}

template <class Read>
auto read_list(const Dataset& run, const std::string& group, Read&& read) {
  std::vector<decltype(read(Json()))> items;
  if (!run.has_group(group)) return items;
  const std::string text = text_attribute(run.group(group).attributes, "json");
  const Json list = Json::parse(text, nullptr, false);
  if (!list.is_array())
    reject({"results.nc " + group, text, "must hold a JSON list", "the file is damaged"});
  for (const Json& one : list) items.push_back(read(one));
  return items;
}
}  // namespace

void put_findings(Dataset& run, const std::vector<Finding>& findings) {
  put_list(run, "findings", "finding", findings);
}

void put_claims(Dataset& run, const std::vector<Claim>& claims) {
  put_list(run, "claims", "claim", claims);
  Dataset& place = run.make_group("claims");
  std::vector<double> expected;
  std::vector<double> tolerance;
  for (const Claim& one : claims) {
    expected.push_back(one.expected);
    tolerance.push_back(one.tolerance);
  }
  place.put_vector("expected", "claim", expected, "", "expected value");
  place.put_vector("tolerance", "claim", tolerance, "", "tolerance written before the run");
}

std::vector<Finding> findings_from(const Dataset& run) {
  return read_list(run, "findings", [](const Json& one) { return finding_from(one); });
}

std::vector<Claim> claims_from(const Dataset& run) {
  return read_list(run, "claims", [](const Json& one) { return claim_from(one); });
}

std::string with_error(double value, double standard_error) {
  if (!std::isfinite(value)) return "—";
  // An error that is that of rounding is none.
  const bool exact = !(standard_error > 1e-12 * std::abs(value));
  if (!std::isfinite(standard_error) || exact) return fmt::format("{:.4g}", value);
  // Two digits of the error, and the value to the same place; powers of ten only where plain digits
  // would mislead.
  const int place = static_cast<int>(std::floor(std::log10(standard_error))) - 1;
  const double size = std::max(std::abs(value), standard_error);
  if (size >= 1e5 || size < 1e-3) {
    const int exponent = static_cast<int>(std::floor(std::log10(size)));
    const double scale = std::pow(10.0, exponent);
    return fmt::format("({:.{}f} ± {:.{}f})e{}",
                       value / scale,
                       std::max(0, exponent - place),
                       standard_error / scale,
                       std::max(0, exponent - place),
                       exponent);
  }
  const int digits = std::max(0, -place);
  return fmt::format("{:.{}f} ± {:.{}f}", value, digits, standard_error, digits);
}

}  // namespace thermoscape
