# The front end of the report (web/) becomes part of the report library: assets.cpp copies the files into its object.
set(THERMOSCAPE_WEB_DIR ${PROJECT_SOURCE_DIR}/web)
set(THERMOSCAPE_PLOTLY ${THERMOSCAPE_WEB_DIR}/node_modules/plotly.js-cartesian-dist-min/plotly-cartesian.min.js)

function(thermoscape_install_web)
  set(lock ${THERMOSCAPE_WEB_DIR}/package-lock.json)
  set(installed ${THERMOSCAPE_WEB_DIR}/node_modules/.package-lock.json)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${lock})
  if(EXISTS ${THERMOSCAPE_PLOTLY} AND NOT ${lock} IS_NEWER_THAN ${installed})
    return()
  endif()
  # Two configurations at once must not install over each other; the lock lies with them, not in the build folder.
  file(LOCK ${THERMOSCAPE_WEB_DIR} DIRECTORY GUARD FUNCTION TIMEOUT 300 RESULT_VARIABLE locked)
  if(NOT locked EQUAL 0)
    message(FATAL_ERROR "web/: cannot lock the folder: ${locked}")
  endif()
  if(EXISTS ${THERMOSCAPE_PLOTLY} AND NOT ${lock} IS_NEWER_THAN ${installed})
    return()
  endif()
  find_program(NPM npm)
  if(NOT NPM)
    message(FATAL_ERROR "npm is missing: scripts/install-deps.sh installs it (the report inlines plotly.js from npm)")
  endif()
  message(STATUS "Installing web/node_modules (npm ci)")
  execute_process(COMMAND ${NPM} ci --prefix ${THERMOSCAPE_WEB_DIR} --loglevel=error
    WORKING_DIRECTORY ${THERMOSCAPE_WEB_DIR} RESULT_VARIABLE failed ERROR_VARIABLE why OUTPUT_QUIET TIMEOUT 300)
  if(failed OR NOT EXISTS ${THERMOSCAPE_PLOTLY})
    string(REGEX MATCH "npm (ERR!|error) [^\n]*" line "${why}")
    message(FATAL_ERROR "npm ci --prefix web failed (${failed}): ${line}")
  endif()
  file(TOUCH ${installed})
endfunction()

thermoscape_install_web()

# A property of a source file holds in the folder that names the target.
set(assets ${PROJECT_SOURCE_DIR}/src/thermoscape/report/assets.cpp)
set(files ${THERMOSCAPE_WEB_DIR}/report.css ${THERMOSCAPE_WEB_DIR}/report.js ${THERMOSCAPE_PLOTLY})
set_source_files_properties(${assets} TARGET_DIRECTORY thermoscape_report PROPERTIES
  OBJECT_DEPENDS "${files}"
  COMPILE_DEFINITIONS "THERMOSCAPE_WEB_STYLE=\"${THERMOSCAPE_WEB_DIR}/report.css\";THERMOSCAPE_WEB_SCRIPT=\"${THERMOSCAPE_WEB_DIR}/report.js\";THERMOSCAPE_WEB_PLOTLY=\"${THERMOSCAPE_PLOTLY}\"")
