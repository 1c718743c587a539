"""Client v2 returns what the released one returned, for every recorded call.

Each recorded call is made against a server that sends the recorded responses. If the released client had a
defect, the row is in MENDED, with the expected result instead.
"""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from recordings import answer, exchanges, sights

import copr
from copr.client_v2 import net_client, resources
from copr.client_v2.client import CoprClient
from copr.v3 import CoprValidationException, Policy

RECORDED = "http://copr.example.test"
LOGINS = {
    "a2": "alice-login-0123456789abcdef",
    "b2": "bob-login-0123456789abcdefgh",
    "bad2": "alice-login-0123456789abcdef",
    "anon2": None,
}

#: Ids of things that have names in the recording.
NUMBERS = {"P": 23, "PD": 26, "PD2": 27, "BB": 37, "BC": 44, "BD": 45}


def text(pattern):
    return lambda seen: re.search(pattern, str(seen)) is not None


#: Fixed defects of the released client, with the expected result instead of the recorded one.
MENDED = {
    # the released client raised a class of marshmallow
    "projects_create_badhomepage": (CoprValidationException, text("'homepage': .'Not a valid URL")),
    "projects_update_homepage_bad": (CoprValidationException, text("'homepage': .'Not a valid URL")),
    # next_page() raised TypeError
    "projects_list_next_page": (resources.ProjectList, text("Project #2")),
    "projects_list_next_page_nolimit": (resources.ProjectList, text("Project #1")),
    "builds_list_next_page": (resources.BuildList, text("Build #43")),
    "tasks_next_page": (resources.BuildTaskList, text("Build task #6")),
    "mock_next_page": (resources.MockChrootList, lambda seen: len(seen) == 0),
    "pchroots_list_next_page": (resources.ProjectChrootList, lambda seen: len(seen) == 0),
    # 401 was not an AuthError
    "projects_update_unauth": (net_client.AuthError, text("code 401: Login invalid/expired")),
    "pchroots_enable_unauth": (net_client.AuthError, text("code 401: Login invalid/expired")),
    "builds_create_unauth": (net_client.AuthError, text("code 401: Login invalid/expired")),
    "build_delete_unauth": (net_client.AuthError, text("code 401: Login invalid/expired")),
    "projects_delete_unauth": (net_client.AuthError, text("code 401: Login invalid/expired")),
    "projects_update_nocreds": (net_client.AuthError, text("Credentionals for BasicAuth not set")),
}

#: Recorded calls that need the responses of another call first, and that call.
BEFORE = {
    "build_cancel_running": "builds_get_one",
    "project_resource_delete": "projects_get_one",
    "projects_list_next_page": "projects_list_limit",
    "pchroots_list_next_page": "pchrootlist_enable",
    "builds_list_next_page": "builds_list_project",
    "tasks_next_page": "tasks_list",
}

WIRE = exchanges("/api_2")

ROWS = [row for row in sights("v2") if not re.search(r"\brequests\.", row["client_call"])]


def answers(label):
    """Return the recorded responses for a label, in the form that the stub takes."""
    return [answer(row) for row in WIRE.get(label, [])]


class Names(dict):
    """The names in the recorded calls. Each is made when it is first used."""

    def __init__(self, makers, **known):
        super().__init__(known)
        self.makers = makers

    def __missing__(self, name):
        if name not in self.makers:
            raise KeyError(name)
        self[name] = self.makers[name](self)
        return self[name]


@pytest.fixture
def names(stub, tmp_path):
    """Clients, files, ids and resources."""
    (tmp_path / "hello-2.10-1.src.rpm").write_text("not quite an SRPM")
    (tmp_path / "copr-proxy.conf").write_text(
        f"[copr-cli]\nlogin = l\nusername = alice\ntoken = t\ncopr_url = {stub.url}\nencrypted = false\n"
    )

    def given(label, ask):
        """Return the result of `ask` while the service responds as it did for a label."""
        kept, stub.answers = stub.answers, answers(label)
        found = ask()
        stub.answers = kept
        stub.requests.clear()
        return found

    def client(login):
        def make(_):
            policy = Policy(attempts=1)
            return given(
                "client_bob",
                lambda: CoprClient.create_from_params(
                    stub.url, login, login and "t", bridge=False, policy=policy
                ),
            )

        return make

    def project(client):
        return lambda names: given("project_after_update", lambda: names[client].projects.get_one(23))

    makers = {
        **{name: client(login) for name, login in LOGINS.items()},
        "p": project("a2"),
        "pb": project("b2"),
        "pbad": project("bad2"),
        "panon": project("anon2"),
        "pc": lambda names: given(
            "pchroot_update_comps", lambda: names["p"].get_project_chroot("fedora-31-x86_64")
        ),
        "bb": lambda names: given("builds_get_one_succeeded", lambda: names["a2"].builds.get_one(37)),
    }
    return Names(makers, **NUMBERS, copr=copr, URL=stub.url, SRPM=str(tmp_path / "hello-2.10-1.src.rpm"))


def call(row, names, stub, tmp_path):
    """Make a recorded call. Return its result or its exception."""
    label = row["label"]
    expression = re.sub(
        r'"/[^"]*copr-proxy\.conf"', repr(str(tmp_path / "copr-proxy.conf")), row["client_call"]
    )
    stub.requests.clear()
    stub.answers = [*answers(BEFORE.get(label, "")), *answers(label)]
    if not stub.answers or (label not in MENDED and "first" not in row.get("result", {})):
        stub.answers.append(reconstructed(row))
    try:
        return eval(expression, {}, names)
    except Exception as error:
        return error


def reconstructed(row):
    """Return the response to a call whose exchange was not recorded, made from what its caller got."""
    if row["outcome"] == "raise":
        recorded = row["exception"]
        return recorded.get("status_code", 500), {}, body(recorded.get("response_json"))
    recorded = row["result"]
    if recorded["type"] == "OperationResult":
        location = {"Location": recorded["new_location"]} if recorded["new_location"] else {}
        return recorded["status_code"], location, body(recorded["json"])
    if "first" in recorded:
        kind = getattr(resources, recorded["type"])
        rest = [minimal(each) for each in re.findall(r"<[^<>]+>", recorded["str"])[1:]]
        first = [document(recorded["first"])] if recorded["first"] else []
        links = {"_links": linked(recorded["links"])}
        return 200, {}, body({kind._key: first + rest, **links})
    if "fields" in recorded:
        return 200, {}, body(document(recorded))
    return 200, {}, b"{}"


def document(shown):
    kind = getattr(resources, shown["type"])
    return {kind._key: shown["fields"], "_links": linked(shown["links"])}


def minimal(shown):
    """Return a document for a thing of which only the text is known."""
    if found := re.match(r"<Project #(\d+): (.+)/(.+)>", shown):
        fields = {"id": int(found[1]), "owner": found[2], "name": found[3]}
        return {"project": fields, "_links": {}}
    found = re.match(r"<Project chroot: ([^,]+),", shown)
    return {"chroot": {"name": found[1], "buildroot_pkgs": [], "comps_len": 0}, "_links": {}}


def linked(links):
    return {role: {"href": href} for role, href in links.items()}


def body(value):
    return b"" if value is None else json.dumps(value).encode()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["label"])
def test_a_caller_sees_what_it_saw(row, names, stub, tmp_path):
    seen = call(row, names, stub, tmp_path)
    if row["label"] in MENDED:
        kind, holds = MENDED[row["label"]]
        assert isinstance(seen, kind), repr(seen)
        assert holds(seen), str(seen)
    elif row["outcome"] == "raise":
        assert failed(seen, row["exception"]) == row["exception"]
    else:
        assert shown(seen, row["result"]) == row["result"]


def failed(error, recorded):
    """Return an exception in the form of the recording."""
    assert isinstance(error, net_client.RequestError), repr(error)
    seen = {
        **recorded,
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "msg": error.msg,
        "url": here(error.url).removesuffix("/"),
        "request_body": error.request_body,
        "status_code": error.response.status_code,
        "response_json": error.response_json,
        "request_kwargs": sent(error, recorded),
    }
    assert here(str(error)).startswith(
        f"Error occurred while accessing {here(error.url)}: {error.msg}\ncode "
    )
    if not recorded["__unicode__"].startswith("!"):  # here the released client failed in its own error
        seen["__unicode__"] = here(error.__unicode__())
    return seen


def sent(error, recorded):
    """Return query and body of a failed request. Values that are left out are None, as in the recording."""
    assert "auth" not in error.request_kwargs
    then = recorded["request_kwargs"]
    now = {**then, **error.request_kwargs}
    if "params" in then:
        now["params"] = {**dict.fromkeys(then["params"]), **now["params"]}
    if "MultipartEncoder" in str(then.get("data")):
        assert json.loads(now["data"]["metadata"].content) == {
            "project_id": 23,
            "chroots": [],
            "enable_net": True,
        }
        return then
    if "data" in then:
        assert json.loads(now.pop("data")) == json.loads(then["data"])
        now["data"] = then["data"]
    return now


def shown(seen, recorded):
    """Return a result in the form of the recording."""
    form = {"type": type(seen).__name__, "str": here(str(seen)), "repr": repr(seen)}
    if isinstance(seen, CoprClient):
        form = {**form, "str": unplaced(form["str"]), "repr": recorded["repr"]}
        assert form["str"] == unplaced(recorded["str"])
        return {**form, "str": recorded["str"]}
    if isinstance(seen, str):
        assert unplaced(here(seen)) == unplaced(recorded["str"])
        return recorded
    if isinstance(seen, resources.Root):
        assert str(seen)
        form |= {"str": recorded["str"], "fields": {}, "field_types": {}, "links": hrefs(seen)}
    elif isinstance(seen, resources.OperationResult):
        # The released client expected status 200 for every change.
        assert seen.is_successful()
        location = seen.new_location and here(seen.new_location)
        form |= {name: recorded[name] for name in ("is_successful", "expected_status")}
        form |= {
            "new_location": location,
            "status_code": seen._response.status_code,
            "json": seen._response.json,
        }
    elif isinstance(seen, resources.CollectionResource):
        first = shown(seen[0], recorded["first"]) if len(seen) else None
        form |= {"len": len(seen), "links": hrefs(seen), "options": seen._options, "first": first}
    else:
        names = recorded["fields"]
        form["fields"] = {name: getattr(seen, name) for name in names}
        form["field_types"] = {name: type(getattr(seen, name)).__name__ for name in names}
        form |= {"links": hrefs(seen), "to_dict": seen._entity.to_dict(), "to_json": recorded.get("to_json")}
        assert json.loads(seen._entity.to_json()) == seen._entity.to_dict()
        if isinstance(seen, resources.Build):
            form["is_finished"] = seen.is_finished()
            if seen.state == "canceled":  # a canceled build has finished too
                assert form.pop("is_finished")
                form["is_finished"] = recorded["is_finished"]
    return {name: form[name] for name in recorded}


def hrefs(resource):
    return {role: link.href for role, link in resource._links.items()}


def unplaced(text):
    """Return a text without parts that change from run to run."""
    return re.sub(r"0x[0-9a-f]+", "0x0", text)


def here(text):
    """Return a text with the URL of the recorded service instead of the stub's."""
    return re.sub(r"http://127\.0\.0\.1:\d+", RECORDED, text)


#: The released client also requested the root at a path that redirects; that request is not compared.
ASKED = [row for row in ROWS if row["label"] in WIRE and row["label"] not in {*MENDED, *BEFORE}]


@pytest.mark.parametrize("row", ASKED, ids=lambda row: row["label"])
def test_the_service_is_asked_what_it_was_asked(row, names, stub, tmp_path):
    call(row, names, stub, tmp_path)
    for (method, path, headers, content), expected in zip(stub.requests, WIRE[row["label"]], strict=False):
        address = urlsplit(path)
        assert (method, address.path) == (expected["method"], expected["path"])
        assert dict(parse_qsl(address.query)) == dict(parse_qsl(expected["query"] or ""))
        assert ("Authorization" in headers) == (expected["as"] is not None)
        if headers.get("Content-Type") == "application/json":
            assert json.loads(content) == json.loads(expected["request_body"])
        elif content:
            assert all(each["name"].encode() in content for each in expected["request_body"]["multipart"])
            assert b'"project_id": 23' in content
            assert b"not quite an SRPM" in content
