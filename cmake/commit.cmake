# cmake -DSOURCE=... -DOUTPUT=... -P commit.cmake: writes the commit that is being built into a header, at every build,
# so that a result names the code that made it. The file is touched only if the commit changed.
cmake_minimum_required(VERSION 3.25)
set(commit "unknown")
find_program(GIT git)
if(GIT)
  execute_process(COMMAND ${GIT} --no-optional-locks describe --always --dirty --abbrev=12 --exclude=*
    WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE found RESULT_VARIABLE failed ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT failed)
    set(commit "${found}")
  endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#pragma once\n#define THERMOSCAPE_COMMIT \"@commit@\"\n" @ONLY)
