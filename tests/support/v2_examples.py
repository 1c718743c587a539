"""Examples of client v2's documentation, run as they are written; and what the service of their tests has.

What is changed of an example is its host, owners, numbers and the folder of its files; its own slips stay. An
example is the text of the page: what follows a prompt, and lines that go on in brackets.
"""

from __future__ import annotations

import re

OWNERS = ["alice", "bob", "carol", "dave", "erin"]
CHROOTS = [
    "epel-5-i386",
    "epel-6-i386",
    "epel-6-x86_64",
    "epel-7-x86_64",
    "fedora-18-x86_64",
    "fedora-20-x86_64",
    "fedora-21-i386",
    "fedora-21-x86_64",
    "fedora-22-i386",
    "fedora-22-x86_64",
    "fedora-23-x86_64",
]
ENABLED = [name for name in CHROOTS if name != "fedora-22-x86_64"]


def run(example, names):
    """Run an example; what it shows is checked by who asked for it."""
    for there, here in names["HERE"].items():
        example = example.replace(there, here)
    code, brackets = [], 0
    for line in example.splitlines():
        if line.startswith(">>> ") or brackets:
            code.append(line.removeprefix(">>> "))
            brackets += sum(line.count(each) for each in "([{") - sum(line.count(each) for each in ")]}")
    exec(compile("\n".join(code), "the documentation", "exec"), names)


def lines(capsys):
    return capsys.readouterr().out.splitlines()


def matches(shown, pattern, count):
    assert len(shown) == count, shown
    assert all(re.fullmatch(pattern, line) for line in shown), shown
