#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Runs clang-tidy on source files, within a time box. Needs a configured build folder (preset clang).
#   scripts/tidy.sh --all              every source
#   scripts/tidy.sh --since REVISION   those that changed since then, the changed headers' own sources included
#   scripts/tidy.sh FILE...
#   SEGPROOF_TIDY_SECONDS   the time box (none by default); files that do not fit in are named, and do not fail
#   SEGPROOF_TIDY_BUILD     the build folder with compile_commands.json, else build/clang
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

build=${SEGPROOF_TIDY_BUILD:-build/clang}
seconds=${SEGPROOF_TIDY_SECONDS:-0}
jobs=${SEGPROOF_JOBS:-$(nproc)}
if [ ! -f "$build/compile_commands.json" ]; then
  cmake --preset clang > /dev/null
fi

case "${1:-}" in
  "") echo "usage: scripts/tidy.sh --all | --since REVISION | FILE..." >&2; exit 2 ;;
  --all) mapfile -t files < <(git ls-files 'src/*.cpp' 'tests/*.cpp') ;;
  --since)
    # A header stands for the source of its name.
    mapfile -t files < <(git diff --name-only --diff-filter=d "${2:?--since needs a revision}" -- 'src/*' 'tests/*' |
      sed -n -e 's/\.h$/.cpp/' -e '/\.cpp$/p' | sort -u)
    ;;
  *) files=("$@") ;;
esac

deadline=$((SECONDS + seconds))
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
checked=0
left=()
for file in "${files[@]}"; do
  # What no build list knows (a test's consumer project, a fuzz target) has no compile command.
  if ! [ -f "$file" ] || ! grep -qF "/$file\"" "$build/compile_commands.json"; then
    continue
  fi
  if [ "$seconds" -gt 0 ] && [ "$SECONDS" -ge "$deadline" ]; then
    left+=("$file")
    continue
  fi
  while [ "$(jobs -rp | wc -l)" -ge "$jobs" ]; do
    wait -n || true
  done
  log=$results/$checked
  (clang-tidy --quiet -p "$build" "$file" > "$log" 2> /dev/null && rm -f "$log") &
  checked=$((checked + 1))
done
wait || true

code=0
for log in "$results"/*; do
  if [ -f "$log" ]; then
    cat "$log"
    code=1
  fi
done
echo "tidy: $checked files checked"
if [ "${#left[@]}" -gt 0 ]; then
  echo "tidy: ${#left[@]} files did not fit into $seconds seconds: ${left[*]}"
fi
exit "$code"
