# SPDX-License-Identifier: Apache-2.0
"""What guards the verdicts, asked about one planted bug at a time: the programs of CMakeLists.txt."""

import os
import pathlib
import re
import resource
import subprocess
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parents[2]
CPU_SECONDS = 60  # for a test
CPU_SECONDS_PER_NETWORK = 0.25  # a sound engine takes a hundredth
CONTRACT_EXIT = 4  # SEGPROOF_ASSERT
SKIPPED_EXIT = 77
JUDGED_AT_ONCE = 3

LAWS = {
    "packet": ["unit_packet", "unit_reach"],
    "model": ["unit_model", "unit_reach", "agree_kernel_tables"],
    "graph": ["unit_graph", "unit_claim"],
    "reach": ["unit_reach", "unit_reach_networks", "unit_claim"],
    "claim": ["unit_claim", "unit_reach_networks", "regress_proofs"],
    "input/iptables": ["unit_input_iptables", "agree_kernel_tables", "agree_iptables_syntax", "regress_proofs"],
    "input/nft": ["unit_input_nft", "agree_kernel_tables", "regress_proofs"],
    "input/yaml": ["regress_proofs", "unit_snapshot", "unit_input_yaml"],
}


@dataclass
class Verdict:
    outcome: str
    fallen: list[str] = field(default_factory=list)
    packets: list[str] = field(default_factory=list)

    def differs(self, other: "Verdict") -> bool:
        # Who falls is part of a proof.
        return self.outcome != other.outcome or (self.outcome == "proved" and self.fallen != other.fallen)


@dataclass
class Answers:
    """What an engine says of one network."""

    hash: str
    verdicts: list[Verdict] = field(default_factory=list)


@dataclass
class Run:
    networks: dict[int, Answers]
    end: str = ""  # how the program ended, unless it did as it should


def run_engine(program: pathlib.Path, mutant: int, first: int, count: int) -> Run:
    done = execute([str(program), str(first), str(count)], mutant, seconds=5 + int(count * CPU_SECONDS_PER_NETWORK))
    run = Run({})
    answers, number = None, 0
    for line in done.stdout.splitlines():
        word, _, rest = line.partition(" ")
        if word == "network":
            number, answers = int(rest.split()[0]), Answers(rest.split()[1])
        elif word == "verdict":
            answers.verdicts.append(Verdict(rest.split()[1]))
        elif word == "fallen":
            answers.verdicts[-1].fallen.append(rest)
        elif word == "packet":
            answers.verdicts[-1].packets.append(rest)
        elif word == "end":
            run.networks[number] = answers
    if done.returncode == CONTRACT_EXIT:
        run.end = "a contract: " + contract_of(done.stderr)
    elif done.returncode in (-24, -9):
        run.end = "its end: it comes to none"
    elif done.returncode != 0:
        run.end = f"its end: {'signal' if done.returncode < 0 else 'exit code'} {abs(done.returncode)}"
    return run


def contract_of(stderr: str) -> str:
    lines = [line for line in stderr.splitlines() if line.strip()]
    found = re.search(r"internal error: (.+?)(?: \(|$)", lines[-1]) if lines else None
    return found.group(1) if found else "?"


def execute(command: list[str], mutant: int, stdin: str | None = None,
            seconds: int = CPU_SECONDS) -> subprocess.CompletedProcess:
    environment = dict(os.environ)
    environment.pop("SEGPROOF_MUTANT", None)
    environment.pop("SEGPROOF_REQUIRE", None)  # what has no data says so, and is told
    if mutant != 0:
        environment["SEGPROOF_MUTANT"] = str(mutant)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return subprocess.run(command, cwd=ROOT, env=environment, input=stdin, capture_output=True, text=True,
                          errors="replace", preexec_fn=limit, check=False)


@dataclass
class Change:
    """A verdict that the bug changes, and what the guards say to the new one."""

    network: int
    claim: int
    before: Verdict
    after: Verdict
    kind: str = "?"
    checker: str = "not asked"
    naive: str = "not asked"

    @property
    def turned_round(self) -> bool:
        return {self.before.outcome, self.after.outcome} == {"proved", "refuted"}

    @property
    def caught(self) -> bool:
        return "objects" in (self.checker, self.naive)

    @property
    def guards(self) -> str:
        names = [name for name, says in (("checker", self.checker), ("naive engine", self.naive)) if says == "objects"]
        return " and ".join(names)

    @property
    def question(self) -> str:
        lines = [f"ask {self.network} {self.claim} {self.before.outcome} {self.after.outcome}"]
        lines += ["before " + name for name in self.before.fallen]
        lines += ["fallen " + name for name in self.after.fallen]
        lines += ["packet " + packet for packet in self.after.packets]
        return "\n".join(lines + ["end", ""])


def changes_of(plain: dict[int, Answers], planted: dict[int, Answers]) -> list[Change]:
    result = []
    for number, answers in planted.items():
        for place, (before, after) in enumerate(zip(plain[number].verdicts, answers.verdicts)):
            if before.differs(after):
                result.append(Change(number, place, before, after))
    return result


def ask(judge: pathlib.Path, changes: list[Change]) -> None:
    """Asks the guards about the most telling of the changes."""
    changes.sort(key=lambda c: (not c.turned_round, c.after.outcome not in ("proved", "refuted"), c.network, c.claim))
    asked = changes[:JUDGED_AT_ONCE]
    done = execute([str(judge)], 0, "".join(change.question for change in asked))
    said = [line.split() for line in done.stdout.splitlines() if line.startswith("said ")]
    if done.returncode != 0 or len(said) != len(asked):
        raise RuntimeError(f"{judge.name}: exit code {done.returncode}: {done.stderr[-300:]}")
    for change, words in zip(asked, said):
        change.kind, change.checker, change.naive = words[3], words[6], words[7]


@dataclass
class Law:
    """What a test says: nothing when it passes."""

    failed: str = ""
    skipped: bool = False


def run_law(program: pathlib.Path, mutant: int) -> Law:
    done = execute([str(program), "--abort-after=1", "--no-colors=1"], mutant)
    if done.returncode == 0:
        return Law()
    if done.returncode == SKIPPED_EXIT:
        return Law(skipped=True)
    cases = re.findall(r"^TEST CASE:\s+(.+)$", done.stdout, re.M)
    how = cases[0].strip() if cases else f"exit code {done.returncode}"
    return Law(failed=f"{program.name.removeprefix('planted_')}: {how}")
