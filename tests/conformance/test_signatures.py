"""Our client has every public method of the released client, with its parameters in their places.

Parameters that the released client requires may be optional here, as the documentation shows for
`PackageProxy.add`.
"""

from __future__ import annotations

import inspect
import json
import subprocess

import copr.v3
from copr.v3 import helpers, pagination

OF_EACH_CLASS = """
import inspect, json
import copr.v3
from copr.v3 import helpers, pagination

def shape(function):
    parameters = inspect.signature(function).parameters.values()
    return [(each.name, each.kind.name, repr(each.default)) for each in parameters]

found = {
    f"{name}.{method}": shape(function)
    for name, kind in vars(copr.v3).items()
    if inspect.isclass(kind) and not issubclass(kind, Exception)
    for method, function in inspect.getmembers(kind, callable) if not method.startswith("_")
}
for module in (helpers, pagination):
    for name, function in vars(module).items():
        if inspect.isfunction(function) and function.__module__ == module.__name__:
            found[f"{module.__name__}.{name}"] = shape(function)
print(json.dumps(found))
"""


def ours(name):
    """Return our version of a released function."""
    owner, _, attribute = name.rpartition(".")
    if owner in ("copr.v3.helpers", "copr.v3.pagination"):
        return getattr({"helpers": helpers, "pagination": pagination}[owner.rpartition(".")[2]], attribute)
    return getattr(getattr(copr.v3, owner), attribute)


def test_released_parameters_keep_their_places_and_defaults(environment):
    python = environment("copr-cli", "released").command("python")
    done = subprocess.run(
        [python, "-c", OF_EACH_CLASS], check=True, capture_output=True, text=True, timeout=60
    )
    released = json.loads(done.stdout)
    assert len(released) > 80

    for name, parameters in released.items():
        shape = [
            [each.name, each.kind.name, repr(each.default)]
            for each in inspect.signature(ours(name)).parameters.values()
        ]
        optional = [[*theirs[:2], mine[2]] for theirs, mine in zip(parameters, shape, strict=False)]
        required = repr(inspect.Parameter.empty)
        same = [
            free if theirs[2] == required else theirs
            for theirs, free in zip(parameters, optional, strict=True)
        ]
        assert shape[: len(parameters)] == same, name
