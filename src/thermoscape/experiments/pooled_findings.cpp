#include "thermoscape/experiments/pooled_findings.hpp"

#include <algorithm>

#include "thermoscape/analysis/combine.hpp"

namespace thermoscape {

void PooledFindings::add(const Task& task,
                         const std::string& quantity,
                         const Estimate& estimate,
                         const std::string& unit,
                         const Coordinates& more) {
  Coordinates where = task.where;
  where.insert(where.end(), more.begin(), more.end());
  auto it = std::find_if(groups_.begin(), groups_.end(), [&](const Group& one) {
    return one.quantity == quantity && one.where == where;
  });
  if (it == groups_.end()) it = groups_.insert(groups_.end(), {quantity, where, unit, {}});
  it->of_minima[task.minimum].push_back(estimate);
}

Finding PooledFindings::pooled(const Group& group) {
  std::vector<std::vector<Estimate>> members;
  for (const auto& [minimum, list] : group.of_minima) members.push_back(list);
  return {group.quantity, group.where, analysis::combine_minima(members).estimate, group.unit};
}

std::vector<Finding> PooledFindings::findings() const {
  std::vector<Finding> out;
  for (const Group& one : groups_) out.push_back(pooled(one));
  return out;
}

Estimate PooledFindings::at(const std::string& quantity, const Coordinates& where) const {
  for (const Group& one : groups_) {
    if (one.quantity == quantity && one.where == where) return pooled(one).estimate;
  }
  return {};
}

}  // namespace thermoscape
