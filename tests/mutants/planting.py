# SPDX-License-Identifier: Apache-2.0
"""The planted bugs: reading the lists, and sources with all of them in it, to be chosen at run time.

A list (tests/mutants/list/ROOM.toml) holds entries

    [[mutant]]
    id = 201                  the number that SEGPROOF_MUTANT names; unique over all lists
    file = "src/model/walk.cpp"
    within = "..."            optional: a text that occurs once in the file; `was` is looked for inside
    was = "..."               the original; it occurs once
    now = "..."               the bug
    about = "..."             what is wrong with it, for people
    survives = "..."          optional: why nothing tells it from the original

An original that ends in `;`, or in `}` behind one, is a statement, any other an expression. What several entries change may be the same
text, or one inside another, but not overlap otherwise."""

import pathlib
import re
import tomllib
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parents[2]
LISTS = pathlib.Path(__file__).resolve().parent / "list"
HEADER = "mutants/active.h"
# Those that CI runs: from different rooms, each caught within a few networks, and planted in few files.
TEN = (39, 206, 207, 239, 245, 281, 322, 522, 544, 563)


class ListError(Exception):
    pass


@dataclass
class Mutant:
    id: int
    file: str
    was: str
    now: str
    about: str
    within: str | None = None
    survives: str | None = None
    begin: int = 0
    end: int = 0

    @property
    def room(self) -> str:
        parts = self.file.split("/")
        return "/".join(parts[1:3]) if parts[1] == "input" and len(parts) > 3 else parts[1]

    @property
    def is_statement(self) -> bool:
        return re.search(r";[\s}]*$", self.was) is not None


def read_lists() -> list[Mutant]:
    result = []
    for path in sorted(LISTS.glob("*.toml")):
        for entry in tomllib.loads(path.read_text())["mutant"]:
            unknown = set(entry) - {"id", "file", "was", "now", "about", "within", "survives"}
            if unknown:
                raise ListError(f"{path.name}: entry {entry.get('id')} has unknown keys {sorted(unknown)}")
            result.append(Mutant(**entry))
    result.sort(key=lambda mutant: mutant.id)
    for one, two in zip(result, result[1:]):
        if one.id == two.id:
            raise ListError(f"two entries have the number {one.id}")
    return result


def the_ten(mutants: list[Mutant]) -> list[Mutant]:
    result = [mutant for mutant in mutants if mutant.id in TEN]
    if len(result) != len(TEN):
        raise ListError(f"the lists do not hold all of {TEN}")
    return result


def once(text: str, wanted: str, what: str) -> int:
    count = text.count(wanted)
    if count != 1:
        raise ListError(f"{what}: occurs {count} times, not once: {wanted!r}")
    return text.index(wanted)


def has_bare_comma(expression: str) -> bool:
    depth = 0
    for character in re.sub(r'"[^"]*"', "", expression):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and depth == 0:
            return True
    return False


def locate(mutant: Mutant, text: str) -> None:
    """Sets where in the file the original stands; throws when the entry does not apply any more."""
    what = f"mutant {mutant.id}, {mutant.file}"
    if mutant.id <= 0 or not mutant.about or mutant.was == mutant.now:
        raise ListError(f"{what}: changes nothing, or says nothing")
    if not mutant.is_statement and (has_bare_comma(mutant.was) or has_bare_comma(mutant.now)):
        raise ListError(f"{what}: several expressions, not one")
    start, within = 0, text
    if mutant.within is not None:
        start, within = once(text, mutant.within, what), mutant.within
    mutant.begin = start + once(within, mutant.was, what)
    mutant.end = mutant.begin + len(mutant.was)


@dataclass
class Span:
    """A stretch of text that some entries change, with what is changed inside of it."""

    begin: int
    end: int
    mutants: list[Mutant]
    inner: list["Span"] = field(default_factory=list)


def nest(mutants: list[Mutant]) -> list[Span]:
    top: list[Span] = []
    open_spans: list[Span] = []
    for mutant in sorted(mutants, key=lambda m: (m.begin, -m.end, m.id)):
        while open_spans and open_spans[-1].end <= mutant.begin:
            open_spans.pop()
        if open_spans:
            outer = open_spans[-1]
            if (outer.begin, outer.end) == (mutant.begin, mutant.end):
                outer.mutants.append(mutant)
                continue
            if mutant.end > outer.end:
                raise ListError(f"mutants {outer.mutants[0].id} and {mutant.id} overlap in {mutant.file}")
        span = Span(mutant.begin, mutant.end, [mutant])
        (open_spans[-1].inner if open_spans else top).append(span)
        open_spans.append(span)
    return top


def render(text: str, begin: int, end: int, spans: list[Span]) -> str:
    result, at = "", begin
    for span in spans:
        result += text[at:span.begin] + plant(text, span)
        at = span.end
    return result + text[at:end]


def plant(text: str, span: Span) -> str:
    original = render(text, span.begin, span.end, span.inner)
    is_statement = span.mutants[0].is_statement
    result = ""
    for mutant in span.mutants:
        if mutant.is_statement != is_statement:
            raise ListError(f"mutants {span.mutants[0].id} and {mutant.id}: a statement and an expression")
        active = f"::segproof::mutants::active({mutant.id})"
        result += f"if ({active}) {{ {mutant.now} }} else " if is_statement else f"{active} ? ({mutant.now}) : "
    return f"{result}{{ {original} }}" if is_statement else f"({result}({original}))"


def planted(text: str, mutants: list[Mutant]) -> str:
    """The file with all its bugs, which of them is active to be known at run time."""
    for mutant in mutants:
        locate(mutant, text)
    return f'#include "{HEADER}"\n' + render(text, 0, len(text), nest(mutants))


def includes_of(text: str) -> set[str]:
    return {"src/" + name for name in re.findall(r'^#include "([^"]+)"', text, re.M)}


def sources(mutants: list[Mutant]) -> dict[str, list[Mutant]]:
    """The files to be compiled or included anew, with what is planted in each: those of the lists, and every source that
    includes a changed header, however deep."""
    result: dict[str, list[Mutant]] = {}
    for mutant in mutants:
        result.setdefault(mutant.file, []).append(mutant)
    changed = {file for file in result if file.endswith(".h")}
    if changed:
        files = [p for p in (ROOT / "src").rglob("*") if p.suffix in (".h", ".cpp")]
        includes = {p.relative_to(ROOT).as_posix(): includes_of(p.read_text()) for p in files}
        grown = True
        while grown:
            more = {file for file, names in includes.items() if names & changed and file not in changed}
            grown = any(file.endswith(".h") for file in more)
            changed |= {file for file in more if file.endswith(".h")}
            for file in more:
                result.setdefault(file, [])
    return dict(sorted(result.items()))
