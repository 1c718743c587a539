"""A plugin of pytest that runs mutants. It collects the tests once, and runs each mutant in a child process.

A mutant runs the tests that reach its statement, up to the first failure. The tests that are most likely to
fail come first, see `Order`. The child process is a copy of this one, in which some tests have run already:
then the application is loaded, and its first use is no longer slow.
"""

from __future__ import annotations

import ast
import functools
import os
import re
import shutil
import signal
import sys
import tempfile
import typing
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import FunctionType

import pytest
from change import functions_of, put
from mutants import Mutant, statements_of
from processes import Child, end_if_longer, side_by_side
from tracing import Outcome, Reached, reached_by, say, with_next

KILLED, SURVIVED, TIMEOUT, UNTESTED = "killed", "survived", "timeout", "untested"


class Limits(typing.NamedTuple):
    """Seconds: a test may take `test` + `factor` * its usual time; a mutant gets `tests` seconds of tests."""

    test: float
    factor: float
    tests: float

    def of(self, usual: float) -> float:
        return self.test + self.factor * usual


class Order:
    """The order in which the tests of a mutant run: those that are likely to fail soon come first.

    - Tests that killed other mutants of the same statement, function or module.
    - Tests in a file that has the name of the module in its name.
    - Tests that reach most of the function. For example, every test reaches the beginning of a function that
      is called when the service starts.
    - Quick tests, and those that reach few other statements.
    - The more parameters of a test function ran, the later come its others.
    """

    def __init__(self, reached: Mapping[str, Reached], mutants: Mapping[str, Sequence[Mutant]]) -> None:
        self._reached = reached
        self._functions: dict[tuple[str, str], set[int]] = defaultdict(set)
        for module, some in mutants.items():
            for mutant in some:
                self._functions[module, mutant.function].update(mutant.statements)
        self._kills: dict[tuple[object, ...], Counter[str]] = defaultdict(Counter)

    def add_kill(self, module: str, mutant: Mutant, test: str) -> None:
        for place in self._places(module, mutant):
            self._kills[place][test] += 1

    def sort(self, module: str, mutant: Mutant, tests: Sequence[str]) -> list[str]:
        by_statement, by_function, by_module = (self._kills[each] for each in self._places(module, mutant))
        whole = self._functions[module, mutant.function]
        subject = module.rpartition(".")[2].strip("_").removesuffix("s")
        turns: Counter[str] = Counter()
        costs: dict[str, float] = {}
        for name in sorted(tests, key=lambda name: self._reached[name].seconds):
            one = self._reached[name]
            function = name.partition("[")[0]
            turns[function] += 1
            likely = 1 + 20 * by_statement[name] + 5 * by_function[name] + by_module[name]
            if subject in name.partition("::")[0]:
                likely *= 8
            share = (1 + len(whole & one.statements.get(module, frozenset()))) / (1 + len(whole))
            costs[name] = turns[function] * (0.02 + one.seconds) * (20 + one.breadth) / likely / share**4
        return sorted(tests, key=lambda name: costs[name])

    @staticmethod
    def _places(module: str, mutant: Mutant) -> list[tuple[object, ...]]:
        where = mutant.function or mutant.name
        return [(module, where, mutant.statements[:1]), (module, where), (module,)]


class Run(typing.NamedTuple):
    """A mutant, the tests that have to notice it, and a folder for their files."""

    module: str
    mutant: Mutant
    tests: list[str]
    folder: Path


class Runner:
    """Runs mutants of some modules with the tests that pytest collects.

    :param mutants: the mutants to run, by their modules.
    :param known: all mutants of the modules.
    :param traced: the modules in which tests are traced.
    :param memory: the file in which the traces are kept.
    :param killers: which test killed earlier mutants, as (module, mutant, test).
    :param at_once: the number of mutants that run side by side.
    :param save: is called with the module, the mutant, its result and the id of the test that failed, or "".
    """

    def __init__(
        self,
        mutants: dict[str, list[Mutant]],
        known: dict[str, list[Mutant]],
        traced: Sequence[str],
        memory: Path,
        killers: Sequence[tuple[str, Mutant, str]],
        limits: Limits,
        at_once: int,
        save: Callable[[str, Mutant, str, str], None],
    ) -> None:
        self.mutants = mutants
        self.known = known
        self.traced = traced
        self.memory = memory
        self.killers = killers
        self.limits = limits
        self.at_once = at_once
        self.save = save
        self.items: dict[str, pytest.Item] = {}
        self.reached: dict[str, Reached] = {}
        self.texts: dict[str, str] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        session.config.pluginmanager.unregister(name="terminalreporter")  # it prints a dot for each test
        self.items = {item.nodeid: item for item in session.items}
        for module in self.traced:
            import_module(module)
        self.reached = reached_by(session.items, self.traced, self.memory, self.at_once)
        self.warm_up()
        functions = {module: functions_of(file_of(module)) for module in self.mutants}
        order = Order(self.reached, self.known)
        for module, mutant, test in self.killers:
            order.add_kill(module, mutant, test)
        runs: dict[Child, Run] = {}

        def start(run: Run) -> Child:
            run.folder.mkdir()
            usual = sum(self.reached[name].seconds for name in run.tests)
            work = functools.partial(self.run_in_child, run, functions[run.module])
            child = Child(work, 2 * self.limits.of(usual))
            runs[child] = run
            return child

        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
            work = (functools.partial(start, run) for run in self.runs(Path(temporary), order))
            for child in side_by_side(work, self.at_once):
                run = runs.pop(child)
                shutil.rmtree(run.folder, ignore_errors=True)
                if not child.told:
                    say(f"{run.mutant.key} was not run: its process ended with exit status {child.code}")
                    continue
                result = result_of(child)
                test = run.tests[len(child.told) - 1] if result in (KILLED, TIMEOUT) else ""
                if test:
                    order.add_kill(run.module, run.mutant, test)
                self.save(run.module, run.mutant, result, test)
        return True

    def runs(self, folder: Path, order: Order) -> Iterator[Run]:
        for module, mutants in self.mutants.items():
            for number, mutant in enumerate(mutants):
                if tests := self.tests_for(module, mutant, order):
                    yield Run(module, mutant, tests, folder / f"{module}-{number}")
                else:
                    self.save(module, mutant, UNTESTED, "")

    def warm_up(self) -> None:
        """Run three quick tests that reach much: what is slow only once is then done for all children."""
        known = [name for name, one in self.reached.items() if 0 < one.seconds < 1 and name in self.items]
        for name in sorted(known, key=lambda name: -self.reached[name].breadth)[:3]:
            item = self.items[name]
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)

    def tests_for(self, module: str, mutant: Mutant, order: Order) -> list[str]:
        """Return the tests that reach a mutant's statement, or a statement that uses its value, in order."""
        if mutant.function:
            wanted = {module: frozenset(mutant.statements)}
        else:
            wanted = {name: statements_with(file_of(name), mutant.name) for name in self.traced}
        names = [
            name
            for name, one in self.reached.items()
            if any(not some.isdisjoint(one.statements.get(where, ())) for where, some in wanted.items())
            or (not mutant.function and mutant.name in self.text_of(name))
        ]
        if not names and not mutant.function:
            names = list(self.reached)  # only code outside of the traced modules uses the value
        chosen: list[str] = []
        left = self.limits.tests
        for name in order.sort(module, mutant, [name for name in names if name in self.items]):
            left -= self.reached[name].seconds
            if left < 0 and chosen:
                break
            chosen.append(name)
        return chosen

    def text_of(self, test: str) -> str:
        """Return the source of the file that a test is in."""
        file = self.items[test].path if test in self.items else None
        if file is None:
            return ""
        return self.texts.setdefault(str(file), file.read_text())

    def run_in_child(self, run: Run, functions: dict[str, list[FunctionType]], pipe: int) -> int:
        """Run tests with a mutant up to the first that fails; tell with one byte that a test begins."""
        items = [self.items[name] for name in run.tests]
        config = items[0].config
        config._tmp_path_factory._basetemp = run.folder  # type: ignore[attr-defined]
        outcome = Outcome()
        config.pluginmanager.register(outcome)
        try:
            put(sys.modules[run.module], functions, run.mutant)
        except (TypeError, ValueError, AttributeError, re.error):
            os.write(pipe, b".")
            return 1  # the changed module cannot be imported, so any test fails
        for item, following in with_next(items):
            os.write(pipe, b".")
            end_if_longer(self.limits.of(self.reached[item.nodeid].seconds))
            config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if outcome.failed:
                return 1
        return 0


def result_of(child: Child) -> str:
    if child.code == 0:
        return SURVIVED
    return TIMEOUT if child.code in (None, -signal.SIGALRM) else KILLED


@functools.cache
def statements_with(file: Path, name: str) -> frozenset[int]:
    """Return the statements of a module that use a name."""
    text = file.read_text()
    statements = statements_of(text)
    nodes = ast.walk(ast.parse(text))
    used = [each for each in nodes if name in (getattr(each, "id", None), getattr(each, "attr", None))]
    return frozenset(statements[each.lineno] for each in used if isinstance(each, ast.expr))


def file_of(module: str) -> Path:
    return Path(str(sys.modules[module].__file__))
