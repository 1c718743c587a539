"""Calls that submit modules, on services of the time when there were modules (2020).

Rules: such services have no way to look for a module build, so a lost answer is CoprSubmissionUnknown.
"""

from __future__ import annotations

import os

from ..._calls import path as path_of
from ..._calls import record
from ..._submission import Submission
from ..._typing import TYPE_CHECKING
from ..._wire import Call, FilePart

if TYPE_CHECKING:
    from ...results import Module


def build_from_url(
    ownername: str, projectname: str, url: str, branch: str = "master", distgit: str | None = None
) -> Call[Module]:
    """Submit a build of a module, by the address of its repository.

    `ownername`: a user, or a group as "@name"; `url`: a git repository; `branch`: in it; `distgit`: the
    dist-git instance's name.

    Returns a record with `nsv`, the module's name, stream and version.

    Raises CoprAuthException without credentials or permission, CoprUnknownResponseException where the service
    no longer builds modules, CoprRequestException where it refuses this one, CoprConnectionException or
    CoprTimeoutException where it is not reached, CoprSubmissionUnknown where the answer was lost. Source:
    POST /module/build/OWNER/PROJECT
    """
    document = {"scmurl": url, "branch": branch, "distgit": distgit}
    return Submission(
        "POST", path_of("module", "build", ownername, projectname), json=document, decode=record
    )


def build_from_file(
    ownername: str, projectname: str, path: str | os.PathLike[str], distgit: str | None = None
) -> Call[Module]:
    """Submit a build of a module, from a local modulemd file.

    `path`: the file; the other parameters are those of `build_from_url`.

    Returns and raises what `build_from_url` does; CoprValidationException also where the file cannot be read.
    Source: POST /module/build/OWNER/PROJECT
    """
    part = FilePart("modulemd", path, os.path.basename(os.fspath(path)), "application/x-rpm")
    return Submission(
        "POST",
        path_of("module", "build", ownername, projectname),
        json={"distgit": distgit},
        files=[part],
        decode=record,
    )
