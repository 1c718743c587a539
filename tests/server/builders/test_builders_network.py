"""Programs that may use the network reach public addresses, but not this machine and private networks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest
from as_user import run_as_user

from copr_local.builders.sandbox.machine import PATH
from copr_local.builders.sandbox.network import find_isolator
from copr_local.builders.sandbox.protection import protections
from copr_local.builders.sandbox.sandbox import Sandbox
from copr_local.builders.tasks import Limits

#: Asks with and without isolation, in a sandbox of this machine and in a root: can the port be reached?
ASK = """
import sys, tempfile, threading
from pathlib import Path
from copr_local.builders.roots.namespace import CAPABILITIES, Folders, find_ids
from copr_local.builders.roots.session import Session
from copr_local.builders.sandbox.network import find_isolator
from copr_local.builders.sandbox.sandbox import Sandbox
from copr_local.builders.tasks import Limits

ask = ["bash", "-c", "exec 2>/dev/null; for name in $0; do (: < /dev/tcp/$name) && echo $name; done; true"]
ask.append(sys.argv[1])
print("isolated" if find_isolator() else "not isolated")
for private in (True, False):
    with (
        tempfile.TemporaryDirectory() as folder,
        Sandbox(Path(folder) / "w", Limits(), threading.Event(), private_networks=private) as sandbox,
    ):
        print("machine", private, *sandbox.read(ask, network=True)[1].split())
        session = Session(sandbox, find_ids(Path(folder)))
        tree = session.scratch("tree")
        tree.mkdir()
        view = ["--bind", "/", "/", "--proc", "/proc", "--dev", "/dev", *CAPABILITIES]
        output = bytearray()
        session.run(Folders({}, [tree]), view, ask, output.extend, environment={}, network=True)
        print("root", private, *output.decode().split())
"""


def own_address() -> str:
    """Return an address of this machine that others could reach; loopback if there is none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        try:
            connection.connect(("192.0.2.1", 9))  # chooses an address, and sends nothing
        except OSError:
            return "127.0.0.1"
        return str(connection.getsockname()[0])


@pytest.fixture
def places():
    """Listen on all addresses of this machine, and return two of them as bash names them."""
    with socket.create_server(("0.0.0.0", 0)) as listener:
        port = listener.getsockname()[1]
        yield f"127.0.0.1/{port} {own_address()}/{port}"


def check(output: str, places: str) -> None:
    first, *lines = output.splitlines()
    reached = "" if first == "isolated" else f" {places}"
    assert lines == [
        f"machine True {places}",
        f"root True {places}",
        f"machine False{reached}",
        f"root False{reached}",
    ]


def test_this_machine_is_not_reached_where_it_can_be_isolated(places):
    done = subprocess.run([sys.executable, "-c", ASK, places], check=True, capture_output=True, text=True)
    check(done.stdout, places)
    (found,) = [each for each in protections() if each.subject == "network"]
    assert found.exists == (done.stdout.splitlines()[0] == "isolated")


def test_names_are_resolved_by_the_isolator_and_private_networks_have_no_route(tmp_path, bubblewrap):
    script = "cat /etc/resolv.conf; exec 2>&1; : < /dev/tcp/192.168.1.1/9"
    with Sandbox(tmp_path / "work", Limits(), threading.Event(), private_networks=False) as sandbox:
        answer = sandbox.read(["bash", "-c", script], network=True)[1]
    is_isolated = find_isolator() is not None
    assert ("nameserver 10.0.2.3\n" in answer) == is_isolated
    assert not is_isolated or "No route to host" in answer


def test_a_machine_with_slirp4netns_and_tunnels_can_isolate(bubblewrap):
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError:
        has_tunnels = False  # as in most containers
    else:
        has_tunnels = True
    expected = shutil.which("slirp4netns", path=PATH) if has_tunnels else None
    assert find_isolator() == expected


if os.geteuid() == 0:  # for an ordinary user, the tests above show it

    @pytest.mark.parametrize("has_range", [False, True], ids=["one id", "a range of ids"])
    def test_this_machine_is_not_reached_by_the_builds_of_a_user_either(places, has_range):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder, "home")
            home.mkdir()
            check(run_as_user(ASK, places, home=home, has_range=has_range), places)
