#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Plants the bugs of tests/mutants/list into copies of the sources.

  plant.py check           fails when an entry does not apply to today's sources
  plant.py sources         the .cpp files that are to be compiled anew, one a line
  plant.py inputs          the files that `write` reads, one a line
  plant.py write FOLDER    writes the copies to FOLDER/src/...

With --ten at the end, of the ten that CI runs only."""

import pathlib
import sys

from planting import LISTS, ROOT, ListError, planted, read_lists, sources, the_ten


def main(arguments: list[str]) -> int:
    is_ten = arguments[-1:] == ["--ten"]
    arguments = arguments[:-1] if is_ten else arguments
    command = arguments[0] if arguments else ""
    if command not in ("check", "sources", "inputs", "write") or len(arguments) != (2 if command == "write" else 1):
        print(__doc__, file=sys.stderr)
        return 2
    mutants = the_ten(read_lists()) if is_ten else read_lists()
    for file, inside in sources(mutants).items():
        if command == "sources":
            if file.endswith(".cpp"):
                print(file)
            continue
        if command == "inputs":
            print(file)
            continue
        text = planted((ROOT / file).read_text(), inside)
        if command == "write":
            copy = pathlib.Path(arguments[1]) / file
            copy.parent.mkdir(parents=True, exist_ok=True)
            if not copy.exists() or copy.read_text() != text:
                copy.write_text(text)
    if command == "inputs":
        for path in sorted(LISTS.glob("*.toml")):
            print(path.relative_to(ROOT).as_posix())
    if command == "check":
        print(f"{len(mutants)} planted bugs in {len(sources(mutants))} files apply")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except ListError as error:
        print(f"planted bugs: {error}\nplanted bugs: who changes such a line says in tests/mutants/list how the bug looks now, "
              "or plants another one", file=sys.stderr)
        sys.exit(1)
