#include "thermoscape/models/verify.hpp"
#include "thermoscape/core/json.hpp"

#include <fstream>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace thermoscape {
namespace {

using ::testing::HasSubstr;

Json reference() {
  std::ifstream file(THERMOSCAPE_SOURCE_DIR "/tests/reference/open.json");
  return Json::parse(file);
}

TEST(ModelKinds, every_reference_entry_passes) {
  const theory::KindTable kinds = model_kinds();
  std::set<std::string> seen;
  for (const Json& entry : reference()) {
    const auto kind = entry.at("kind").get<std::string>();
    if (!kinds.contains(kind)) continue;
    seen.insert(kind);
    const theory::EntryOutcome outcome = theory::verify_entry(kinds, entry);
    EXPECT_TRUE(outcome.passed) << outcome.id << ": " << outcome.reason;
  }
  EXPECT_EQ(seen.size(), kinds.size());
}

TEST(ModelKinds, refuse_shapes_that_do_not_fit) {
  const auto reason = [](const char* inputs) {
    Json entry = Json::parse(R"({"id":"x","kind":"small_model","expected":1})");
    entry["inputs"] = Json::parse(inputs);
    return theory::verify_entry(model_kinds(), entry).reason;
  };
  EXPECT_THAT(reason(R"({"y":[0,1],"z":[[1,2],[3,4]],"c":[[1,2],[3,4]],"E":[[1,2,3]]})"),
              HasSubstr("must have z [N, C], c [C, D] and E [N, C, D]"));
  EXPECT_THAT(reason(R"({"y":[0,2],"z":[[1,2],[3,4]],"c":[[1],[3]],"E":[1,2,3,4]})"),
              HasSubstr("label = 2: must be a class from 0 to 1"));
}

}  // namespace
}  // namespace thermoscape
