"""A plugin of pytest that runs mutants. It collects the tests once, and runs each mutant in a child process.

First the tests run on the code as it is, in a child process too, so this one stays clean. They are traced:
which lines of the modules a test reaches, and how long it takes. A mutant runs the tests that reach its
statement, up to the first failure.

In the child process, functions get the code of the changed source, and modules get its values. Nothing is
imported again.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import hashlib
import importlib
import json
import os
import signal
import sys
import threading
import time
import typing
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import pytest
from mutants import Mutant

KILLED, SURVIVED, TIMEOUT, UNTESTED = "killed", "survived", "timeout", "untested"


class Limits(typing.NamedTuple):
    """Seconds: a mutant may take `constant` + `factor` * what its tests took; `tests` limits these."""

    constant: float
    factor: float
    tests: float


class Runner:
    """Runs mutants of some modules with the tests that pytest collects, and calls `save` with each result."""

    def __init__(
        self,
        mutants: dict[str, list[Mutant]],
        traced: dict[str, str],
        memory: Path,
        limits: Limits,
        save: Callable[[str, Mutant, str], None],
    ) -> None:
        self.mutants = mutants
        self.traced = traced
        self.memory = memory
        self.limits = limits
        self.save = save
        self.failed = False
        self.items: dict[str, pytest.Item] = {}
        self.texts: dict[str, str] = {}
        self.root = Path()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.root = session.config.rootpath
        self.items = {item.nodeid: item for item in session.items}
        for module in self.traced:
            importlib.import_module(module)
        trace = self.trace()
        functions = {
            module: functions_of(Path(sys.modules[module].__file__ or "")) for module in self.mutants
        }
        for module, mutants in self.mutants.items():
            file = str(sys.modules[module].__file__)
            for mutant in mutants:
                tests = self.tests_for(mutant, file, trace)
                result = self.run(
                    tests, lambda m=module, each=mutant: put(sys.modules[m], functions[m], each), trace
                )
                self.save(module, mutant, result)
        return True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed

    def trace(self) -> dict[str, Any]:
        """Return for each test how long it takes, and the lines of the modules that it reaches.

        Tests of a file that did not change since the last run are not run again. A test that fails here is
        stored as one that reaches nothing, so no mutant runs it.
        """
        known: dict[str, Any] = json.loads(self.memory.read_text()) if self.memory.exists() else {}
        stamps = {name: stamp(self.traced, Path(str(item.path))) for name, item in self.items.items()}
        kept = {name: each for name, each in known.items() if stamps.get(name) == each["stamp"]}
        missing = [item for name, item in self.items.items() if name not in kept]
        if missing:
            started = time.monotonic()
            written = self.memory.with_suffix(".new")
            written.unlink(missing_ok=True)
            say(f"tracing {len(missing)} tests ...")
            code = in_child(lambda: self.trace_in_child(missing, written), 3600)
            if code != 0 or not written.exists():
                raise pytest.UsageError("the tests could not be traced")
            for name, each in json.loads(written.read_text()).items():
                kept[name] = {**each, "stamp": stamps[name]}
            self.memory.write_text(json.dumps(kept))
            say(f"traced in {time.monotonic() - started:.0f} s")
            for name in self.memory.with_suffix(".log").read_text().splitlines():
                say(f"not used, as it fails on the code as it is: {name}")
        return kept

    def trace_in_child(self, items: list[pytest.Item], written: Path) -> int:
        be_quiet(items[0].config)
        log = self.memory.with_suffix(".log").open("w")
        files = {str(sys.modules[name].__file__): set[int]() for name in self.traced}

        def on_call(frame: FrameType, _event: str, _argument: object) -> Any:
            lines = files.get(frame.f_code.co_filename)
            if lines is None:
                return None
            lines.add(frame.f_lineno)

            def on_line(inner: FrameType, _event: str, _argument: object) -> Any:
                lines.add(inner.f_lineno)
                return on_line

            return on_line

        found = {}
        for item, following in pairs(items):
            for lines in files.values():
                lines.clear()
            started = time.perf_counter()
            threading.settrace(on_call)
            sys.settrace(on_call)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type]
            taken = time.perf_counter() - started
            if self.failed:
                log.write(f"{item.nodeid}\n")
                log.flush()
                self.failed = False
                found[item.nodeid] = {"seconds": 0.0, "lines": {}}
                continue
            reached = {file: sorted(lines) for file, lines in files.items() if lines}
            found[item.nodeid] = {"seconds": round(taken, 4), "lines": reached}
        written.write_text(json.dumps(found))
        return 0

    def tests_for(self, mutant: Mutant, file: str, trace: dict[str, Any]) -> list[str]:
        """Return the tests that reach a mutant's statement, or a module that uses its value, in turns."""
        if mutant.function:
            wanted = set(mutant.lines)
            names = [
                name for name, each in trace.items() if not wanted.isdisjoint(each["lines"].get(file, ()))
            ]
        else:
            users = [path for path in self.sources() if mutant.name in Path(path).read_text()]
            names = [
                name
                for name, each in trace.items()
                if any(user in each["lines"] for user in users) or mutant.name in self.text_of(name)
            ]
        names = in_turns([name for name in names if name in self.items], trace)
        left, chosen = self.limits.tests, []
        for name in names:
            left -= trace[name]["seconds"]
            if left < 0 and chosen:
                break
            chosen.append(name)
        files = list(dict.fromkeys(name.partition("::")[0] for name in chosen))
        return sorted(chosen, key=lambda name: files.index(name.partition("::")[0]))  # sets fixtures up once

    def text_of(self, test: str) -> str:
        """Return the source of the file that a test is in."""
        file = test.partition("::")[0]
        if file not in self.texts:
            self.texts[file] = (self.root / file).read_text()
        return self.texts[file]

    def sources(self) -> list[str]:
        return [str(sys.modules[name].__file__) for name in self.traced]

    def run(self, tests: list[str], change: Callable[[], None], trace: dict[str, Any]) -> str:
        if not tests:
            return UNTESTED
        expected = sum(trace[name]["seconds"] for name in tests)
        code = in_child(
            lambda: self.run_in_child(tests, change), self.limits.constant + self.limits.factor * expected
        )
        return {0: SURVIVED, None: TIMEOUT}.get(code, KILLED)

    def run_in_child(self, tests: list[str], change: Callable[[], None]) -> int:
        be_quiet(next(iter(self.items.values())).config)
        change()
        for item, following in pairs([self.items[name] for name in tests]):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self.failed:
                return 1
        return 0


def in_turns(names: list[str], trace: dict[str, Any]) -> list[str]:
    """Sort tests: quick ones first, but the more parameters of a function ran, the later come its others."""
    turns: Counter[str] = Counter()
    keys: dict[str, float] = {}
    for name in sorted(names, key=lambda name: trace[name]["seconds"]):
        function = name.partition("[")[0]
        turns[function] += 1
        keys[name] = turns[function] * trace[name]["seconds"]
    return sorted(keys, key=lambda name: keys[name])


def pairs(items: list[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, [*items[1:], None], strict=True)


def be_quiet(config: pytest.Config) -> None:
    """Let pytest print nothing more in this process."""
    config.pluginmanager.unregister(name="terminalreporter")


def say(text: str) -> None:
    print(text, file=sys.__stderr__, flush=True)


def stamp(modules: Iterable[str], test: Path) -> str:
    """Return what changes with the source of a test or of the modules."""
    files = [Path(str(sys.modules[name].__file__)) for name in modules] + [test]
    return hashlib.sha256("".join(file.read_text() for file in files).encode()).hexdigest()


def in_child(work: Callable[[], int], seconds: float) -> int | None:
    """Return the exit status of a child process that does some work; None if it takes longer than that."""
    process = os.fork()
    if process == 0:
        code = 1
        try:
            os.setsid()
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            nothing = os.open(os.devnull, os.O_RDWR)
            for descriptor in (0, 1, 2):
                os.dup2(nothing, descriptor)
            code = work()
        finally:
            os._exit(code)  # whatever went wrong is a failure, and no clean-up of the parent runs here
    deadline = time.monotonic() + seconds
    pause = 0.002
    try:
        while time.monotonic() < deadline:
            ended, status = os.waitpid(process, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)
        return None
    finally:
        kill_group(process)


def kill_group(leader: int) -> None:
    """End a child process that may have ended already, and what it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(leader, 0)


def functions_of(file: Path) -> dict[str, list[FunctionType]]:
    """Return the functions of a file that exist, by their qualified names."""
    found = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename == str(file):
            found[each.__code__.co_qualname].append(each)
    return found


def codes_of(code: CodeType) -> Iterator[CodeType]:
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield each
            yield from codes_of(each)


def put(module: ModuleType, functions: dict[str, list[FunctionType]], mutant: Mutant) -> None:
    """Change a module in this process as a mutant says."""
    if not mutant.function:
        set_value(module, mutant)
        return
    changed = compile(mutant.source, str(module.__file__), "exec")
    done = False
    for code in codes_of(changed):
        if code.co_qualname == mutant.function:
            for function in functions[mutant.function]:
                if function.__code__.co_firstlineno == code.co_firstlineno:
                    function.__code__ = code
                    set_defaults(function, mutant)
                    done = True
    assert done, mutant.key


def set_defaults(function: FunctionType, mutant: Mutant) -> None:
    for node in ast.walk(ast.parse(mutant.source)):
        if (
            isinstance(node, ast.FunctionDef)
            and node.name == function.__name__
            and start(node) == function.__code__.co_firstlineno
        ):
            positional = [value(each, function.__globals__) for each in node.args.defaults]
            function.__defaults__ = tuple(positional) or None
            names = zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
            keywords = {
                name.arg: value(each, function.__globals__) for name, each in names if each is not None
            }
            function.__kwdefaults__ = keywords or None


def start(node: ast.FunctionDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def value(node: ast.expr, names: dict[str, Any]) -> Any:
    return eval(compile(ast.Expression(node), "<mutant>", "eval"), names)


def set_value(module: ModuleType, mutant: Mutant) -> None:
    """Set a value of a module, there and where it was imported from there."""
    old = getattr(module, mutant.name)
    for node in ast.parse(mutant.source).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if any(isinstance(each, ast.Name) and each.id == mutant.name for each in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            assert node.value is not None
            new = value(node.value, vars(module))
            break
    if isinstance(old, dict) and isinstance(new, dict):
        old.clear()  # whoever holds the old one, such as the parameters of a test, sees the change
        old.update(new)
        return
    package = module.__name__.partition(".")[0]
    for name, each in list(sys.modules.items()):
        if name.partition(".")[0] == package and vars(each).get(mutant.name) is old:
            setattr(each, mutant.name, new)
