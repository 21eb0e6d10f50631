# SPDX-License-Identifier: Apache-2.0
# One settings target: the language, the sanitizers and the include root of every room.
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(SEGPROOF_CCACHE ccache)
if(SEGPROOF_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${SEGPROOF_CCACHE}")
endif()

add_library(segproof_settings INTERFACE)
# The dialect stays gnu++20, in which the standard's traits know __int128; -Wpedantic rejects the language extensions.
target_compile_features(segproof_settings INTERFACE cxx_std_20)
target_include_directories(segproof_settings INTERFACE
  "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/include" "${PROJECT_BINARY_DIR}/generated")
if(SEGPROOF_SANITIZE)
  target_compile_options(segproof_settings INTERFACE
    -fsanitize=${SEGPROOF_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(segproof_settings INTERFACE -fsanitize=${SEGPROOF_SANITIZE})
  # Under -fsanitize=thread g++ 12 loses sight of what std::optional sets.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND SEGPROOF_SANITIZE MATCHES "thread")
    target_compile_options(segproof_settings INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
