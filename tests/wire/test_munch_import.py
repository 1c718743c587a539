"""The client imports munch without `importlib.metadata`, and munch is the same as ever."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.machinery import PathFinder
from types import SimpleNamespace

import pytest

from copr import _munch_import

#: What a program sees of munch when the client has imported it, and when the program itself does.
PROGRAM = """
import sys
finders = list(sys.meta_path)
from copr.results import Record
assert "importlib.metadata" not in sys.modules and "typing" not in sys.modules
assert sys.meta_path == finders

import munch
assert issubclass(Record, munch.Munch) and isinstance(munch.munchify({"a": {}}).a, munch.Munch)
ours = dict(vars(munch))

import builtins, importlib, importlib.metadata, inspect, pickle
assert munch.__version__ == importlib.metadata.version("munch")
assert munch.importlib_metadata.version("munch") == munch.__version__
assert munch.importlib_metadata.version("requests") == importlib.metadata.version("requests")
assert munch.importlib_metadata.PackageNotFoundError is importlib.metadata.PackageNotFoundError
assert type(pickle.loads(pickle.dumps(Record({"a": 1})))) is Record
assert type(pickle.loads(pickle.dumps(munch.Munch({"a": 1})))) is munch.Munch
assert "attribute-style" in inspect.getsource(munch.Munch)
assert munch.Munch.copy.__builtins__["__import__"] is builtins.__import__

del sys.modules["munch"]
import munch as again
theirs = dict(vars(again))
assert list(ours) == list(theirs)
same = ("__name__", "__doc__", "__package__", "__path__", "__file__", "__cached__")
same += ("__version__", "VERSION", "__all__")
assert [ours[name] for name in same] == [theirs[name] for name in same]
print("same")
"""


def test_a_program_cannot_tell_munch_from_the_one_that_it_imports_itself():
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert (done.stdout, done.stderr) == ("same\n", "")


@pytest.mark.parametrize(
    ("names", "version"),
    [
        (["munch", "munch-4.0.0.dist-info", "munchkin-1.dist-info"], "4.0.0"),
        (["munch"], None),
        (["munch-4.0.0.egg-info"], None),
        (["munch-4.0.0.dist-info", "munch-3.0.dist-info"], None),
        (["munch-4.0.0+local.dist-info"], None),
    ],
)
def test_the_version_is_known_if_one_folder_says_it(tmp_path, names, version):
    for name in names:
        (tmp_path / name).mkdir()
    assert _munch_import._version_beside(os.fspath(tmp_path / "munch" / "__init__.py")) == version


def test_munch_of_an_unusual_loader_is_imported_as_always(monkeypatch):
    spec = SimpleNamespace(loader=SimpleNamespace())
    monkeypatch.setattr(PathFinder, "find_spec", lambda *_: spec)
    finder = _munch_import._Finder()
    assert finder.find_spec("munch") is spec
    assert type(spec.loader) is SimpleNamespace
    assert finder.find_spec("other") is None
