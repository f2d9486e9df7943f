#include <array>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <netcdf.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/store/file.hpp"
#include "thermoscape/store/netcdf.hpp"
#include "thermoscape/store/netcdf_call.hpp"

namespace thermoscape::store {

namespace {
using Name = std::array<char, NC_MAX_NAME + 1>;

class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : path_(path) {}

  [[nodiscard]] Dataset group(int id, const std::string& name) const {
    Dataset dataset;
    dataset.attributes = attributes(id, NC_GLOBAL, name);
    int variables = 0;
    check(::nc_inq_nvars(id, &variables), name);
    for (int variable = 0; variable < variables; ++variable)
      dataset.arrays.push_back(array(id, variable, name));
    for (const auto& [key, child] : children(id))
      dataset.groups.emplace(key, group(child, name + key + "/"));
    return dataset;
  }

  /// The id of the group at `wanted` below `id`.
  [[nodiscard]] int find(int id, std::string_view wanted) const {
    std::string_view rest = wanted;
    while (!rest.empty()) {
      const std::size_t slash = rest.find('/');
      const std::string_view key = rest.substr(0, slash);
      rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
      if (key.empty()) continue;
      std::string there;
      int found = -1;
      for (const auto& [name, child] : children(id)) {
        if (name == key) found = child;
        there += (there.empty() ? "" : ", ") + name;
      }
      if (found < 0) {
        const std::string hint = there.empty() ? "there are no groups" : "there are: " + there;
        reject({path_.string(),
                "",
                in_one_line(fmt::format("there is no group `{}` for {}", key, wanted)),
                hint});
      }
      id = found;
    }
    return id;
  }

 private:
  void check(int status, const std::string& what) const {
    // HDF5 reads lazily: damage behind the first blocks shows up here.
    if (status <= NC_EHDFERR) {
      reject({path_.string(),
              "",
              in_one_line(what + " is damaged or truncated"),
              ::nc_strerror(status)});
    }
    check_netcdf(status, path_, "read " + what);
  }

  [[nodiscard]] std::vector<std::pair<std::string, int>> children(int id) const {
    int count = 0;
    check(::nc_inq_grps(id, &count, nullptr), "groups");
    std::vector<int> ids(static_cast<std::size_t>(count));
    if (count > 0) check(::nc_inq_grps(id, &count, ids.data()), "groups");
    std::vector<std::pair<std::string, int>> named;
    for (const int child : ids) {
      Name name{};
      check(::nc_inq_grpname(child, name.data()), "groups");
      named.emplace_back(name.data(), child);
    }
    return named;
  }

  [[nodiscard]] Attributes attributes(int id, int variable, const std::string& owner) const {
    int count = 0;
    const int status = variable == NC_GLOBAL ? ::nc_inq_natts(id, &count)
                                             : ::nc_inq_varnatts(id, variable, &count);
    check(status, owner);
    Attributes all;
    for (int number = 0; number < count; ++number) {
      Name name{};
      check(::nc_inq_attname(id, variable, number, name.data()), owner);
      all.emplace(name.data(), attribute(id, variable, name.data(), owner));
    }
    return all;
  }

  [[nodiscard]] Attribute attribute(int id,
                                    int variable,
                                    const char* name,
                                    const std::string& owner) const {
    const std::string what = fmt::format("attribute `{}` of {}", name, owner);
    nc_type type = NC_NAT;
    std::size_t length = 0;
    check(::nc_inq_att(id, variable, name, &type, &length), what);
    if (type == NC_CHAR) {
      std::string text(length, '\0');
      if (length > 0) check(::nc_get_att_text(id, variable, name, text.data()), what);
      return text;
    }
    if (type == NC_STRING) return strings(id, variable, name, length, what);
    if (type > NC_MAX_ATOMIC_TYPE)
      reject({path_.string(), "", in_one_line(what + " must be text or numbers"), ""});
    const bool whole = type != NC_DOUBLE && type != NC_FLOAT && type != NC_UINT64;
    if (length == 1 && whole) {
      long long x = 0;
      check(::nc_get_att_longlong(id, variable, name, &x), what);
      return static_cast<std::int64_t>(x);
    }
    std::vector<double> x(length);
    if (length > 0) check(::nc_get_att_double(id, variable, name, x.data()), what);
    if (length == 1) return x[0];
    return x;
  }

  /// Files of other programs hold text in this form; several strings become lines.
  [[nodiscard]] std::string strings(
      int id, int variable, const char* name, std::size_t length, const std::string& what) const {
    std::vector<char*> parts(length, nullptr);
    if (length > 0) check(::nc_get_att_string(id, variable, name, parts.data()), what);
    std::string text;
    for (const char* part : parts) {
      if (!text.empty()) text += '\n';
      if (part != nullptr) text += part;
    }
    ::nc_free_string(length, parts.data());
    return text;
  }

  [[nodiscard]] Array array(int id, int variable, const std::string& group_name) const {
    Name name{};
    nc_type type = NC_NAT;
    int rank = 0;
    check(::nc_inq_var(id, variable, name.data(), &type, &rank, nullptr, nullptr), group_name);
    Array array;
    array.name = name.data();
    const std::string full = group_name + array.name;
    if (type == NC_CHAR || type >= NC_STRING)
      reject({path_.string(), "", in_one_line(full + " must hold numbers"), ""});
    std::vector<int> axes(static_cast<std::size_t>(rank));
    check(::nc_inq_vardimid(id, variable, axes.data()), full);
    std::size_t count = 1;
    for (const int axis : axes) {
      std::size_t length = 0;
      check(::nc_inq_dim(id, axis, name.data(), &length), full);
      array.dimensions.emplace_back(name.data());
      array.shape.push_back(length);
      count *= length;
    }
    std::vector<double> values(count);
    if (count > 0) check(::nc_get_var_double(id, variable, values.data()), full);
    array.values = std::move(values);
    array.attributes = attributes(id, variable, full);
    array.unit = take_text(array.attributes, "units");
    array.description = take_text(array.attributes, "long_name");
    array.source = take_text(array.attributes, "source");
    return array;
  }

  static std::string take_text(Attributes& attributes, const std::string& key) {
    const auto it = attributes.find(key);
    if (it == attributes.end() || !std::holds_alternative<std::string>(it->second)) return "";
    std::string text = std::get<std::string>(it->second);
    attributes.erase(it);
    return text;
  }

  const std::filesystem::path& path_;
};
}  // namespace

Dataset read_dataset(const std::filesystem::path& path, std::string_view group) {
  const std::scoped_lock lock(netcdf_mutex());
  if (std::filesystem::is_directory(path))
    reject({path.string(), "", "must be a file, is a folder", ""});
  File(path, O_RDONLY, "read");  // says why, where the library would only say that it failed
  const NetcdfFile file = NetcdfFile::open(path);
  const Reader reader(path);
  const int id = reader.find(file.id(), group);
  std::string name = "/";
  if (id != file.id()) name += std::string(group) + "/";
  return reader.group(id, name);
}

}  // namespace thermoscape::store
