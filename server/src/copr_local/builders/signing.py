"""Signs packages, each owner's with a key of its own, whose public half is published (`public_keys`).

A key is made by gpg the first time that it is needed, and stays in the service's data folder without a
passphrase: nobody is there to type one. gpg and rpmsign run with the rights of the service, outside the
sandbox, since nothing of a build may see the key; rpm has read each file in the sandbox before.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .. import public_keys
from ..public_keys import FILE_NAME
from . import tools
from .log import BuildLog, Tail
from .rpm import last_error
from .sandbox import Sandbox
from .tasks import BuildFailed

_making = threading.Lock()


def sign(
    files: Sequence[Path], keys: Path, owner: str, project: Path, sandbox: Sandbox, log: BuildLog
) -> None:
    """Sign RPMs, which lie where no build can write, with the key of an owner, and publish its public half.

    `keys` is the folder with a folder for each owner, `project` the folder that the key is published in.

    Raises `BuildFailed`: gpg or rpmsign is missing or fails.
    """
    rpmsign = tools.require("rpmsign").path
    home = _key(keys, owner, sandbox, log)
    with _short(home) as short:
        name = _identity(owner)
        macros = {"__gpg": tools.require("gpg").path, "_gpg_path": short, "_gpg_name": name}
        macros["_openpgp_sign_id"] = name  # its name since rpm 6
        options = [part for macro, body in macros.items() for part in ("--define", f"{macro} {body}")]
        _run([rpmsign, *options, "--addsign", *map(str, files)], sandbox, log)
    public_keys.publish(home, project)
    log.line(f"Signed by {_identity(owner)}")


def _identity(owner: str) -> str:
    return f"{owner.removeprefix('@')}@copr.localhost"


def _key(keys: Path, owner: str, sandbox: Sandbox, log: BuildLog) -> Path:
    """The folder of an owner's key, which is made if there is none."""
    home = keys / owner
    with _making:
        if (home / FILE_NAME).exists():
            return home
        gpg = tools.require("gpg").path
        keys.mkdir(mode=0o700, exist_ok=True)
        new = Path(tempfile.mkdtemp(prefix=".new-", dir=keys))
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
    return home


@contextmanager
def _short(home: Path) -> Iterator[Path]:
    """A short name for a folder: gpg's agent listens on a socket there, whose path may have 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="copr-local-") as folder:
        link = Path(folder) / "gpg"
        os.symlink(home, link)
        yield link


def _run(command: Sequence[str], sandbox: Sandbox, log: BuildLog) -> None:
    tail = Tail(log)
    status = sandbox.run_outside(command, tail)
    if status != 0:
        program = Path(command[0]).name
        raise BuildFailed(f"the packages cannot be signed: {last_error(tail.text) or f'{program}: {status}'}")
