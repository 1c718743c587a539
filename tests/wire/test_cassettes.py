"""Recorders and mocks that put classes and functions of their own in the place of those of the libraries.

They are used, from the moment when they are in place until they are taken away: nothing is sent past them.
"""

from __future__ import annotations

import pytest
import requests_mock
import responses
import vcr
from vcr.errors import CannotOverwriteExistingCassetteException

from copr.v3 import Client, Policy

BUILD = b'{"id": 5, "state": "running"}'
ON = ("alice", "hello")


@pytest.fixture
def answering(stub):
    stub.answers = [(200, {}, BUILD)]
    return stub


def test_a_cassette_that_must_not_be_recorded_refuses_even_after_a_live_call(answering, client, tmp_path):
    assert client.build_proxy.get(5).state == "running"
    with (
        vcr.use_cassette(str(tmp_path / "none.yaml"), record_mode="none"),
        pytest.raises(CannotOverwriteExistingCassetteException),
    ):
        client.build_proxy.create_from_scm(*ON, "https://example.com/hello.git")
    assert [method for method, *_ in answering.requests] == ["GET"]
    assert client.build_proxy.get(5).state == "running"


def test_each_of_several_cassettes_is_written_and_played(answering, client, tmp_path):
    calls = {
        "read": lambda: client.build_proxy.get(5),
        "submit": lambda: client.build_proxy.create_from_scm(*ON, "https://example.com/hello.git"),
        "change": lambda: client.project_proxy.edit(*ON, description="new"),
    }
    for name, call in calls.items():
        with vcr.use_cassette(str(tmp_path / name)) as cassette:
            call()
            assert len(cassette) == 1
    assert len(answering.requests) == len(calls)
    for name, call in calls.items():
        with vcr.use_cassette(
            str(tmp_path / name), record_mode="none", match_on=["method", "uri", "body"]
        ) as cassette:
            assert call().id == 5
            assert cassette.all_played
    assert len(answering.requests) == len(calls)


def test_an_upload_is_recorded_and_played(answering, client, tmp_path):
    srpm = tmp_path / "hello-1-1.src.rpm"
    srpm.write_bytes(b"content")
    for _ in range(2):
        with vcr.use_cassette(str(tmp_path / "upload")):
            assert client.build_proxy.create_from_file(*ON, srpm).id == 5
    assert len(answering.requests) == 1


@pytest.mark.programs
def test_a_cassette_over_tls_is_recorded_and_played(stub, secure, monkeypatch, tmp_path):
    url, certificate = secure
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    stub.answers = [(200, {}, BUILD)]
    client = Client({"copr_url": url}, policy=Policy(attempts=1))
    client.build_proxy.get(5)
    for _ in range(2):
        with vcr.use_cassette(str(tmp_path / "tls")):
            assert client.build_proxy.get(6).id == 5
    assert len(stub.requests) == 2


def test_responses_matches_queries_and_bodies(client, stub):
    query = {"ownername": "alice", "projectname": "hello"}
    with responses.RequestsMock() as mocked:
        mocked.put(
            f"{stub.url}/api_3/project/edit/alice/hello",
            json={"name": "hello"},
            match=[
                responses.matchers.query_param_matcher(query),
                responses.matchers.json_params_matcher({"description": "new"}, strict_match=False),
            ],
        )
        assert client.project_proxy.edit(*ON, description="new").name == "hello"
    assert stub.requests == []


def test_requests_mock_matches_queries(client, stub):
    query = "ownername=alice&projectname=hello&packagename=p&with_latest_build=False"
    with requests_mock.Mocker() as mocked:
        mocked.get(f"{stub.url}/api_3/package?{query}", json={"name": "p"}, complete_qs=False)
        assert client.package_proxy.get(*ON, "p").name == "p"
    assert stub.requests == []
