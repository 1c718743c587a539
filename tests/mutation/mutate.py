"""Mutation testing: change the code in small ways, and see if a test fails. See docs/mutation-testing.md."""

from __future__ import annotations

import argparse
import hashlib
import json
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from mutants import Mutant, of_file
from runner import KILLED, SURVIVED, TIMEOUT, UNTESTED, Limits, Runner
from tracing import say

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / ".run" / "mutation"
SETTINGS = tomllib.loads((Path(__file__).parent / "settings.toml").read_text())
NOT_RUN = "not run"
COLUMNS = (KILLED, TIMEOUT, SURVIVED, UNTESTED, NOT_RUN)


class Module:
    """A module whose mutants run; its results stay in a file, so that a run can be stopped and continued."""

    def __init__(self, name: str, source: Path) -> None:
        self.name = name
        self.source = source.joinpath(*name.split(".")).with_suffix(".py")
        self.file = WORK / f"{name}.json"
        kept = json.loads(self.file.read_text()) if self.file.exists() else {}
        self.digest: str = kept.get("digest", "")
        self.mutants = [
            Mutant(**{**each, "statements": tuple(each["statements"])}) for each in kept.get("mutants", [])
        ]
        self.results: dict[str, str] = kept.get("results", {})
        #: The tests that failed, by the keys of the mutants.
        self.killers: dict[str, str] = kept.get("killers", {})
        self.seconds: float = kept.get("seconds", 0.0)

    def make_mutants(self) -> None:
        """Make the mutants of the source as it is now; results of functions that did not change stay."""
        made = hashlib.sha256(
            self.source.read_bytes() + repr(SETTINGS["unchanged_lines"]).encode()
        ).hexdigest()
        if made != self.digest:
            say(f"{self.name}: making mutants ...")
            self.mutants = of_file(self.source, WORK, SETTINGS["unchanged_lines"])
            self.digest = made
            known = {each.key for each in self.mutants}
            self.results = {key: result for key, result in self.results.items() if key in known}
            self.killers = {key: test for key, test in self.killers.items() if key in known}
            self.save()

    def to_run(self, again: bool, sample: int | None) -> list[Mutant]:
        """Return the mutants to run: those without a result, or with `again` those that no test noticed.

        A `sample` is the number of mutants that have a result afterwards. The hashes of the mutants choose
        them, so it is a random sample, and the same one each time.
        """
        if again:
            return [each for each in self.mutants if self.results.get(each.key) in (SURVIVED, UNTESTED)]
        by_hash = sorted(self.mutants, key=lambda each: hashlib.sha256(each.key.encode()).digest())
        chosen = {each.key for each in by_hash[:sample]}
        return [each for each in self.mutants if each.key in chosen and each.key not in self.results]

    def save(self) -> None:
        kept = {
            "digest": self.digest,
            "mutants": [vars(each) for each in self.mutants],
            "results": self.results,
            "killers": self.killers,
            "seconds": self.seconds,
        }
        self.file.write_text(json.dumps(kept))

    def counts(self) -> Counter[str]:
        return Counter(self.results.get(each.key, NOT_RUN) for each in self.mutants)


def run(
    name: str,
    settings: Mapping[str, Any],
    modules: list[Module],
    again: bool,
    sample: int | None,
    at_once: int,
    limits: Limits,
) -> None:
    """Run mutants of some modules of a distribution, with the tests that its settings name."""
    for module in modules:
        module.make_mutants()
    mutants = {module.name: todo for module in modules if (todo := module.to_run(again, sample))}
    if not mutants:
        return
    by_name = {module.name: module for module in modules}
    left = Counter({name: len(todo) for name, todo in mutants.items()})
    clock = [time.monotonic()]

    def save(module: str, mutant: Mutant, result: str, test: str) -> None:
        if result == UNTESTED and by_name[module].results.get(mutant.key) == SURVIVED:
            result = SURVIVED  # other tests reach it, but not those of --tests
        by_name[module].results[mutant.key] = result
        by_name[module].killers.pop(mutant.key, None)
        if test:
            by_name[module].killers[mutant.key] = test
        now = time.monotonic()
        by_name[module].seconds += now - clock[0]
        clock[0] = now
        left[module] -= 1
        if left[module] % 25 == 0:
            by_name[module].save()
            say(f"{module}: {left[module]} left, {dict(by_name[module].counts())}")

    killers = [
        (module.name, mutant, module.killers[mutant.key])
        for module in modules
        for mutant in module.mutants
        if mutant.key in module.killers
    ]
    memory = WORK / f"{name}-tests.json"
    known = {module.name: module.mutants for module in modules}
    runner = Runner(mutants, known, settings["modules"], memory, killers, limits, at_once, save)
    arguments = ["-qq", "--no-summary", "-p", "no:cacheprovider", *SETTINGS["pytest"], *settings["tests"]]
    try:
        code = pytest.main([f"--rootdir={ROOT}", *arguments], plugins=[runner])
    finally:
        for module in modules:
            module.save()
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        sys.exit(int(code))


def table(modules: Iterable[Module]) -> str:
    """Return the results as a Markdown table."""
    rows = [("module", "mutants", *COLUMNS, "score")]
    total: Counter[str] = Counter()
    for module in modules:
        if module.results:
            counts = module.counts()
            total += counts
            rows.append(row(f"`{module.name}`", counts))
    rows.append(row("all", total))
    lines = [f"| {' | '.join(each)} |" for each in rows]
    return "\n".join([lines[0], f"| --- |{' ---: |' * (len(rows[0]) - 1)}", *lines[1:]])


def row(name: str, counts: Counter[str]) -> tuple[str, ...]:
    run = counts.total() - counts[NOT_RUN]
    score = f"{(counts[KILLED] + counts[TIMEOUT]) / run:.1%}" if run else ""
    return (name, str(counts.total()), *(str(counts[column]) for column in COLUMNS), score)


def show_survivors(modules: Iterable[Module]) -> None:
    """Print the changes that no test noticed."""
    for module in modules:
        for mutant in module.mutants:
            if (result := module.results.get(mutant.key)) in (SURVIVED, UNTESTED):
                print(f"{module.name}:{mutant.line} {mutant.function or mutant.name} ({result})")
                print("".join(f"  - {line}\n" for line in mutant.before.splitlines()), end="")
                print("".join(f"  + {line}\n" for line in mutant.after.splitlines()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "modules", nargs="*", metavar="MODULE", help="for example copr._policy; by default, all"
    )
    parser.add_argument("--again", action="store_true", help="run those again that no test noticed")
    parser.add_argument(
        "--at-once", type=int, default=2, metavar="N", help="run N mutants side by side; by default, 2"
    )
    parser.add_argument(
        "--tests", nargs="+", metavar="PATH", help="use only these tests, not those of settings.toml"
    )
    parser.add_argument("--seconds", type=float, metavar="N", help="give each mutant N seconds of tests")
    parser.add_argument(
        "--sample", type=int, metavar="N", help="run only N mutants of each module, at random"
    )
    parser.add_argument("--table", action="store_true", help="only print the results so far")
    parser.add_argument(
        "--survivors", action="store_true", help="only print the changes that no test noticed"
    )
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)  # results so far are saved
    WORK.mkdir(parents=True, exist_ok=True)
    limits = Limits(**SETTINGS["seconds"])
    if options.seconds is not None:
        limits = limits._replace(tests=options.seconds)
    everything = []
    for name in ("client", "server"):
        settings = {**SETTINGS[name], **({"tests": options.tests} if options.tests else {})}
        modules = [Module(each, ROOT / settings["source"]) for each in settings["modules"]]
        chosen = [each for each in modules if not options.modules or each.name in options.modules]
        everything += chosen
        if chosen and not options.table and not options.survivors:
            run(name, settings, chosen, options.again, options.sample, options.at_once, limits)
    if unknown := set(options.modules) - {each.name for each in everything}:
        parser.error(f"settings.toml lists no {', '.join(sorted(unknown))}")
    if options.survivors:
        show_survivors(everything)
    else:
        print(table(everything))


if __name__ == "__main__":
    main()
