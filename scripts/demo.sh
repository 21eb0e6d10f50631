#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds a release of segproof and verifies the shipped example. The exit code is segproof's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh
log=build/demo.log
mkdir -p build
echo "demo: building segproof (the first time takes a few minutes) ..." >&2
if ! { cmake --preset release && cmake --build --preset release --target segproof; } > "$log" 2>&1; then
  tail -n 40 "$log" >&2
  echo "demo: the build failed; the whole log is $log" >&2
  exit 2
fi

command=(build/release/bin/segproof verify --topology topologies/transfer-enclave --policy policies/transfer-enclave/e0)
echo "demo: ${command[*]}" >&2
code=0
"${command[@]}" "$@" || code=$?
case "$code" in
  0) meaning="every claim is proved" ;;
  1) meaning="at least one claim is refuted" ;;
  3) meaning="nothing is refuted, but at least one claim is not proved" ;;
  2) meaning="segproof could not run" ;;
  4) meaning="segproof itself is at fault; please report it" ;;
  *) meaning="segproof was interrupted" ;;
esac
echo "demo: exit code $code: $meaning" >&2
exit "$code"
