# One static library a folder of src/thermoscape. DEPENDS repeats the one-way include rule of docs/architecture.md,
# so that a forbidden dependency fails to link as well as in tools/check_layers.py.
add_library(thermoscape_options INTERFACE)
target_compile_options(thermoscape_options INTERFACE
  $<BUILD_INTERFACE:-Wall -Wextra -Wpedantic -Wshadow -Werror>
  # Error bars and bit-for-bit reproducibility rest on strict floating point: contraction only where a kernel asks.
  $<BUILD_INTERFACE:-ffp-contract=off>)
if(THERMOSCAPE_SANITIZE)
  target_compile_options(thermoscape_options INTERFACE -fsanitize=${THERMOSCAPE_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(thermoscape_options INTERFACE -fsanitize=${THERMOSCAPE_SANITIZE})
endif()

# PATH is the folder if it is not `name`; EXCLUDE names a sub-folder that is a library of its own.
function(thermoscape_folder name)
  cmake_parse_arguments(ARG "" "PATH;EXCLUDE" "DEPENDS;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
  if(NOT ARG_PATH)
    set(ARG_PATH ${name})
  endif()
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_PATH})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${folder}/*.cpp)
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS ${folder}/*.hpp)
  if(ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "^${folder}/${ARG_EXCLUDE}/")
    list(FILTER headers EXCLUDE REGEX "^${folder}/${ARG_EXCLUDE}/")
  endif()
  set(target thermoscape_${name})
  if(sources)
    add_library(${target} STATIC ${sources} ${headers})
    set(scope PUBLIC)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:thermoscape_options> ${ARG_PRIVATE_LIBRARIES})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(thermoscape::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(${target} ${scope}
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  list(TRANSFORM ARG_DEPENDS PREPEND thermoscape::)
  target_link_libraries(${target} ${scope} ${ARG_DEPENDS} ${ARG_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY THERMOSCAPE_TARGETS ${target})
endfunction()

# Compiles the sources of a folder that match `pattern` with `options`: one translation unit per instruction set.
function(thermoscape_instruction_set pattern)
  file(GLOB matches CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${pattern})
  set_source_files_properties(${matches} PROPERTIES COMPILE_OPTIONS "${ARGN}")
endfunction()
