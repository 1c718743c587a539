"""The installation of packages into a root, in two phases: scriptlets of packages are strangers' programs.

1. dnf resolves and downloads, with the network. No program of a package runs, and the root is read-only.
2. rpm installs, without network, and sees only the downloaded packages, read-only. Scriptlets run as root of
   a user namespace with ids of its own.

A base root is installed by this machine's rpm, which sees the programs of this machine, or by the rpm of a
bootstrap root, which sees that. What is installed above it is installed by the root's own rpm, and sees
nothing but the root.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ..log import Tail
from ..result_logs import PartLog
from ..tasks import BuildFailed, Repository
from .answers import Answers, Package
from .configuration import Configuration, for_dnf, keys, place_of
from .namespace import CAPABILITIES, PLACE, ROOT, Folders, in_memory
from .session import Session
from .store import Store
from .tools import Tools

DATABASE = "/usr/lib/sysimage/rpm"  # where Fedora has its rpm database

_PLUGIN = Path(__file__).with_name("plugin")
_TREE = "/root-of-build"  # where dnf and this machine's rpm see the root
_CACHE = "/var/cache/dnf"
_DATABASE_COPY = "/run"  # where the root has an empty folder in memory
# systemd-resolved makes the file a link to one of its own, which exists only while it runs. Builds with
# network get the file of this machine in its place.
_UNLINK_RESOLVER = "{ [ ! -L /etc/resolv.conf ] || { rm /etc/resolv.conf && : > /etc/resolv.conf; }; }"
_COPY_DATABASE = f'''cp -r "$1/." {_TREE}{_DATABASE_COPY} && shift && exec "$@"'''
_DEVICES = ["--proc", "/proc", "--dev", "/dev"]

_NO_PACKAGE = re.compile(r"^Error: No package provides: (.+)$", re.MULTILINE)
_NOTHING_PROVIDES = re.compile(r"nothing provides requested (.+)$", re.MULTILINE)
_NO_MATCH = re.compile(r"^No match for argument: (.+)$", re.MULTILINE)
_NO_GROUP = re.compile(r"^Module or Group '(.+)' (?:is not available|does not exist)", re.MULTILINE)
_UNTRUSTED = re.compile(r"^((?:Package|Public key for) .+ is not (?:signed|installed))", re.MULTILINE)
_ERROR = re.compile(r"^Error:((?:.*\n?){1,6})", re.MULTILINE)


class Installer:
    """Installs packages from the repositories of a chroot and of a build.

    :param session: runs programs for the build.
    :param store: the roots.
    :param configuration: the configuration of the chroot.
    :param repositories: the repositories of the build.
    :param log: takes the output of dnf and rpm.
    """

    def __init__(
        self,
        session: Session,
        store: Store,
        configuration: Configuration,
        repositories: Sequence[Repository],
        log: PartLog,
    ) -> None:
        self._session = session
        self._store = store
        self._configuration = configuration
        self._repositories = repositories
        self._log = log
        self._run = itertools.count()
        self._answers = Answers(store, repositories)
        self._about: list[str] | None = None  # what the last answer of dnf is about

    def folders(self, *, with_build: bool) -> dict[str, Path]:
        """Return the folders of this machine that are repositories, by the names of the repositories.

        :param with_build: True for those of the build, too.
        :returns: the folders.
        :raises BuildFailed: one of them is not a repository; the text names it.
        """
        found = self._configuration.folders()
        if with_build:
            found |= {each.id: each.folder for each in self._repositories if each.folder is not None}
        for name, folder in found.items():
            if not (folder / "repodata/repomd.xml").is_file():
                shown = f"the repository {name} cannot be read"
                raise BuildFailed(f"{shown}: {folder} has no metadata (repodata/repomd.xml)")
        return found

    def shown_repositories(self, *, with_build: bool = True) -> tuple[dict[str, Path], list[str]]:
        """Return what shows dnf the repositories and keys that are on this machine.

        :param with_build: True for the repositories of the build, too.
        :returns: the folders and files, by the names that they get in a namespace, and options of bwrap.
        :raises BuildFailed: one of the folders is not a repository; the text names it.
        """
        places = {place_of(folder): folder for folder in self.folders(with_build=with_build).values()}
        named: dict[str, Path] = {}
        options: list[str] = []
        for name, where, path in (
            *((f"repository{index}", *pair) for index, pair in enumerate(self._shown(places))),
            *((f"key{index}", str(key), key) for index, key in enumerate(keys(self._configuration))),
        ):
            named[name] = path
            options += ["--ro-bind", f"{PLACE}/{name}", where]
        return named, options

    def dnf(
        self,
        layers: Sequence[Path],
        command: Sequence[str],
        *,
        tools: Tools,
        database: str = DATABASE,
        is_new: bool = False,
    ) -> list[Package]:
        """Run the first phase: a command of dnf, which resolves and downloads.

        :param layers: the root that it is for, the topmost layer first.
        :param command: command of dnf and its arguments.
        :param tools: the dnf to run.
        :param database: folder of the rpm database in the root.
        :param is_new: True for an empty folder, which will become a base root: it gets an rpm database with
            the keys that dnf imports, and only packages of the chroot. False for a root that is read-only,
            and all repositories of the build.
        :returns: the packages that are to be installed, if the command installs any.
        :raises BuildFailed: dnf failed; the text names what is missing.
        :raises BuildCancelled: the build was cancelled.
        """
        program = tools.dnf()
        answer = self._folder("answer")
        imports_keys = not is_new and self._configuration.has_keys
        settings = self._settings(_DATABASE_COPY if imports_keys else database, with_build=not is_new)
        named = {"answer": answer, "settings": settings, "cache": self._store.cache, "plugin": _PLUGIN}
        named["resolver"] = self._session.sandbox.work / "resolv.conf"
        named |= tools.folders()
        view = [
            *tools.for_dnf(),
            *(*_DEVICES, *in_memory("/tmp", "/var", "/run"), "--dir", "/var/log"),  # noqa: S108
            *("--bind" if is_new else "--ro-bind", ROOT, _TREE),
            *(() if is_new else ("--tmpfs", f"{_TREE}/var/log", "--tmpfs", f"{_TREE}/var/lib/dnf")),
            *(in_memory(f"{_TREE}{_DATABASE_COPY}") if imports_keys else ()),
            *("--bind", f"{PLACE}/cache", _CACHE, "--bind", f"{PLACE}/cache", f"{_TREE}{_CACHE}"),
            *("--bind", f"{PLACE}/answer", "/answer", "--ro-bind", f"{PLACE}/plugin", "/plugin"),
            *("--ro-bind", f"{PLACE}/settings", "/settings"),
            *("--ro-bind-try", f"{PLACE}/resolver", tools.resolver),
            *CAPABILITIES,
        ]
        repositories, options = self.shown_repositories(with_build=not is_new)
        named |= repositories
        view += options
        # A change of modules has nothing to download, and is not made with this option.
        options_of_command = [] if command[0] == "module" else ["--downloadonly"]
        whole = [program, *self._options(), *options_of_command, *command]
        if imports_keys:
            # dnf imports a key with the first package that it has signed, and the root must not change.
            whole = ["sh", "-c", _COPY_DATABASE, "sh", f"{_TREE}{database}", *whole]
        self._log.line(f"Running dnf {' '.join(command)}")
        tail = Tail(self._log)
        with self._store.locked("cache", self._session.sandbox.check):
            status = self._session.run(
                Folders(named, layers),
                view,
                whole,
                tail,
                environment={"COPR_LOCAL_TRANSACTION": "/answer/transaction", "HOME": "/settings"},
                network=True,
            )
        if status != 0:
            raise BuildFailed(_reason(tail.text, status))
        places = {place_of(folder): folder for folder in self.folders(with_build=not is_new).values()}
        return self._answer(answer / "transaction", places)

    def resolve(
        self, layers: Sequence[Path], command: Sequence[str], tools: Tools, database: str, key: str
    ) -> list[Package]:
        """Return the packages that a command of dnf installs above a root, from an earlier run if possible.

        :param layers: the root, the topmost layer first.
        :param command: command of dnf and its arguments.
        :param tools: the dnf to run.
        :param database: folder of the rpm database in the root.
        :param key: stands for what is in the root.
        :returns: the packages; they are on this machine.
        :raises BuildFailed: dnf failed; the text names what is missing.
        :raises BuildCancelled: the build was cancelled.
        """
        options = [replace(each, id="", name="", folder=None, url=None) for each in self._repositories]
        key = hashlib.sha256(repr((key, command, options)).encode()).hexdigest()[:24]
        if (known := self._answers.find(key)) is not None:
            self._log.line(f"As before: dnf {' '.join(command)}")
            return known
        state = self._answers.state()
        packages = self.dnf(layers, command, tools=tools, database=database)
        if self._about is not None:
            self._answers.keep(key, packages, self._about, state)
        return packages

    def install_base(
        self, tree: Path, packages: Sequence[Package], tools: Tools, *, checks: bool = True
    ) -> None:
        """Run the second phase for a base root.

        :param tree: the folder to install into.
        :param packages: result of `dnf`.
        :param tools: the rpm to run.
        :param checks: False to install packages that need a newer rpm, if that is all that rpm finds missing.
        :raises BuildFailed: rpm failed.
        :raises BuildCancelled: the build was cancelled.
        """
        named = {"packages": self._staged(packages), "settings": self._settings(DATABASE, with_build=False)}
        named |= tools.folders()
        view = [
            *tools.for_rpm(),
            *(*_DEVICES, *in_memory("/tmp", "/var", "/run")),  # noqa: S108
            *("--bind", ROOT, _TREE, "--proc", f"{_TREE}/proc", "--dev", f"{_TREE}/dev"),
            *("--ro-bind", f"{PLACE}/packages", "/packages", "--ro-bind", f"{PLACE}/settings", "/settings"),
            *CAPABILITIES,
        ]
        options = f"--root {_TREE}{'' if checks else ' --nodeps'}"
        self._rpm(Folders(named, [tree]), view, options, "/packages", {"HOME": "/settings"})

    def install_layer(
        self, layers: Sequence[Path], changes: Path | None, packages: Sequence[Package]
    ) -> None:
        """Run the second phase for packages above a base root, with the root's own rpm.

        :param layers: the root, the topmost layer first.
        :param changes: the folder that takes what is written; None to write into the only layer.
        :param packages: result of `dnf`.
        :raises BuildFailed: rpm failed.
        :raises BuildCancelled: the build was cancelled.
        """
        view = [
            *("--bind", ROOT, "/", *_DEVICES, *in_memory("/run", "/tmp"), "--remount-ro", "/dev"),  # noqa: S108
            *("--ro-bind", f"{PLACE}/packages", "/run/packages", "--chdir", "/", *CAPABILITIES),
        ]
        folders = Folders({"packages": self._staged(packages)}, layers, changes)
        self._rpm(
            folders,
            view,
            "--define '_netsharedpath /proc:/dev:/sys'",
            "/run/packages",
            {"HOME": "/root"},
            then=_UNLINK_RESOLVER,
        )

    def _rpm(
        self,
        folders: Folders,
        view: Sequence[str],
        options: str,
        packages: str,
        environment: dict[str, str],
        then: str = ":",
    ) -> None:
        """Run `rpm --upgrade` for all packages in a folder, and a command of the shell after that."""
        documentation = "" if self._configuration.has_docs else "--excludedocs "
        common = f"--upgrade --oldpackage --replacepkgs --nosignature --noplugins {documentation}--verbose"
        foreign = "" if self._configuration.chroot.arch == os.uname().machine else "--ignorearch "
        script = f"rpm {options} {foreign}{common} {packages}/*.rpm && {then}"
        tail = Tail(self._log)
        status = self._session.run(
            folders, view, ["sh", "-c", script], tail, environment=environment, installs=True
        )
        if status != 0:
            lines = [line for line in tail.text.splitlines() if line.startswith(("error:", "\t"))]
            reason = " ".join(line.strip() for line in lines[-5:]) or tail.last_line
            raise BuildFailed(f"rpm could not install the packages of the root: {reason}")

    def _folder(self, name: str) -> Path:
        """Create a folder for the files of one run."""
        return self._store.folder(self._session.scratch(f"{name}-{next(self._run)}"))

    def _shown(self, places: Mapping[str, Path]) -> list[tuple[str, Path]]:
        """Return what dnf has to see of repositories: paths in its view, and folders of this machine.

        Packages of a build's repositories may be next to it, in the folder of the chroot.
        """
        of_build = {each.folder for each in self._repositories}
        return sorted(
            (os.path.dirname(place), folder.parent) if folder in of_build else (place, folder)
            for place, folder in places.items()
        )

    def _settings(self, database: str, *, with_build: bool) -> Path:
        """Write the configuration of dnf, and a home folder with that of rpm: the place of its database."""
        folder = self._folder("settings")
        repositories = self._repositories if with_build else ()
        (folder / "dnf.conf").write_text(for_dnf(self._configuration, repositories))
        (folder / ".rpmmacros").write_text(f"%_dbpath {database}\n%_netsharedpath /proc:/dev:/sys\n")
        return folder

    def _options(self) -> list[str]:
        """Return the options of dnf for all commands."""
        chroot = self._configuration.chroot
        return [
            *("--config=/settings/dnf.conf", f"--installroot={_TREE}", f"--releasever={chroot.version}"),
            *(f"--setopt=cachedir={_CACHE}", "--setopt=logdir=/var/log", "--setopt=persistdir=/var/lib/dnf"),
            *(() if chroot.arch == os.uname().machine else (f"--forcearch={chroot.arch}",)),
            "--assumeyes",
        ]

    def _answer(self, file: Path, places: dict[str, Path]) -> list[Package]:
        """Return the packages that dnf resolved, with their paths on this machine."""
        try:
            answer = json.loads(file.read_bytes())
        except FileNotFoundError:
            answer = {"packages": [], "about": None}
        self._about = answer["about"]
        known = {**places, _CACHE: self._store.cache, f"{_TREE}{_CACHE}": self._store.cache}
        found = []
        for name, where, checksum in answer["packages"]:
            inside = next(inside for inside in known if where.startswith(f"{inside}/"))
            found.append(Package(name, known[inside] / where.removeprefix(f"{inside}/"), checksum))
        return found

    def _staged(self, packages: Sequence[Package]) -> Path:
        """Put the packages into one folder, which is all that rpm sees of the downloads."""
        folder = self._folder("packages")
        for index, package in enumerate(packages):
            target = folder / f"{index:04d}-{package.path.name}"
            try:
                os.link(package.path, target)
            except OSError:  # another file system, or another owner
                shutil.copyfile(package.path, target)
        return folder


def _reason(output: str, status: int) -> str:
    """Return the reason why dnf failed, in one line."""
    missing: list[str] = []
    for pattern in (_NO_PACKAGE, _NOTHING_PROVIDES):
        for found in pattern.findall(output):
            missing += [found.strip()]
    if missing:
        return (
            f"missing BuildRequires: {', '.join(dict.fromkeys(missing))}: no repository of this build has it"
        )
    if unmatched := [*_NO_MATCH.findall(output), *(f"@{name}" for name in _NO_GROUP.findall(output))]:
        return f"no repository of this chroot has {', '.join(dict.fromkeys(unmatched))}"
    if untrusted := _UNTRUSTED.findall(output):
        return f"dnf refuses packages because of gpgcheck: {', '.join(dict.fromkeys(untrusted))}"
    found = _ERROR.findall(output)
    text = " ".join(found[-1].split()) if found else ""
    with suppress(IndexError):
        text = text or output.strip().splitlines()[-1].strip()
    return f"dnf exited with {status}: {text}"[:1000]
