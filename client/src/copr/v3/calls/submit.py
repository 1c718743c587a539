"""Calls that submit builds of files: source RPMs, spec files and binary RPMs, local or by their URLs.

`submit_source` has the calls for other sources; they can be imported from here too.

Rules: each call is a `Submission`. It is never sent twice; if its response is lost, the new build is searched
for. `buildopts` are sent as they are, except `progress_callback`, which is not sent. The caller's dict is not
changed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from ..._calls import listing, record
from ..._errors import CoprUnknownResponseException, CoprValidationException
from ..._submission import Submission
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call, FilePart, Plan
from . import _search
from .submit_source import (
    create_from_custom,
    create_from_distgit,
    create_from_pypi,
    create_from_rubygems,
    create_from_scm,
    document_of,
)

if TYPE_CHECKING:
    from ..._list import List
    from ...results import Build, Message

__all__ = [
    "check_before_build",
    "create_from_custom",
    "create_from_distgit",
    "create_from_file",
    "create_from_pypi",
    "create_from_rpm_upload",
    "create_from_rubygems",
    "create_from_scm",
    "create_from_url",
    "create_from_urls",
    "one_url",
    "the_build",
]


def create_from_urls(
    ownername: str,
    projectname: str,
    urls: Sequence[str] | str,
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Call[List[Build]]:
    """Submit a build for each of several source RPMs or spec files, by their URLs.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param urls: URLs that the service can download: a list, or one string with spaces between the URLs.
    :param buildopts: build options, as for `create_from_file`.
    :param project_dirname: a directory of the project, such as "project:custom:name". Default: the project's
        main directory.
    :returns: a list of the new builds' records, one for each URL.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service refuses a URL or an option.
    :raises CoprSubmissionUnknown: the response was lost, and the builds could not be identified.
    :raises CoprConnectionException: the service cannot be reached; nothing was submitted.
    :raises CoprTimeoutException: no connection was made in time; nothing was submitted.
    :source: ``POST /build/create/url``
    """
    each_url = urls.split() if isinstance(urls, str) else list(urls)
    pkgs = urls if isinstance(urls, str) else each_url
    document, _ = document_of(ownername, projectname, buildopts, pkgs=pkgs, project_dirname=project_dirname)
    return Submission(
        "POST",
        "/build/create/url",
        json=document,
        decode=listing,
        search=_search.builds(
            document, [_search.has_parameters({"url": url}) for url in each_url], several=True
        ),
    )


def create_from_url(
    ownername: str,
    projectname: str,
    url: str,
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Plan[Build]:
    """Submit a build of a source RPM or spec file, by its URL.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param url: one URL that the service can download.
    :param buildopts: build options, as for `create_from_file`.
    :param project_dirname: a directory of the project, such as "project:custom:name". Default: the project's
        main directory.
    :returns: the new build's record.
    :raises CoprValidationException: `url` is more than one URL.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service refuses the URL or an option.
    :raises CoprSubmissionUnknown: the response was lost, and the build could not be identified.
    :raises CoprConnectionException: the service cannot be reached; nothing was submitted.
    :raises CoprTimeoutException: no connection was made in time; nothing was submitted.
    :raises CoprUnknownResponseException: the service's response has no build.
    :source: ``POST /build/create/url``
    """
    builds = yield from create_from_urls(ownername, projectname, [one_url(url)], buildopts, project_dirname)
    return the_build(builds)


def one_url(url: str) -> str:
    """Check that a text is a single URL, and return it.

    :param url: the URL.
    :returns: `url`.
    :raises CoprValidationException: there is more than one URL. They would make several builds, and only one
        could be returned.
    """
    if len(url.split()) > 1:
        raise CoprValidationException(f"{url!r} is more than one URL. Use create_from_urls for several.")
    return url


def the_build(builds: Sequence[Build]) -> Build:
    """Return the build that was made from one URL.

    :param builds: the builds of the service's response.
    :returns: the first of them.
    :raises CoprUnknownResponseException: there is no build.
    """
    if not builds:
        raise CoprUnknownResponseException(
            "The response to POST /build/create/url has no build. Check the project before you submit again."
        )
    return builds[0]


def create_from_file(
    ownername: str,
    projectname: str,
    path: str | os.PathLike[str],
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Call[Build]:
    """Submit a build of a local source RPM or spec file.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param path: path of the file.
    :param buildopts: build options, a dict. `chroots` and `exclude_chroots`: names of chroots to build in, or
        not to build in. `timeout`: seconds for each chroot. `background`: true to let other builds go first.
        `enable_net`: whether the build may use the network. `with_build_id`: join the batch of this build.
        `after_build_id`: start when the batch of this build has finished. `bootstrap` and `isolation`: how
        mock sets up the chroot. `progress_callback`: a function that is called for each block that is sent,
        with a MultipartEncoderMonitor (`bytes_read` and `len`, in bytes).
    :param project_dirname: a directory of the project, such as "project:custom:name". Default: the project's
        main directory.
    :returns: the new build's record.
    :raises CoprValidationException: `path` is not a path.
    :raises CoprFileException: the file cannot be read. If it does not exist: CoprFileNotFound.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service refuses the file or an option.
    :raises CoprSubmissionUnknown: the response was lost, and the build could not be identified.
    :raises CoprConnectionException: the service cannot be reached; nothing was submitted.
    :raises CoprTimeoutException: no connection was made in time; nothing was submitted.
    :source: ``POST /build/create/upload``
    """
    return _upload("/build/create/upload", ownername, projectname, path, buildopts, project_dirname)


def create_from_rpm_upload(
    ownername: str,
    projectname: str,
    path: str | os.PathLike[str],
    *,
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Call[Build]:
    """Publish a local binary RPM in a project, without building it.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param path: path of the binary RPM.
    :param buildopts: build options, as for `create_from_file`.
    :param project_dirname: a directory of the project, such as "project:custom:name". Default: the project's
        main directory.
    :returns: the new build's record.
    :raises CoprValidationException: `path` is not a path.
    :raises CoprFileException: the file cannot be read. If it does not exist: CoprFileNotFound.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist, or the service is too old for this call.
    :raises CoprUnknownResponseException: the service is too old for this call.
    :raises CoprRequestException: the service refuses the file or an option.
    :raises CoprSubmissionUnknown: the response was lost, and the build could not be identified.
    :raises CoprConnectionException: the service cannot be reached; nothing was submitted.
    :raises CoprTimeoutException: no connection was made in time; nothing was submitted.
    :source: ``POST /build/create/rpm-upload``
    """
    return _upload("/build/create/rpm-upload", ownername, projectname, path, buildopts, project_dirname)


def check_before_build(
    ownername: str,
    projectname: str,
    project_dirname: str | None = None,
    buildopts: Mapping[str, Any] | None = None,
) -> Call[Message]:
    """Check whether the service would accept a build with these options.

    No build is submitted.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param project_dirname: a directory of the project, such as "project:custom:name". Default: the project's
        main directory.
    :param buildopts: build options, as for `create_from_file`.
    :returns: a record with `message`, if the service would accept the build.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service would refuse an option.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``POST /build/check-before-build``
    """
    document, _ = document_of(ownername, projectname, buildopts, project_dirname=project_dirname)
    return Call(
        "POST", "/build/check-before-build", json=document, login=True, repeatable=True, decode=record
    )


def _upload(
    endpoint: str,
    ownername: str,
    projectname: str,
    path: str | os.PathLike[str],
    buildopts: Mapping[str, Any] | None,
    project_dirname: str | None,
) -> Submission[Build]:
    """Return the call that submits a local file to one of the endpoints for files."""
    document, progress = document_of(ownername, projectname, buildopts, project_dirname=project_dirname)
    try:
        name = os.path.basename(os.fspath(path))
    except TypeError as cause:
        raise CoprValidationException(f"{path!r} is not the path of one file.") from cause
    return Submission(
        "POST",
        endpoint,
        json=document,
        files=[FilePart("pkgs", path, name, "application/x-rpm")],
        progress=progress,
        decode=record,
        search=_search.builds(document, [_search.has_parameters({"pkg": name})], several=False),
    )
