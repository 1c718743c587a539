"""A package whose scripts try to leave the root that they are installed in, and what shows if they could."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from processes import command_lines

HOSTILE = """\
%post
exec > /report 2>&1
id -u
grep Seccomp: /proc/self/status
grep CapEff: /proc/self/status
tr -s ' ' < /proc/self/uid_map
sleep 1
cat {secret} || echo no secret
touch {folder}/written || echo nothing written
(echo > /dev/tcp/127.0.0.1/{port}) || echo no service
for package in /run/packages/*; do echo changed >> $package || echo no package changed; done
ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf
mknod /device b 8 0 || echo no device
echo "memory $(df -k --output=size /tmp | tail -n 1)"
setsid sleep {seconds} < /dev/null > /dev/null 2>&1 &
%files
"""
VICTIM = """\
%build
cat /report
%files
"""
#: A service that is killed while it installs the package, and the next one, for an ordinary user.
KILLED = """
import os, shutil, signal, sys, time
from pathlib import Path
from copr.v3 import Client, wait
from copr_local import LocalCopr
from copr_local.builders.roots.store import remove_all

chroot, configuration, evil, victim = sys.argv[1:]
data = Path.home() / "data"
copr = LocalCopr(data, chroots={chroot: configuration})
service = os.fork()
if service == 0:
    copr.start()
    client, me = Client(copr.config), copr.config["username"]
    client.project_proxy.add(me, "p", [chroot])
    wait(client.build_proxy.create_from_file(me, "p", evil), interval=0.1, timeout=120)
    client.build_proxy.create_from_file(me, "p", victim)
    time.sleep(600)
until = time.monotonic() + 200
while time.monotonic() < until and os.waitpid(service, os.WNOHANG) == (0, 0):
    if any("Needed: evil" in log.read_text() for log in data.glob("results/*/p/*/*/builder-live.log")):
        time.sleep(0.3)
        os.kill(service, signal.SIGKILL)
        os.waitpid(service, 0)
        break
    time.sleep(0.05)
with copr:
    client = Client(copr.config)
    builds = wait(client.build_proxy.get_list(copr.config["username"], "p"), interval=0.1, timeout=120)
    print("states:", *sorted(build.state for build in builds))
    print("unfinished:", *data.glob("roots/*.new"), *data.glob("results/**/.work"))
    for build in builds:
        print(client.build_chroot_proxy.get_log(build.id, chroot))
remove_all(data / "roots")
shutil.rmtree(data)
"""


class Prey:
    """What a hostile package would like to get at, and the check that it did not."""

    def __init__(self, folder: Path, listener: socket.socket) -> None:
        self.folder = folder
        self.secret = folder / "secret"
        self.secret.write_text("the secret")
        folder.chmod(0o777)
        self.seconds = str(10_000 + os.getpid())
        self.port = listener.getsockname()[1]

    def package(self) -> str:
        """Return the part of a spec that tries it."""
        values = {"secret": self.secret, "folder": self.folder, "port": self.port, "seconds": self.seconds}
        return HOSTILE.format(**values)

    def check(self, log: str, ids: str) -> None:
        """Check the report of the package in the log of the build that required it."""
        report = log[log.index("+ cat /report") :].splitlines()
        assert report[1] == "0"
        assert report[2] == "Seccomp:\t2"
        assert report[3] == "CapEff:\t00000000880400fb"  # those of `namespace.CAPABILITIES`
        inside, outside, count = report[4].split()
        assert (inside, count) == ("0", ids)
        assert outside != "0"
        lines = {" ".join(line.split()) for line in report}
        assert lines >= {"no secret", "nothing written", "no service", "no package changed", "no device"}
        assert "memory 262144" in lines
        assert "the secret" not in log
        assert not (self.folder / "written").exists()
        assert command_lines(self.seconds) == []
