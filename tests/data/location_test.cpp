#include "thermoscape/data/location.hpp"

#include "data/environment.hpp"
#include "data/support.hpp"

namespace thermoscape::data {
namespace {
using test::Variable;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

TEST(Location, TheVariableNamesTheOnlyFolder) {
  const Variable chosen("THERMOSCAPE_DATA", "/somewhere");
  EXPECT_THAT(data_folders(), ElementsAre("/somewhere"));
}

TEST(Location, ElseTheSharedFolderThenTheCache) {
  const Variable none("THERMOSCAPE_DATA", "");
  const Variable home("HOME", "/home/someone");
  {
    const Variable cache("XDG_CACHE_HOME", "/cache");
    EXPECT_THAT(data_folders(),
                ElementsAre(fs::path("../shared/data"), fs::path("/cache/thermoscape/data")));
  }
  const Variable relative("XDG_CACHE_HOME", "relative");  // the XDG rule: to be ignored
  EXPECT_EQ(user_cache(), fs::path("/home/someone/.cache/thermoscape/data"));
}

TEST(Location, WithoutAHomeThereIsNoCache) {
  const Variable none("THERMOSCAPE_DATA", "");
  const Variable home("HOME", "");
  const Variable cache("XDG_CACHE_HOME", "");
  EXPECT_THAT(data_folders(), ElementsAre(fs::path("../shared/data")));
  EXPECT_THAT(test::complaint([] { (void)user_cache(); }), HasSubstr("HOME: must be set"));
}

}  // namespace
}  // namespace thermoscape::data
