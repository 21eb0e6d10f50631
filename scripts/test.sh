#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds a release with its tests and runs every test. What was skipped is said at the end,
# with the reason; SEGPROOF_REQUIRE=data,kernel makes those skips failures. Arguments go to ctest.
#   SEGPROOF_PRESET  another preset than `release`      SEGPROOF_JOBS  processes at a time, else one per core
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh
preset=${SEGPROOF_PRESET:-release}
jobs=${SEGPROOF_JOBS:-$(nproc)}
folder=build/$preset
mkdir -p "$folder"

echo "test: building (preset $preset)" >&2
configure_log=$folder/configure.log
if ! cmake --preset "$preset" > "$configure_log" 2>&1; then
  tail -n 40 "$configure_log" >&2
  exit 2
fi
cmake --build --preset "$preset" -j "$jobs"

# One test more than there are cores: those that ask the kernel mostly wait for it.
results=$folder/test-results.xml
rm -f "$results"
code=0
ctest --preset "$preset" --no-tests=error --output-on-failure -j "$((jobs + 1))" --output-junit test-results.xml "$@" || code=$?
if [ ! -f "$results" ]; then
  echo "test: no test ran" >&2
  exit 1
fi
python3 scripts/test_summary.py "$results"
exit "$code"
