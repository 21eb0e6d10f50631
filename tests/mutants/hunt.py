#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tries planted bugs on random networks and tells which guard caught each (docs/planted-bugs.md).

  hunt.py BUILD-FOLDER [--ten | --some N | --only N,N,...] [--seed N] [--jobs N] [--resume] [--page FILE]

BUILD-FOLDER/tests/mutants holds the programs of the target `planted_bugs`, and results.json what is known so far: with
--resume, a bug that was caught before is not hunted again unless its entry or its source changed. Fails when a bug is
not caught that the lists do not declare to survive, or when an engine without a chosen bug answers otherwise than the
plain one. With --ten the programs are those of the target `planted_ten`, and no tests are run: each of the ten must be
caught on the first networks. --some N takes N by the seed, of those that are known to be caught."""

import argparse
import concurrent.futures
import os
import pathlib
import random
import sys
import threading
import time

import page
from guards import LAWS, Law, Run, ask, changes_of, run_engine, run_law
from planting import Mutant, read_lists, the_ten
from results import Result, load, read_record, save, write_record

FIRST_NETWORK = 1
FIRST_STEPS = (20, 60)  # networks tried at a time, until one tells; then come the tests
LAST_STEP = 120  # for what passes them, too
NETWORKS = sum(FIRST_STEPS) + LAST_STEP
OF_TEN = 24  # networks for each of the ten of CI


class Hunt:
    def __init__(self, programs: pathlib.Path, is_ten: bool) -> None:
        self.programs = programs
        self.engine = programs / ("planted_ten_engine" if is_ten else "planted_engine")
        self.is_ten = is_ten
        self.networks = OF_TEN if is_ten else NETWORKS
        self.passing: set[str] = set()
        self.locks = {law: threading.Lock() for laws in LAWS.values() for law in laws}
        self.plain = run_engine(programs / "plain_engine", 0, FIRST_NETWORK, self.networks)
        if self.plain.end or len(self.plain.networks) != self.networks:
            raise RuntimeError(f"the plain engine meets {self.plain.end}")

    def check_idle(self) -> None:
        """With no bug chosen, the engine that holds all of them is the plain one."""
        idle = run_engine(self.engine, 0, FIRST_NETWORK, self.networks)
        if idle != self.plain:
            raise RuntimeError("the engine with planted bugs, none of them chosen, answers otherwise than the plain one")

    def run_law(self, law: str, mutant: int) -> Law:
        """The first time that a test is asked, it must pass when no bug is chosen."""
        program = self.programs / f"planted_{law}"
        with self.locks[law]:
            if law not in self.passing:
                said = run_law(program, 0)
                if said.failed:
                    raise RuntimeError(f"with no planted bug chosen, this fails: {said.failed}")
                self.passing.add(law)
        return run_law(program, mutant)

    def hunt(self, mutant: Mutant) -> Result:
        result = Result(mutant)
        if self.is_ten:
            self.try_networks(OF_TEN, result)
            return result
        is_engine = not mutant.room.startswith("input")
        for step in FIRST_STEPS:
            if is_engine and not result.caught:
                self.try_networks(step, result)
        if not result.caught:
            self.try_laws(result)
        if is_engine and not result.caught:
            self.try_networks(LAST_STEP, result)
        return result

    def try_networks(self, count: int, result: Result) -> None:
        """The next ones of them."""
        first = FIRST_NETWORK + result.networks
        run = run_engine(self.engine, result.mutant.id, first, count)
        self.look_at(run, result)
        result.networks += count
        if run.end and not result.caught:
            result.by, _, result.how = run.end.partition(": ")

    def look_at(self, run: Run, result: Result) -> None:
        same = {number: answers for number, answers in run.networks.items()
                if answers.hash == self.plain.networks[number].hash}
        changes = changes_of(self.plain.networks, same)
        result.changed += len(changes)
        if not changes:
            return
        ask(self.programs / "planted_judge", changes)
        judged = [change for change in changes if change.kind != "?"]
        result.judged += judged
        for change in judged:
            if change.caught:
                result.by = change.guards
                result.how = f"network {change.network}, {change.kind}: {change.before.outcome} becomes " + (
                    change.after.outcome if change.after.outcome != change.before.outcome else "another proof")
                return

    def try_laws(self, result: Result) -> None:
        for law in LAWS[result.mutant.room]:
            said = self.run_law(law, result.mutant.id)
            if said.skipped:
                result.skipped.append(law)
            if said.failed:
                result.by, result.how = "test", said.failed
                return


def chosen(mutants: list[Mutant], options: argparse.Namespace) -> list[Mutant]:
    if options.only:
        wanted = {int(number) for number in options.only.split(",")}
        return [mutant for mutant in mutants if mutant.id in wanted]
    if options.ten:
        return the_ten(mutants)
    if options.some:
        print(f"planted bugs: seed {options.seed}")
        caught = [mutant for mutant in mutants if str(mutant.id) in read_record()]
        return sorted(random.Random(options.seed).sample(caught, options.some), key=lambda mutant: mutant.id)
    return mutants


def tell(result: Result) -> None:
    mutant = result.mutant
    how = f"caught by {result.by}: {result.how}" if result.caught else f"not caught ({result.changed} verdicts changed)"
    if not result.caught and mutant.survives:
        how += f", as expected: {mutant.survives}"
    elif not result.caught and result.skipped:
        how += f", but {' and '.join(result.skipped)} could not run here"
    print(f"{mutant.id:4} {mutant.room:15} {mutant.about}: {how}", flush=True)
    for change in result.escaped:
        print(f"     ESCAPED: network {change.network}, claim {change.claim} ({change.kind}): {change.before.outcome} "
              f"became {change.after.outcome}; checker {change.checker}, naive engine {change.naive}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--ten", action="store_true")
    parser.add_argument("--some", type=int)
    parser.add_argument("--only")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--page", type=pathlib.Path)
    options = parser.parse_args()

    every = read_lists()
    mutants = chosen(every, options)
    start = time.monotonic()
    programs = (options.build / "tests" / "mutants").resolve()
    known = load(programs / "results.json", every)
    waiting = [mutant for mutant in mutants if not (options.resume and mutant.id in known)]
    hunt = Hunt(programs, options.ten)
    hunt.check_idle()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for done in concurrent.futures.as_completed([pool.submit(hunt.hunt, mutant) for mutant in waiting]):
            result = done.result()
            known[result.mutant.id] = result
            tell(result)
            if not options.ten:
                save(programs / "results.json", known)
    results = [known[mutant.id] for mutant in mutants]
    print(page.summary(results, hunt.networks) + f" ({time.monotonic() - start:.0f} s)")
    if options.page:
        options.page.write_text(page.text_of(results, len(every)))
        write_record(results)
    missed = [result.mutant.id for result in results
              if not (result.caught or result.mutant.survives or result.skipped)]
    escaped = [result.mutant.id for result in results if result.escaped and not result.caught]
    declared = [result.mutant.id for result in results if result.caught and result.mutant.survives]
    if missed:
        print(f"planted bugs: not caught, and not known to survive: {missed}", file=sys.stderr)
    if escaped:
        print(f"planted bugs: wrong verdicts that no guard objects to: {escaped}", file=sys.stderr)
    if declared:
        print(f"planted bugs: said to survive, but caught: {declared}", file=sys.stderr)
    return 1 if missed or escaped or declared else 0


if __name__ == "__main__":
    sys.exit(main())
