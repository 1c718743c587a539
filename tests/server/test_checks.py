"""Which names, URLs and uploads are accepted: tables for the checks of the rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from copr_local.data.models import Project
from copr_local.rules import checks
from copr_local.rules.errors import Invalid

PREFIX = "hello:custom:"
LONGEST = PREFIX + "x" * (200 - len(PREFIX))
RPM = b"\xed\xab\xee\xdb\x03\x00"


def directory(name: str) -> None:
    checks.directory_name(Project(name="hello"), name)


ACCEPTED: dict[Callable[..., Any], list[Any]] = {
    checks.project_name: ["a", "X", "9a", "a.b-c_d", ".a", "-", "x" * 100],
    directory: ["hello:custom:x", "hello:custom:a:b9", "hello:custom:pr:7", "hello:pr:1", LONGEST],
    checks.contact: ["a@example.com", "a+b@localhost", "https://example.com/contact"],
    checks.web_addresses: [
        [],
        ["http://a"],
        ["https://a/", "HTTPS://A.B/c?d#e", "http://a?b", "http://a#b", "http://user@a:80/"],
    ],
    checks.clone_address: ["https://a/b.git", "git://a", "GIT+SSH://a/b", "s3.x-y+z1://a?b", "x://a#b@c"],
    checks.namespace: ["forks/alice", "a", "a.b/_c-d+e/f", "..a/b..", "...", "a" * 200],
    checks.source_addresses: [["http://a/b.src.rpm", "http://a/b.nosrc.rpm", "http://a/b.spec"]],
    checks.source_files: [["b.src.rpm?c=d", "b.spec#c", "b.nosrc.rpm"]],
    checks.uploaded_rpm_name: ["a.rpm", "A.RPM", "src.rpm", "a.spec.rpm"],
    checks.binary_rpm: [RPM + b"\0\0", RPM + b"\0\0\1\1"],
    checks.uploaded_name: ["a.src.rpm", "A.NOSRC.RPM", "a.spec"],
    checks.modules: [[], ["nodejs:18", "!ruby:3"], ["_a-B9:-x.y", "b:_"]],
    checks.comps: [b"<comps/>", b"<comps><group>\xc3\xa4</group><other/></comps>"],
}

# Each with the beginning of the error's text.
REFUSED: dict[Callable[..., Any], list[tuple[Any, str]]] = {
    checks.project_name: [
        ("x" * 101, "Field cannot be longer than 100 characters."),
        *((name, "Name must contain only") for name in ("", "ä", "a b", "a/b", "a\n", "@a", "٣")),
        *((name, "Project's name can not be just number.") for name in ("1", "12")),
        *((name, "Project's name can not be just dots.") for name in (".", "..")),
    ],
    directory: [
        ("other:custom:x", "Copr dirname must start with 'hello:' prefix"),
        ("hello", "Copr dirname must start with 'hello:' prefix"),
        *(
            (f"hello:{name}", "Please use directory format hello:custom:")
            for name in ("x", "", "pr:x", "pr:٣")
        ),
        *((f"hello:{name}", "Wrong directory") for name in ("pr:", "custom:", "custom:a b", "custom:a\nb")),
        *((f"hello:custom:{name}", "Wrong directory") for name in ("ä", ":a", "a:", "a::b", "a/b", "..")),
        (LONGEST + "x", "Wrong directory"),
    ],
    checks.contact: [
        (text, "Contact must be email address or URL")
        for text in ("", "a", "a@", "@a", "a@b@c", "a b@c", "a@b c", "a/b@c", "ftp://a", "a@b/c")
    ],
    checks.web_addresses: [
        (
            ["http://a", wrong],
            f"A list of http[s] URLs separated by whitespace characters is needed ('{wrong}'",
        )
        for wrong in ("", "a", "ftp://a", "http://", "http:///a", "http://a b", "http://a/b c", "xhttp://a")
    ],
    checks.clone_address: [
        (wrong, "Invalid URL.")
        for wrong in (
            "",
            "a",
            "https://",
            "https:///a",
            "https://me@a/",
            "git@a:b",
            "1http://a",
            "http://a/b c",
            "file:///a",
            "file://a/b",
            "FILE://localhost/a",
        )
    ],
    checks.namespace: [
        (wrong, f"'{wrong}' is not a valid namespace")
        for wrong in ("..", ".", "a/..", "a/../b", "/a", "a/", "a//b", "a b", "a?b", "./a", "ä", "a\n")
    ],
    checks.source_addresses: [
        (["http://a/b.rpm"], "URLs must end with .src.rpm, .nosrc.rpm, or .spec ('http://a/b.rpm'"),
        (["b.spec"], "A list of http[s] URLs"),
    ],
    checks.source_files: [
        ([wrong], f"URLs must end with .src.rpm, .nosrc.rpm, or .spec ('{wrong}'")
        for wrong in ("a.rpm", "a.SPEC", "a?b.spec", "a#b.src.rpm", "a.spec/", "")
    ],
    checks.uploaded_rpm_name: [
        (name, "You can upload only .rpm files here, and no source RPMs")
        for name in ("", "a", "a.rpm.gz", "a.src.rpm", "a.NOSRC.RPM", "a.spec")
    ],
    checks.binary_rpm: [
        *(
            (start, "The file is not an RPM")
            for start in (b"", b"\xed\xab\xee\xda\x03\0\0\0", b"PK\3\4\0\0\0\0")
        ),
        *((RPM + kind, "The file is a source RPM") for kind in (b"\0\1", b"\1\0", b"")),
    ],
    checks.uploaded_name: [
        (name, "You can upload only .src.rpm, .nosrc.rpm, and .spec files")
        for name in ("", "a.rpm", "a.spec.gz", ".src.rpm", ".nosrc.rpm", ".SPEC")
    ],
    checks.modules: [
        *(([name], f"Module name '{name}' must consist of two parts") for name in ("", "a", "a:b:c")),
        *(([f"{name}:1"], f"Module name '{name}' must contain only") for name in ("", "+a", "a b", "ä")),
        *(([f"a:{name}"], f"Stream part of module name '{name}' must") for name in ("", "+", "1 2", ".1")),
        (["a:1", "b:1", "a:2"], "Module name 'a' specified multiple times"),
    ],
    checks.comps: [
        *((text, "upload_comps: This is not an XML file in UTF-8 (") for text in (b"", b"a", b"<comps>")),
        (b'<?xml version="1.0" encoding="latin-1"?><comps>\xe4</comps>', "upload_comps: This is not an XML"),
        (b"<html><comps/></html>", "upload_comps: The file must have a <comps> element, but it has <html>."),
    ],
}


@pytest.mark.parametrize(
    ("check", "value"), [(check, value) for check, values in ACCEPTED.items() for value in values]
)
def test_what_is_accepted(check: Callable[..., Any], value: Any) -> None:
    check(value)


@pytest.mark.parametrize(
    ("check", "value", "text"), [(check, *each) for check, values in REFUSED.items() for each in values]
)
def test_what_is_refused_and_why(check: Callable[..., Any], value: Any, text: str) -> None:
    with pytest.raises(Invalid) as caught:
        check(value)
    assert str(caught.value).startswith(text)


def test_the_text_of_a_comps_file_is_kept() -> None:
    assert checks.comps("<comps>ä</comps>".encode()) == "<comps>ä</comps>"
