#include "thermoscape/store/netcdf.hpp"

#include <bit>
#include <chrono>
#include <limits>
#include <numeric>
#include <random>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "store/scratch.hpp"
#include "thermoscape/store/netcdf_call.hpp"
#include "thermoscape/store/stream.hpp"

namespace thermoscape::store {
namespace {
using ::testing::HasSubstr;

void expect_equal(const Dataset& a, const Dataset& b, const std::string& where) {
  EXPECT_EQ(a.attributes, b.attributes) << where;
  ASSERT_EQ(a.arrays.size(), b.arrays.size()) << where;
  for (std::size_t i = 0; i < a.arrays.size(); ++i) {
    const Array& x = a.arrays[i];
    const Array& y = b.arrays[i];
    EXPECT_EQ(x.name, y.name) << where;
    EXPECT_EQ(x.dimensions, y.dimensions) << where << x.name;
    EXPECT_EQ(x.shape, y.shape) << where << x.name;
    EXPECT_EQ(x.unit, y.unit) << where << x.name;
    EXPECT_EQ(x.description, y.description) << where << x.name;
    EXPECT_EQ(x.source, y.source) << where << x.name;
    EXPECT_EQ(x.attributes, y.attributes) << where << x.name;
    ASSERT_EQ(x.values.size(), y.values.size()) << where << x.name;
    for (std::size_t k = 0; k < x.values.size(); ++k) {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(x.values[k]),
                std::bit_cast<std::uint64_t>(y.values[k]))
          << where << x.name;
    }
  }
  ASSERT_EQ(a.groups.size(), b.groups.size()) << where;
  for (const auto& [key, child] : a.groups) {
    ASSERT_TRUE(b.groups.contains(key)) << where << key;
    expect_equal(child, b.groups.at(key), where + key + "/");
  }
}

/// A data set of random shape: up to four axes, shared dimensions, some of length 0 or 1,
/// coordinate variables, all kinds of attributes, every bit pattern of a double.
Dataset arbitrary(std::mt19937_64& random, int depth) {
  const auto up_to = [&](std::size_t n) { return random() % (n + 1); };
  const auto number = [&] { return std::bit_cast<double>(static_cast<std::uint64_t>(random())); };
  const auto put_attributes = [&](Attributes& attributes) {
    if (up_to(1) == 1) attributes["title"] = std::string("⟨L⟩ against T\nsecond line");
    if (up_to(2) == 2) attributes["empty"] = std::string();
    if (up_to(1) == 1) attributes["seed"] = static_cast<std::int64_t>(random());
    if (up_to(1) == 1) attributes["temperature"] = 1e-4 * static_cast<double>(up_to(1000));
    if (up_to(1) == 1) attributes["window"] = std::vector<double>{0.5, -0.0, 3e300};
    if (up_to(5) == 5) attributes["json"] = std::string(100000 + up_to(100000), 'j');
  };
  Dataset dataset;
  put_attributes(dataset.attributes);
  std::vector<std::pair<std::string, std::size_t>> dimensions;
  for (std::size_t d = 0; d <= up_to(4); ++d)
    dimensions.emplace_back(fmt::format("axis{}", d), up_to(6));
  for (std::size_t i = 0, n = up_to(5); i < n; ++i) {
    Array array;
    array.name = fmt::format("array {} β", i);
    for (std::size_t axes = up_to(4); axes > 0; --axes) {
      const auto& [name, length] = dimensions[random() % dimensions.size()];
      array.dimensions.push_back(name);
      array.shape.push_back(length);
    }
    const bool is_coordinate =
        array.shape.size() == 1 && dataset.find(array.dimensions[0]) == nullptr;
    if (is_coordinate && up_to(1) == 1) array.name = array.dimensions[0];
    std::vector<double> values(std::accumulate(
        array.shape.begin(), array.shape.end(), std::size_t{1}, std::multiplies<>()));
    for (double& x : values) x = number();
    array.values = std::move(values);
    array.unit = up_to(1) == 1 ? "[loss]" : "1";
    array.description = up_to(1) == 1 ? "mean loss μ_L" : "";
    array.source = up_to(1) == 1 ? "analysis/moments" : "";
    put_attributes(array.attributes);
    dataset.put(std::move(array));
  }
  for (std::size_t i = 0, n = depth > 0 ? up_to(3) : 0; i < n; ++i) {
    dataset.groups[fmt::format("group-{}", i)] = arbitrary(random, depth - 1);
  }
  return dataset;
}

TEST(Netcdf, RandomDataSetsComeBackBitForBitWithinTheirSizeBound) {
  const Scratch scratch;
  std::mt19937_64 random(3);
  for (int trial = 0; trial < 30; ++trial) {
    const Dataset dataset = arbitrary(random, 3);
    write_dataset(scratch / "r.nc", dataset);
    expect_equal(dataset, read_dataset(scratch / "r.nc"), fmt::format("trial {} /", trial));
    ASSERT_LE(std::filesystem::file_size(scratch / "r.nc"), netcdf_size_bound(dataset))
        << "trial " << trial;
  }
  EXPECT_EQ(scratch.leftovers(), 0);
}

Dataset small() {
  Dataset dataset;
  dataset.attributes["title"] = std::string("Thermal probe");
  Dataset& probe = dataset.make_group("probe/replica-1");
  probe.attributes["temperature"] = 1e-4;
  probe.put_vector("step", "step", {0, 10, 20}, "step", "step of the record");
  probe.put({"theta",
             {"step", "parameter"},
             {3, 2},
             std::vector<double>{1, 2, 3, 4, 5, 6},
             "1",
             "parameters θ",
             "record",
             {}});
  probe.put_scalar("beta", 1.25, "1/[loss]", "inverse temperature");
  probe.put_vector("nothing", "none", {}, "1", "no window was left");
  return dataset;
}

TEST(Netcdf, ReadsOneGroup) {
  const Scratch scratch;
  write_dataset(scratch / "r.nc", small());
  for (const char* group : {"probe/replica-1", "/probe/replica-1/"}) {
    expect_equal(small().group("probe/replica-1"), read_dataset(scratch / "r.nc", group), group);
  }
  EXPECT_THAT(
      line_of([&] { (void)read_dataset(scratch / "r.nc", "probe/replica-2"); }),
      HasSubstr("there is no group `replica-2` for probe/replica-2 (there are: replica-1)"));
}

TEST(Netcdf, EqualDataSetsGiveEqualBytesAtAnyTime) {
  const Scratch scratch;
  write_dataset(scratch / "a.nc", small());
  std::this_thread::sleep_for(std::chrono::milliseconds(1100));  // HDF5 stamps are whole seconds
  write_dataset(scratch / "b.nc", small());
  EXPECT_EQ(bytes_of(scratch / "a.nc"), bytes_of(scratch / "b.nc"));
}

TEST(Netcdf, WritesMappedArraysLargerThanASlice) {
  const Scratch scratch;
  StreamWriter writer = StreamWriter::create(scratch / "s", {{"theta", "1", "", 3}});
  for (std::size_t i = 0; i < 3 * 900'001; ++i) writer.append(std::sqrt(static_cast<double>(i)));
  const MappedStream stream = map_stream(scratch / "s", writer.mark());
  Dataset dataset;
  dataset.put({"theta", {"step", "parameter"}, {stream.rows, 3}, stream.values, "1", "", "", {}});
  write_dataset(scratch / "r.nc", dataset);
  expect_equal(dataset, read_dataset(scratch / "r.nc"), "/");
}

TEST(Netcdf, ThreadsMayWriteAndReadAtOnce) {
  const Scratch scratch;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 10; ++i) {
        write_dataset(scratch / fmt::format("{}.nc", t % 2), small());  // two threads share a file
        expect_equal(small(), read_dataset(scratch / fmt::format("{}.nc", t % 2)), "/");
      }
    });
  }
  threads.clear();
  EXPECT_EQ(scratch.leftovers(), 0);
}

TEST(Netcdf, OddFileNames) {
  const Scratch scratch;
  for (const char* name :
       {"a b.nc", "a#mode=zarr.nc", "what?x=[1]&é%20.nc", "no-suffix", "http:x"}) {
    write_dataset(scratch / name, small());
    expect_equal(small(), read_dataset(scratch / name), name);
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.folder()), {}), 5);
}

TEST(Netcdf, RefusesInOneLineAndKeepsTheOldFile) {
  const Scratch scratch;
  write_dataset(scratch / "r.nc", small());
  const std::string before = bytes_of(scratch / "r.nc");
  const auto refused = [&](const std::function<void(Dataset&)>& spoil) {
    Dataset dataset = small();
    spoil(dataset.make_group("probe/replica-1"));
    return line_of([&] { write_dataset(scratch / "r.nc", dataset); });
  };
  const std::string group = "/probe/replica-1/";
  for (const std::string& name : {std::string("a/b"),
                                  std::string(),
                                  std::string(" a"),
                                  std::string("a "),
                                  std::string("a\nb"),
                                  std::string(300, 'x'),
                                  std::string("a\0b", 3),
                                  std::string("\xff")}) {
    EXPECT_THAT(refused([&](Dataset& d) { d.put_scalar(name, 1, "1", ""); }), HasSubstr(group))
        << name;
    EXPECT_THAT(refused([&](Dataset& d) { d.put_vector("x", name, {1}, "1", ""); }),
                HasSubstr(group + "x"))
        << name;
    EXPECT_THAT(refused([&](Dataset& d) { d.groups[name] = {}; }), HasSubstr(group)) << name;
    EXPECT_THAT(refused([&](Dataset& d) { d.attributes[name] = 1.0; }), HasSubstr(group)) << name;
  }
  EXPECT_THAT(refused([](Dataset& d) { d.arrays.push_back(d.arrays[0]); }),
              HasSubstr(group + "step"));
  EXPECT_THAT(refused([](Dataset& d) { d.groups["step"] = {}; }), HasSubstr(group + "step"));
  EXPECT_THAT(refused([](Dataset& d) { d.arrays[0].attributes["units"] = 1.0; }),
              HasSubstr("`units` has a member"));
  EXPECT_THAT(refused([](Dataset& d) { d.arrays[1].shape[0] = 2; }), HasSubstr("must agree"));
  EXPECT_THAT(refused([](Dataset& d) {
                d.arrays.push_back({"x", {"step"}, {1}, std::vector<double>{1}, "", "", "", {}});
              }),
              HasSubstr("x: dimension step of length 1 has length 3 in another array"));
  EXPECT_EQ(bytes_of(scratch / "r.nc"), before);
  EXPECT_EQ(scratch.leftovers(), 0);
}

TEST(Netcdf, ForeignAndTruncatedFilesAreRefusedInOneLine) {
  const Scratch scratch;
  write_dataset(scratch / "r.nc", small());
  const std::string good = bytes_of(scratch / "r.nc");
  const auto read = [&] { (void)read_dataset(scratch / "bad.nc"); };
  EXPECT_THAT(line_of(read), HasSubstr("bad.nc: cannot read: No such file"));
  for (const std::string& foreign :
       {std::string(), std::string("title = 1\n"), std::string(5000, 'x')}) {
    put_bytes(scratch / "bad.nc", foreign);
    EXPECT_THAT(line_of(read), HasSubstr("bad.nc: is not a netCDF file"));
  }
  for (std::size_t length = 1; length < good.size(); length += 131) {
    put_bytes(scratch / "bad.nc", good.substr(0, length));
    EXPECT_THAT(line_of(read), HasSubstr("bad.nc")) << length;
  }
  EXPECT_THAT(line_of([&] { (void)read_dataset(scratch.folder()); }), HasSubstr("is a folder"));
}

/// Output and exit code of a shell command.
std::pair<std::string, int> shell(const std::string& command) {
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  std::string output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) output += static_cast<char>(c);
  const int status = ::pclose(pipe);
  return {output, WIFEXITED(status) ? WEXITSTATUS(status) : -1};
}

TEST(Netcdf, NcdumpShowsDimensionsUnitsAndDescriptions) {
  if (shell("command -v ncdump").second != 0)
    GTEST_SKIP() << "ncdump (netcdf-bin) is not installed";
  const Scratch scratch;
  write_dataset(scratch / "r.nc", small());
  const auto [header, code] = shell("ncdump -h " + (scratch / "r.nc").string());
  ASSERT_EQ(code, 0) << header;
  for (const char* part : {":title = \"Thermal probe\"",
                           "group: probe",
                           "group: replica-1",
                           "step = 3 ;",
                           "parameter = 2 ;",
                           "double theta(step, parameter)",
                           "theta:long_name = \"parameters θ\"",
                           "theta:source = \"record\"",
                           "beta:units = \"1/[loss]\"",
                           ":temperature = 0.0001"}) {
    EXPECT_THAT(header, HasSubstr(part));
  }
}

TEST(Netcdf, XarrayAndNetcdf4PythonReadTheSame) {
  const Scratch scratch;
  write_dataset(scratch / "r.nc", small());
  put_bytes(scratch / "check.py", R"(
import sys
try:
    import netCDF4, xarray
except ImportError:
    sys.exit(77)
root = xarray.open_dataset(sys.argv[1])
assert root.attrs == {"title": "Thermal probe"}, root.attrs
x = xarray.open_dataset(sys.argv[1], group="probe/replica-1")
assert x.attrs["temperature"] == 1e-4
assert dict(x.sizes) == {"step": 3, "parameter": 2, "none": 0}, x.sizes
assert x.step.values.tolist() == [0, 10, 20] and "step" in x.coords
assert x.theta.dims == ("step", "parameter") and x.theta.values.tolist() == [[1, 2], [3, 4], [5, 6]]
assert x.theta.attrs == {"units": "1", "long_name": "parameters θ", "source": "record"}, x.theta.attrs
assert float(x.beta) == 1.25 and x.beta.attrs["units"] == "1/[loss]"
assert x.nothing.size == 0
raw = netCDF4.Dataset(sys.argv[1])
assert raw.data_model == "NETCDF4" and raw["probe/replica-1/theta"].dtype == "f8"
print("all equal")
)");
  const std::string arguments =
      " " + (scratch / "check.py").string() + " " + (scratch / "r.nc").string();
  std::pair<std::string, int> answer = shell("python3" + arguments);
  if (answer.second == 77 || answer.second == 127) answer = shell("/usr/bin/python3" + arguments);
  if (answer.second == 77 || answer.second == 127)
    GTEST_SKIP() << "no python3 with netCDF4 and xarray";
  EXPECT_EQ(answer.second, 0) << answer.first;
  EXPECT_THAT(answer.first, HasSubstr("all equal"));
}

}  // namespace
}  // namespace thermoscape::store
