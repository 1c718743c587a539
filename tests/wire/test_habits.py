"""What programs for the released client do besides calling methods: copy, pickle, patch, subclass."""

from __future__ import annotations

import copy
import io
import pickle
from base64 import b64decode
from unittest import mock

import pytest
import requests
from munch import Munch

from copr.v3 import (
    BuildProxy,
    Client,
    CoprNoResultException,
    CoprRequestException,
    CoprValidationException,
    succeeded,
    wait,
)
from copr.v3.auth.base import BaseAuth
from copr.v3.helpers import List

OVER = b'{"id": 5, "state": "succeeded", "ownername": "alice", "projectname": "p", "chroots": ["x"]}'
PAGE = b'{"items": [%s], "meta": {"limit": null, "offset": 0}}'


@pytest.fixture
def build(stub, client):
    stub.answers = [(200, {}, OVER)]
    return client.build_proxy.get(5)


def test_one_build_may_have_succeeded_as_well_as_many(build):
    assert succeeded(build)
    assert succeeded([build, Munch(state="succeeded")])
    assert not succeeded(Munch(state="failed"))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda build: build.copy()])
def test_a_copy_of_a_build_can_be_waited_for(build, copied):
    made = copied(build)
    assert made == build
    assert made is not build
    assert wait(made) == [build]
    assert made.__response__ is build.__response__


def test_a_list_knows_whom_to_ask_for_builds_that_do_not(client, build):
    assert wait(List([Munch(id=5)], proxy=client.build_proxy)) == [build]


def test_a_deep_copy_is_apart_from_the_original(build):
    made = copy.deepcopy(build)
    made.chroots.append("y")
    assert build.chroots == ["x"]


def test_lists_are_copied_and_pickled_and_no_credentials_with_them(stub, client):
    stub.answers = [(200, {}, PAGE % OVER)]
    page = client.build_proxy.get_list("alice", "p")
    for made in (copy.copy(page), copy.deepcopy(page)):
        assert made == page
        assert made.meta == page.meta
        assert made.__proxy__ is client.build_proxy
    pickled = pickle.dumps(page)
    assert b"se:cret" not in pickled
    assert pickle.loads(pickled) == page
    assert pickle.loads(pickled).meta == page.meta


def test_clients_are_copied_with_their_connection(stub, client):
    for made in (copy.copy(client), copy.deepcopy(client)):
        assert made.config == client.config
        assert made.build_proxy.get(5) == {}
    assert stub.connections == 1


def test_clients_are_not_pickled_for_they_hold_credentials(client):
    for thing in (client, client.build_proxy, client.build_proxy.get):
        with pytest.raises(TypeError, match="holds credentials and connections"):
            pickle.dumps(thing)


@pytest.mark.parametrize("count", [3, 12])
def test_a_replaced_get_is_what_wait_asks_however_many_builds_there_are(client, count):
    going = [
        Munch(id=number, state="running", ownername="alice", projectname="p", __proxy__=client.build_proxy)
        for number in range(count)
    ]
    over = Munch(state="succeeded", ownername="alice", projectname="p")
    with mock.patch.object(client.build_proxy, "get", lambda number: Munch(over, id=number)):
        assert succeeded(wait(going, interval=0))
    with mock.patch.object(BuildProxy, "get", lambda self, number: Munch(over, id=number)):
        assert succeeded(wait(going, interval=0))


def test_a_build_can_be_waited_for_where_a_mock_answers(client):
    class Build(Munch):
        __proxy__ = client.build_proxy

    with mock.patch("copr.v3.proxies.build.BuildProxy.get") as get:
        get.side_effect = [Munch(id=5, state="running"), Munch(id=5, state="succeeded")]
        assert succeeded(wait(Build(id=5, state="importing"), interval=0))
        get.side_effect = lambda number: Munch(id=number, state="failed")
        seen = mock.Mock()
        page = List([Munch(id=5), Munch(id=6)], proxy=client.build_proxy)
        assert [build.state for build in wait(page, callback=seen)] == ["failed", "failed"]
        seen.assert_called_once()


def test_any_object_with_a_get_will_do_as_a_proxy():
    class Own:
        def get(self, number):
            return Munch(id=number, state="succeeded")

    going = [Munch(id=n, state="running", ownername="a", projectname="p", __proxy__=Own()) for n in range(12)]
    assert succeeded(wait(going, interval=0))


def test_a_subclass_with_the_released_parameters_is_made_from_a_file(stub, tmp_path):
    class Own(Client):
        def __init__(self, config):
            super().__init__(config)

    (tmp_path / "copr").write_text(f"[copr-cli]\ncopr_url = {stub.url}\n")
    assert type(Own.create_from_config_file(tmp_path / "copr")) is Own


@pytest.mark.parametrize("replaced", ["requests.Session.send", "requests.adapters.HTTPAdapter.send"])
def test_a_response_that_a_test_has_made_is_read_as_it_is(client, replaced):
    made = requests.Response()
    made.status_code, made._content, made.raw = 200, OVER, io.BytesIO()
    with mock.patch(replaced, return_value=made):
        build = client.build_proxy.get(5)
    assert (build.id, build.__response__) == (5, made)
    made.status_code, made._content = 404, b'{"error": "no such build"}'
    with mock.patch(replaced, return_value=made), pytest.raises(CoprNoResultException) as caught:
        client.build_proxy.get(5)
    assert (caught.value.url, str(caught.value)) == (
        f"{client.config['copr_url']}/api_3/build/5",
        "no such build",
    )


def test_a_replaced_reading_of_the_configuration_is_what_clients_and_proxies_are_made_with(stub):
    config = {"copr_url": stub.url, "login": "lo", "token": "to"}
    with mock.patch("copr.v3.client.config_from_file", return_value=config) as read:
        assert Client.create_from_config_file("mine").config == config
    read.assert_called_once_with("mine")
    with mock.patch("copr.v3.proxies._proxy.config_from_file", return_value=config):
        assert BuildProxy.create_from_config_file().config == config


def test_an_errors_result_is_what_it_was_made_with_and_can_be_set():
    assert CoprRequestException({"name": ["taken"]}).result.error == {"name": ["taken"]}
    error = CoprRequestException("no")
    assert error.result.error == "no"
    error.result = Munch(error="other")
    assert error.result.error == "other"


def test_addresses_may_come_as_words(stub, client):
    stub.answers = [(200, {}, PAGE % OVER)]
    client.build_proxy.create_from_urls("alice", "p", "http://e.test/a.src.rpm http://e.test/b.src.rpm")
    # The service splits them, as it does for the released client.
    assert b'"pkgs": "http://e.test/a.src.rpm http://e.test/b.src.rpm"' in stub.requests[0][3]


def test_an_endpoint_without_a_method_can_be_asked(stub, client):
    response = client.build_proxy.request.send("/build/5", auth=client.build_proxy.auth)
    assert response.status_code == 200
    [(method, path, headers, _)] = stub.requests
    assert (method, path) == ("GET", "/api_3/build/5")
    assert "Authorization" in headers
    assert client.build_proxy.auth.auth == ("lo", "se:cret")


def test_a_renewed_token_is_sent_from_then_on(stub, client):
    client.build_proxy.cancel(5)
    client.config.update(login="new", token="word")
    client.build_proxy.cancel(5)
    sent = [b64decode(headers["Authorization"].removeprefix("Basic ")) for _, _, headers, _ in stub.requests]
    assert sent == [b"lo:se:cret", b"new:word"]


def test_credentials_of_ones_own_are_sent_as_those_of_the_client():
    class Session(BaseAuth):
        def make_expensive(self):
            self.cookies = {"session": "word", "other": "1"}

    session = Session({"copr_url": "https://copr.example.org"})
    assert (session.auth, session.cookies, session.headers()) == (None, None, {})
    session.make()
    assert session.headers() == {"Cookie": "session=word; other=1"}


def test_a_clients_configuration_and_proxies_can_be_replaced_and_come_back(client):
    config, proxy = client.config, client.build_proxy
    with mock.patch.object(client, "build_proxy"), mock.patch.object(client, "config", {"username": "bob"}):
        client.build_proxy.get.return_value = 5
        assert (client.config["username"], client.build_proxy.get(1)) == ("bob", 5)
    assert client.config is config
    assert client.build_proxy is proxy


def test_a_subclass_may_make_its_own_proxies(stub):
    class Own(Client):
        def __init__(self, url):
            self.config = {"copr_url": url}
            self.build_proxy = BuildProxy(self.config)

    assert Own(stub.url).build_proxy.get(5) == {}


def test_a_subclass_of_a_proxy_may_begin_with_the_configuration(stub):
    class Own(BuildProxy):
        def __init__(self, url, name):
            self.config = {"copr_url": url}
            super().__init__(self.config)
            self.name = name

    own = Own(stub.url, "mine")
    assert own.get(5) == {}
    own.config = {"copr_url": stub.url, "username": "bob"}
    assert (own.name, own.config["username"], own.get(5)) == ("mine", "bob", {})


def test_another_configuration_can_be_set(stub, client):
    client.build_proxy.config = {"copr_url": stub.url, "login": "third", "token": "token"}
    assert client.build_proxy.auth.auth == ("third", "token")
    assert client.project_proxy.auth.auth == ("lo", "se:cret")


def test_a_file_that_is_not_there_is_an_error_of_both_kinds(client, tmp_path):
    missing = str(tmp_path / "absent.src.rpm")
    for kind in (CoprValidationException, FileNotFoundError, OSError):
        with pytest.raises(kind, match=r"absent\.src\.rpm cannot be sent: No such file") as caught:
            client.build_proxy.create_from_file("alice", "p", missing)
        assert caught.value.filename == missing
    with pytest.raises(OSError, match="cannot be sent: Is a directory"):
        client.build_proxy.create_from_file("alice", "p", str(tmp_path))
