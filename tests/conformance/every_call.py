"""A program for either client: it calls methods against a stub, with many values for each parameter.

It reads the names of the methods as JSON (null for all), and prints the bytes that were sent for each call,
or the class of the exception, as JSON.
"""

from __future__ import annotations

import inspect
import json
import sys
import tempfile
import warnings
from pathlib import Path

from recorder import recording

from copr.v3 import Client

LISTS = (None, [], ["a", "b"], ("a", "b"))
VALUES = (False, True, "", "word", 5, *LISTS)

#: Arguments that every call gets.
REQUIRED = {
    "ownername": "@devs",
    "projectname": "hello",
    "packagename": "hello",
    "pypi_package_name": "hello",
    "gem_name": "hello",
    "dstownername": "bob",
    "dstprojectname": "bye",
    "who": "bob",
    "chrootname": "fedora-42-x86_64",
    "chroots": ["fedora-42-x86_64"],
    "build_id": 5,
    "build_ids": [5, 6],
    "query": "hello",
    "url": "http://example.test/a.src.rpm",
    "urls": ["http://example.test/a.src.rpm"],
    "clone_url": "http://example.test/a.git",
    "script": "#! /bin/sh",
    "source_type": "scm",
    "source_dict": {"clone_url": "http://example.test/a.git"},
    "permissions": {"bob": {"builder": "approved"}},
}
OPTIONS = ("chroots", "exclude_chroots", "timeout", "background", "enable_net", "with_build_id", "other")

#: Values of parameters that are texts: names with characters that some libraries quote, and others do not.
TEXTS = (
    "libstdc++",
    "a b",
    "a~b_c-d.e",
    "a!b*c'(d)$,;=",
    "a:b@c",
    "\u00fc\u4e2d",
    "100%",
    "a%2B",
    "a/b",
    "..",
    "a?b#c",
    "a&b=c|d[e]{f}^g`",
    '"\\<>',
)

#: Further values of parameters that every call gets.
OTHERS = {
    "build_id": ("5",),
    "build_ids": ((5, 6), [], ["5"]),
    "chroots": LISTS,
    "source_type": (None, ""),
    "permissions": ({}, {"bob": {}}, {"builder": True}),
    "source_dict": ({}, {"timeout": 5, "webhook_rebuild": True, "spec": "\u00fc"}),
    "urls": ("http://example.test/a.src.rpm", "a b", ("a", "b"), []),
}

PAGES = (
    {"limit": 3},
    {"other": ["a", None, 5, True]},
    {"other": ()},
    {"limit": 0, "\u00fc": "a b&+"},
    {"limit": None},
    {"limit": "3", "offset": 5, "order": "name", "order_type": "DESC"},
)


#: What every request gets: a part of any response that a method reads.
ANSWER = b'{"items": [{"id": 5}], "meta": {}, "can_build_in": true, "name": "alice"}'


def _calls(client, file, wanted):
    """Return each call: the name of the method, the parameter that is tried, and all arguments."""
    required = {**REQUIRED, "path": file}
    for proxy_name, proxy in sorted(vars(client).items()):
        if not proxy_name.endswith("_proxy"):
            continue
        for name, method in inspect.getmembers(proxy, inspect.ismethod):
            call = f"{proxy_name}.{name}"
            if name.startswith("_") or name == "create_from_config_file" or (wanted and call not in wanted):
                continue
            parameters = inspect.signature(method).parameters
            base = {each: required[each] for each in parameters if each in required}
            yield call, "", base
            for parameter, at in parameters.items():
                values = (
                    *(TEXTS if isinstance(base.get(parameter), str) else ()),
                    *OTHERS.get(parameter, ()),
                )
                if parameter == "path":
                    values = _files(file)
                for value in values if parameter in base else _values(parameter, at.default, file):
                    yield call, parameter, {**base, parameter: value}


def _files(file):
    """Return paths of files with other names."""
    folder = Path(file).parent
    for name in ("a b.src.rpm", "libstdc++-1~rc1-1.src.rpm", "\u00fc.spec", '"q".spec'):
        folder.joinpath(name).write_text("a source")
        yield str(folder / name)


def _values(parameter, default, file):
    if parameter == "buildopts":
        return [{option: value} for option in OPTIONS for value in VALUES]
    if parameter == "pagination":
        return PAGES
    if parameter == "comps":
        return [None, "", file]
    if parameter in ("python_versions", "additional_fields"):
        return (*LISTS, "word")
    return (None, False, True) if isinstance(default, bool) else VALUES


def main():
    address, sent = recording(lambda method, path: (200, {"Content-Type": "application/json"}, ANSWER))
    client = Client({"copr_url": address, "login": "lo", "token": "to", "username": "alice"})
    warnings.simplefilter("ignore")
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "hello-1.0-1.src.rpm")
        file.write_text("a source RPM")
        for call, parameter, arguments in _calls(client, str(file), json.load(sys.stdin)):
            sent.clear()
            proxy, name = call.split(".")
            try:
                getattr(getattr(client, proxy), name)(**arguments)
                outcome = list(sent)
            except Exception as error:
                outcome = type(error).__name__
            shown = json.dumps(arguments).replace(folder, "FOLDER")
            found[f"{call} {parameter} {shown}"] = outcome
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
