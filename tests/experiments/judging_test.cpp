#include <cmath>

#include "experiments/recipes.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/experiments/expectations.hpp"
#include "thermoscape/experiments/measure.hpp"
#include "thermoscape/experiments/verify.hpp"
#include "thermoscape/store/atomic_write.hpp"

namespace thermoscape {
namespace {

using recipes::complaint_of;
using testing::HasSubstr;
using testing::Pair;

Claim judged(const Estimate& estimate, double expected = 1, double tolerance = 0.1) {
  ExpectSettings expect;
  expect.quantity = "m.x";
  expect.value = expected;
  expect.tolerance = tolerance;
  return judge_expectations({expect}, {{"m.x", {}, estimate, "1"}}).at(0);
}

TEST(Expectations, TheRule) {
  // holds: |x-e| <= tol + 2 SE and SE <= tol;  fails: |x-e| > tol + 3 SE;  else undecided.
  EXPECT_EQ(judged({1.0, 0.01, Status::ok}).verdict, Verdict::holds);
  EXPECT_EQ(judged({1.119, 0.01, Status::ok}).verdict, Verdict::holds);
  EXPECT_EQ(judged({0.881, 0.01, Status::ok}).verdict, Verdict::holds);
  EXPECT_EQ(judged({1.125, 0.01, Status::ok}).verdict, Verdict::undecided);
  EXPECT_EQ(judged({1.131, 0.01, Status::ok}).verdict, Verdict::fails);
  EXPECT_EQ(judged({0.869, 0.01, Status::ok}).verdict, Verdict::fails);
  EXPECT_EQ(judged({1.0, 0.2, Status::ok}).verdict, Verdict::undecided)
      << "an error bar beyond the tolerance says nothing";
  EXPECT_EQ(judged({3.0, 0.2, Status::ok}).verdict, Verdict::fails) << "but it can refute";
  EXPECT_EQ(judged({1.0, 0.01, Status::ageing}).verdict, Verdict::undecided);
  EXPECT_EQ(judged({5.0, 0.01, Status::too_short}).verdict, Verdict::undecided);
  EXPECT_EQ(judged({std::nan(""), 0.01, Status::ok}).verdict, Verdict::undecided);
  EXPECT_EQ(judged({1.0, std::nan(""), Status::ok}).verdict, Verdict::undecided);
}

TEST(Expectations, FindTheFindingByNameAndPlace) {
  const std::vector<Finding> findings = {
      {"m.x", {}, {1, 0.01, Status::ok}, "1"},
      {"m.x", {{"temperature", 1e-5}}, {2, 0.01, Status::ok}, "1"},
      {"m.x", {{"temperature", 1e-4}}, {3, 0.01, Status::ok}, "1"},
      {"m.y", {}, {4, 0.01, Status::ok}, "1"}};
  ExpectSettings expect;
  expect.quantity = "m.x";
  expect.tolerance = 0.1;
  const auto value = [&] { return judge_expectations({expect}, findings).at(0).estimate.value; };
  EXPECT_EQ(value(), 1);
  expect.where = {{"temperature", 1e-4 * (1 + 1e-12)}};
  EXPECT_EQ(value(), 3);
  expect.where = {{"temperature", 1.1e-4}};
  EXPECT_EQ(judge_expectations({expect}, findings).at(0).verdict, Verdict::undecided);
  EXPECT_EQ(judge_expectations({expect}, findings).at(0).estimate.status, Status::undefined);
  expect.where = {{"temperature", 1e-4}, {"time_step", 0.1}};
  EXPECT_EQ(judge_expectations({expect}, findings).at(0).estimate.status, Status::undefined);
}

TEST(Expectations, TheClaimIsTheSentenceOrTheQuantity) {
  ExpectSettings expect;
  expect.quantity = "m.x";
  expect.tolerance = 0.1;
  expect.source = "Eq. 1";
  EXPECT_EQ(judge_expectations({expect}, {}).at(0).claim, "m.x");
  expect.claim = "x is one";
  EXPECT_EQ(judge_expectations({expect}, {}).at(0).claim, "x is one");
  EXPECT_EQ(judge_expectations({expect}, {}).at(0).source, "Eq. 1");
}

TEST(Window, EachWayGivesTimes) {
  WindowSettings window;
  EXPECT_THAT(window.resolve(0.1, 50), Pair(0, 50)) << "none: all of it";
  window.time = {5, 20};
  EXPECT_THAT(window.resolve(0, 50), Pair(5, 20));
  window = {};
  window.fraction = {0.25, 1};
  EXPECT_THAT(window.resolve(0, 40), Pair(10, 40));
  window = {};
  window.temperature_time = {0.5, 2};
  const auto [from, to] = window.resolve(0.1, 50);
  EXPECT_DOUBLE_EQ(from, 5);
  EXPECT_DOUBLE_EQ(to, 20);
}

TEST(Window, RefusesWhatIsNoWindowOfThePhase) {
  const auto refused = [](const WindowSettings& window, double temperature = 0.1) {
    return complaint_of([&] { (void)window.resolve(temperature, 50); });
  };
  EXPECT_THAT(refused({.temperature_time = {}, .time = {1, 2}, .fraction = {0, 1}}),
              HasSubstr("2 windows"));
  EXPECT_THAT(refused({.temperature_time = {}, .time = {2, 1}, .fraction = {}}),
              HasSubstr("from < to"));
  EXPECT_THAT(refused({.temperature_time = {}, .time = {1}, .fraction = {}}),
              HasSubstr("[from, to]"));
  EXPECT_THAT(refused({.temperature_time = {}, .time = {1, 51}, .fraction = {}}), HasSubstr("50"));
  EXPECT_THAT(refused({.temperature_time = {1, 6}, .time = {}, .fraction = {}}),
              HasSubstr("within the phase"));
  EXPECT_THAT(refused({.temperature_time = {1, 2}, .time = {}, .fraction = {}}, 0),
              HasSubstr("temperature above 0"));
}

TEST(Window, TakesTheLooksFromIncludedToExcluded) {
  Recorded recorded;
  recorded.time = {0, 1, 2, 3, 4};
  EXPECT_THAT(window_of(recorded, 1, 3), Pair(1u, 3u));
  EXPECT_THAT(window_of(recorded, 0.5, 10), Pair(1u, 5u));
  EXPECT_THAT(window_of(recorded, 5, 6), Pair(5u, 5u));
}

Json reference() {
  const std::filesystem::path file =
      std::filesystem::path(THERMOSCAPE_SOURCE_DIR) / "tests/reference/open.json";
  return Json::parse(store::read_bytes(file));
}

TEST(Verify, EveryEntryOfAKnownKindPasses) {
  const Json entries = reference();
  const Verified verified = verify_entries(entries);
  ASSERT_EQ(verified.entries.size(), entries.size());
  std::size_t of_the_probe = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::string kind = entries[i].at("kind");
    const bool needed = entries[i].at("paper") == "000" || kind == "temperature_map";
    of_the_probe += needed;
    if (needed || reference_kinds().contains(kind)) {
      EXPECT_TRUE(verified.entries[i].passed)
          << verified.entries[i].id << ": " << verified.entries[i].reason;
    } else {
      EXPECT_FALSE(verified.entries[i].passed);
      EXPECT_THAT(verified.entries[i].reason, HasSubstr(kind)) << "an unknown kind says which";
    }
  }
  EXPECT_EQ(of_the_probe, 22u) << "21 entries of the thermal probe and the map of temperatures";
  EXPECT_EQ(static_cast<std::size_t>(verified.passed + verified.failed), entries.size());
}

TEST(Verify, AWrongNumberFailsWithAReason) {
  Json entries = Json::array({reference().at(0)});
  entries[0]["expected"][0] = 1 + entries[0]["expected"][0].get<double>();
  const Verified verified = verify_entries(entries);
  EXPECT_EQ(verified.passed, 0);
  EXPECT_EQ(verified.failed, 1);
  EXPECT_FALSE(verified.entries[0].reason.empty());
  const Json answer = to_json(verified);
  EXPECT_EQ(answer.at("passed"), 0);
  EXPECT_EQ(answer.at("failed"), 1);
  for (const char* key : {"id", "passed", "value", "expected", "reason"}) {
    EXPECT_TRUE(answer.at("entries").at(0).contains(key)) << key;
  }
}

TEST(Verify, MalformedEntriesFailAndMalformedFilesAreRefused) {
  const Verified verified = verify_entries(Json::parse(
      R"([{"id": "a", "kind": "no_such_kind", "inputs": {}, "expected": [1], "tol": {"rel": 1, "abs": 0}},
          {"id": "b"}, 7, null, {"id": "c", "kind": "toy_exact", "inputs": {"a": "x"}, "expected": [1], "tol": {"rel": 1, "abs": 0}}])"));
  EXPECT_EQ(verified.failed, 5);
  for (const auto& one : verified.entries) EXPECT_FALSE(one.reason.empty()) << one.id;
  EXPECT_THAT(verified.entries[0].reason, HasSubstr("no_such_kind"));
  EXPECT_THAT(complaint_of([] { (void)verify_entries(Json(3)); }), HasSubstr("list"));
  EXPECT_THAT(complaint_of([] { (void)verify_file("no/such.json"); }), HasSubstr("no/such.json"));
}

}  // namespace
}  // namespace thermoscape
