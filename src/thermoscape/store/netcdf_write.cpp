#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <netcdf.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/store/atomic_write.hpp"
#include "thermoscape/store/netcdf.hpp"
#include "thermoscape/store/netcdf_call.hpp"

namespace thermoscape::store {

namespace {
constexpr std::size_t kSliceDoubles = std::size_t{1} << 20;
/// More than HDF5 spends on one object, attribute or dimension besides its content.
constexpr std::size_t kObjectBytes = 4096;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

/// Defines and fills one group after another. Messages name `path`, not the temporary file.
class Writer {
 public:
  explicit Writer(const std::filesystem::path& path) : path_(path) {}

  void group(int id, const Dataset& dataset, const std::string& name) {
    check(::nc_set_fill(id, NC_NOFILL, nullptr), "write " + name);
    for (const auto& [key, value] : dataset.attributes) attribute(id, NC_GLOBAL, key, value, name);
    std::map<std::string, std::pair<int, std::size_t>> dimensions;
    std::vector<int> variables;
    for (const Array& array : dataset.arrays)
      variables.push_back(define(id, array, dimensions, name));
    for (std::size_t i = 0; i < variables.size(); ++i) {
      values(id, variables[i], dataset.arrays[i], name + dataset.arrays[i].name);
    }
    for (const auto& [key, child] : dataset.groups) {
      const std::string child_name = name + key + "/";
      int child_id = -1;
      check_name(key, "group " + child_name);
      check(::nc_def_grp(id, key.c_str(), &child_id), "make group " + child_name);
      group(child_id, child, child_name);
    }
  }

 private:
  void check(int status, const std::string& what) const { check_netcdf(status, path_, what); }

  [[noreturn]] void refuse(const std::string& where, const std::string& rule) const {
    reject({path_.string(), "", in_one_line(where + ": " + rule), ""});
  }

  /// The C interface ends names and texts at the first zero byte, which would store another name
  /// without a word.
  void check_name(const std::string& text, const std::string& where) const {
    if (text.find('\0') != std::string::npos) refuse(where, "names must not contain a zero byte");
  }

  int define(int id,
             const Array& array,
             std::map<std::string, std::pair<int, std::size_t>>& dimensions,
             const std::string& group_name) {
    const std::string name = "array " + group_name + array.name;
    check_name(array.name, name);
    const std::size_t count = std::accumulate(
        array.shape.begin(), array.shape.end(), std::size_t{1}, std::multiplies<>());
    if (array.shape.size() != array.dimensions.size() || count != array.values.size()) {
      refuse(name, "shape, dimensions and number of values must agree");
    }
    std::vector<int> axes;
    for (std::size_t axis = 0; axis < array.shape.size(); ++axis) {
      const std::string& dimension = array.dimensions[axis];
      const std::size_t length = array.shape[axis];
      const auto [it, is_new] = dimensions.try_emplace(dimension, -1, length);
      if (is_new) {
        check_name(dimension, name);
        const int status = ::nc_def_dim(
            id, dimension.c_str(), length == 0 ? NC_UNLIMITED : length, &it->second.first);
        check(status, fmt::format("define dimension `{}` of {}", dimension, name));
      } else if (it->second.second != length) {
        refuse(name,
               fmt::format("dimension {} of length {} has length {} in another array of the group",
                           dimension,
                           length,
                           it->second.second));
      }
      axes.push_back(it->second.first);
    }
    int variable = -1;
    const int status = ::nc_def_var(
        id, array.name.c_str(), NC_DOUBLE, static_cast<int>(axes.size()), axes.data(), &variable);
    check(status, "define " + name);
    for (const auto& [key, text] : {std::pair<const char*, const std::string&>{"units", array.unit},
                                    {"long_name", array.description},
                                    {"source", array.source}}) {
      if (array.attributes.contains(key))
        refuse(name, fmt::format("attribute `{}` has a member of its own", key));
      if (!text.empty()) attribute(id, variable, key, text, name);
    }
    for (const auto& [key, value] : array.attributes) attribute(id, variable, key, value, name);
    return variable;
  }

  void attribute(int id,
                 int variable,
                 const std::string& key,
                 const Attribute& value,
                 const std::string& owner) {
    check_name(key, "an attribute of " + owner);
    const int status = std::visit(
        Overloaded{[&](const std::string& x) {
                     return ::nc_put_att_text(id, variable, key.c_str(), x.size(), x.data());
                   },
                   [&](double x) {
                     return ::nc_put_att_double(id, variable, key.c_str(), NC_DOUBLE, 1, &x);
                   },
                   [&](std::int64_t x) {
                     const long long wide = x;
                     return ::nc_put_att_longlong(id, variable, key.c_str(), NC_INT64, 1, &wide);
                   },
                   [&](const std::vector<double>& x) {
                     return ::nc_put_att_double(
                         id, variable, key.c_str(), NC_DOUBLE, x.size(), x.data());
                   }},
        value);
    check(status, fmt::format("write attribute `{}` of {}", key, owner));
  }

  /// In slices of whole rows of the first axis, about 8 MiB each.
  void values(int id, int variable, const Array& array, const std::string& name) {
    const std::span<const double> all = array.values.span();
    if (all.empty()) return;
    if (array.shape.empty())
      return check(::nc_put_var_double(id, variable, all.data()), "write " + name);
    std::vector<std::size_t> start(array.shape.size(), 0);
    std::vector<std::size_t> count = array.shape;
    const std::size_t row = all.size() / array.shape[0];
    const std::size_t rows = std::max<std::size_t>(1, kSliceDoubles / row);
    for (; start[0] < array.shape[0]; start[0] += rows) {
      count[0] = std::min(rows, array.shape[0] - start[0]);
      const double* from = all.data() + start[0] * row;
      check(::nc_put_vara_double(id, variable, start.data(), count.data(), from), "write " + name);
    }
  }

  const std::filesystem::path& path_;
};
std::size_t size_bound(const Attributes& attributes) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : attributes) {
    bytes += kObjectBytes + 2 * key.size();
    if (const auto* text = std::get_if<std::string>(&value)) bytes += 2 * text->size();
    if (const auto* list = std::get_if<std::vector<double>>(&value))
      bytes += 2 * sizeof(double) * list->size();
  }
  return bytes;
}
}  // namespace

std::size_t netcdf_size_bound(const Dataset& dataset) {
  std::size_t bytes = 16 * kObjectBytes + size_bound(dataset.attributes);
  for (const Array& array : dataset.arrays) {
    bytes += sizeof(double) * array.values.size() + size_bound(array.attributes);
    bytes += kObjectBytes * (4 + 2 * array.dimensions.size());
    bytes += 2 * (array.name.size() + array.unit.size() + array.description.size() +
                  array.source.size());
  }
  for (const auto& [key, child] : dataset.groups)
    bytes += 2 * key.size() + netcdf_size_bound(child);
  return bytes;
}

void write_dataset(const std::filesystem::path& path, const Dataset& dataset) {
  const std::scoped_lock lock(netcdf_mutex());
  atomic_write(path, [&](const std::filesystem::path& temporary) {
    NetcdfFile file = NetcdfFile::create(temporary, path, netcdf_size_bound(dataset));
    Writer(path).group(file.id(), dataset, "/");
    file.close();
  });
}

}  // namespace thermoscape::store
