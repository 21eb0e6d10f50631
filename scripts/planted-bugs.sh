#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Plants bugs into copies of the sources and tells which guard catches each (docs/planted-bugs.md). Arguments go to
# tests/mutants/hunt.py: --ten, --some N --seed N, --only N,N, --page FILE.
#   SEGPROOF_PRESET  another preset than `release`      SEGPROOF_JOBS  processes at a time, else one per core
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

preset=${SEGPROOF_PRESET:-release}
jobs=${SEGPROOF_JOBS:-$(nproc)}
folder=build/$preset
log=$folder/planted-bugs.log
target=planted_bugs
for argument; do
  [ "$argument" != --ten ] || target=planted_ten
done
mkdir -p "$folder"
if ! { cmake --preset "$preset" && cmake --build --preset "$preset" --target "$target" -j "$jobs"; } > "$log" 2>&1; then
  tail -n 40 "$log" >&2
  exit 2
fi
exec python3 tests/mutants/hunt.py "$folder" --jobs "$jobs" "$@"
