# SPDX-License-Identifier: Apache-2.0
# What is installed: the program, its documents, the promised headers, and what find_package(segproof) needs.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

add_library(segproof_headers INTERFACE)
set_target_properties(segproof_headers PROPERTIES EXPORT_NAME segproof)
target_compile_features(segproof_headers INTERFACE cxx_std_20)
target_include_directories(segproof_headers INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>"
  "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")

# The library: the facade and all rooms below it as one archive. What it needs beside itself is found by the config file.
set(archive "${PROJECT_BINARY_DIR}/archive/libsegproof.a")
set(archive_script "CREATE libsegproof.a\n")
set(archive_rooms facade report proof check claim reach graph input input_yaml input_iptables input_nft input_ipset input_cisco input_host_addresses input_inventory model packet base)
list(TRANSFORM archive_rooms PREPEND segproof_)
foreach(room IN LISTS archive_rooms)
  string(APPEND archive_script "ADDLIB $<TARGET_FILE:${room}>\n")
endforeach()
file(GENERATE OUTPUT "${PROJECT_BINARY_DIR}/archive/libsegproof.mri" CONTENT "${archive_script}SAVE\nEND\n")
add_custom_command(OUTPUT "${archive}"
  COMMAND "${CMAKE_COMMAND}" -E rm -f "${archive}"
  COMMAND "${CMAKE_AR}" -M < libsegproof.mri
  WORKING_DIRECTORY "${PROJECT_BINARY_DIR}/archive"
  DEPENDS ${archive_rooms} "${PROJECT_BINARY_DIR}/archive/libsegproof.mri" VERBATIM)
add_custom_target(segproof_archive ALL DEPENDS "${archive}")
install(FILES "${archive}" DESTINATION "${CMAKE_INSTALL_LIBDIR}")

if(TARGET segproof-check)
  set_target_properties(segproof-check PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  install(TARGETS segproof-check RUNTIME)
  install(FILES docs/man/segproof-check.1 DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
  install(FILES docs/completion/segproof-check.bash
    DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME segproof-check)
  install(FILES docs/completion/_segproof-check DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions")
  install(FILES docs/completion/segproof-check.fish DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
endif()
if(TARGET segproof)
  set_target_properties(segproof PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  install(TARGETS segproof RUNTIME)

  # The man page and the completions come out of the program's own table of options.
  set(documents "${PROJECT_BINARY_DIR}/documents")
  set(generated "")
  foreach(document man:segproof.1 bash:segproof.bash zsh:_segproof fish:segproof.fish)
    string(REPLACE ":" ";" pair "${document}")
    list(GET pair 0 kind)
    list(GET pair 1 file)
    add_custom_command(OUTPUT "${documents}/${file}"
      COMMAND "${CMAKE_COMMAND}" -E make_directory "${documents}"
      COMMAND segproof --generate ${kind} > "${documents}/${file}"
      DEPENDS segproof VERBATIM)
    list(APPEND generated "${documents}/${file}")
  endforeach()
  add_custom_target(segproof_documents ALL DEPENDS ${generated})
  install(FILES "${documents}/segproof.1" DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
  install(FILES "${documents}/segproof.bash" DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions"
    RENAME segproof)
  install(FILES "${documents}/_segproof" DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions")
  install(FILES "${documents}/segproof.fish" DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
endif()
install(TARGETS segproof_headers EXPORT segproofTargets)
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/segproof" "${PROJECT_BINARY_DIR}/generated/segproof"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")
install(EXPORT segproofTargets NAMESPACE segproof:: DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/segproof")
configure_package_config_file(cmake/segproofConfig.cmake.in "${PROJECT_BINARY_DIR}/segproofConfig.cmake"
  INSTALL_DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/segproof" PATH_VARS CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/segproofConfigVersion.cmake" COMPATIBILITY SameMajorVersion)
install(FILES "${PROJECT_BINARY_DIR}/segproofConfig.cmake" "${PROJECT_BINARY_DIR}/segproofConfigVersion.cmake"
  DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/segproof")

if(EXISTS "${PROJECT_SOURCE_DIR}/schemas")
  install(DIRECTORY schemas DESTINATION "${CMAKE_INSTALL_DATADIR}/segproof" FILES_MATCHING PATTERN "*.json")
endif()
foreach(document README.md CHANGELOG.md)
  install(FILES ${document} DESTINATION "${CMAKE_INSTALL_DOCDIR}" OPTIONAL)
endforeach()
install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}" RENAME copyright)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME segproof)
set(CPACK_PACKAGE_VENDOR segproof)
set(CPACK_PACKAGE_CONTACT "The segproof authors <segproof@example.org>")
set(CPACK_PACKAGE_VERSION "${PROJECT_VERSION}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION
  "Reads firewall rules and host inventories and gives, for every claim about who can reach whom, a verdict: proved, refuted with a packet and its path, or why neither can be said.")
set(CPACK_RESOURCE_FILE_LICENSE "${PROJECT_SOURCE_DIR}/LICENSE")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
include(CPack)
