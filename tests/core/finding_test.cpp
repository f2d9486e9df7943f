#include "thermoscape/core/finding.hpp"

#include <cmath>
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "thermoscape/core/error.hpp"
#include "thermoscape/core/figure.hpp"
#include "thermoscape/core/json.hpp"

namespace thermoscape {
namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

Verdict verdict(
    double value, double error, double expected, double tolerance, Status status = Status::ok) {
  return judge({value, error, status}, expected, tolerance);
}

TEST(Judge, FollowsTheRuleAtItsEdges) {
  // Tolerance 0.1, SE 0.05: holds up to 0.2, undecided up to 0.25, fails beyond. Powers of two keep
  // the edges exact.
  EXPECT_EQ(verdict(1.0, 0.0625, 1, 0.125), Verdict::holds);
  EXPECT_EQ(verdict(1.25, 0.0625, 1, 0.125), Verdict::holds);
  EXPECT_EQ(verdict(1.2501, 0.0625, 1, 0.125), Verdict::undecided);
  EXPECT_EQ(verdict(1.3125, 0.0625, 1, 0.125), Verdict::undecided);
  EXPECT_EQ(verdict(1.3126, 0.0625, 1, 0.125), Verdict::fails);
  EXPECT_EQ(verdict(0.6874, 0.0625, 1, 0.125), Verdict::fails);
  EXPECT_EQ(verdict(1.0, 0.125, 1, 0.125), Verdict::holds);
  EXPECT_EQ(verdict(1.0, 0.13, 1, 0.125), Verdict::undecided) << "too uncertain to hold";
  EXPECT_EQ(verdict(3.0, 0.13, 1, 0.125), Verdict::fails) << "far off even so";
}

TEST(Judge, IsUndecidedWithoutASoundNumber) {
  EXPECT_EQ(verdict(1, 0.01, 1, 0.1, Status::relaxing), Verdict::undecided);
  EXPECT_EQ(verdict(9, 0.01, 1, 0.1, Status::undefined), Verdict::undecided);
  EXPECT_EQ(verdict(kNan, 0.01, 1, 0.1), Verdict::undecided);
  EXPECT_EQ(verdict(1, kNan, 1, 0.1), Verdict::undecided);
  EXPECT_EQ(judge(Estimate{}, 1, 0.1), Verdict::undecided);
}

TEST(Findings, SurviveTheirRoundTrip) {
  Dataset run;
  const std::vector<Finding> findings = {
      {"beta", {{"temperature", 1e-5}, {"replica", 2}}, {1.01, 0.02, Status::ok}, "1"},
      {"tau", {}, {kNan, kNan, Status::too_short}, "[time]"}};
  const std::vector<Claim> claims = {
      {"beta", Verdict::holds, {1.01, 0.02, Status::ok}, 1, 0.1, "equipartition"},
      {"tau", Verdict::undecided, {}, 5, 1, "fig \"4\""}};
  put_findings(run, findings);
  put_claims(run, claims);
  const auto back = findings_from(run);
  ASSERT_EQ(back.size(), 2u);
  EXPECT_EQ(back[0].quantity, "beta");
  EXPECT_EQ(back[0].where, findings[0].where);
  EXPECT_EQ(back[0].estimate.value, 1.01);
  EXPECT_EQ(back[0].unit, "1");
  EXPECT_TRUE(std::isnan(back[1].estimate.value));
  EXPECT_EQ(back[1].estimate.status, Status::too_short);
  const auto judged = claims_from(run);
  ASSERT_EQ(judged.size(), 2u);
  EXPECT_EQ(judged[0].verdict, Verdict::holds);
  EXPECT_EQ(judged[0].tolerance, 0.1);
  EXPECT_EQ(judged[1].source, "fig \"4\"");
  EXPECT_EQ(judged[1].estimate.status, Status::undefined);
  EXPECT_EQ(run.group("claims").array("expected").values[1], 5);
  EXPECT_EQ(run.group("findings").array("standard_error").values[0], 0.02);
  EXPECT_TRUE(findings_from(Dataset{}).empty());
}

TEST(Findings, MalformedOnesAreRefused) {
  EXPECT_THROW((void)finding_from(Json::parse(R"({"quantity": 3})")), Error);
  Json claim = to_json(Claim{"a", Verdict::fails, {1, 1, Status::ok}, 0, 0, "s"});
  EXPECT_EQ(claim["verdict"], "fails");
  claim["verdict"] = "perhaps";
  EXPECT_THROW((void)claim_from(claim), Error);
  Dataset run;
  run.make_group("findings").attributes["json"] = std::string("[{");
  EXPECT_THROW((void)findings_from(run), Error);
}

TEST(WithError, ShowsTwoDigitsOfTheError) {
  EXPECT_EQ(with_error(1.0234, 0.031), "1.023 ± 0.031");
  EXPECT_EQ(with_error(-12.34, 1.5), "-12.3 ± 1.5");
  EXPECT_EQ(with_error(1234, 56), "1234 ± 56");
  EXPECT_EQ(with_error(1.234e-5, 5e-7), "(1.234 ± 0.050)e-5");
  EXPECT_EQ(with_error(4.5e6, 2e4), "(4.500 ± 0.020)e6");
  EXPECT_EQ(with_error(2.5, 0), "2.5");
  EXPECT_EQ(with_error(2.5, 6e-19), "2.5") << "an error that is rounding";
  EXPECT_EQ(with_error(2.5, kNan), "2.5");
  EXPECT_EQ(with_error(kNan, 1), "—");
}

TEST(Claims, SayHowStronglyAndWhatWouldChangeTheVerdict) {
  const auto of = [](double value, double error, double tolerance) {
    const Estimate estimate{value, error, Status::ok};
    return strength({"", judge(estimate, 1, tolerance), estimate, 1, tolerance, ""});
  };
  // |x-e| = 0.05 and 2 SE = 0.04: holds down to a tolerance of 0.02, its error.
  EXPECT_EQ(of(1.05, 0.02, 0.1), "2.5 SE inside the tolerance; holds down to a tolerance of 0.02");
  // 0.4 outside; with a tolerance of 0.5 - 2·0.05 it would hold.
  EXPECT_EQ(of(1.5, 0.05, 0.1), "8 SE outside the tolerance; would hold at a tolerance of 0.4");
  // An error of twice the tolerance takes four times the data.
  EXPECT_EQ(
      of(1.05, 0.2, 0.1),
      "0.25 SE inside the tolerance; an error as small as the tolerance takes 4 times the data");
  EXPECT_EQ(
      of(1.225, 0.05, 0.1),
      "2.5 SE outside the tolerance; fails if the value stays and the error shrinks by a third");
  EXPECT_EQ(of(1, 0, 0.1),
            "inside the tolerance, without an error; holds down to a tolerance of 0");
  EXPECT_EQ(strength({"", Verdict::undecided, {1, 0.1, Status::ageing}, 1, 0.1, ""}),
            explanation(Status::ageing));
}

TEST(Claims, KeepWhatWouldOverturnThem) {
  Claim claim{"c", Verdict::holds, {1, 0.1, Status::ok}, 1, 0.2, "s"};
  claim.overturned_by = "a later window";
  EXPECT_EQ(claim_from(to_json(claim)).overturned_by, "a later window");
  Json old = to_json(claim);
  old.erase("overturned_by");
  EXPECT_EQ(claim_from(old).overturned_by, "") << "runs of older versions have none";
}

TEST(Figures, SurviveTheirRoundTrip) {
  Figure figure{"loss", "Loss", "caption", {"t [time]", "log"}, {"L [loss]", "linear"}, {}};
  for (int i = 0; i < 12; ++i) {  // more than ten: order must not become alphabetic
    figure.series.push_back({fmt::format("s{}", i), {1, 2}, {3, 4.0 + i}, {}, "points", "g"});
  }
  figure.series[0].y_error = {0.1, 0.2};
  Dataset run;
  put_figure(run, figure);
  const Figure back = figure_from("loss", run.group("figures/loss"));
  EXPECT_EQ(back.title, figure.title);
  EXPECT_EQ(back.caption, figure.caption);
  EXPECT_EQ(back.x.label, figure.x.label);
  EXPECT_EQ(back.x.scale, "log");
  EXPECT_EQ(back.y.scale, "linear");
  ASSERT_EQ(back.series.size(), figure.series.size());
  for (std::size_t i = 0; i < back.series.size(); ++i) {
    EXPECT_EQ(back.series[i].label, figure.series[i].label);
    EXPECT_EQ(back.series[i].x, figure.series[i].x);
    EXPECT_EQ(back.series[i].y, figure.series[i].y);
    EXPECT_EQ(back.series[i].y_error, figure.series[i].y_error);
    EXPECT_EQ(back.series[i].style, "points");
    EXPECT_EQ(back.series[i].group, "g");
  }
}

TEST(Tables, SurviveTheirRoundTrip) {
  const Table table{
      "fluctuations", "Title", "caption", {"T", "µ ± σ"}, {{"1e-5", "a \"b\"\n"}, {}, {"x", "y"}}};
  Dataset run;
  put_table(run, table);
  const Table back = table_from("fluctuations", run.group("tables/fluctuations"));
  EXPECT_EQ(back.title, table.title);
  EXPECT_EQ(back.caption, table.caption);
  EXPECT_EQ(back.columns, table.columns);
  EXPECT_EQ(back.rows, table.rows);
}

}  // namespace
}  // namespace thermoscape
