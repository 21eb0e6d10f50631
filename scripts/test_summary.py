#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the reasons of all skips in a ctest JUnit file, and one closing line.

A test program says why it skips on a line that begins with "skipped (NEED): " (tests/support/skip.h)."""

import re
import sys
import xml.etree.ElementTree as ElementTree


def main(path: str) -> int:
    passed, failed, skipped, cases = 0, [], [], 0
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = case.get("name", "?")
        status = case.get("status", "")
        output = case.findtext("system-out") or ""
        cases += sum(int(n) for n in re.findall(r"^\[doctest\] test cases: +\d+ \| +(\d+) passed", output, re.M))
        if status == "run":
            passed += 1
        elif status in ("notrun", "disabled") or case.find("skipped") is not None:
            reasons = [line for line in output.splitlines() if line.startswith("skipped (")]
            if reasons:
                skipped.append((name, reasons))
            else:  # not built, or without a word: that is not a skip
                failed.append(f"{name} (did not run)")
        else:
            failed.append(name)

    for name, reasons in skipped:
        for reason in sorted(set(reasons)):
            print(f"{name}: {reason}")
    for name in failed:
        print(f"{name}: failed")
    print(f"{passed} passed, {len(failed)} failed, {len(skipped)} skipped ({cases} cases passed)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
