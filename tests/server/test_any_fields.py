"""Submissions and packages with random fields get a response, and never cause an internal error."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from wtforms.fields.core import UnboundField

from copr_local.wire.build_forms import BuildForm
from copr_local.wire.package_forms import PackageForm
from copr_local.wire.source_forms import FORMS

PROJECT = {"ownername": "local", "projectname": "hello"}
ENOUGH = {
    **PROJECT,
    "package_name": "hello",
    "clone_url": "https://example.com/hello.git",
    "gem_name": "rake",
    "script": "true",
    "pypi_package_name": "requests",
}

NAMES = sorted(
    {
        name
        for form in (BuildForm, PackageForm, *FORMS.values())
        for name in dir(form)
        if isinstance(getattr(form, name), UnboundField)
    }
    | {"ownername", "projectname", "source_build_method"}
)
VALUE = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=20),  # also NUL and lone surrogates
    st.sampled_from(["hello", "fedora-45-x86_64", "fedora-*", "[", "scm", "git", "3", "https://[", "../.."]),
)
FIELDS = st.dictionaries(
    st.sampled_from(NAMES),
    st.one_of(VALUE, st.lists(VALUE, max_size=3), st.dictionaries(st.text(max_size=3), VALUE, max_size=2)),
    min_size=1,
    max_size=10,
)
ENDPOINTS = st.sampled_from(
    [("POST", f"/package/add/local/hello/hello/{kind}") for kind in FORMS]
    + [("POST", f"/package/edit/local/hello/hello/{kind}") for kind in FORMS]
    + [("POST", f"/build/create/{kind}") for kind in (*FORMS, "url", "upload")]
    + [("POST", "/package/build"), ("PUT", "/package/reset"), ("DELETE", "/package/delete")]
    + [("POST", "/build/check-before-build")]
)


@pytest.fixture(autouse=True)
def project(api: Any, script: Any) -> Any:
    script.hold()
    return api.project()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=FIELDS, endpoint=ENDPOINTS)
@example(fields={"chroot_denylist": []}, endpoint=("POST", "/package/add/local/hello/hello/scm"))
@example(fields={"package_name": [2**70]}, endpoint=("PUT", "/package/reset"))
def test_no_field_makes_the_service_fail(
    api: Any, caplog: Any, fields: dict[str, Any], endpoint: tuple[str, str]
) -> None:
    caplog.clear()
    verb, path = endpoint
    response = api.raw(verb, path, json={**ENOUGH, **fields})
    assert set(response.get_json()) - {"error"} or isinstance(response.get_json()["error"], str)
    assert not caplog.records, "faults are logged; what the original answers with 500 is none"
