"""Random requests to API v1 and v2 get a response, and never cause an internal error.

The endpoints come from the application itself, so a new endpoint is tested too.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule
from wtforms.fields.core import UnboundField

from copr_local import LocalCopr
from copr_local.v1.build_forms import UploadForm, UrlForm
from copr_local.v1.chroots import ChrootForm
from copr_local.v1.forks import ForkForm
from copr_local.v1.packages import SOURCES, PackageForm
from copr_local.v1.project_forms import AddForm, ModifyForm

FORMS = (AddForm, ModifyForm, ForkForm, ChrootForm, PackageForm, UrlForm, UploadForm, *SOURCES.values())
FIELDS = {name for form in FORMS for name in dir(form) if isinstance(getattr(form, name), UnboundField)}
MEMBERS = {
    *("name", "owner", "group", "chroots", "description", "homepage", "contact", "repos", "state"),
    *("build_enable_net", "buildroot_pkgs", "comps", "comps_name", "project_id", "srpm_url", "enable_net"),
}
QUERIES = (
    *("limit", "offset", "owner", "group", "name", "project_id", "build_id", "state", "search_query"),
    *("is_finished", "active_only", "show_builds", "project", "username", "with_all_builds"),
)
KNOWN = st.one_of(
    st.sampled_from(["", "hello", "local", "1", "-1", "9" * 25, "y", "false", "fedora-45-x86_64", "../.."]),
    st.sampled_from(["http://example.org/a.src.rpm", "https://[", "a b", "@devs", "scm", "{}", "[]", "\0"]),
)
TEXT = st.one_of(st.text(max_size=12), KNOWN)
ANY_TEXT = st.one_of(TEXT, st.just("half a \ud800"))  # JSON can contain a lone surrogate
VALUE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), ANY_TEXT, st.lists(ANY_TEXT, max_size=2), st.just(1)
)
PART = st.sampled_from(["nonsense", "@devs", "%00", "%ff", "..%2f", "fedora-45-x86_64"])
NUMBER = st.sampled_from([99, 2**63, 10**30])
THERE: dict[str, Any] = {
    "ownername": "local",
    "projectname": "hello",
    "name": "hello",
    "chrootname": "fedora-45-x86_64",
    "source_type": "scm",
    "words": "hello",
    "group": "devs",
    "build_id": 1,
    "project_id": 1,
}


@st.composite
def requests(draw: Any, rules: list[Rule]) -> tuple[str, str, dict[str, Any]]:
    """Draw the method and path of an endpoint, and the arguments for the test client."""
    rule = draw(st.sampled_from(rules))
    verb = draw(st.sampled_from(sorted(rule.methods - {"OPTIONS", "HEAD"})))

    def part(match: re.Match[str]) -> str:
        if draw(st.integers(0, 9)):
            return str(THERE[match[2]])
        return str(draw(NUMBER if match[1] else PART))

    path = re.sub(r"<(int:)?(\w+)>", part, rule.rule)
    query = draw(st.dictionaries(st.sampled_from(QUERIES), TEXT, max_size=3))
    if rule.endpoint.startswith("v1."):
        form = draw(st.dictionaries(st.sampled_from(sorted(FIELDS)), TEXT, max_size=6))
        chroot = {"fedora-45-x86_64": "y"}
        kwargs: dict[str, Any] = {"data": {**form, **chroot}}
        if draw(st.booleans()):
            members = draw(st.dictionaries(st.sampled_from(sorted(FIELDS)), VALUE, max_size=6))
            kwargs = {"json": {**members, **chroot}}
    else:
        members = draw(st.dictionaries(st.sampled_from(sorted(MEMBERS)), VALUE, max_size=6))
        enough = {"name": "new", "chroots": [], "project_id": 1, "srpm_url": "http://a.b/c.spec"}
        text = json.dumps({**draw(st.sampled_from([enough, {}])), **members})
        if not draw(st.integers(0, 9)):
            text = draw(TEXT)
        kwargs = {"data": text.encode(), "content_type": "application/json"}
    return verb, path, {**kwargs, "query_string": query}


@pytest.fixture
def old_endpoints(copr: LocalCopr, api: Any, script: Any) -> list[Rule]:
    """Return the endpoints of API v1 and v2, of a service with a project and a build."""
    script.hold()
    api.project()
    body = {"ownername": "local", "projectname": "hello", "pkgs": ["http://example.org/a-1-1.src.rpm"]}
    api.call("POST", "/build/create/url", body)
    source = {"package_name": "hello", "clone_url": "https://example.org/hello.git"}
    api.call("POST", "/package/add/local/hello/hello/scm", source)
    return [rule for rule in copr.app.url_map.iter_rules() if rule.endpoint.startswith(("v1.", "v2."))]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_request_makes_the_service_fail(
    copr: LocalCopr, old_endpoints: list[Rule], caplog: Any, data: Any
) -> None:
    caplog.clear()
    verb, path, kwargs = data.draw(requests(old_endpoints))
    client = copr.app.test_client(use_cookies=False)
    login = (copr.config["login"], copr.config["token"])
    response = client.open(path, method=verb, auth=login, **kwargs)
    assert response.status_code < 600
    assert not caplog.records, (verb, path, kwargs, caplog.text)
