#include "thermoscape/report/escape.hpp"

#include <gtest/gtest.h>

#include "thermoscape/core/json.hpp"

namespace thermoscape::report {
namespace {

TEST(Escape, MarkupCharactersBecomeEntities) {
  EXPECT_EQ(escape_markup("a<b> & \"c\" 'd'"), "a&lt;b&gt; &amp; &quot;c&quot; &#39;d&#39;");
  EXPECT_EQ(escape_markup("τ½·T → ∞ 𝛼"), "τ½·T → ∞ 𝛼");
  EXPECT_EQ(escape_markup("a\tb\nc"), "a\tb\nc");
}

TEST(Escape, WhatXmlForbidsIsReplaced) {
  EXPECT_EQ(escape_markup(std::string_view("a\0b\x01", 4)), "a\uFFFDb\uFFFD");
  EXPECT_EQ(escape_markup("\xff"), "\uFFFD");
  EXPECT_EQ(escape_markup("\xc3"), "\uFFFD");            // cut short
  EXPECT_EQ(escape_markup("\xc0\xbc"), "\uFFFD\uFFFD");  // '<' in an overlong form
  EXPECT_EQ(escape_markup("\xed\xa0\x80").find('\xed'), std::string::npos);      // surrogate
  EXPECT_EQ(escape_markup("\xf4\x90\x80\x80").find('\xf4'), std::string::npos);  // above U+10FFFF
}

TEST(Escape, JsonCannotEndItsScriptAndKeepsItsValue) {
  const Json value = {{"label", "</script><!-- <b> \\ \" \u2028"}};
  const std::string safe = escape_json_for_script(value.dump());
  EXPECT_EQ(safe.find('<'), std::string::npos);
  EXPECT_EQ(Json::parse(safe), value);
}

TEST(Escape, IdentifiersHoldOnlyPlainCharacters) {
  EXPECT_EQ(identifier("loss_1-a"), "loss_1-a");
  EXPECT_EQ(identifier("a b\"<é"), "a_b____");
  EXPECT_EQ(identifier(""), "_");
}

}  // namespace
}  // namespace thermoscape::report
