#include "thermoscape/report/report.hpp"

#include <algorithm>
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/sample_run.hpp"
#include "thermoscape/core/error.hpp"
#include "thermoscape/core/json.hpp"
#include "thermoscape/report/assets.hpp"
#include "thermoscape/report/sections.hpp"
#include "thermoscape/store/atomic_write.hpp"
#include "thermoscape/store/netcdf.hpp"

namespace thermoscape::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + part.size()))
    ++n;
  return n;
}

/// The page without the script of plotly, which holds anything.
std::string own_part(std::string page) {
  const std::string plotly(assets().plotly);
  const std::size_t at = page.find(plotly);
  EXPECT_NE(at, std::string::npos);
  return page.replace(at, plotly.size(), "");
}

const std::string& sample_page() {
  static const std::string page =
      render_report(sample::run(), sample::manifest(), sample::recipe());
  return page;
}

std::string data_of(const std::string& page) {
  const std::string open = "id=\"figure-data\">";
  const std::size_t start = page.find(open) + open.size();
  return page.substr(start, page.find("</script>", start) - start);
}

TEST(Report, EveryFigureTableAndClaimIsThere) {
  const Dataset run = sample::run();
  const Json data = Json::parse(data_of(sample_page()));
  ASSERT_EQ(data.size(), run.group("figures").groups.size());
  for (const auto& [name, group] : run.group("figures").groups) {
    const std::string id = name;
    EXPECT_EQ(count(sample_page(), "<figure id=\"figure-" + id + "\""), 1u);
    const bool in_data =
        std::any_of(data.begin(), data.end(), [&id](const Json& one) { return one["id"] == id; });
    EXPECT_TRUE(in_data) << id;
  }
  EXPECT_EQ(data[0]["id"], "training_loss");  // figure_order comes first
  EXPECT_THAT(sample_page(), HasSubstr("id=\"table-temperatures\""));
  EXPECT_EQ(count(sample_page(), "class=\"pill holds\"") - 1, 4u);  // one is the status of the run
  EXPECT_EQ(count(sample_page(), "class=\"pill fails\""), 1u);
  EXPECT_THAT(sample_page(), HasSubstr("Xavier-normal weights, zero biases."));
  EXPECT_THAT(sample_page(), HasSubstr("No MNIST was found"));
  EXPECT_THAT(sample_page(), HasSubstr("sha256:5b1f0c2ad1f5e0a4c1d2"));
}

TEST(Report, AskNothingOfTheNetwork) {
  const std::string page = own_part(sample_page());
  EXPECT_EQ(count(page, "http://"),
            count(page, "http://www.w3.org/2000/svg"));  // a namespace, not an address
  for (const char* part :
       {"https://", " src=", "<link", "@import", "url(//", "fetch(", "XMLHttpRequest"}) {
    EXPECT_THAT(page, Not(HasSubstr(part)));
  }
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
}

TEST(Report, HostileTextStaysText) {
  Dataset run = sample::run();
  const std::string bad = sample::kHostile;
  for (const char* key : {"title", "description", "reference", "scale"}) run.attributes[key] = bad;
  run.attributes["choices"] = Json({bad}).dump();
  run.attributes["notes"] = Json({bad}).dump();
  put_table(run, {"t", bad, bad, {bad}, {{bad}}});
  put_claims(run, {{bad, Verdict::holds, {1, 0.1, Status::ok}, 1, 1, bad}});
  put_findings(run, {{bad, {{bad, 1.0}}, {1, 0.1, Status::ok}, bad}});
  const std::string page =
      own_part(render_report(run, {{bad, bad}, {"status", bad}, {"version", bad}}, bad));
  EXPECT_EQ(count(page, "alert("), count(page, "alert(&quot;x") + count(page, "alert(\\\"x"));
  // Data, plotly, report.js: nothing opened or closed another script.
  EXPECT_EQ(count(page, "<script"), 3u);
  EXPECT_EQ(count(page, "</script"), 3u);
  EXPECT_EQ(count(page, "<!--"), 0u);
  EXPECT_GE(count(page, "&lt;/script&gt;"), 12u);
}

TEST(Report, AssetsCannotEndTheirElements) {
  const Assets web = assets();
  EXPECT_GT(web.plotly.size(), 1000000u);
  for (const std::string_view script : {web.plotly, web.script}) {
    std::string lower(script);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
      return static_cast<char>(std::tolower(c));
    });
    EXPECT_EQ(lower.find("</script"), std::string::npos);
    EXPECT_EQ(lower.find("<!--"), std::string::npos);
  }
  EXPECT_EQ(web.style.find("</"), std::string_view::npos);
  EXPECT_EQ(std::string(web.style),
            store::read_bytes(std::string(THERMOSCAPE_SOURCE_DIR) + "/web/report.css"));
  EXPECT_EQ(std::string(web.script),
            store::read_bytes(std::string(THERMOSCAPE_SOURCE_DIR) + "/web/report.js"));
}

TEST(Report, CurvesAreShortAndTheCaptionSaysSo) {
  const Json data = Json::parse(data_of(sample_page()));
  for (const Json& figure : data) {
    for (const Json& series : figure["series"]) EXPECT_LE(series["x"].size(), 5000u);
  }
  EXPECT_GT(data[0]["series"][0]["x"].size(), 3000u);
  EXPECT_THAT(sample_page(),
              HasSubstr("min/max envelope in at most 5,000 points (stored: up to 60,000)"));
  EXPECT_THAT(sample_page(), HasSubstr("left as gaps: 1 point of “minimum 3”."));
  EXPECT_THAT(sample_page(), HasSubstr("Without a defined error bar: 1 point of “T = 0.0001”."));
  EXPECT_THAT(sample_page(), HasSubstr("not on a logarithmic axis: 1 point of “minimum 1”"));
  const auto& y = data[0]["series"][2]["y"];
  EXPECT_EQ(std::count(y.begin(), y.end(), Json(nullptr)), 1);
}

TEST(Report, EqualInputGivesEqualBytes) {
  EXPECT_EQ(render_report(sample::run(), sample::manifest(), sample::recipe()), sample_page());
}

TEST(Report, AnEmptyRunIsAPageToo) {
  const std::string page = render_report({}, Json::object(), "");
  EXPECT_THAT(page, HasSubstr("No claims were judged in this run."));
  EXPECT_THAT(page, Not(HasSubstr("<section id=\"figures\"")));
  EXPECT_LT(page.size(), 40000u);  // no plotly where there is nothing to plot
}

TEST(Report, PowersOfTenAreSet) {
  EXPECT_EQ(number_markup("(2.91 ± 0.42)e-5"), "(2.91 ± 0.42)&nbsp;×&nbsp;10<sup>−5</sup>");
  EXPECT_EQ(number_markup("1e+20"), "1&nbsp;×&nbsp;10<sup>20</sup>");
  EXPECT_EQ(number_markup("-0.86 ± 0.02"), "−0.86 ± 0.02");
  EXPECT_EQ(number_markup("—"), "—");
  EXPECT_EQ(number_markup("1e ± 2"), "1e ± 2");
  Table table{"t", "", "", {"T", "τ½"}, {{"1e-06", "(2.10 ± 0.12)e-4"}, {"type-e-4", "a<1e-3"}}};
  const std::string html = tables_section({table});
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">1&nbsp;×&nbsp;10<sup>−6</sup></th>"));
  EXPECT_THAT(html, HasSubstr("<td>(2.10 ± 0.12)&nbsp;×&nbsp;10<sup>−4</sup></td>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">type-e-4</th><td>a&lt;1e-3</td>"));
}

TEST(Report, IsWrittenAgainFromWhatIsStored) {
  const std::filesystem::path root =
      std::filesystem::path(::testing::TempDir()) / "thermoscape_report_test";
  std::filesystem::remove_all(root);
  const auto directory = store::RunDirectory::create(root);
  store::write_dataset(directory.results(), sample::run());
  directory.write_manifest(sample::manifest());
  store::atomic_write(directory.recipe(), sample::recipe());
  write_report(store::RunDirectory::open(root));
  EXPECT_EQ(store::read_bytes(directory.report()), sample_page());
  std::filesystem::remove_all(root);
}

TEST(Report, AnUnknownFigureIsRefusedWithItsNeighbours) {
  const Dataset run = sample::run();
  EXPECT_EQ(find_figure(run, "moments").title, "Mean and spread of the loss against temperature");
  try {
    (void)find_figure(run, "momnts");
    FAIL() << "accepted";
  } catch (const Error& e) {
    EXPECT_THAT(e.what(), HasSubstr("did you mean `moments`?"));
  }
}

}  // namespace
}  // namespace thermoscape::report
