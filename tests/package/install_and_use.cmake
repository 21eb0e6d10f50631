# SPDX-License-Identifier: Apache-2.0
set(folder "${SEGPROOF_BUILD}/package-test")
file(REMOVE_RECURSE "${folder}")

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run("${CMAKE_COMMAND}" --install "${SEGPROOF_BUILD}" --prefix "${folder}/root")
run("${CMAKE_COMMAND}" -S "${CONSUMER}" -B "${folder}/build" -G Ninja
  "-DCMAKE_CXX_COMPILER=${CXX}" "-DCMAKE_PREFIX_PATH=${folder}/root" "-DWANTED_VERSION=${VERSION}")
run("${CMAKE_COMMAND}" --build "${folder}/build")
run("${folder}/build/consumer")
string(STRIP "${output}" output)
if(NOT output STREQUAL VERSION)
  message(FATAL_ERROR "the consumer printed `${output}`, not `${VERSION}`")
endif()
