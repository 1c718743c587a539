"""Runs a Python program as an ordinary user of this machine: with one id, or with a range of further ids.

Tests that root runs use this. What the user cannot reach below `/root` is shown to him in a mount namespace.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
USER, FIRST = 5_731, 731_000_000


def run_as_user(program: str, *arguments: str, home: Path, has_range: bool) -> str:
    """Run a program with this Python, and return its output; root only.

    :param program: text of the program.
    :param arguments: its arguments.
    :param home: an empty folder, which becomes the user's home.
    :param has_range: True for a user with a range in `/etc/subuid`, whom `newuidmap` obeys.
    :returns: stdout and stderr.
    """
    for parent in (home, *home.parents):
        if parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o111)
    os.chown(home, USER, USER)
    system = home.parent / f"{home.name}-etc"
    system.mkdir()
    (system / "passwd").write_text(
        f"{Path('/etc/passwd').read_text()}packager:x:{USER}:{USER}::{home}:/bin/sh\n"
    )
    (system / "range").write_text(f"packager:{FIRST}:65536\n" if has_range else "")
    lines = ["set -e", f"mount --bind {system}/passwd /etc/passwd"]
    for name in ("subuid", "subgid"):
        if not Path("/etc", name).exists():
            Path("/etc", name).touch()
        lines.append(f"mount --bind {system}/range /etc/{name}")
    lines += _reachable()
    lines.append(f"cd {home}")
    become = f"setpriv --reuid {USER} --regid {USER} --clear-groups --inh-caps=-all --"
    command = shlex.join([sys.executable, "-c", program, *arguments])
    lines.append(f"exec {become} env HOME={home} TMPDIR={home} {command}")
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", "\n".join(lines)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout


def _reachable() -> list[str]:
    """Return the commands that show the checkout and this Python, if they are below `/root`."""
    hidden = [path for path in {CHECKOUT, Path(sys.base_prefix)} if path.is_relative_to("/root")]
    if not hidden:
        return []
    lines = ["mount -t tmpfs tmpfs /mnt"]
    for index, path in enumerate(hidden):
        lines += [f"mkdir /mnt/{index}", f"mount --rbind {path} /mnt/{index}"]
    lines.append("mount -t tmpfs -o mode=755 tmpfs /root")
    for index, path in enumerate(hidden):
        lines += [f"mkdir -p {path}", f"mount --rbind /mnt/{index} {path}"]
    return lines
