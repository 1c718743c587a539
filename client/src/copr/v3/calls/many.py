"""Plans for many builds: submit them in batches, cancel them, and repeat the chroots that failed."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable, Mapping, Sequence

from ..._calls import needing
from ..._errors import CoprAuthException, CoprException, CoprNoResultException, CoprValidationException
from ..._list import List
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Plan, Step, Together
from . import build, build_chroot, submit
from ._states import FINAL_STATES

if TYPE_CHECKING:
    from ...results import Build


def create_in_order(
    ownername: str,
    projectname: str,
    batches: Iterable[Iterable[str | os.PathLike[str]]],
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Plan[List[Build]]:
    """Submit builds in batches.

    A batch starts when all builds of the batch before have finished. The service does the waiting: this
    returns when everything is submitted. A batch also starts if builds of the batch before have failed. After
    an error, the builds submitted so far remain; the notes of the exception have their ids.

    :param ownername: name of a user, or of a group as "@name".
    :param projectname: name of the project.
    :param batches: the batches in their order. A batch is a list of source RPMs or spec files, each a URL
        (http, https, ftp) or a local path; a text is a batch of one.
    :param buildopts: build options, as for `create_from_file`. `after_build_id` applies to the first batch;
        `with_build_id` adds the first batch to the batch of that build.
    :param project_dirname: a directory of the project, such as "project:custom:name". Default: the project's
        main directory.
    :returns: the new builds in one list, in the order given.
    :raises CoprFileException: a file cannot be read.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: the project does not exist.
    :raises CoprRequestException: the service refuses a source or an option.
    :raises CoprSubmissionUnknown: a response was lost, and the build could not be identified.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: no connection was made in time.
    :source: ``POST /build/create/upload``, ``POST /build/create/url``
    """
    options = dict(buildopts or {})
    builds: list[Build] = []
    after = options.pop("after_build_id", None)
    together = options.pop("with_build_id", None)
    try:
        for batch in batches:
            # The first build of a batch names a build of the batch before; the others name the first.
            for source in [batch] if isinstance(batch, str) else batch:
                place = (
                    {"with_build_id": together} if together else {"after_build_id": after} if after else {}
                )
                made = yield from _create(
                    ownername, projectname, os.fspath(source), {**options, **place}, project_dirname
                )
                builds.append(made)
                together = together or made.id
            after, together = together or after, None
    except CoprException as error:
        if builds:
            error.add_note(f"submitted before: build {', '.join(str(made.id) for made in builds)}")
        raise
    return List(builds)


def _create(
    ownername: str, projectname: str, source: str, options: Mapping[str, Any], project_dirname: str | None
) -> Generator[Step, Any, Build]:
    """Submit one source by its URL or its local path."""
    if source.startswith(("http://", "https://", "ftp://")):
        return (yield from submit.create_from_url(ownername, projectname, source, options, project_dirname))
    call = submit.create_from_file(ownername, projectname, source, options, project_dirname)
    return (yield from needing(call, "id"))


def cancel_list(build_ids: Iterable[int], at_once: int = 16) -> Plan[List[Build]]:
    """Cancel several builds.

    The requests are sent in parallel; finished builds stay as they are.

    :param build_ids: ids of the builds.
    :param at_once: largest number of parallel requests.
    :returns: the builds' records, in the order of `build_ids`.
    :raises CoprValidationException: `build_ids` is a single id or a string.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: one of the builds does not exist.
    :raises CoprRequestException: the service refuses to cancel a build that has not finished.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``PUT /build/cancel/{build_id}``, ``GET /build/{build_id}``
    """
    return List((yield Together([_cancel(build_id) for build_id in build.several(build_ids)], at_once)))


def _cancel(build_id: int) -> Generator[Step, Any, Build]:
    """Cancel one build. Return its record if it has finished, whether by this request or before."""
    try:
        return (yield from build.cancel(build_id))
    except (CoprAuthException, CoprNoResultException):
        raise
    except CoprException:  # such as the error of a build that has already finished
        found: Build = yield from needing(build.get(build_id), "state")
        if found.state not in FINAL_STATES:
            raise
        return found


def rebuild_failed(build_id: int, buildopts: Mapping[str, Any] | None = None) -> Plan[Build]:
    """Build a build's source RPM again, in the chroots in which the build failed or was canceled.

    :param build_id: id of the build.
    :param buildopts: build options, as for `create_from_file`. `chroots` is ignored.
    :returns: the new build's record.
    :raises CoprValidationException: the build has not finished, made no source RPM, or failed in no chroot.
    :raises CoprAuthException: no credentials are configured, the service does not accept them, or the user
        has no permission.
    :raises CoprNoResultException: no build has this id.
    :raises CoprRequestException: the service refuses an option, or reports another error.
    :raises CoprSubmissionUnknown: the response was lost, and the build could not be identified.
    :raises CoprConnectionException: the service cannot be reached.
    :raises CoprTimeoutException: the service does not respond in time.
    :source: ``GET /build/{build_id}``, ``GET /build-chroot/list``, ``POST /build/create/url``
    """
    old: Build = yield from needing(
        build.get(build_id), "state", "source_package", "ownername", "projectname", "project_dirname"
    )
    if old.state not in FINAL_STATES:
        raise CoprValidationException(
            f"Build {build_id} has not finished; it is {old.state}. Wait for it first."
        )
    chroots = yield from needing(build_chroot.get_list(build_id), "name", "state")
    failed: Sequence[str] = [each.name for each in chroots if each.state in ("failed", "canceled")]
    if not failed and (old.source_package.url or old.state not in ("failed", "canceled")):
        raise CoprValidationException(f"Build {build_id} failed in no chroot, so there is nothing to repeat.")
    if not old.source_package.url:
        raise CoprValidationException(
            f"Build {build_id} made no source RPM. Submit its source again, or use package_proxy.build."
        )
    options = {**(buildopts or {}), "chroots": failed}
    return (
        yield from submit.create_from_url(
            old.ownername, old.projectname, old.source_package.url, options, old.project_dirname
        )
    )
