#pragma once
#include <map>
#include <string>
#include <vector>

#include "thermoscape/core/finding.hpp"
#include "thermoscape/experiments/plan.hpp"

namespace thermoscape {

/// Numbers of single tasks, gathered into findings: one a quantity and place of the sweep, with the
/// largest of the errors from inside the tasks, from replicas and from minima
/// (analysis/combine.hpp).
class PooledFindings {
 public:
  /// `more` are coordinates besides those of the task, such as a window.
  void add(const Task& task,
           const std::string& quantity,
           const Estimate& estimate,
           const std::string& unit,
           const Coordinates& more = {});
  /// In the order in which quantities and places were first added.
  [[nodiscard]] std::vector<Finding> findings() const;
  /// The pooled estimate of a quantity at a place; undefined if there is none.
  [[nodiscard]] Estimate at(const std::string& quantity, const Coordinates& where) const;

 private:
  struct Group {
    std::string quantity;
    Coordinates where;
    std::string unit;
    std::map<std::int64_t, std::vector<Estimate>> of_minima;
  };
  [[nodiscard]] static Finding pooled(const Group& group);

  std::vector<Group> groups_;
};

}  // namespace thermoscape
