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

set(linker_flags "")
if(SANITIZE)  # the archive was built so
  set(linker_flags "-DCMAKE_EXE_LINKER_FLAGS=-fsanitize=${SANITIZE}")
endif()
run("${CMAKE_COMMAND}" --install "${SEGPROOF_BUILD}" --prefix "${folder}/root")
run("${CMAKE_COMMAND}" -S "${CONSUMER}" -B "${folder}/build" -G Ninja
  "-DCMAKE_CXX_COMPILER=${CXX}" ${linker_flags} "-DCMAKE_PREFIX_PATH=${folder}/root" "-DWANTED_VERSION=${VERSION}")
run("${CMAKE_COMMAND}" --build "${folder}/build")
run("${folder}/build/consumer" "${SOURCE}/topologies/transfer-enclave" "${SOURCE}/policies/transfer-enclave/e0")
set(expected "${VERSION}\nFTA-1 proved\nOUT-2 proved\n")
if(NOT output STREQUAL expected)
  message(FATAL_ERROR "the consumer printed\n${output}instead of\n${expected}")
endif()
