#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "thermoscape/core/json_forward.hpp"

namespace thermoscape::theory {

/// The inputs of one reference entry, read by key; what is missing or of the wrong kind throws
/// Error naming the key.
class KindInputs {
 public:
  explicit KindInputs(const Json& inputs) : inputs_(inputs) {}

  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] double number(std::string_view key) const;
  [[nodiscard]] double number_or(std::string_view key, double otherwise) const;
  /// A flat list of numbers, a nested one row-major, a number as a list of one, or
  /// {"sinarray": {"shape", "amp", "w", "phase", "offset"}}: element i = offset + amp sin(w(i+1)² +
  /// phase).
  [[nodiscard]] std::vector<double> list(std::string_view key) const;
  /// The rows of a matrix, given nested or as a sinarray of a two-dimensional shape.
  [[nodiscard]] std::vector<std::vector<double>> matrix(std::string_view key) const;
  /// The lengths of a nested list or a sinarray; {} for a number.
  [[nodiscard]] std::vector<std::size_t> shape(std::string_view key) const;
  [[nodiscard]] std::string text(std::string_view key) const;

 private:
  [[nodiscard]] const Json& at(std::string_view key) const;
  const Json& inputs_;
};

/// From the inputs of an entry to its values, flat.
using KindFunction = std::function<std::vector<double>(const KindInputs&)>;
/// The functions by kind. Tables of other folders are merged into one by whoever runs `verify`.
using KindTable = std::map<std::string, KindFunction, std::less<>>;

/// The kinds that closed forms answer.
[[nodiscard]] const KindTable& theory_kinds();
/// nullopt for a kind that is not in the table; throws Error for bad inputs.
[[nodiscard]] std::optional<std::vector<double>> evaluate_kind(const KindTable& kinds,
                                                               std::string_view kind,
                                                               const Json& inputs);

/// The verdict on one reference entry {id, kind, inputs, expected, tol{rel, abs}}.
struct EntryOutcome {
  std::string id;
  bool passed = false;
  std::vector<double> value;
  std::vector<double> expected;
  std::string reason;  ///< why it failed; empty if it passed
};

/// Passes if as many values as expected come and |x - e| <= abs + rel |e| for each (abs a number or
/// a list). Never throws: an unknown kind, a malformed entry or bad inputs fail with the reason.
[[nodiscard]] EntryOutcome verify_entry(const KindTable& kinds, const Json& entry);

}  // namespace thermoscape::theory
