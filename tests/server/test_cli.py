"""The command `copr-local serve`: its output, how it ends, and its errors when it cannot start."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from copr_local import cli
from copr_local.data import client_configuration

READY = ("URL", "data", "client")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_serve_says_where_everything_is_and_ends_cleanly(number: int, serve: Any, tmp_path: Path) -> None:
    terminal = ("env", "--default-signal")
    service = serve("--data", str(tmp_path / "data"), "--port", "0", within=terminal).ready()
    assert tuple(service.said) == READY
    assert service.said["data"] == str(tmp_path / "data")
    assert service.said["client"] == str(tmp_path / "data" / "client.conf") + " (new token)"
    assert service.api().get("/auth-check")["id"] == 1
    assert service.end(number) == (0, "stopped\n", "")
    assert not (tmp_path / "data" / "copr.db-wal").exists()


def test_serve_that_is_told_twice_to_end_ends_as_cleanly(serve: Any, tmp_path: Path) -> None:
    service = serve("--data", str(tmp_path), "--port", "0").ready()
    service.process.send_signal(signal.SIGTERM)
    assert service.end(signal.SIGTERM) == (0, "stopped\n", "")


SIGNALS = """
import os, signal, time
from copr_local.cli.signals import catch_ends

for number in range(1000):
    ends = catch_ends()
    if not (child := os.fork()):
        for _ in range(3):
            os.kill(os.getppid(), signal.SIGTERM)
            until = time.perf_counter() + number % 50 * 4e-6
            while time.perf_counter() < until:
                pass
        os._exit(0)
    os.read(ends, 1)
    os.waitpid(child, 0)
    os.close(ends)
    os.close(signal.set_wakeup_fd(-1))
"""


def test_signals_at_any_distance_do_not_wait_for_each_other() -> None:
    subprocess.run([sys.executable, "-c", SIGNALS], check=True, timeout=60)


def test_serve_under_nohup_outlives_its_terminal(serve: Any, tmp_path: Path) -> None:
    arguments = ("--data", str(tmp_path), "--port", "0")
    service = serve(*arguments, within=("env", "--ignore-signal=HUP")).ready()
    service.process.send_signal(signal.SIGHUP)
    assert service.api().get("/auth-check")["id"] == 1
    assert service.end(signal.SIGTERM) == (0, "stopped\n", "")


def test_the_client_configuration_is_private_and_has_the_words_that_programs_look_for(
    serve: Any, tmp_path: Path
) -> None:
    service = serve("--data", str(tmp_path), "--port", "0").ready()
    path = tmp_path / "client.conf"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    found = client_configuration.read(path)
    assert found is not None
    lines = path.read_text().splitlines()
    assert lines[0] == "[copr-cli]"
    assert f"copr_url = {service.said['URL']}" in lines
    assert f"username = {cli.login_name()}" in lines
    assert "encrypted = False" in lines
    assert any(line.startswith("# expiration date: 20") for line in lines)
    assert [name for name in os.listdir(tmp_path) if name.startswith(".client")] == []


def test_a_restart_keeps_the_token_and_follows_the_port(serve: Any, tmp_path: Path) -> None:
    first = serve("--data", str(tmp_path), "--port", "0").ready()
    before = client_configuration.read(tmp_path / "client.conf")
    first.end(signal.SIGTERM)
    second = serve("--data", str(tmp_path), "--port", "0").ready()
    after = client_configuration.read(tmp_path / "client.conf")
    assert before is not None
    assert after is not None
    assert (after.username, after.login, after.token) == (before.username, before.login, before.token)
    assert after.copr_url == second.said["URL"]
    assert "(new token)" not in second.said["client"]
    assert second.api().get("/auth-check")["name"] == before.username


@pytest.mark.parametrize("damage", ["missing", "garbage", "token"])
def test_a_configuration_that_does_not_work_is_written_anew(damage: str, serve: Any, tmp_path: Path) -> None:
    path = tmp_path / "client.conf"
    serve("--data", str(tmp_path), "--port", "0").ready().end(signal.SIGTERM)
    before = path.read_text()
    if damage == "missing":
        path.unlink()
    elif damage == "garbage":
        path.write_text("not = a configuration")
    else:
        path.write_text(before.replace("token = ", "token = x"))
    service = serve("--data", str(tmp_path), "--port", "0").ready()
    assert service.said["client"].endswith("(new token)")
    assert path.read_text() != before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert service.api().get("/auth-check")["id"] == 1


def refused(service: Any) -> str:
    """Return the one-line error of a service that cannot start."""
    status, output, errors = service.end()
    assert (status, output) == (1, "")
    assert errors.startswith("copr-local: ")
    assert errors.count("\n") == 1
    assert errors.endswith("\n")
    return str(errors)


def test_a_port_that_is_taken(serve: Any, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        error = refused(serve("--data", str(tmp_path / "new" / "data"), "--port", str(port)))
        assert f"port {port} of 127.0.0.1 is taken by another program" in error
        assert "--port" in error
        assert not list(tmp_path.iterdir())
        (tmp_path / "file").touch()
        refused(serve("--data", str(tmp_path), "--port", str(port)))
        assert list(tmp_path.iterdir()) == [tmp_path / "file"]


@pytest.mark.parametrize(
    ("host", "text"), [("192.0.2.1", "192.0.2.1"), ("no such host", "cannot listen on no such host")]
)
def test_a_host_that_is_not_this_machine(host: str, text: str, serve: Any, tmp_path: Path) -> None:
    service = serve("--data", str(tmp_path), "--host", host, "--port", "0")
    _, _, errors = service.end()
    assert service.process.returncode == 1
    assert text in errors.splitlines()[-1]


def test_a_machine_without_a_program_that_the_service_needs(serve: Any, tmp_path: Path) -> None:
    service = serve("--data", str(tmp_path), "--port", "0", within=("env", f"PATH={tmp_path}"))
    assert "the program rm, which removes folders, is not in PATH" in refused(service)


def test_generations_of_the_api_that_exclude_each_other(serve: Any, tmp_path: Path) -> None:
    apis = ("--api", "v3", "--api", "v3-2020")
    assert "v3-2020 instead of v3" in refused(serve("--data", str(tmp_path), "--port", "0", *apis))


def test_a_data_folder_that_cannot_be_written(serve: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    error = refused(serve("--data", str(tmp_path / "file" / "data"), "--port", "0"))
    assert f"cannot write to the data folder {tmp_path}/file/data (Not a directory)" in error
    assert "--data" in error


@pytest.mark.sqlite("with PostgreSQL, several services share a folder")
def test_a_data_folder_that_is_in_use(serve: Any, tmp_path: Path) -> None:
    first = serve("--data", str(tmp_path), "--port", "0", within=()).ready()
    error = refused(serve("--data", str(tmp_path), "--port", "0"))
    assert f"{tmp_path} is in use by another copr-local (process {first.process.pid})" in error
    assert first.api().get("/auth-check")["id"] == 1


@pytest.mark.sqlite("it changes the file")
def test_a_database_of_a_newer_version(serve: Any, tmp_path: Path) -> None:
    serve("--data", str(tmp_path), "--port", "0").ready().end(signal.SIGTERM)
    with closing(sqlite3.connect(tmp_path / "copr.db")) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = {path: path.read_bytes() for path in (tmp_path / "copr.db", tmp_path / "client.conf")}
    error = refused(serve("--data", str(tmp_path), "--port", "0"))
    assert "copr.db was written by a newer copr-local (database version 99" in error
    assert {path: path.read_bytes() for path in before} == before


def test_a_file_that_is_no_database(serve: Any, tmp_path: Path) -> None:
    (tmp_path / "copr.db").write_text("x" * 5000)
    assert "copr.db cannot be used (file is not a database)" in refused(
        serve("--data", str(tmp_path), "--port", "0")
    )


def test_listening_to_other_machines_warns(serve: Any, tmp_path: Path) -> None:
    service = serve("--data", str(tmp_path), "--host", "0.0.0.0", "--port", "0").ready()
    assert service.said["URL"].startswith("http://127.0.0.1:")
    status, _, errors = service.end(signal.SIGTERM)
    assert status == 0
    assert "warning: on 0.0.0.0, other machines can connect, without encryption" in errors


def test_a_public_url_is_in_every_address(serve: Any, tmp_path: Path) -> None:
    public = "https://copr.example.com/"
    service = serve("--data", str(tmp_path), "--port", "0", "--public-url", public).ready()
    assert service.said["URL"] == public.rstrip("/")
    assert "copr_url = https://copr.example.com\n" in (tmp_path / "client.conf").read_text()


def test_the_default_folder_follows_xdg(serve: Any, tmp_path: Path) -> None:
    service = serve("--port", "0", env={"XDG_DATA_HOME": str(tmp_path / "xdg")}).ready()
    assert service.said["data"] == str(tmp_path / "xdg" / "copr-local")
    service.end(signal.SIGTERM)
    home = {"XDG_DATA_HOME": "", "HOME": str(tmp_path / "home")}
    service = serve("--port", "0", env=home).ready()
    assert service.said["data"] == str(tmp_path / "home" / ".local/share/copr-local")


@pytest.mark.parametrize(
    ("login", "user"),
    [
        ("alice", "alice"),
        ("Bob Smith", "Bob-Smith"),
        ("DOMAIN\\carol", "DOMAIN-carol"),
        ("..", "local"),
        ("é", "local"),
    ],
)
def test_the_first_user_has_the_login_name(login: str, user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: login)
    assert cli.login_name() == user


def test_without_a_login_name_the_first_user_is_local(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert cli.login_name() == "local"


def test_help_names_every_option() -> None:
    command = [sys.executable, "-m", "copr_local"]
    text = subprocess.run([*command, "serve", "--help"], capture_output=True, text=True, check=True).stdout
    for option in ("--data", "--host", "--port", "--public-url", "--builders"):
        assert option in text
    version = subprocess.run([*command, "--version"], capture_output=True, text=True, check=True).stdout
    assert version.startswith("copr-local, version 3.")
