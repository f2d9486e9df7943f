#include "thermoscape/experiments/expectations.hpp"

#include <algorithm>
#include <cmath>

namespace thermoscape {

namespace {
bool same_place(const Finding& finding, const std::map<std::string, double>& where) {
  if (finding.where.size() != where.size()) return false;
  return std::all_of(finding.where.begin(), finding.where.end(), [&](const auto& coordinate) {
    const auto it = where.find(coordinate.first);
    return it != where.end() &&
           std::abs(it->second - coordinate.second) <= 1e-9 * std::abs(it->second);
  });
}
}  // namespace

std::vector<Claim> judge_expectations(const std::vector<ExpectSettings>& expectations,
                                      const std::vector<Finding>& findings) {
  std::vector<Claim> claims;
  for (const ExpectSettings& expect : expectations) {
    Claim claim;
    claim.claim = expect.claim.empty() ? expect.quantity : expect.claim;
    claim.expected = expect.value;
    claim.tolerance = expect.tolerance;
    claim.source = expect.source;
    claim.overturned_by = expect.overturned_by;
    for (const Finding& finding : findings) {
      if (finding.quantity == expect.quantity && same_place(finding, expect.where))
        claim.estimate = finding.estimate;
    }
    claim.verdict = judge(claim.estimate, claim.expected, claim.tolerance);
    claims.push_back(std::move(claim));
  }
  return claims;
}

}  // namespace thermoscape
