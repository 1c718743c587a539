"""The user namespaces of roots: which ids of this machine a root has, and the command that enters one.

There are three modes. In all of them, what a root's programs own belongs to ids that no user of this machine
has, as far as the machine allows:

- The service is root: a range of 65,536 ids that belongs to this data folder.
- The service is a user with a range in `/etc/subuid` and `/etc/subgid`: these ids, by `newuidmap`.
- The service has one id: root in a root is this id, and the seccomp filter lets `chown` succeed.

The build itself never runs as root of its namespace. Its id on this machine is that of its sandbox, as in a
build without a root.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..sandbox import enter, seccomp
from ..sandbox.machine import PATH
from ..sandbox.network import isolated_network
from ..tasks import BuildFailed

BUILD_USER = 1000  # the id that mock gives to its build user, too
PLACE = enter.PLACE
ROOT = f"{PLACE}/root"


def only_capabilities(*names: str) -> list[str]:
    """Return the options that leave a program some capabilities, which count in its namespace only.

    :param names: names of capabilities, without `CAP_`.
    :returns: options of bwrap, which otherwise leaves all capabilities to root.
    """
    return ["--cap-drop", "ALL", *(part for name in names for part in ("--cap-add", f"CAP_{name}"))]


# What scriptlets of a distribution need.
CAPABILITIES = only_capabilities(
    *(
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "SETFCAP",
        "SETGID",
        "SETUID",
        "SYS_CHROOT",
    )
)

_LARGEST_IN_MEMORY = str(256 * 1024**2)  # bytes
_IDS = 65_536
# A part of the range that systemd leaves to containers; systemd.io/UIDS-GIDS lists all.
_FIRST, _LAST = 0x10000000, 0x60000000
_ONE_FOR_ALL = 61_183  # the last of the ids that sandboxes use

Map = tuple[tuple[int, int, int], ...]


@dataclass(frozen=True)
class Ids:
    """The ids of this machine that a namespace has.

    :param users: rows of id inside, id outside, count.
    :param groups: the same for groups.
    :param owner: id outside of root inside, if the service is root; else None.
    :param mappers: paths of `newuidmap` and `newgidmap` by these names; None if the service writes the maps.
    """

    users: Map
    groups: Map
    owner: int | None = None
    mappers: Mapping[str, str] | None = None

    @property
    def is_single(self) -> bool:
        """True if there is only one id."""
        return len(self.users) == 1 and self.users[0][2] == 1

    def for_build(self, user_id: int) -> Ids:
        """Return the ids of the namespace that a build runs in.

        :param user_id: the user and group id of the build on this machine.
        :returns: the ids; the build user inside is this id.
        """
        if self.owner is None:
            return self
        if self.is_single:
            row = ((0, user_id, 1),)
            return Ids(row, row, user_id)
        rows = _with_user(self.owner, user_id, is_own=True)
        return Ids(rows, rows, self.owner)


def find_ids(data: Path) -> Ids:
    """Return the ids that the roots of a data folder have on this machine.

    :param data: the folder of the roots; a service of root has a range of its own for each.
    :returns: the best that this machine allows.
    :raises BuildFailed: there is only one id, and `chown` cannot be answered on this machine's architecture.
    """
    if os.geteuid() == 0:
        first = _range_of(data)
        if _are_there(first, _IDS):
            rows = ((0, first, _IDS),)
            return Ids(rows, rows, first)
        return _single(_ONE_FOR_ALL, _ONE_FOR_ALL, owner=_ONE_FOR_ALL)
    user, group = os.geteuid(), os.getegid()
    mappers = {name: shutil.which(name, path=PATH) for name in ("newuidmap", "newgidmap")}
    users, groups = _subordinate("/etc/subuid", user), _subordinate("/etc/subgid", user)
    found = {name: path for name, path in mappers.items() if path is not None}
    if users is not None and groups is not None and len(found) == len(mappers):
        return Ids(_with_user(users, user), _with_user(groups, group), None, found)
    return _single(user, group)


def _single(user: int, group: int, owner: int | None = None) -> Ids:
    """Return the ids of a namespace that has only one."""
    if seccomp.lack() is not None:
        raise BuildFailed(
            f"roots need more than one id on {os.uname().machine}: apt-get install uidmap / dnf install"
            " shadow-utils, and a range of 65536 ids for this user in /etc/subuid and /etc/subgid"
        )
    return Ids(((0, user, 1),), ((0, group, 1),), owner)


def _with_user(first: int, user: int, *, is_own: bool = False) -> Map:
    """Return a map of ids from `first`, in which the build user is `user`.

    `is_own` is True if the id in the range that the build user has in other namespaces is left out.
    """
    after = first + BUILD_USER + (1 if is_own else 0)
    return ((0, first, BUILD_USER), (BUILD_USER, user, 1), (BUILD_USER + 1, after, _IDS - BUILD_USER - 1))


def _range_of(data: Path) -> int:
    """Return the first id of the range of a data folder, which no range of `/etc/subuid` touches."""
    taken = [row for name in ("/etc/subuid", "/etc/subgid") for row in _ranges(name)]
    count = (_LAST - _FIRST) // _IDS
    begin = int.from_bytes(hashlib.sha256(os.fsencode(data.absolute())).digest()[:8])
    for turn in range(count):
        first = _FIRST + (begin + turn) % count * _IDS
        if not any(start < first + _IDS and first < start + length for _, start, length in taken):
            return first
    return _FIRST


def _ranges(name: str) -> list[tuple[str, int, int]]:
    """Return the ranges of a file such as `/etc/subuid`: user, first id, count."""
    try:
        lines = [line.split(":") for line in Path(name).read_text().splitlines()]
    except OSError:
        return []
    return [
        (line[0], int(line[1]), int(line[2]))
        for line in lines
        if len(line) == 3 and line[1].isdecimal() and line[2].isdecimal()
    ]


def _subordinate(name: str, user: int) -> int | None:
    """Return the first of the ids that a user may map, if they are enough for a root."""
    try:
        names = {str(user), pwd.getpwuid(user).pw_name}
    except KeyError:  # newuidmap refuses a user who has no name
        return None
    found = [start for who, start, count in _ranges(name) if who in names and count >= _IDS - 1]
    return found[0] if found else None


def _are_there(first: int, count: int) -> bool:
    """Return True if the user namespace of the service has all these ids."""
    rows = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    return any(int(start) <= first and first + count <= int(start) + int(length) for start, _, length in rows)


def in_memory(*places: str) -> list[str]:
    """Return the options for empty folders in memory. Nothing counts their files, so each has a limit.

    :param places: paths in the view of the program.
    :returns: options of bwrap.
    """
    return [option for place in places for option in ("--size", _LARGEST_IN_MEMORY, "--tmpfs", place)]


@dataclass(frozen=True)
class Folders:
    """The folders of this machine that a namespace shows.

    :param named: paths by name; the command finds each at `/tmp/NAME`.
    :param layers: the folders that the root is made of, the topmost first; empty to show no root.
    :param changes: folder with `upper` and `work`, which takes changes of the root; None for no changes.
    """

    named: Mapping[str, Path]
    layers: Sequence[Path] = ()
    changes: Path | None = None


def entering(
    ids: Ids,
    folders: Folders,
    command: Sequence[str],
    *,
    limits: Mapping[int, int] | None = None,
    isolator: str | None = None,
    handler: str = "",
) -> list[str]:
    """Return the command that runs another one as root of a new user namespace.

    :param ids: the ids of the namespace.
    :param folders: what it shows, besides the files of this machine outside of `/tmp`.
    :param command: program and arguments; bwrap, if the root is shown. The program is a path: to search for
        it, Python would import a module, which the ids of the namespace may not be allowed to read.
    :param limits: resource limits by their numbers in the module `resource`; None for the service's own.
    :param isolator: the program that connects a network of its own; None for that of this machine.
    :param handler: line for `binfmt_misc`, so that programs for another architecture run; empty for none.
    :returns: program and arguments.
    """
    layers = {f"layer{index}": path for index, path in enumerate(folders.layers)}
    changes = {} if folders.changes is None else {"changes": folders.changes}
    instructions = {
        "ids": ids.users,
        "groups": ids.groups,
        "owner": ids.owner,
        "mappers": None if ids.mappers is None else dict(ids.mappers),
        "folders": {name: str(path) for name, path in {**layers, **changes, **folders.named}.items()},
        "layers": list(layers),
        "places": _in_root(command),
        "handler": handler,
        "limits": list((limits or {}).items()),
        "network": None if isolator is None else isolated_network(isolator),
    }
    return [*enter.start(os.getpid(), instructions), *command]


def _in_root(command: Sequence[str]) -> list[str]:
    """Return the paths of the root that a command of bwrap mounts something at."""
    if ROOT not in command:
        return []
    options = command[: command.index("--")]
    where = options[options.index(ROOT) + 1].rstrip("/")
    return [each.removeprefix(where) for each in options if each.startswith(f"{where}/")]
