#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Adds up the lines "agree_kernel sum: ..." of one or more logs: scripts/sum-kernel-runs.sh LOG...
# Ranges of seeds that follow one another are joined.
set -eu
cat "$@" | grep '^agree_kernel sum: ' | sort -t ' ' -k 4.1n | awk '
  {
    for (i = 3; i < NF; i += 2) {
      if ($i == "seeds") { split($(i + 1), range, "-"); continue }
      if (!($i in total)) names[++count] = $i
      total[$i] += $(i + 1)
    }
    if (last != "" && range[1] == last + 1) { last = range[2]; next }
    if (last != "") seeds = seeds " " first "-" last
    first = range[1]; last = range[2]
  }
  END {
    if (last != "") seeds = seeds " " first "-" last
    printf "seeds%s\n", seeds
    for (i = 1; i <= count; ++i) printf "%s %d\n", names[i], total[names[i]]
  }'
