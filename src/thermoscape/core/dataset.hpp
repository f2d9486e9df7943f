#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace thermoscape {

/// An immutable run of doubles that may live in memory or in a mapped file; copies share it.
class Values {
 public:
  Values() = default;
  Values(std::vector<double> values);  // NOLINT: implicit on purpose, `array.values = {...}`
  /// A view kept alive by `owner`, for example a mapped stream file.
  Values(std::span<const double> view, std::shared_ptr<const void> owner);

  [[nodiscard]] std::span<const double> span() const { return view_; }
  [[nodiscard]] std::size_t size() const { return view_.size(); }
  [[nodiscard]] bool empty() const { return view_.empty(); }
  [[nodiscard]] double operator[](std::size_t i) const { return view_[i]; }
  [[nodiscard]] auto begin() const { return view_.begin(); }
  [[nodiscard]] auto end() const { return view_.end(); }

 private:
  std::shared_ptr<const void> owner_;
  std::span<const double> view_;
};

using Attribute = std::variant<std::string, double, std::int64_t, std::vector<double>>;
using Attributes = std::map<std::string, Attribute>;

/// A named array: row-major values over named dimensions, with unit, description and source.
struct Array {
  std::string name;
  std::vector<std::string> dimensions;  ///< one name an axis; empty for a scalar
  std::vector<std::size_t> shape;       ///< as long as `dimensions`
  Values values;                        ///< product(shape) numbers
  std::string unit;                     ///< "1" for a pure number
  std::string description;              ///< netCDF long_name
  std::string source;                   ///< what computed it
  Attributes attributes;
};

/// The narrow waist: recorders and analyses make it, store and report consume it. One level of
/// named arrays plus named groups, as a netCDF-4 group holds variables and groups. Axes of the same
/// name agree in length inside a group.
struct Dataset {
  Attributes attributes;
  std::vector<Array> arrays;
  std::map<std::string, Dataset> groups;

  /// The array called `name`; throws Error naming the arrays there are.
  [[nodiscard]] const Array& array(std::string_view name) const;
  [[nodiscard]] const Array* find(std::string_view name) const;
  /// The group at a path such as "probe" or "figures/loss"; throws Error naming what there is.
  [[nodiscard]] const Dataset& group(std::string_view path) const;
  [[nodiscard]] bool has_group(std::string_view path) const;
  /// Creates the groups along the path where they are missing.
  Dataset& make_group(std::string_view path);
  /// Adds or replaces an array after checking that shape, dimensions and number of values agree
  /// (throws Error).
  void put(Array array);
  /// Shorthands for a scalar and for a vector over one dimension.
  void put_scalar(std::string name, double value, std::string unit, std::string description);
  void put_vector(std::string name,
                  std::string dimension,
                  std::vector<double> values,
                  std::string unit,
                  std::string description);
};

/// The attribute as text; empty if absent.
[[nodiscard]] std::string text_attribute(const Attributes& attributes, std::string_view name);

}  // namespace thermoscape
