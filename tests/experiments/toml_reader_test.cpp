#include "thermoscape/experiments/toml_reader.hpp"

#include "experiments/recipes.hpp"

namespace thermoscape {
namespace {

using recipes::complaint_of;
using testing::HasSubstr;

struct Settings {
  double rate = 1;
  std::int64_t count = 2;
  bool fast = false;
  std::string mode = "plain";
  std::vector<double> list = {};
  std::optional<double> maybe = {};
  double depth = 0;

  static constexpr auto fields() {
    using S = Settings;
    return std::tuple{field("rate", &S::rate, "[time]", "", kPositive),
                      field("count", &S::count, "", "", kAtLeastOne),
                      field("fast", &S::fast, "", ""),
                      field("mode", &S::mode, "", ""),
                      field("list", &S::list, "", "", kNonNegative),
                      field("maybe", &S::maybe, "", ""),
                      field("stop.depth", &S::depth, "", "")};
  }
};

Settings read(const toml::table& table, TomlReader::Overlay overlay = {}) {
  TomlReader reader(table, "[settings]", std::move(overlay));
  Settings settings;
  reader.read(settings);
  reader.finish();
  return settings;
}
Settings read(std::string_view text) {
  const toml::table table = toml::parse(text);
  return read(table);
}
std::string refused(std::string_view text) {
  return complaint_of([&] { (void)read(text); });
}

TEST(TomlReader, ReadsEveryTypeAndKeepsWhatIsNotThere) {
  const Settings all = read(
      "rate = 0.5\ncount = 7\nfast = true\nmode = 'x'\nlist = [1, 2.5]\nmaybe = -3\nstop = { depth "
      "= 4 }");
  EXPECT_EQ(all.rate, 0.5);
  EXPECT_EQ(all.count, 7);
  EXPECT_TRUE(all.fast);
  EXPECT_EQ(all.mode, "x");
  EXPECT_EQ(all.list, (std::vector<double>{1, 2.5}));
  EXPECT_EQ(all.maybe, -3.0);
  EXPECT_EQ(all.depth, 4);
  const Settings none = read("");
  EXPECT_EQ(none.rate, 1);
  EXPECT_EQ(none.count, 2);
  EXPECT_FALSE(none.maybe);
}

TEST(TomlReader, NumbersConvertWhereNothingIsLost) {
  EXPECT_EQ(read("rate = 3").rate, 3.0) << "a whole number is a number";
  EXPECT_EQ(read("count = 1e6").count, 1000000) << "1e6 is a float in TOML";
  EXPECT_EQ(read("list = 4").list, std::vector<double>{4}) << "one number is a list of one";
  EXPECT_THAT(refused("count = 1.5"), HasSubstr("whole number"));
  EXPECT_THAT(refused("count = 1e300"), HasSubstr("whole number"));
  EXPECT_THAT(refused("count = nan"), HasSubstr("whole number"));
  EXPECT_THAT(refused("count = inf"), HasSubstr("whole number"));
  EXPECT_THAT(refused("count = true"), HasSubstr("whole number"));
}

TEST(TomlReader, DottedKeysAndTablesAreTheSame) {
  EXPECT_EQ(read("stop.depth = 4").depth, 4);
  EXPECT_EQ(read("[stop]\ndepth = 4").depth, 4);
  EXPECT_THAT(refused("stop = 4"), HasSubstr("unknown key `stop`"));
  EXPECT_THAT(refused("[stop]\ndepths = 4"), HasSubstr("unknown key `stop.depths`"));
  EXPECT_THAT(refused("[stop]\ndepths = 4"), HasSubstr("did you mean `stop.depth`?"));
}

TEST(TomlReader, RefusesWrongTypesByPlaceAndLine) {
  const std::string line = refused("fast = true\nrate = 'quick'");
  EXPECT_THAT(line, HasSubstr("[settings]"));
  EXPECT_THAT(line, HasSubstr("line 2"));
  EXPECT_THAT(line, HasSubstr("rate = "));
  EXPECT_THAT(line, HasSubstr("quick"));
  EXPECT_THAT(line, HasSubstr("must be a number"));
  EXPECT_THAT(refused("mode = 3"), HasSubstr("text"));
  EXPECT_THAT(refused("fast = 1"), HasSubstr("true or false"));
  EXPECT_THAT(refused("list = [1, 'two']"), HasSubstr("number"));
  EXPECT_THAT(refused("list = { a = 1 }"), HasSubstr("number"));
}

TEST(TomlReader, RefusesValuesOutOfRange) {
  EXPECT_THAT(refused("rate = 0"), HasSubstr("> 0 [time]"));
  EXPECT_THAT(refused("rate = nan"), HasSubstr("nan"));
  EXPECT_THAT(refused("rate = -inf"), HasSubstr("inf"));
  EXPECT_THAT(refused("count = 0"), HasSubstr(">= 1"));
  EXPECT_THAT(refused("list = [1, -1]"), HasSubstr("-1"));
}

TEST(TomlReader, UnknownKeyNamesItsLineAndTheNearestKey) {
  const std::string line = refused("rate = 1\n\nlits = [1]");
  EXPECT_THAT(line, HasSubstr("unknown key `lits` in [settings], line 3"));
  EXPECT_THAT(line, HasSubstr("did you mean `list`?"));
  EXPECT_THAT(refused("wavelength = 1"), testing::Not(HasSubstr("did you mean")));
}

TEST(TomlReader, AnOverlaidValueStandsForTheTables) {
  const toml::table table = toml::parse("rate = [1, 2]\nstop = { depth = [1, 2] }");
  const toml::value<double> three(3.0);
  const Settings settings = read(table, {{"rate", &three}, {"stop.depth", &three}});
  EXPECT_EQ(settings.rate, 3.0);
  EXPECT_EQ(settings.depth, 3.0);
}

TEST(TomlReader, RequiredKeysAreMissed) {
  const toml::table table = toml::parse("a = 1");
  TomlReader reader(table, "[settings]");
  double value = 0;
  EXPECT_THAT(complaint_of([&] { reader.require("b", value); }), HasSubstr("`b`"));
  EXPECT_TRUE(reader.read_key("a", value));
  EXPECT_FALSE(reader.read_key("c", value));
  EXPECT_EQ(value, 1);
}

}  // namespace
}  // namespace thermoscape
