"""Signs packages; each owner has one key, and the public key is published (`public_keys`).

gpg makes a key when it is first needed. The key stays in the service's data folder and has no passphrase,
because the service cannot type one. gpg and rpmsign run outside the sandbox, with the rights of the service,
because a build must not see the key. Before that, rpm has read each file in the sandbox.

Only one build at a time uses a key, in all service processes. gpg starts an agent for the key; a second build
would use the same agent, which ends together with the first build's program.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..filesystem import public_keys
from ..filesystem.file_lock import try_lock
from ..filesystem.public_keys import FILE_NAME
from . import tools
from .log import BuildLog
from .rpm import last_error
from .sandbox.sandbox import Sandbox
from .tasks import BuildFailed

_LOOK = 0.1  # seconds between two checks of a waiting build: is it cancelled, or out of time?


def sign(
    files: Sequence[Path], keys: Path, owner: str, project: Path, sandbox: Sandbox, log: BuildLog
) -> None:
    """Sign RPMs with the key of their owner, and publish the public key.

    :param files: the RPMs; they must be outside the folders that the build can write.
    :param keys: folder of the keys, with one folder for each owner.
    :param owner: name of the user, or of the group with its `@`; a key is made if it has none.
    :param project: folder in which `pubkey.gpg` is published, and in the main directory of its project.
    :param sandbox: the build's sandbox; gpg and rpmsign run outside it, but within its time limit.
    :param log: the build's log.
    :raises BuildFailed: gpg or rpmsign is not installed or failed, or the build's time is up.
    :raises BuildCancelled: the build was cancelled.
    :raises OSError: the folder of the keys or of the project cannot be written.
    :source: rpmsign(8)
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
    # The copr plugin of dnf 5 looks for the key in the main directory of a project only.
    public_keys.publish(home, project.with_name(project.name.partition(":")[0]))
    log.line(f"Signed by {_identity(owner)}")


@contextmanager
def alone(home: Path, sandbox: Sandbox) -> Iterator[None]:
    """Hold the lock of a key, as a context manager; wait while another build holds it.

    :param home: folder of the key.
    :param sandbox: the sandbox of the build that waits.
    :returns: None, while the lock is held.
    :raises BuildFailed: the build's time is up.
    :raises BuildCancelled: the build was cancelled.
    :raises OSError: the folder of the keys cannot be written.
    """
    home.parent.mkdir(mode=0o700, exist_ok=True)
    while (lock := try_lock(home.with_name(f".{home.name}.lock"))) is None:
        sandbox.check()
        time.sleep(_LOOK)
    with lock:
        try:
            yield
        finally:
            Path(lock.name).unlink()


def _identity(owner: str) -> str:
    """Return the email address in the key of an owner."""
    return f"{owner.removeprefix('@')}@copr.localhost"


def _make_key(home: Path, owner: str, sandbox: Sandbox, log: BuildLog) -> None:
    """Make an owner's key and its folder, if they do not exist."""
    if (home / FILE_NAME).exists():
        return
    gpg = tools.require("gpg").path
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
    """Give a folder a short path: gpg's agent has a socket there, and its path is at most 107 bytes long."""
    with tempfile.TemporaryDirectory(prefix="copr-local-") as folder:
        link = Path(folder) / "gpg"
        os.symlink(home, link)
        yield link


def _run(command: Sequence[str], sandbox: Sandbox, log: BuildLog) -> None:
    """Run gpg or rpmsign; if it fails, log its output and raise `BuildFailed`."""
    output = bytearray()
    status = sandbox.run_outside(command, output.extend)
    if status != 0:
        log.write(bytes(output))
        reason = last_error(output.decode(errors="replace")) or f"{Path(command[0]).name}: {status}"
        raise BuildFailed(f"the packages cannot be signed: {reason}")
