# SPDX-License-Identifier: Apache-2.0
"""The results of a hunt for planted bugs, as one line and as docs/planted-bugs.md."""

from collections import Counter

GUARDS = ["checker and naive engine", "checker", "naive engine", "a contract", "its end", "test", "survives"]

HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 -->
<!-- Written by tests/mutants/hunt.py: see "To repeat it". -->
# Planted bugs

Would anybody notice if the engine were wrong? {count} bugs were planted into copies of its sources, one at a time, and the verdicts that a bug changes put to the
guards: the independent checker, which wants a certificate for every proof ([certificate.md](certificate.md)), and the naive engine, which walks single packets.
{waiting}
## To repeat it

```
scripts/planted-bugs.sh                        # all of them
scripts/planted-bugs.sh --ten                  # the ten that CI runs (tests/mutants/planting.py: TEN)
scripts/planted-bugs.sh --some 20 --seed 7     # twenty of those that were caught, chosen by a seed (printed)
scripts/planted-bugs.sh --only 281,512         # those
scripts/planted-bugs.sh --resume --page docs/planted-bugs.md     # those that are new or changed, and this page anew
```

`tests/mutants/list` says for each bug which text of which file becomes which. `tests/mutants/plant.py` writes copies of those files into the build folder in which
every spot asks `SEGPROOF_MUTANT`, so that one build holds all bugs and runs any of them; what is shipped knows nothing of it. The copies are linked in front of the
rooms they come from. An ordinary build checks that every entry of the lists still applies (test `mutants_apply`).

## What counts as caught

Each bug of the engine is tried on 80 random networks with their claims (NAT, state, IPv6, spoofing, pivoting, undecided rules: the generator of `tests/agree/naive`; in
every eighth the forwarding rules first ask a chain with RETURN, `tests/mutants/battery.h`), until a guard objects to a verdict that it changes; if none does, the tests of the room are run, and then 120 networks more. Before, the engine that holds all bugs,
with none chosen, must answer like the plain one, word for word. A bug that is in `tests/mutants/caught.json` and is not caught any more fails the run.

- **checker**: the verdict is now `proved` and no certificate passes `segproof-check`'s core; or it is no longer `proved`, and there is a certificate all the same.
- **naive engine**: it finds a packet that a `proved` claim forbids, or none in some world that a `refuted` one needs; or it knows the answer that is now withheld.
- **a contract**: an assertion of the program ends it (no verdict at all). **its end**: it does not come to one.
- **test**: no verdict of the first networks changes, or not to a wrong one, but a unit test, the recorded answers of the Linux kernel (`agree_kernel_tables`) or a network with stated verdicts fails.
  That is also all that can catch a bug in a reader: the checker and the naive engine start from what was read. A bug in sets of intervals, which the readers
  use as well, belongs there too.
- **survives**: nothing told it from the original; the list says why that is known.

"""


def groups_of(results) -> Counter:
    return Counter(result.by or "survives" for result in results)


def summary(results, networks: int) -> str:
    groups = ", ".join(f"{by} {count}" for by, count in sorted(groups_of(results).items()))
    return f"{len(results)} planted bugs, up to {networks} networks for each: {groups}"


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def figures(results) -> list[str]:
    rooms = sorted({result.mutant.room for result in results})
    lines = ["| room | bugs | " + " | ".join(GUARDS) + " |", "|---|" + "--:|" * (len(GUARDS) + 1)]
    for room in rooms + [None]:
        mine = [result for result in results if room in (None, result.mutant.room)]
        counts = groups_of(mine)
        lines.append(f"| {room or 'all'} | {len(mine)} | " + " | ".join(str(counts[by] or "") for by in GUARDS) + " |")
    return lines


def verdicts(results) -> list[str]:
    judged = [change for result in results for change in result.judged]
    wrong = [change for change in judged if change.turned_round]
    missed = [change for change in wrong if not change.caught]
    proofs = [change for change in wrong if change.after.outcome == "proved"]
    by_checker = [change for change in proofs if change.checker == "objects"]
    by_naive = [change for change in proofs if change.naive == "objects"]
    silent = [change for change in proofs if change.checker == "silent"]
    with_details = sum(1 for result in results if result.judged)
    return [
        f"For {with_details} of the bugs the guards' answers to single verdicts were kept, at most a few for each: {len(judged)} changed verdicts. {len(wrong)} of "
        "them were turned round, from `proved` to `refuted` or back.",
        f"Of the {len(proofs)} that went from `refuted` to `proved`, the checker refuses {len(by_checker)} ({len(silent)} are of kinds without certificates) and the "
        f"naive engine {len(by_naive)}. {'None' if not missed else len(missed)} of all that were turned round pass{'es' if len(missed) < 2 else ''} both.",
    ]


def survivors(results) -> list[str]:
    mine = [result for result in results if not result.caught]
    if not mine:
        return []
    lines = ["", "## What survives", "", "| number | file | bug | why nothing tells |", "|--:|---|---|---|"]
    for result in mine:
        mutant = result.mutant
        lines.append(f"| {mutant.id} | `{mutant.file}` | {cell(mutant.about)} | {cell(mutant.survives or 'not known')} |")
    return lines


def caught(results) -> list[str]:
    lines = ["", "## What is caught", ""]
    for room in sorted({result.mutant.room for result in results}):
        lines += [f"### {room}", "", "| number | file | bug | caught by | where |", "|--:|---|---|---|---|"]
        for result in results:
            mutant = result.mutant
            if mutant.room == room and result.caught:
                file = mutant.file.rpartition("/")[2]
                lines.append(f"| {mutant.id} | `{file}` | {cell(mutant.about)} | {result.by} | {cell(result.how)} |")
        lines.append("")
    return lines[:-1]


def text_of(results, total: int) -> str:
    waiting = total - len(results)
    left = f"The lists hold {total}: the other {waiting} have not been hunted yet.\n" if waiting else ""
    lines = ["## Figures", "", *figures(results), "", *verdicts(results), *survivors(results), *caught(results)]
    return HEAD.format(count=len(results), waiting=left) + "\n".join(lines) + "\n"
