"""Calls that submit modules, on services that still build modules (those of 2020).

Rules: such a service cannot list module builds, so a lost response raises CoprSubmissionUnknown.
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
    """Submit a build of a module from a git repository.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param url: URL of the git repository that has the modulemd file.
    :param branch: branch of that repository.
    :param distgit: name of the dist-git instance. Default: the service's choice.
    :returns: a record with `nsv`: name, stream and version of the module, in one text.
    :raises CoprValidationException: a name is empty, "." or "..".
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprUnknownResponseException: the service no longer builds modules.
    :raises CoprRequestException: the service refuses the module.
    :raises CoprSubmissionUnknown: the response was lost; the module may be submitted.
    :raises CoprConnectionException: the service cannot be reached; nothing was submitted.
    :raises CoprTimeoutException: no connection was made in time; nothing was sent.
    :source: ``POST /module/build/{ownername}/{projectname}``
    """
    document = {"scmurl": url, "branch": branch, "distgit": distgit}
    return Submission(
        "POST", path_of("module", "build", ownername, projectname), json=document, decode=record
    )


def build_from_file(
    ownername: str, projectname: str, path: str | os.PathLike[str], distgit: str | None = None
) -> Call[Module]:
    """Submit a build of a module from a local modulemd file.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param path: path of the modulemd file (YAML).
    :param distgit: name of the dist-git instance. Default: the service's choice.
    :returns: a record with `nsv`: name, stream and version of the module, in one text.
    :raises CoprValidationException: a name is empty, "." or "..".
    :raises CoprFileException: the file cannot be read.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprUnknownResponseException: the service no longer builds modules.
    :raises CoprRequestException: the service refuses the module.
    :raises CoprSubmissionUnknown: the response was lost; the module may be submitted.
    :raises CoprConnectionException: the service cannot be reached; nothing was submitted.
    :raises CoprTimeoutException: no connection was made in time; nothing was sent.
    :source: ``POST /module/build/{ownername}/{projectname}``
    """
    part = FilePart("modulemd", path, os.path.basename(os.fspath(path)), "application/x-rpm")
    return Submission(
        "POST",
        path_of("module", "build", ownername, projectname),
        json={"distgit": distgit},
        files=[part],
        decode=record,
    )
