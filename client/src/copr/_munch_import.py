"""Imports munch without `importlib.metadata`, whose import takes a third of the first call of a program.

munch needs it for one thing: to look up its own version. Here the version is the one in the name of the
folder that an installer writes next to munch, such as `munch-4.0.0.dist-info`.

Rules: the import system imports munch, from its own file, once for the whole program. Only what munch gets
for `importlib.metadata` while it is executed is another object, and what that lacks it takes from the real
one. If anything is unusual, munch is imported as always.

:source: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
"""

from __future__ import annotations

import builtins
import os
import sys
from importlib.machinery import SourceFileLoader
from types import ModuleType, SimpleNamespace

from ._typing import Any

_METADATA = "importlib.metadata"


def munch_module() -> Any:
    """Return the module munch."""
    if "munch" in sys.modules or _METADATA in sys.modules:
        import munch

        return munch
    finder = _Finder()
    sys.meta_path.insert(0, finder)
    try:
        import munch
    finally:
        sys.meta_path.remove(finder)
    return munch


class _Finder:
    """Finds munch as the other finders do, and has it executed by `_Loader`."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name != "munch":
            return None
        others = (each for each in sys.meta_path if each is not self)
        found = (each.find_spec(name, path, target) for each in others)
        spec = next((each for each in found if each is not None), None)
        if spec is not None and type(spec.loader) is SourceFileLoader:
            version = _version_beside(spec.loader.path)
            if version is not None:
                spec.loader = _Loader(name, spec.loader.path, version)
        return spec


class _Loader(SourceFileLoader):
    """Executes munch, with its version at hand."""

    def __init__(self, name: str, path: str, version: str) -> None:
        super().__init__(name, path)
        self._version = version

    def exec_module(self, module: ModuleType) -> None:
        """Execute munch; the functions that it defines keep the builtins that it has meanwhile."""
        found = {**vars(builtins), "__import__": self._import}
        vars(module)["__builtins__"] = found
        super().exec_module(module)
        found["__import__"] = vars(builtins)["__import__"]

    def _import(self, name: str, *details: Any, **named: Any) -> Any:
        if name != _METADATA:
            return builtins.__import__(name, *details, **named)
        return SimpleNamespace(metadata=_Metadata(self._version))


class _Metadata(ModuleType):
    """`importlib.metadata`, which is imported when more than the version of munch is asked for."""

    def __init__(self, version: str) -> None:
        super().__init__(_METADATA)
        self._version = version

    def version(self, name: str) -> str:
        """Return the version of a distribution."""
        return self._version if name == "munch" else self.__getattr__("version")(name)

    def __getattr__(self, name: str) -> Any:
        import importlib.metadata

        return getattr(importlib.metadata, name)


def _version_beside(path: str) -> str | None:
    """Return the version in the name of the folder of metadata; None if it is not clear."""
    start, end = "munch-", ".dist-info"
    names = os.listdir(os.path.dirname(os.path.dirname(path)))
    found = [name for name in names if name.startswith(start) and name.endswith(end)]
    version = found[0][len(start) : -len(end)] if len(found) == 1 else ""
    return version if version.replace(".", "").isdecimal() else None
