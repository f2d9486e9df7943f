#pragma once
#include <string>
#include <string_view>

namespace thermoscape::report {

/// Text made safe inside HTML and XML, as content or as a quoted attribute: & < > " ' become
/// entities; bytes that are not UTF-8 and characters that XML 1.0 forbids (controls except tab and
/// line breaks) become U+FFFD. Never throws. O(n).
[[nodiscard]] std::string escape_markup(std::string_view text);

/// JSON text made safe inside a <script> element: every '<' becomes \u003c, so that neither
/// "</script" nor "<!--" can end or hide the element. In JSON '<' stands only inside strings, so
/// the parsed value is the same.
[[nodiscard]] std::string escape_json_for_script(std::string_view json);

/// Letters, digits, '-' and '_' of `text`, others replaced by '_': a name for an HTML id or a file.
[[nodiscard]] std::string identifier(std::string_view text);

}  // namespace thermoscape::report
