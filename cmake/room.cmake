# SPDX-License-Identifier: Apache-2.0
# A room is a static library named after its folder: segproof_room(packet SOURCES a.cpp b.cpp USES base LIBRARIES fmt::fmt).
# USES names the rooms below it; the stairs themselves are tested by tests/repo.
function(segproof_room name)
  cmake_parse_arguments(ROOM "" "" "SOURCES;USES;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
  string(REPLACE "/" "_" target "segproof_${name}")
  add_library(${target} STATIC ${ROOM_SOURCES})
  add_library(segproof::${target} ALIAS ${target})
  target_link_libraries(${target} PUBLIC segproof_settings PRIVATE segproof_warnings)
  foreach(used IN LISTS ROOM_USES)
    string(REPLACE "/" "_" used_target "segproof_${used}")
    target_link_libraries(${target} PUBLIC ${used_target})
  endforeach()
  target_link_libraries(${target} PUBLIC ${ROOM_LIBRARIES} PRIVATE ${ROOM_PRIVATE_LIBRARIES})
endfunction()

# A doctest program whose cases ctest runs as one test: segproof_test(unit_packet SOURCES ... USES packet [LABELS ...]).
# Exit 77 means skipped, with the reason on standard error (tests/support/main.cpp).
function(segproof_test name)
  cmake_parse_arguments(T "" "TIMEOUT" "SOURCES;USES;LIBRARIES;LABELS" ${ARGN})
  add_executable(${name} ${T_SOURCES})
  target_link_libraries(${name} PRIVATE segproof_test_support segproof_settings segproof_warnings ${T_LIBRARIES})
  foreach(used IN LISTS T_USES)
    string(REPLACE "/" "_" used_target "segproof_${used}")
    target_link_libraries(${name} PRIVATE ${used_target})
  endforeach()
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 300)
  endif()
  set_tests_properties(${name} PROPERTIES SKIP_RETURN_CODE 77 TIMEOUT ${T_TIMEOUT} LABELS "${T_LABELS}")
endfunction()
