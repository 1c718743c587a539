"""The legacy client returns what the released one returned, for every recorded call.

Each recorded call is made against a server that sends the recorded responses. If the released client had a
defect, the row is in MENDED, with the expected result instead.
"""

from __future__ import annotations

import re
from email.message import Message
from urllib.parse import parse_qsl, urlsplit

import pytest
from recordings import answer, exchanges, fields, sights

from copr import exceptions
from copr.client import CoprClient, responses
from copr.v3 import Policy

#: Ids of builds that have names in the recording.
BUILDS = {"B1": 3, "B2": 25, "B3": 26, "B4": 27, "X2": 55}

ERRORS = (exceptions.CoprRequestException, exceptions.CoprUnknownResponseException)


def text(pattern):
    return lambda seen: re.search(pattern, str(seen)) is not None


#: Fixed defects of the released client, with the expected result instead of the recorded one.
MENDED = {
    "create_project_anon": (exceptions.CoprLoginException, text("needs login")),
    "build_urls_multi_opts": (responses.CoprResponse, lambda seen: True),
    "build_url_timeout_int": (responses.CoprResponse, lambda seen: True),
    "build_pkgs_empty": (exceptions.CoprValidationException, text("provide packages")),
    "create_project_no_chroots": (exceptions.CoprValidationException, text("You should provide chroots")),
    "search_projects_empty": (exceptions.CoprValidationException, text("not a valid name")),
    "response_weakref": (responses.CoprResponse, lambda seen: True),
    "response_missing_field": (AttributeError, text("nosuchfield")),
    "handle_create_new_build_chroots": (responses.CoprResponse, lambda seen: True),
    "packages_list_empty": (responses.CoprResponse, lambda seen: seen.packages_list == []),
    "pkg_get_wrapper": (responses.PackageWrapper, text('"name": "pkgscm"')),
    "config_file_missing": (exceptions.CoprNoConfException, text("There is no file /nonexistent")),
    "config_file_nosection": (exceptions.CoprConfigException, text("no section")),
}

#: Responses to calls of MENDED that the released client never sent, or sent to another endpoint.
INSTEAD = {
    "build_urls_multi_opts": [b'{"output": "ok", "ids": [1, 2], "message": "m"}'],
    "build_url_timeout_int": [b'{"output": "ok", "ids": [1], "message": "m"}'],
    "response_weakref": [b'{"output": "ok", "detail": {}}'],
    "handle_create_new_build_chroots": [
        b'{"output": "ok", "detail": {}}',
        b'{"output": "ok", "ids": [1], "message": "m"}',
    ],
    "packages_list_empty": [b'{"packages": []}'],
}

EXCHANGES = exchanges("/api/")

ROWS = [row for row in sights("v1") if not re.search(r"\brequests\.", row["client_call"])]


@pytest.fixture
def names(stub, tmp_path, monkeypatch):
    """The names in the recorded calls: clients, files and builds."""
    for file, content in {
        "hello-2.10-1.src.rpm": "not quite an SRPM",
        "comps.xml": "<comps/>",
        "testmod.yaml": "document: modulemd",
    }.items():
        (tmp_path / file).write_text(content)
    (tmp_path / "good").write_text(
        f"[copr-cli]\nlogin = l\nusername = alice\ntoken = t\ncopr_url = {stub.url}\nencrypted = false\n"
    )
    (tmp_path / "nosect").write_text("[other]\nlogin = l\n")
    monkeypatch.delenv("COPR_URL", raising=False)

    def client(username, login="l", url=stub.url):
        return CoprClient(username, login, login and "t", url, bridge=False, policy=Policy(attempts=1))

    return {
        **{name: client(name) for name in ("alice", "bob")},
        "adm": client("adminuser"),
        "badtok": client("alice"),
        "expired": client("expired"),
        "anon": client("alice", login=None),
        "down": client("alice", url="http://127.0.0.1:5999"),
        "SRPM": str(tmp_path / "hello-2.10-1.src.rpm"),
        "COMPS": str(tmp_path / "comps.xml"),
        "MOD": str(tmp_path / "testmod.yaml"),
        "progress": [],
        "CoprClient": CoprClient,
        **BUILDS,
    }


def call(row, names, stub, tmp_path):
    """Make a recorded call. Return its result or its exception."""
    expression = row["client_call"]
    expression = re.sub(r'"/[^"]*copr-proxy\.conf"', repr(str(tmp_path / "good")), expression)
    expression = re.sub(r'"/[^"]*nosect\.conf"', repr(str(tmp_path / "nosect")), expression)
    label = row["label"]
    if label in INSTEAD:
        stub.answers = [(200, {}, body) for body in INSTEAD[label]]
    else:
        stub.answers = [answer(each) for each in EXCHANGES.get(label, [])] or [reconstructed(row)]
        lacking = expression.count(".handle.") + 1 - len(stub.answers)
        stub.answers[:0] = [(200, {}, b'{"output": "ok", "owner": "alice", "project": "proj1"}')] * lacking
    expression = expression.replace('open(MOD, "rb")', "opened")
    with open(names["MOD"], "rb") as opened:
        try:
            return eval(expression, {**names, "opened": opened})
        except Exception as error:
            return error


def reconstructed(row):
    """Return the response to a call whose exchange was not recorded, made from what its caller got."""
    import json

    if row["outcome"] == "return":
        return 200, {}, json.dumps(row["result"].get("data", {})).encode()
    text = row["exception"]["str"]
    status, _, page = text.partition("raw response: \n ")
    if page:
        return int(re.search(r"Code: (\d+)", status)[1]), {}, page.encode()
    return 500, {}, json.dumps({"output": "notok", "error": text}).encode()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["label"])
def test_a_caller_sees_what_it_saw(row, names, stub, tmp_path):
    seen = call(row, names, stub, tmp_path)
    label = row["label"]
    if label in MENDED:
        kind, holds = MENDED[label]
        assert isinstance(seen, kind), repr(seen)
        assert holds(seen)
    elif row["outcome"] == "raise":
        recorded = row["exception"]
        assert isinstance(seen, getattr(exceptions, recorded["type"].rpartition(".")[2])), repr(seen)
        assert str(seen) == recorded["str"].replace("http://copr.example.test", stub.url)
    elif isinstance(seen, responses.CoprResponse):
        assert shown(seen, row["result"]) == row["result"]
    else:
        assert repr(seen).replace(stub.url, "http://copr.example.test") == row["result"]["repr"]


@pytest.mark.parametrize(
    "row",
    [row for row in ROWS if row["label"] in EXCHANGES and row["label"] not in MENDED],
    ids=lambda row: row["label"],
)
def test_the_service_is_asked_what_it_was_asked(row, names, stub, tmp_path):
    call(row, names, stub, tmp_path)
    asked = [
        (method, urlsplit(path).path, form(headers, body)) for method, path, headers, body in stub.requests
    ]
    recorded = [
        as_asked_now(row["label"], each["method"], each["path"], fields(each))
        for each in EXCHANGES[row["label"]]
    ]
    # Some exchanges of a chain of calls were not recorded.
    assert [each for each in asked if each in recorded] == recorded
    assert len(asked) == row["client_call"].count(".handle.") + 1


def as_asked_now(label, method, path, form):
    """Return a recorded request as it is sent now."""
    if label == "project_details_specialchars":
        path = "/api/coprs/alice/pr%3Fx=1%23y/detail/"
    # The service reads "False" as true.
    return (
        method,
        path,
        [(name, "" if (name, value) == ("tito_test", "False") else value) for name, value in form],
    )


def form(headers, body):
    if headers.get("Content-Type", "").startswith("multipart/"):
        return multipart(headers["Content-Type"], body)
    return sorted(parse_qsl(body.decode(), keep_blank_values=True))


def multipart(content_type, body):
    from email import message_from_bytes

    message: Message = message_from_bytes(f"Content-Type: {content_type}\n\n".encode() + body)
    return sorted(
        (
            part.get_param("name", header="Content-Disposition"),
            part.get_filename() or part.get_payload(decode=True).decode().removesuffix("\n"),
        )
        for part in message.get_payload()
    )


def shown(response, recorded):
    """Return a response in the form of the recording."""
    seen = {
        "type": type(response).__name__,
        "str": str(response),
        "method": response.method,
        "data": response.data,
        "request_kwargs": response.request_kwargs,
        "handle": handle(response.handle, response),
        "provided_fields": {
            name: field(response, name, value) for name, value in recorded["provided_fields"].items()
        },
    }
    return {name: seen[name] for name in recorded}


def field(response, name, recorded):
    try:
        value = getattr(response, name)
    except AttributeError as missing:
        assert isinstance(missing, KeyError), "scripts of the time caught a KeyError"
        return f"!KeyError: {str(missing)!r}"
    if response.method == "modify_project" and name in ("description", "instructions"):
        assert value == response.data[name]  # the released client reads it from another place
        return recorded
    return [wrapper(each) for each in value] if isinstance(value, list) else wrapper(value)


def wrapper(value):
    kind = type(value).__name__
    if not kind.endswith("Wrapper"):
        return value
    shown = {
        "type": kind,
        "str": "<default object str>" if type(value).__str__ is object.__str__ else str(value),
    }
    if kind in ("PackageWrapper", "CoprChrootWrapper"):
        assert str(value)
        shown["str"] = "!AttributeError: "  # as in the released client; ours has a text
    names = {name: getattr(value, name) for name in vars(value) if name not in ("client", "handle")}
    return {**shown, **names, "handle": handle(value.handle, None)}


def handle(value, response):
    if value is None:
        return None
    if value.response is not None:
        assert value.response is response
    names = {
        name: getattr(value, name) for name in vars(value) if name not in ("client", "owner", "response")
    }
    return {
        "type": type(value).__name__,
        **names,
        "response": "None" if value.response is None else "weakproxy",
    }
