"""The API's description of itself is complete, correct, and readable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from copr_local import LocalCopr


@pytest.fixture
def described(anonymous: Any) -> Any:
    return anonymous.get("/swagger.json")


def operations(described: Any) -> Iterator[tuple[str, str, Any]]:
    for path, verbs in described["paths"].items():
        for verb, operation in verbs.items():
            yield path, verb.upper(), operation


def test_every_endpoint_is_described_with_its_parts(described: Any, copr: LocalCopr) -> None:
    served = {
        (re.sub(r"<(?:int:)?(\w+)>", r"{\1}", rule.rule.removeprefix("/api_3")), verb)
        for rule in copr.app.url_map.iter_rules()
        if rule.rule.startswith("/api_3")
        for verb in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(path, verb) for path, verb, _ in operations(described)} == served
    for path, _, operation in operations(described):
        parts = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
        assert parts == re.findall(r"{(\w+)}", path)
        assert operation["summary"].endswith("."), path


def test_operations_have_names_of_their_own(described: Any) -> None:
    names = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(names) == len(set(names))


def test_a_login_is_needed_exactly_where_that_is_said(described: Any, anonymous: Any) -> None:
    for path, verb, operation in operations(described):
        address = re.sub(r"{\w+}", "1", path)
        refused = anonymous.raw(verb, address).status_code == 401
        assert refused == ("security" in operation), (verb, path)


def test_arguments_must_be_there_exactly_where_that_is_said(described: Any, api: Any) -> None:
    api.project()
    build = api.wait(api.upload()["id"])
    real = {
        "ownername": "local",
        "projectname": "hello",
        "packagename": "hello",
        "chrootname": build["chroots"][0],
        "build_id": build["id"],
        "query": "hello",
    }
    for path, verb, operation in operations(described):
        arguments = [each for each in operation["parameters"] if each["in"] == "query"]
        said = {each["name"] for each in arguments if each["required"]}
        if verb == "GET":
            address = re.sub(r"{(\w+)}", lambda part: str(real.get(part[1], "local")), path)
            given: dict[str, Any] = {}
            while missing := _missing(api, address, given):
                given[missing] = real[missing]
            assert set(given) == said, path
        else:
            assert not said, path


def _missing(api: Any, address: str, given: dict[str, Any]) -> str | None:
    """Return the argument that an endpoint reports as missing."""
    text = api.raw("GET", address, query_string=given).text
    found = re.search(r"Missing argument (\w+)", text)
    return found[1] if found else None


def test_deprecated_is_what_warns(described: Any, api: Any) -> None:
    api.project()
    for path, verb, operation in operations(described):
        if verb == "GET":
            continue
        response = api.raw(verb, re.sub(r"{\w+}", "1", path), json={})
        if "Warning" in response.headers:
            assert operation["deprecated"], (verb, path)
    told = {(path, verb) for path, verb, each in operations(described) if each.get("deprecated")}
    assert ("/project/edit/{ownername}/{projectname}", "POST") in told
    assert ("/project/edit/{ownername}/{projectname}", "PUT") not in told
    assert ("/build-chroot/{build_id}/{chrootname}", "GET") in told


def test_fields_have_the_types_and_limits_that_are_checked(described: Any, api: Any) -> None:
    (body,) = (
        each["schema"]
        for each in described["paths"]["/project/add/{ownername}"]["post"]["parameters"]
        if each["in"] == "body"
    )
    assert set(body["required"]) == {"name", "chroots"}
    fields = body["properties"]
    assert fields["name"] == {"type": "string", "maxLength": 100}
    assert fields["bootstrap"]["enum"] == ["default", "on", "off", "image"]
    assert fields["delete_after_days"] == {"type": "integer", "minimum": -1, "maximum": 720}
    assert fields["additional_repos"] == {"type": "array", "items": {"type": "string"}}
    assert fields["enable_net"] == {"type": "boolean"}
    for name, value in (("name", "x" * 101), ("bootstrap", "x"), ("delete_after_days", 721)):
        error = api.error("POST", "/project/add/local", 400, {"name": "a", "chroots": ["x"], name: value})
        assert f"{name}: " in error


class _Reader(HTMLParser):
    """Collects the texts of a page, and checks that every opened tag is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, _attributes: Any) -> None:
        if tag not in ("meta", "link", "img", "input"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data.strip())


def test_the_page_for_people_has_every_endpoint_and_field(described: Any, anonymous: Any) -> None:
    response = anonymous.raw("GET", "/docs")
    assert response.content_type == "text/html; charset=utf-8"
    reader = _Reader()
    reader.feed(response.text)
    assert not reader.open
    texts = set(reader.texts)
    for path, _, operation in operations(described):
        assert path in texts
        assert operation["summary"] in texts
        for each in operation["parameters"]:
            assert {each["name"]} - {"body"} <= texts
            assert each.get("schema", {}).get("properties", {}).keys() <= texts
