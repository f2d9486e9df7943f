#pragma once
#include <string>
#include <utility>
#include <vector>

#include "thermoscape/core/dataset.hpp"
#include "thermoscape/core/estimate.hpp"
#include "thermoscape/core/json_forward.hpp"

namespace thermoscape {

/// One measured number of a run: what, where in the sweep, how well, and whether to believe it.
struct Finding {
  std::string quantity;                               ///< "fluctuations.beta_times_temperature"
  std::vector<std::pair<std::string, double>> where;  ///< sweep coordinates, {"temperature", 1e-5}
  Estimate estimate;
  std::string unit;  ///< "1" for a pure number
};

/// holds: |x-e| <= tolerance + 2 SE and SE <= tolerance;  fails: |x-e| > tolerance + 3 SE;  else
/// undecided.
enum class Verdict { holds, fails, undecided };

/// A statement of theory or of a paper held against a finding. Expected value and tolerance were
/// written before the run.
struct Claim {
  std::string claim;  ///< the quantity, or a sentence
  Verdict verdict = Verdict::undecided;
  Estimate estimate;
  double expected = 0;
  double tolerance = 0;
  std::string source;              ///< the formula or figure that says so
  std::string overturned_by = {};  ///< what would change the verdict, in words; may be empty
};

/// The rule above; undecided unless the estimate is ok and finite.
[[nodiscard]] Verdict judge(const Estimate& estimate, double expected, double tolerance);
[[nodiscard]] std::string_view name(Verdict verdict);
/// How strongly, in numbers: the distance from the edge of the tolerance in standard errors, and
/// the tolerance or the amount of data at which the verdict would be another.
[[nodiscard]] std::string strength(const Claim& claim);

/// The objects of `show RUN --json`; from_json is the inverse (throws Error on a malformed object).
[[nodiscard]] Json to_json(const Finding& finding);
[[nodiscard]] Json to_json(const Claim& claim);
[[nodiscard]] Finding finding_from(const Json& object);
[[nodiscard]] Claim claim_from(const Json& object);

/// Groups "findings" and "claims": numeric arrays value, standard_error (and expected, tolerance)
/// over one dimension, and the whole list as JSON text in the attribute `json`, since netCDF has no
/// ragged text table.
void put_findings(Dataset& run, const std::vector<Finding>& findings);
void put_claims(Dataset& run, const std::vector<Claim>& claims);
[[nodiscard]] std::vector<Finding> findings_from(const Dataset& run);
[[nodiscard]] std::vector<Claim> claims_from(const Dataset& run);

/// "1.02 ± 0.03": the value to the digits its error allows; "—" for an undefined value.
[[nodiscard]] std::string with_error(double value, double standard_error);

}  // namespace thermoscape
