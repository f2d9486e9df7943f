#pragma once
#include <cmath>
#include <type_traits>

#include <nlohmann/json.hpp>

#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/field.hpp"
#include "thermoscape/core/json_forward.hpp"

namespace thermoscape {

/// A number for JSON: null when it is not finite, since JSON has no NaN; the status travels beside
/// it.
[[nodiscard]] inline Json json_number(double x) {
  return std::isfinite(x) ? Json(x) : Json(nullptr);
}

[[nodiscard]] inline Json to_json(const Estimate& e) {
  return {{"value", json_number(e.value)},
          {"standard_error", json_number(e.standard_error)},
          {"status", std::string(name(e.status))}};
}

/// The fields of a struct as one object, in the order of its table; an absent optional is left out.
template <HasFields T>
[[nodiscard]] Json to_json(const T& value) {
  Json object = Json::object();
  for_each_field<T>([&](const auto& one) {
    const auto& member = value.*(one.member);
    using M = std::remove_cvref_t<decltype(member)>;
    const std::string key(one.name);
    if constexpr (std::is_same_v<M, double>) {
      object[key] = json_number(member);
    } else if constexpr (std::is_same_v<M, Estimate>) {
      object[key] = to_json(member);
    } else if constexpr (std::is_same_v<M, Status>) {
      object[key] = std::string(name(member));
    } else if constexpr (HasFields<M>) {
      object[key] = to_json(member);
    } else if constexpr (detail::is_optional<M>::value) {
      if (member) object[key] = *member;
    } else {
      object[key] = member;
    }
  });
  return object;
}

}  // namespace thermoscape
