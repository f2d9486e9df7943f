#pragma once
#include <string_view>

namespace thermoscape::report {

/// The front end of the report, compiled into the library from web/ (cmake/web.cmake): nothing is
/// looked up at run time.
struct Assets {
  std::string_view style;   ///< report.css
  std::string_view script;  ///< report.js
  std::string_view plotly;  ///< plotly.js (cartesian, minified), MIT licence notice included
};

[[nodiscard]] Assets assets();

}  // namespace thermoscape::report
