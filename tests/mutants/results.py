# SPDX-License-Identifier: Apache-2.0
"""What is known of each planted bug, and a file that keeps it for the next run."""

import hashlib
import json
import pathlib
from dataclasses import dataclass, field

from guards import Change, Verdict
from planting import ROOT, Mutant


RECORD = pathlib.Path(__file__).resolve().parent / "caught.json"  # what the run behind docs/planted-bugs.md caught


@dataclass
class Result:
    mutant: Mutant
    by: str = ""  # the guard that caught it; empty: none
    how: str = ""
    networks: int = 0  # tried
    changed: int = 0  # verdicts that were other ones
    judged: list[Change] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)  # tests without their data

    @property
    def caught(self) -> bool:
        return self.by != ""

    @property
    def escaped(self) -> list[Change]:
        """Wrong verdicts that no guard objects to."""
        return [change for change in self.judged if change.turned_round and not change.caught]


def read_record() -> dict[str, str]:
    """The guard by the number of the bug."""
    return json.loads(RECORD.read_text())


def write_record(results: list[Result]) -> None:
    RECORD.write_text(json.dumps({str(result.mutant.id): result.by for result in results if result.caught}, indent=0) + "\n")


def key_of(mutant: Mutant) -> str:
    """Changes with the entry and with the source that it is planted in."""
    parts = [mutant.file, mutant.was, mutant.now, mutant.within or "", (ROOT / mutant.file).read_text()]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def save(path: pathlib.Path, results: dict[int, Result]) -> None:
    kept = {}
    for number, result in sorted(results.items()):
        judged = [[c.network, c.claim, c.kind, c.before.outcome, c.after.outcome, c.checker, c.naive] for c in result.judged]
        kept[number] = {"key": key_of(result.mutant), "by": result.by, "how": result.how, "networks": result.networks,
                        "changed": result.changed, "judged": judged}
    path.write_text(json.dumps(kept, indent=1) + "\n")


def load(path: pathlib.Path, mutants: list[Mutant]) -> dict[int, Result]:
    """What an earlier run caught and still is as it was; what it did not catch is tried again."""
    if not path.exists():
        return {}
    kept = json.loads(path.read_text())
    results = {}
    for mutant in mutants:
        known = kept.get(str(mutant.id))
        if known is not None and known["by"] and known["key"] == key_of(mutant):
            judged = [Change(network, claim, Verdict(before), Verdict(after), kind, checker, naive)
                      for network, claim, kind, before, after, checker, naive in known["judged"]]
            results[mutant.id] = Result(mutant, known["by"], known["how"], known["networks"], known["changed"], judged)
    return results
