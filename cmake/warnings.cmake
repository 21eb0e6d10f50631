# SPDX-License-Identifier: Apache-2.0
# One warnings target, linked privately by every target that is ours.
add_library(segproof_warnings INTERFACE)
target_compile_options(segproof_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wcast-align -Wcast-qual -Wunused -Wnull-dereference -Wdouble-promotion
  -Wformat=2 -Wimplicit-fallthrough -Wswitch-enum)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(segproof_warnings INTERFACE -Wduplicated-cond -Wlogical-op -Wuseless-cast)
  # g++ 12 reports these inside the standard library and fmt when it inlines at -O2 (GCC bugs 105329, 105651).
  target_compile_options(segproof_warnings INTERFACE -Wno-null-dereference -Wno-restrict)
endif()
if(SEGPROOF_WERROR)
  target_compile_options(segproof_warnings INTERFACE -Werror)
endif()
