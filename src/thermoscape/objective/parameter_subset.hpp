#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "thermoscape/objective/objective.hpp"

namespace thermoscape {

/// The parameters first ... first + count - 1 of θ.
struct ParameterRange {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

/// Any parameters of θ, in its order: stretches that neither touch nor overlap.
class ParameterSubset {
 public:
  ParameterSubset() = default;
  /// Ascending stretches of at least one parameter each; those that touch become one.
  explicit ParameterSubset(std::span<const ParameterRange> parts);

  [[nodiscard]] const std::vector<ParameterRange>& parts() const { return parts_; }
  [[nodiscard]] std::int64_t count() const { return count_; }
  /// One past the last parameter.
  [[nodiscard]] std::int64_t end() const {
    return parts_.empty() ? 0 : parts_.back().first + parts_.back().count;
  }
  /// Whether every parameter of `other` is one of these.
  [[nodiscard]] bool contains(const ParameterSubset& other) const;
  /// θ[subset] = values [count]; the rest stays.
  template <class Real>
  void put(std::span<const double> values, std::span<Real> theta) const {
    const double* from = values.data();
    for (const ParameterRange& part : parts_) {
      for (std::int64_t i = 0; i < part.count; ++i)
        theta[static_cast<std::size_t>(part.first + i)] = static_cast<Real>(*from++);
    }
  }
  /// values [count] = θ[subset].
  template <class Real>
  void take(std::span<const Real> theta, std::span<double> values) const {
    double* to = values.data();
    for (const ParameterRange& part : parts_) {
      for (std::int64_t i = 0; i < part.count; ++i)
        *to++ = static_cast<double>(theta[static_cast<std::size_t>(part.first + i)]);
    }
  }

 private:
  std::vector<ParameterRange> parts_;
  std::int64_t count_ = 0;
};

/// The parameters that `text` names among `groups` (Objective::parameter_groups) of P parameters:
/// "all", globs over names as objective/globs.hpp reads them, or numbers "first:end,first:end" with
/// the ends excluded, in ascending order. Throws Error "WHERE = text: must be ..." naming the
/// groups there are.
[[nodiscard]] ParameterSubset parameter_subset(const std::string& text,
                                               std::span<const ParameterGroup> groups,
                                               std::int64_t parameters,
                                               const std::string& where);
template <class Real>
[[nodiscard]] ParameterSubset parameter_subset(const std::string& text,
                                               const Objective<Real>& objective,
                                               const std::string& where) {
  return parameter_subset(text, objective.parameter_groups(), objective.parameters(), where);
}

}  // namespace thermoscape
