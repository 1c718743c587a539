"""`LocalCopr` in a program, and the pytest fixture."""

from __future__ import annotations

import math
import subprocess
import sys
import textwrap
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import event

from copr_local import LocalCopr, LocalCoprError, releases


def test_it_knows_what_a_client_needs(local_copr: LocalCopr) -> None:
    config = local_copr.config
    assert set(config) == {"copr_url", "login", "token", "username", "encrypted"}
    assert (config["copr_url"], config["username"], config["encrypted"]) == (local_copr.url, "local", False)
    assert local_copr.token_is_new
    assert config["token"] in local_copr.config_path.read_text()
    answer = requests.get(
        f"{local_copr.url}/api_3/auth-check", auth=(config["login"], config["token"]), timeout=5
    )
    assert answer.json() == {"name": "local", "id": 1}


def test_the_fixture_is_fresh_and_quick(local_copr: LocalCopr) -> None:
    took = [math.inf]
    while min(took) >= 0.5 and len(took) <= 20:  # on a busy machine many attempts wait for a core
        began = time.monotonic()
        with LocalCopr() as other:
            took.append(time.monotonic() - began)
            assert other.url != local_copr.url
            assert other.data != local_copr.data
    assert min(took) < 0.5


def test_a_temporary_data_folder_is_removed_at_the_end() -> None:
    with LocalCopr() as copr:
        data = copr.data
        assert (data / "client.conf").exists()
    assert not data.exists()


def test_a_data_folder_that_was_named_stays_and_can_be_served_again(tmp_path: Path) -> None:
    with LocalCopr(tmp_path, username="alice", chroots=["fedora-45-x86_64"]) as first:
        config = first.config
    with LocalCopr(tmp_path, username="bob") as second:
        assert second.config == {**config, "copr_url": second.url}
        assert not second.token_is_new
        offered = requests.get(f"{second.url}/api_3/mock-chroots/list", timeout=5).json()
    assert offered == {"fedora-45-x86_64": ""}


def test_the_default_chroots_are_offered_in_their_order(local_copr: LocalCopr) -> None:
    offered = requests.get(f"{local_copr.url}/api_3/mock-chroots/list", timeout=5).json()
    assert offered == releases.CHROOTS
    assert list(offered) == list(releases.CHROOTS)


def test_more_users_can_be_added(local_copr: LocalCopr) -> None:
    config = local_copr.add_user("bob")
    answer = requests.get(
        f"{local_copr.url}/api_3/auth-check", auth=(config["login"], config["token"]), timeout=5
    )
    assert answer.json()["name"] == config["username"] == "bob"
    for name in ("bob", "@bob", "a/b", "", ".."):
        with pytest.raises(LocalCoprError):
            local_copr.add_user(name)


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": "no name"},
        {"chroots": ["../../etc"]},
        {"chroots": ["fedora"]},
        {"host": "192.0.2.1"},
        {"data": "/proc/nothing/here"},
    ],
)
def test_what_cannot_start_says_so_in_one_line_and_leaves_nothing_running(
    wrong: dict[str, Any], tmp_path: Path
) -> None:
    arguments = {"data": tmp_path / "data", **wrong}
    for _ in range(2):  # the first attempt must not leave a lock
        with pytest.raises(LocalCoprError) as refused:
            LocalCopr(**arguments).start()
        assert "\n" not in str(refused.value)
        assert "in use" not in str(refused.value)


def test_two_cannot_serve_one_folder(tmp_path: Path) -> None:
    with LocalCopr(tmp_path), pytest.raises(LocalCoprError, match="in use by another copr-local"):
        LocalCopr(tmp_path).start()


@pytest.mark.parametrize(
    "arguments", [{"chroots": "fedora-45-x86_64"}, {"port": 99_999}, {"port": -1}, {"builders": -1}]
)
def test_arguments_that_are_impossible_are_refused_at_once(arguments: dict[str, Any]) -> None:
    (name,) = arguments
    with pytest.raises(LocalCoprError, match=f"{name}={arguments[name]!r}.* is not valid: use "):
        LocalCopr(**arguments)


ATTRIBUTES = ("url", "address", "data", "config", "config_path", "token_is_new")
ATTRIBUTES += ("app", "database", "clock", "faults", "script")


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_what_is_there_while_it_runs_is_not_there_before_and_after(name: str) -> None:
    copr = LocalCopr(builds="scripted")
    with pytest.raises(LocalCoprError, match="is not running: use it in `with"):
        getattr(copr, name)
    with copr:
        getattr(copr, name)
    with pytest.raises(LocalCoprError, match="is not running: use it in `with"):
        getattr(copr, name)


def test_what_is_done_to_a_running_service_is_refused_before_and_after() -> None:
    copr = LocalCopr(builds="scripted")
    with copr:
        snapshot = copr.snapshot()
    for stopped in (copr, LocalCopr(builds="scripted")):
        for call in (stopped.snapshot, partial(stopped.restore, snapshot), partial(stopped.add_user, "bob")):
            with pytest.raises(LocalCoprError, match="is not running"):
                call()


def test_a_name_that_it_does_not_have_is_no_state_of_it() -> None:
    assert not hasattr(LocalCopr(), "urls")


def test_one_that_runs_cannot_be_started_again_before_it_is_stopped(tmp_path: Path) -> None:
    copr = LocalCopr(tmp_path)
    for _ in range(2):
        copr.start()
        with pytest.raises(LocalCoprError, match=f"is already running at {copr.url}: "):
            copr.start()
        assert requests.get(f"{copr.url}/api_3", timeout=5).json() == {"version": 3}
        copr.stop()
        copr.stop()


def test_it_listens_on_ipv6_where_it_is_told_to() -> None:
    with LocalCopr(host="::1") as copr:
        assert copr.url.startswith("http://[::1]:")
        assert requests.get(f"{copr.url}/api_3", timeout=5).json() == {"version": 3}


def test_the_application_can_be_called_without_a_socket(local_copr: LocalCopr) -> None:
    assert local_copr.app.test_client().get("/api_3/").get_json() == {"version": 3}


def test_services_of_one_process_share_endpoints_and_nothing_else(local_copr: LocalCopr) -> None:
    with LocalCopr(username="other", public_url="https://copr.example.org/prefix") as other:
        names = [
            copr.app.test_client()
            .get("/api_3/auth-check", auth=(copr.config["login"], copr.config["token"]))
            .get_json()["name"]
            for copr in (other, local_copr)
        ]
        assert names == ["other", "local"]
        assert [copr.app.prefix for copr in (other, local_copr)] == ["/prefix", ""]
        assert other.app.url_map is local_copr.app.url_map


def test_importing_the_plugin_imports_no_framework() -> None:
    program = """
        import sys
        import copr_local.pytest_plugin
        print(*{"flask", "sqlalchemy", "waitress", "wtforms", "createrepo_c", "click"} & set(sys.modules))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"


def test_a_service_that_uses_no_extra_imports_none() -> None:
    program = """
        import sys, tempfile
        from copr_local import LocalCopr
        with tempfile.TemporaryDirectory() as folder, LocalCopr(folder):
            names = "alembic celery fedora_messaging kombu pika psycopg redis sqlalchemy.dialects.postgresql"
            print(*sorted(set(names.split()) & set(sys.modules)))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "\n"


def test_the_number_of_queries_does_not_depend_on_the_number_of_builds(
    copr: LocalCopr, api: Any, script: Any
) -> None:
    api.project()
    script.hold()
    body = {"ownername": "local", "projectname": "hello"}
    urls = [f"https://example.com/p{number}-1-1.src.rpm" for number in range(30)]
    api.call("POST", "/build/create/url", {**body, "pkgs": urls})
    queries: list[str] = []
    here = threading.get_ident()

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if threading.get_ident() == here and statement.startswith("SELECT"):
            queries.append(statement)

    with copr.database.reading() as tx:
        event.listen(tx.session.get_bind(), "before_cursor_execute", count)
    api.get("/build/list", **body)
    assert len(queries) == 2
    queries.clear()
    api.get("/project/list")
    assert len(queries) == 2
    queries.clear()
    api.get("/build/1")
    assert len(queries) <= 5
