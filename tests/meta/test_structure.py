"""What holds the design: imports point one way, and public names are the ones that are meant."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import copr
import copr_local

CLIENT = Path(copr.__file__).parent
SERVER = Path(copr_local.__file__).parent


def modules(root: Path) -> list[Path]:
    return sorted(root.rglob("*.py"))


def dotted(path: Path, root: Path) -> str:
    parts = [root.name, *path.relative_to(root).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path, root: Path) -> set[str]:
    """The modules of our own that a file imports at run time, as dotted names, inside functions too."""
    tree = ast.parse(path.read_text())
    for_types_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) not in for_types_only:
            found |= imported(node, path, root)
    return found


def imported(node: ast.AST, path: Path, root: Path) -> set[str]:
    """The modules and names of our own that one import statement of a file names."""
    package = dotted(path, root).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    found = set()
    if isinstance(node, ast.Import):
        found |= {alias.name for alias in node.names}
    elif isinstance(node, ast.ImportFrom):
        base = package[: len(package) - node.level + 1] if node.level else []
        module = ".".join([*base, *([node.module] if node.module else [])])
        found |= {f"{module}.{alias.name}" for alias in node.names} | {module}
    return {name for name in found if name.split(".")[0] == root.name}


@cache
def graph(root: Path) -> dict[str, set[str]]:
    known = {dotted(path, root) for path in modules(root)}
    return {dotted(path, root): imports(path, root) & known for path in modules(root)}


def offenders(root: Path, importer: str, forbidden: tuple[str, ...]) -> list[str]:
    """The imports from modules under `importer` of modules under one of `forbidden`."""

    def under(name: str, prefix: str) -> bool:
        return name == prefix or name.startswith(prefix + ".")

    return [
        f"{module} imports {name}"
        for module, names in graph(root).items()
        if under(module, importer)
        for name in sorted(names)
        if any(under(name, prefix) for prefix in forbidden)
    ]


def module_level_graph(root: Path) -> dict[str, set[str]]:
    """What each module imports outside of functions, for types too.

    `from package import module` needs the module, not what else the package's `__init__` has.
    """
    known = {dotted(path, root) for path in modules(root)}
    found: dict[str, set[str]] = {}
    for path in modules(root):
        needed = found.setdefault(dotted(path, root), set())
        for node in outside_of_functions(ast.parse(path.read_text())):
            names = imported(node, path, root)
            if isinstance(node, ast.ImportFrom):
                module = min(names, key=len, default="")
                inner = names - {module}
                names = inner & known if inner <= known else (inner & known) | {module}
            needed |= names & known
        needed.discard(dotted(path, root))
    return found


def outside_of_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from outside_of_functions(child)


@pytest.mark.parametrize("root", [CLIENT, SERVER], ids=lambda root: root.name)
def test_no_imports_outside_of_functions_form_a_cycle(root):
    needs = module_level_graph(root)
    sorter = TopologicalSorter(needs)
    try:
        sorter.prepare()
    except CycleError as cycle:
        pytest.fail(" <- ".join(cycle.args[1]))


TRANSPORTS = ("copr._requests", "copr._light", "copr._exchange", "copr._handover", "copr._multipart")
CLIENTS = ("copr.v3.client", "copr.v3.proxies", "copr.v3.helpers", "copr.v3.aio")

#: What carries out calls of the old APIs over API v3, which the old clients do not know.
BRIDGES = tuple(f"copr._bridge.{name}" for name in ("v1", "v2", "routes", "memory", "ids", "v3_of_2020"))


@pytest.mark.parametrize(
    ("importer", "forbidden"),
    [
        ("copr._wire", ("copr._calls", "copr._errors", "copr._list", "copr._drive", *TRANSPORTS, *CLIENTS)),
        ("copr._drive", ("copr._calls", "copr._errors", "copr._connection", *TRANSPORTS, *CLIENTS)),
        ("copr._calls", ("copr._drive", "copr._connection", *TRANSPORTS, *CLIENTS)),
        ("copr.v3.calls", ("copr._drive", "copr._connection", *TRANSPORTS, *CLIENTS)),
        ("copr._requests", ("copr._calls", "copr.v3", "copr._drive", "copr._connection", "copr.results")),
        ("copr._connection", ("copr.v3", "copr._calls", "copr._drive")),
        ("copr.results", ("copr.v3", "copr._wire", "copr._calls")),
        ("copr._bridge", ("copr.client", "copr.client_v2", "copr._drive", *TRANSPORTS, *CLIENTS)),
        ("copr.client", ("copr.v3", "copr.client_v2", *TRANSPORTS)),
        ("copr._bridge.v1", ("copr._bridge.v2",)),
        ("copr._bridge.v2", ("copr._bridge.v1",)),
        *(
            (f"copr.client.{module}", BRIDGES)
            for module in (
                *("_base", "_projects", "_project_chroots", "_builds", "_build_sources"),
                *("_packages", "_package_repositories", "_package_sources", "client"),
            )
        ),
        *(
            (f"copr.client_v2.{module}", BRIDGES)
            for module in ("_handle", "_builds", "_projects", "handlers", "_calls", "resources")
        ),
        ("copr.v3", ("copr._bridge", "copr.client", "copr.client_v2")),
        ("copr.client_v2._calls", ("copr._drive", "copr._connection", *TRANSPORTS, *CLIENTS)),
        *(
            (
                f"copr.client_v2.{module}",
                ("copr._wire", "copr._drive", "copr._connection", *TRANSPORTS, *CLIENTS),
            )
            for module in ("resources", "_build_resources", "_project_resources", "_resource", "_operation")
        ),
        ("copr.client_v2.entities", ("copr._wire", "copr._drive", "copr.client_v2.resources", *TRANSPORTS)),
    ],
)
def test_imports_of_the_client_point_one_way(importer, forbidden):
    assert offenders(CLIENT, importer, forbidden) == []


#: The rooms of the service, and the rooms that each may import, types included. Modules at the top are rooms
#: of their own; `local_copr`, `app`, `startup`, `cli` and the pytest plugin put the service together and may
#: import what they need.
ROOMS = {
    "filesystem": set(),
    "releases": set(),
    "broker": set(),
    "data": {"filesystem", "releases"},
    "events": {"data"},
    "rules": {"data", "filesystem", "releases"},
    "builders": {"filesystem", "releases"},
    "worker": {"builders", "data", "filesystem", "rules"},
    "wire": {"data", "filesystem", "releases", "rules"},
    "http": {"wire"},
    "agent": {"broker", "builders", "filesystem"},
    "builder_api": {"builders", "data", "filesystem", "rules", "wire", "worker"},
    "v1": {"data", "filesystem", "releases", "rules", "wire"},
    "v2": {"data", "filesystem", "releases", "rules", "wire"},
    "v3": {"data", "filesystem", "releases", "rules", "wire"},
    "web": {"data", "filesystem", "releases", "rules", "wire"},
    "testing": {"builders", "data", "filesystem", "http", "releases"},
}
ENTRANCES = {"", "__main__", "app", "cli", "local_copr", "pytest_plugin", "startup"}


@cache
def every_import(root: Path) -> dict[str, set[str]]:
    """The modules that each module imports anywhere, for types too."""
    known = {dotted(path, root) for path in modules(root)}
    found: dict[str, set[str]] = {}
    for path in modules(root):
        nodes = ast.walk(ast.parse(path.read_text()))
        found[dotted(path, root)] = {name for node in nodes for name in imported(node, path, root) & known}
    return found


def room(module: str) -> str:
    return [*module.split("."), ""][1]


@pytest.mark.parametrize("name", ROOMS)
def test_a_room_of_the_service_imports_only_rooms_below_it(name):
    used = {
        room(target)
        for module, targets in every_import(SERVER).items()
        if room(module) == name
        for target in targets
    }
    assert used - ROOMS[name] - {name, ""} == set()


def test_every_module_of_the_service_is_in_a_room_or_an_entrance():
    assert {room(module) for module in graph(SERVER)} == ROOMS.keys() | ENTRANCES


def test_no_html_stands_in_the_code_of_the_service():
    """Templates have it; an error that the server itself sends before there is an application is one line."""
    assert [path.name for path in modules(SERVER) if "<body" in path.read_text()] == []


def test_the_rules_know_no_http():
    for path in modules(SERVER / "rules"):
        names = {
            alias.name.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Import)
            for alias in node.names
        } | {
            (node.module or "").split(".")[0]
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom)
        }
        assert not names & {"flask", "werkzeug", "wtforms", "json"}, path.name


def test_client_and_service_share_no_code():
    for root, other in ((CLIENT, "copr_local"), (SERVER, "copr")):
        for path in modules(root):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom) and not node.level:
                    assert (node.module or "").split(".")[0] != other, path
                if isinstance(node, ast.Import):
                    assert other not in {alias.name.split(".")[0] for alias in node.names}, path


def test_both_distributions_have_one_version():
    assert importlib.metadata.version("copr") == importlib.metadata.version("copr-local") == copr.__version__


def test_a_file_has_one_subject():
    texts = {path: path.read_text() for path in (*modules(CLIENT), *modules(SERVER))}
    assert [path for path, text in texts.items() if text.count("\n") > 420] == []
    assert [path for path, text in texts.items() if not ast.get_docstring(ast.parse(text))] == []


def public_modules() -> list[str]:
    names = [info.name for info in pkgutil.walk_packages(copr.__path__, "copr.")]
    return ["copr", *(name for name in names if not any(part.startswith("_") for part in name.split(".")))]


@pytest.mark.parametrize(
    "name", [name for name in public_modules() if not name.startswith(("copr.v3.calls", "copr.results"))]
)
def test_public_names_are_the_ones_in_all(name):
    module = importlib.import_module(name)
    defined = {
        each
        for each, value in vars(module).items()
        if not each.startswith("_") and getattr(value, "__module__", None) == name
    }
    missing = {each for each in module.__all__ if not hasattr(module, each)}
    assert not missing
    assert defined <= set(module.__all__)
