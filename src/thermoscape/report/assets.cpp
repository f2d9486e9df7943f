#include "thermoscape/report/assets.hpp"

// The assembler copies each file into the read-only data of this object; cmake/web.cmake defines
// the paths and makes the object depend on the files.
asm(".pushsection .rodata\n"
    ".balign 16\n"
    "thermoscape_style_begin: .incbin \"" THERMOSCAPE_WEB_STYLE
    "\"\n"
    "thermoscape_style_end:\n"
    "thermoscape_script_begin: .incbin \"" THERMOSCAPE_WEB_SCRIPT
    "\"\n"
    "thermoscape_script_end:\n"
    "thermoscape_plotly_begin: .incbin \"" THERMOSCAPE_WEB_PLOTLY
    "\"\n"
    "thermoscape_plotly_end:\n"
    ".byte 0\n"
    ".globl thermoscape_style_begin, thermoscape_style_end, thermoscape_script_begin, "
    "thermoscape_script_end\n"
    ".globl thermoscape_plotly_begin, thermoscape_plotly_end\n"
    ".hidden thermoscape_style_begin, thermoscape_style_end, thermoscape_script_begin, "
    "thermoscape_script_end\n"
    ".hidden thermoscape_plotly_begin, thermoscape_plotly_end\n"
    ".popsection\n");

extern "C" {
extern const char thermoscape_style_begin[];
extern const char thermoscape_style_end[];
extern const char thermoscape_script_begin[];
extern const char thermoscape_script_end[];
extern const char thermoscape_plotly_begin[];
extern const char thermoscape_plotly_end[];
}

namespace thermoscape::report {

Assets assets() {
  const auto between = [](const char* begin, const char* end) {
    return std::string_view(begin, static_cast<std::size_t>(end - begin));
  };
  return {between(thermoscape_style_begin, thermoscape_style_end),
          between(thermoscape_script_begin, thermoscape_script_end),
          between(thermoscape_plotly_begin, thermoscape_plotly_end)};
}

}  // namespace thermoscape::report
