# `cmake --install`: program, recipes, headers, static libraries and a CMake package. find_package(thermoscape) gives
# thermoscape::<folder> for each folder and thermoscape::thermoscape for all of them. What needs LibTorch is a shared
# library that they open when it is asked for, so that programs which do without it neither search nor load it.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/thermoscape)

get_property(targets GLOBAL PROPERTY THERMOSCAPE_TARGETS)
add_library(thermoscape_all INTERFACE)
add_library(thermoscape::thermoscape ALIAS thermoscape_all)
set_target_properties(thermoscape_all PROPERTIES EXPORT_NAME thermoscape)
target_link_libraries(thermoscape_all INTERFACE ${targets})

install(TARGETS thermoscape_all ${targets} EXPORT thermoscape ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT thermoscape NAMESPACE thermoscape:: FILE thermoscapeTargets.cmake DESTINATION ${package_dir})
install(TARGETS thermoscape_torch LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/thermoscape)

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/thermoscapeConfig.cmake.in
  ${PROJECT_BINARY_DIR}/thermoscapeConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/thermoscapeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/thermoscapeConfig.cmake ${PROJECT_BINARY_DIR}/thermoscapeConfigVersion.cmake
  DESTINATION ${package_dir})

install(DIRECTORY ${PROJECT_SOURCE_DIR}/src/thermoscape DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN *.hpp)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/recipes DESTINATION ${CMAKE_INSTALL_DATADIR}/thermoscape)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/CITATION.cff ${PROJECT_SOURCE_DIR}/docs/references.bib
  DESTINATION ${CMAKE_INSTALL_DOCDIR})
if(TARGET thermoscape)
  install(TARGETS thermoscape RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
