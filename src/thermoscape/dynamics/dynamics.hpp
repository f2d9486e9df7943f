#pragma once
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "thermoscape/dynamics/adam.hpp"
#include "thermoscape/dynamics/free_diffusion.hpp"
#include "thermoscape/dynamics/lbfgs.hpp"
#include "thermoscape/dynamics/momentum.hpp"
#include "thermoscape/dynamics/newton_cg.hpp"
#include "thermoscape/dynamics/noisy_sgd.hpp"
#include "thermoscape/dynamics/overdamped.hpp"
#include "thermoscape/dynamics/sgd.hpp"

namespace thermoscape {

/// The catalogue: a rule becomes known to recipes, reports and the law suite by standing here.
using AnyRule =
    std::variant<Sgd, Momentum, Adam, Overdamped, FreeDiffusion, Lbfgs, NewtonCg, NoisySgd>;

/// Other names that recipes may use. Gradient descent is sgd on full batches.
struct RuleAlias {
  std::string_view name;
  std::string_view rule;
};
inline constexpr RuleAlias kRuleAliases[] = {{"gradient-descent", Sgd::kName}};

/// Calls f(rule) with a default-constructed rule of each kind in the catalogue, in order.
template <class F>
constexpr void for_each_rule(F&& f) {
  const auto all = [&f]<class... Rules>(std::type_identity<std::variant<Rules...>>) {
    static_assert((Rule<Rules> && ...));
    (f(Rules{}), ...);
  };
  all(std::type_identity<AnyRule>());
}

/// The names of the catalogue in order, then the aliases.
[[nodiscard]] std::vector<std::string_view> rule_names();

/// The rule called `name`, with its default parameters; throws Error "WHERE = name: must be one of
/// ..." with the nearest name as a hint.
[[nodiscard]] AnyRule make_rule(std::string_view name, std::string_view where = "rule");

/// The catalogue name of a rule.
[[nodiscard]] std::string_view name(const AnyRule& rule);

}  // namespace thermoscape
