"""Which user a build runs as: never root.

If the service runs as root, each build gets a user id of its own. Otherwise it has the service's, which bwrap
maps into a user namespace.
"""

from __future__ import annotations

import itertools
import os
import stat
from pathlib import Path

# systemd's list of user ids leaves 60706 to 61183 unused; they also exist in a rootless container.
_FIRST_USER_ID, _USER_IDS = 60_706, 478
# The kernel counts processes per user id, so two services should start with different user ids.
_user_numbers = itertools.count(os.getpid())


def next_user_id() -> int:
    """Return the user and group id for one more build.

    :returns: the id on this machine.
    """
    return os.geteuid() or _FIRST_USER_ID + next(_user_numbers) % _USER_IDS


def become(user_id: int) -> list[str]:
    """Return the command with which root runs a program as another user, without capabilities.

    :param user_id: user and group id.
    :returns: program and arguments; the other program follows.
    :source: setpriv(1)
    """
    return [
        *("setpriv", "--reuid", str(user_id), "--regid", str(user_id), "--clear-groups"),
        *("--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--"),
    ]


def closed_to_others(folder: Path) -> Path | None:
    """Return the first parent of a folder that other users cannot enter and read, as rpm does.

    :param folder: the folder.
    :returns: the parent; None if others can reach the folder. Parents that do not exist yet are left out.
    :raises OSError: a parent cannot be read.
    """
    parents = (path for path in reversed(folder.parents) if path.exists())
    needed = stat.S_IROTH | stat.S_IXOTH
    return next((path for path in parents if path.stat().st_mode & needed != needed), None)
