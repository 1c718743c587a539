"""Signs packages, each owner's with a key of its own, whose public half is published (`public_keys`).

A key is made by gpg the first time that it is needed, and stays in the service's data folder without a
passphrase: nobody is there to type one. gpg and rpmsign run with the rights of the service, outside the
sandbox, since nothing of a build may see the key; rpm has read each file in the sandbox before.

Builds take turns with a key: gpg starts an agent for each key, which others would find, and which ends with
the program that started it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..filesystem import public_keys
from ..filesystem.public_keys import FILE_NAME
from . import tools
from .log import BuildLog
from .rpm import last_error
from .sandbox.sandbox import Sandbox
from .tasks import BuildFailed

_turns: dict[Path, threading.Lock] = {}
_LOOK = 0.1  # seconds between two looks whether a build that waits is to go on


def sign(
    files: Sequence[Path], keys: Path, owner: str, project: Path, sandbox: Sandbox, log: BuildLog
) -> None:
    """Sign RPMs, which lie where no build can write, with the key of an owner, and publish its public half.

    `keys` is the folder with a folder for each owner, `project` the folder that the key is published in.

    Raises `BuildFailed`: gpg or rpmsign is missing or fails; and `BuildCancelled`.
    """
    rpmsign = tools.require("rpmsign").path
    home = keys / owner
    with alone(home, sandbox), _short(home) as short:
        _make_key(home, owner, sandbox, log)
        name = _identity(owner)
        macros = {"__gpg": tools.require("gpg").path, "_gpg_path": short, "_gpg_name": name}
        macros["_openpgp_sign_id"] = name  # its name since rpm 6
        options = [part for macro, body in macros.items() for part in ("--define", f"{macro} {body}")]
        _run([rpmsign, *options, "--addsign", *map(str, files)], sandbox, log)
    public_keys.publish(home, project)
    log.line(f"Signed by {_identity(owner)}")


@contextmanager
def alone(home: Path, sandbox: Sandbox) -> Iterator[None]:
    """Have a key, by its folder, for oneself; raises what `sandbox` raises where the build is to end."""
    turn = _turns.setdefault(home, threading.Lock())
    while not turn.acquire(timeout=_LOOK):
        sandbox.check()
    try:
        yield
    finally:
        turn.release()


def _identity(owner: str) -> str:
    return f"{owner.removeprefix('@')}@copr.localhost"


def _make_key(home: Path, owner: str, sandbox: Sandbox, log: BuildLog) -> None:
    """Make the folder of an owner's key, if there is none."""
    if (home / FILE_NAME).exists():
        return
    gpg = tools.require("gpg").path
    home.parent.mkdir(mode=0o700, exist_ok=True)
    new = Path(tempfile.mkdtemp(prefix=".new-", dir=home.parent))
    try:
        with _short(new) as short:
            command = [gpg, "--homedir", str(short), "--batch", "--passphrase", "", "--quiet"]
            made = [f"Copr of {owner} <{_identity(owner)}>", "rsa3072", "sign", "never"]
            _run([*command, "--quick-generate-key", *made], sandbox, log)
            export = ["--armor", "--output", str(new / FILE_NAME), "--export"]
            _run([*command, *export], sandbox, log)
        shutil.rmtree(home, ignore_errors=True)
        new.rename(home)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


@contextmanager
def _short(home: Path) -> Iterator[Path]:
    """A short name for a folder: gpg's agent listens on a socket there, whose path may have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="copr-local-") as folder:
        link = Path(folder) / "gpg"
        os.symlink(home, link)
        yield link


def _run(command: Sequence[str], sandbox: Sandbox, log: BuildLog) -> None:
    said = bytearray()
    status = sandbox.run_outside(command, said.extend)
    if status != 0:
        log.write(bytes(said))
        reason = last_error(said.decode(errors="replace")) or f"{Path(command[0]).name}: {status}"
        raise BuildFailed(f"the packages cannot be signed: {reason}")
