"""The roots of a build: a base root, and layers above it with what the build needs besides.

- A base root has what the configuration of the chroot installs. Its key is made of the configuration, the
  metadata of its repositories, and the ids that own it. It may be installed by a bootstrap root, which this
  machine's programs have installed; all that is installed later is downloaded by that, too.
- A layer has what dnf added for some requirements. Its key is made of the layers below and the checksums of
  the packages. So all builds that need the same packages share it.
- A layer is the upper folder of an overlay. Where the kernel allows no overlay in a user namespace, it is a
  copy of the whole root.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from ..result_logs import ResultLogs
from ..tasks import BuildFailed
from .answers import Package
from .configuration import Configuration
from .install import DATABASE, Installer
from .namespace import CAPABILITIES, PLACE, ROOT, Folders
from .overlay import overlay_works, prepare_changes
from .session import Session
from .store import Store
from .tools import Tools, has_newer_rpm

_FORMAT = "2"  # changes with what this module puts into a root
_ABOUT = "about.json"
_BOOTSTRAPPED = "bootstrapped"  # a file that exists if a bootstrap root has installed the root
_MODULE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*(:[A-Za-z0-9_.+-]+)?(/[A-Za-z0-9_.+-]+)?")

# Run in a new base root by its own shell. It prints what else is to be known of the root, as JSON.
_PREPARE = """
set -e
mkdir -p /builddir /proc /sys /dev /run /tmp /var/tmp /var/log /var/lib/dnf /var/cache/dnf /root
chmod 1777 /tmp /var/tmp
rm -f /etc/resolv.conf /etc/hosts
: > /etc/resolv.conf
: > /etc/hosts
user='mockbuild:x:1000:1000::/builddir:/bin/sh'
grep -q '^mockbuild:' /etc/passwd 2>/dev/null || echo "$user" >> /etc/passwd
grep -q '^mockbuild:' /etc/group 2>/dev/null || echo 'mockbuild:x:1000:' >> /etc/group
database=$(rpm --eval '%_dbpath')
mkdir -p "$database" "$1"
if ! [ "$database" -ef "$1" ]; then
    cp -a "$1"/. "$database"/
    rm -rf "$1"
fi
[ -n "$(rpm --query --all | head -n 1)" ] || { echo 'the database of rpm is empty' >&2; exit 1; }
command -v "$2" >/dev/null || { echo "$2 is not installed" >&2; exit 1; }
if command -v setpriv >/dev/null; then setpriv=true; else setpriv=false; fi
echo "{\\"database\\": \\"$database\\", \\"setpriv\\": $setpriv}"
"""


@dataclass(frozen=True)
class Root:
    """A root that is complete and does not change.

    :param layers: its folders, the topmost first.
    :param key: stands for what is in it.
    :param database: folder of its rpm database.
    :param has_setpriv: True if it has the program `setpriv`.
    :param tools: the dnf that installs more into it.
    """

    layers: tuple[Path, ...]
    key: str
    database: str
    has_setpriv: bool
    tools: Tools


class Roots:
    """Makes the roots of one build, or finds them among those that were made.

    :param session: runs programs for the build.
    :param store: the roots of the service.
    :param configuration: the configuration of the chroot.
    :param installer: installs packages.
    :param logs: take what is done.
    :param stack: keeps the roots in use until the build has ended.
    """

    def __init__(
        self,
        session: Session,
        store: Store,
        configuration: Configuration,
        installer: Installer,
        logs: ResultLogs,
        stack: ExitStack,
    ) -> None:
        self._session = session
        self._store = store
        self._configuration = configuration
        self._installer = installer
        self._logs = logs
        self._stack = stack

    def base(self) -> Root:
        """Return the base root of the chroot.

        :returns: the root.
        :raises BuildFailed: it cannot be installed.
        :raises BuildCancelled: the build was cancelled.
        """
        key = _key(
            _FORMAT,
            repr(self._configuration),
            repr(self._store.ids),
            self._metadata(),
        )
        with self._logs.phase("base root"):
            made = self._enter(f"base-{key}", self._make_base)
        about = json.loads((made / _ABOUT).read_bytes())
        tools = self._bootstrap() if (made / _BOOTSTRAPPED).exists() else Tools()
        return Root((made / "tree",), key, about["database"], about["setpriv"], tools)

    def with_requirements(self, root: Root, command: Sequence[str]) -> Root:
        """Return a root in which dnf has installed something more.

        :param root: the root to begin with.
        :param command: command of dnf and its arguments.
        :returns: the same root if there was nothing to install.
        :raises BuildFailed: a requirement is missing, or cannot be installed.
        :raises BuildCancelled: the build was cancelled.
        """
        with self._logs.phase(f"dnf {command[0]}"):
            packages = self._installer.resolve(root.layers, command, root.tools, root.database, root.key)
        if not packages:
            return root
        self._logs.root.line(f"Needed: {', '.join(package.name for package in packages)}")
        key = _key(root.key, *(package.checksum for package in packages))
        with self._logs.phase(f"install {len(packages)} packages"):
            made = self._enter(f"layer-{key}", lambda partial: self._make_layer(partial, root, packages))
        layers = (made / "upper", *root.layers) if (made / "upper").is_dir() else (made / "tree",)
        return replace(root, layers=layers, key=key)

    def _enter(self, name: str, make: Callable[[Path], None]) -> Path:
        """Return a root of the store, which stays in use until the build ends."""
        return self._stack.enter_context(self._store.using(name, make, self._session.sandbox.check))

    def _metadata(self) -> str:
        """Return a text that changes when the repositories of the chroot change."""
        files = [
            folder / "repodata/repomd.xml" for folder in self._installer.folders(with_build=False).values()
        ]
        if not self._configuration.is_local():
            tree = self._store.folder(self._session.scratch("empty"))
            self._installer.dnf([tree], ["makecache"], tools=Tools(), is_new=True)
            for name in self._configuration.repositories:
                files += self._store.cache.glob(f"{name}-{'[0-9a-f]' * 16}/repodata/repomd.xml")
        return " ".join(sorted(hashlib.sha256(file.read_bytes()).hexdigest() for file in files))

    def _make_base(self, partial: Path) -> None:
        """Install a base root."""
        self._logs.root.line(f"Installing a base root: {' '.join(self._configuration.install)}")
        tree = partial / "tree"
        tools = self._bootstrap() if self._configuration.bootstrap == "on" else Tools()
        packages = self._resolve(tree, tools)
        if self._configuration.bootstrap == "auto" and self._has_newer_rpm(packages):
            self._logs.root.line("The rpm of the distribution is newer than that of this machine")
            tools = self._bootstrap()
            packages = self._resolve(tree, tools)
        with self._session.sandbox.counting(partial):
            self._installer.install_base(tree, packages, tools)
        self._prepare(partial, "rpmbuild")
        if tools.tree is not None:
            (partial / _BOOTSTRAPPED).touch()

    def _resolve(self, tree: Path, tools: Tools) -> list[Package]:
        """Make an empty base root with the modules of the build, and download its packages."""
        self._store.remove(tree)
        self._store.folder(tree)
        for module in self._configuration.modules:
            name = module.removeprefix("!")
            if not _MODULE.fullmatch(name):
                raise BuildFailed(f"{module!r} is not a valid module: write it as NAME:STREAM")
            change = "disable" if module.startswith("!") else "enable"
            self._installer.dnf([tree], ["module", change, name], tools=tools, is_new=True)
        return self._installer.dnf(
            [tree], ["install", *self._configuration.install], tools=tools, is_new=True
        )

    def _has_newer_rpm(self, packages: Sequence[Package]) -> bool:
        """Return True if the rpm among some packages is newer than that of this machine."""
        _, version = self._session.sandbox.read(["rpm", "--version"])
        return has_newer_rpm([package.name for package in packages], version)

    def _bootstrap(self) -> Tools:
        """Return dnf and rpm of the bootstrap root; it is made if needed, and kept like other roots."""
        plain = replace(self._configuration, install=(), modules=(), bootstrap="")
        key = _key(_FORMAT, repr(plain), repr(self._store.ids), self._metadata())
        with self._logs.phase("bootstrap root"):
            return Tools(self._enter(f"bootstrap-{key}", self._make_bootstrap) / "tree")

    def _make_bootstrap(self, partial: Path) -> None:
        """Install a bootstrap root, with the programs of this machine."""
        wanted = self._configuration.bootstrap_install
        self._logs.root.line(f"Installing a bootstrap root: {' '.join(wanted)}")
        tree = self._store.folder(partial / "tree")
        packages = self._installer.dnf([tree], ["install", *wanted], tools=Tools(), is_new=True)
        with self._session.sandbox.counting(partial):
            self._installer.install_base(tree, packages, Tools(), checks=False)
        self._prepare(partial, "dnf-3")

    def _prepare(self, partial: Path, program: str) -> None:
        """Make the files that each root has, check that it has a program, and write what is known of it."""
        tree = partial / "tree"
        view = ["--bind", ROOT, "/", "--proc", "/proc", "--dev", "/dev", "--chdir", "/", *CAPABILITIES]
        prepare = ["sh", "-c", _PREPARE, "sh", DATABASE, program]
        status, answer = self._session.read(Folders({}, [tree]), view, prepare)
        lines = answer.strip().splitlines() or ["it has no shell"]
        if status != 0:
            raise BuildFailed(f"the root that was installed cannot be used: {lines[-1]}")
        (partial / _ABOUT).write_text(lines[-1] + "\n")

    def _make_layer(self, partial: Path, root: Root, packages: Sequence[Package]) -> None:
        """Install packages above a root."""
        layers, changes = self.writable(root, partial)
        with self._session.sandbox.counting(partial):
            self._installer.install_layer(layers, changes, packages)
        self._store.remove(partial / "work")
        (partial / "packages").write_text("".join(f"{package.name}\n" for package in packages))

    def writable(self, root: Root, folder: Path) -> tuple[Sequence[Path], Path | None]:
        """Make a root that can be changed, in an empty folder.

        :param root: the root to begin with; it stays as it is.
        :param folder: takes the changes, or a copy of the root where this machine mounts no overlays.
        :returns: the layers of the new root, and the folder that takes changes; None if that is the layer.
        :raises BuildFailed: the root cannot be copied.
        :raises BuildCancelled: the build was cancelled.
        """
        if overlay_works(self._session, self._store):
            return root.layers, prepare_changes(self._store, folder)
        tree = self._store.folder(folder / "tree")
        self._copy(root, tree)
        return [tree], None

    def _copy(self, root: Root, tree: Path) -> None:
        """Copy a root that has only one layer."""
        command = ["cp", "-a", f"{ROOT}/.", f"{PLACE}/tree/"]
        view = ["--bind", "/", "/", *CAPABILITIES]
        status, answer = self._session.read(Folders({"tree": tree}, root.layers), view, command)
        if status != 0:
            raise BuildFailed(f"the root cannot be copied: {answer.strip()[-300:]}")


def _key(*parts: str) -> str:
    """Return a key for some texts."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]
