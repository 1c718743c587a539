#!/usr/bin/env bash
# `Munch.copy()` copies nested dicts, lists and tuples, too, and makes a Munch of each nested dict.
#
# A Munch is a dict, and `dict.copy()` shares what is nested. So do `copy.copy(munch)` and `Munch(munch)`. But
# `munch.copy()` is `Munch.fromDict(munch)`. A program that changes the list of a copy, so that others see the
# change, works with a dict and not with a Munch; one that relies on the deep copy breaks with a dict.
#
# Seen with munch 4.0.0 (PyPI).
# Exit status: 0 as described, 1 it has changed, 2 the package cannot be installed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check munch==4.0.0 2>"$folder/pip.log" ||
    { cat "$folder/pip.log"; exit 2; }
"$folder/venv/bin/python" - <<'PYTHON'
import copy
from importlib.metadata import version

from munch import Munch

print("munch", version("munch"))
seen = {}
for name, copied in {
    "dict.copy": lambda build: dict(build).copy(),
    "copy.copy": copy.copy,
    "Munch(build)": Munch,
    "build.copy": lambda build: build.copy(),
}.items():
    build = Munch(chroots=["x"], source={"name": "hello"})
    made = copied(build)
    made["chroots"].append("y")
    seen[name] = (build.chroots == ["x", "y"], type(made["source"]).__name__)
    print(f"{name:14}", "shares the list" if seen[name][0] else "copies the list", "and has a", seen[name][1])
shared = [name for name, (is_shared, _) in seen.items() if is_shared]
raise SystemExit(0 if shared == ["dict.copy", "copy.copy", "Munch(build)"] and seen["build.copy"][1] == "Munch" else 1)
PYTHON
