# What store/provenance.cpp tells about the build. The commit is looked up at every build, not when CMake configures,
# so that a result names the code that made it; nothing is compiled again while it stays the same.
set(generated ${CMAKE_CURRENT_BINARY_DIR}/generated)
add_custom_target(thermoscape_commit
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DOUTPUT=${generated}/thermoscape_commit.hpp
    -P ${PROJECT_SOURCE_DIR}/cmake/commit.cmake
  BYPRODUCTS ${generated}/thermoscape_commit.hpp
  COMMENT "Looking up the commit" VERBATIM)
add_dependencies(thermoscape_store thermoscape_commit)
target_include_directories(thermoscape_store PRIVATE ${generated})
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
string(STRIP "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}" flags)
set_source_files_properties(${CMAKE_CURRENT_SOURCE_DIR}/store/provenance.cpp PROPERTIES COMPILE_DEFINITIONS
  "THERMOSCAPE_VERSION=\"${PROJECT_VERSION}\";THERMOSCAPE_BUILD_TYPE=\"${CMAKE_BUILD_TYPE}\";THERMOSCAPE_FLAGS=\"${flags}\"")
