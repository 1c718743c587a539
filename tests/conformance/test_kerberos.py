"""Login with Kerberos: a real KDC, a real ticket, a service that accepts it, and our client."""

from __future__ import annotations

import json
import os
import socket
import stat
import subprocess
import time
from pathlib import Path

import pytest

REALM = "EXAMPLE.TEST"
SERVICE = Path(__file__).with_name("kerberos_service.py")

WHO_AM_I = """
import sys

from copr.v3 import Client, CoprException

client = Client({"copr_url": sys.argv[1], "gssapi": True})
try:
    print(client.base_proxy.auth_check().name)
except CoprException as error:
    print(type(error).__name__, error)
"""


class Kerberos:
    """A realm of its own, on a free port of loopback, with the user alice and the service HTTP/localhost."""

    def __init__(self, folder):
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        (folder / "krb5.conf").write_text(
            f"[libdefaults]\n default_realm = {REALM}\n dns_lookup_kdc = false\n rdns = false\n"
            f" dns_canonicalize_hostname = false\n udp_preference_limit = 1\n"
            f"[realms]\n {REALM} = {{\n  kdc = 127.0.0.1:{port}\n }}\n"
            f"[domain_realm]\n localhost = {REALM}\n"
        )
        (folder / "kdc.conf").write_text(
            f"[kdcdefaults]\n kdc_listen = 127.0.0.1:{port}\n kdc_tcp_listen = 127.0.0.1:{port}\n"
            f"[realms]\n {REALM} = {{\n  database_name = {folder}/principals\n"
            f"  key_stash_file = {folder}/stash\n  max_life = 1h\n }}\n"
            f"[logging]\n kdc = FILE:{folder}/kdc.log\n"
        )
        self.environment = {
            "PATH": f"{os.environ['PATH']}:/usr/sbin:/usr/lib/mit/sbin",
            "HOME": str(folder / "home"),
            "KRB5_CONFIG": str(folder / "krb5.conf"),
            "KRB5_KDC_PROFILE": str(folder / "kdc.conf"),
            "KRB5_KTNAME": str(folder / "service.keytab"),
            "KRB5CCNAME": f"FILE:{folder}/tickets",
            "KRB5RCACHENAME": f"dfl:{folder}",
        }
        (folder / "home").mkdir()
        self.run("kdb5_util", "create", "-s", "-r", REALM, "-P", "master")
        self.run("kadmin.local", "-q", "addprinc -pw ticket alice")
        self.run("kadmin.local", "-q", "addprinc -randkey HTTP/localhost")
        self.run("kadmin.local", "-q", f"ktadd -k {folder}/service.keytab HTTP/localhost")
        self.kdc = subprocess.Popen(["krb5kdc", "-n", "-r", REALM], env=self.environment)
        self._await(port)

    def run(self, *command, text=None):
        done = subprocess.run(
            command, env=self.environment, input=text, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, f"{command[0]}: {done.stdout}{done.stderr}"
        return done.stdout

    def _await(self, port):
        for _ in range(100):
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.1)
        pytest.fail("the KDC does not listen")

    def stop(self):
        self.kdc.terminate()
        self.kdc.wait(10)


@pytest.fixture
def kerberos(tmp_path):
    realm = Kerberos(tmp_path)
    yield realm
    realm.stop()


@pytest.fixture
def python(environment):
    """A Python with our client and gssapi."""
    return environment("packit", "ours").command("python")


@pytest.fixture
def service(kerberos, python):
    process = subprocess.Popen(
        [python, SERVICE], env=kerberos.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    yield f"http://localhost:{int(process.stdout.readline())}"
    process.communicate(timeout=10)


def test_a_ticket_opens_the_service_and_the_session_is_kept_for_its_owner_alone(kerberos, python, service):
    kerberos.run("kinit", "alice", text="ticket\n")

    assert kerberos.run(python, "-c", WHO_AM_I, service) == "alice\n"

    sessions = [
        path for path in (kerberos.folder / "home" / ".cache" / "copr").iterdir() if path.stat().st_size
    ]
    assert [stat.S_IMODE(path.stat().st_mode) for path in sessions] == [0o600]
    assert json.loads(sessions[0].read_text())["username"] == "alice"

    kerberos.run("kdestroy")
    assert kerberos.run(python, "-c", WHO_AM_I, service) == "alice\n", "the session serves the next run"


def test_without_a_ticket_the_error_says_how_to_get_one(kerberos, python, service):
    said = kerberos.run(python, "-c", WHO_AM_I, service)

    assert said.startswith("CoprAuthException Kerberos login at ")
    assert "get one with kinit" in said
