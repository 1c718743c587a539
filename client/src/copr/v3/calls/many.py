"""Flows over many builds: submitted in their order, cancelled together, built again where they failed."""

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
    """Submit builds that depend on each other: those of a batch start once all of the batch before are over.

    `batches`: lists of source RPMs or spec files, each an address (http, https, ftp) or a local path; the
    other parameters are those of `create_from_file`. The service waits between the batches, so the caller
    need not. A later batch starts also after failures in an earlier one.

    Returns the new builds, in one list, in the order given.

    Raises what `create_from_file` and `create_from_urls` raise. What was submitted before stays; the
    exception's notes name it. Source: POST /build/create/upload, POST /build/create/url
    """
    options = dict(buildopts or {})
    builds: list[Build] = []
    after = options.pop("after_build_id", None)
    together = options.pop("with_build_id", None)
    try:
        for batch in batches:
            for source in batch:
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
    if source.startswith(("http://", "https://", "ftp://")):
        return (yield from submit.create_from_url(ownername, projectname, source, options, project_dirname))
    call = submit.create_from_file(ownername, projectname, source, options, project_dirname)
    return (yield from needing(call, "id"))


def cancel_list(build_ids: Iterable[int], at_once: int = 16) -> Plan[List[Build]]:
    """Cancel many builds, side by side; one that is over already stays as it is.

    `build_ids`: their numbers; `at_once`: how many connections to use at most.

    Returns the builds' records, in the order of their numbers as given.

    Raises CoprValidationException where `build_ids` is one number or a text, CoprAuthException without
    credentials or permission, CoprNoResultException where there is no such build, CoprRequestException where
    the service refuses to cancel a build that is not over, CoprConnectionException or CoprTimeoutException
    where there is no answer. Source: PUT /build/cancel/ID
    """
    return List((yield Together([_cancel(build_id) for build_id in build.several(build_ids)], at_once)))


def _cancel(build_id: int) -> Generator[Step, Any, Build]:
    try:
        return (yield from build.cancel(build_id))
    except (CoprAuthException, CoprNoResultException):
        raise
    except CoprException:
        found: Build = yield from needing(build.get(build_id), "state")
        if found.state not in FINAL_STATES:
            raise
        return found


def rebuild_failed(build_id: int, buildopts: Mapping[str, Any] | None = None) -> Plan[Build]:
    """Build the source RPM of a build again, in the chroots in which it failed or was cancelled.

    `build_id`: the build's number; `buildopts`: those of `create_from_file`, apart from `chroots`.

    Returns the new build.

    Raises CoprNoResultException where there is no such build, CoprValidationException where the build is not
    over, made no source RPM, or failed in no chroot, and what `create_from_urls` raises. Source: GET
    /build/ID, GET /build-chroot/list, POST /build/create/url
    """
    old: Build = yield from needing(
        build.get(build_id), "state", "source_package", "ownername", "projectname", "project_dirname"
    )
    if old.state not in FINAL_STATES:
        raise CoprValidationException(f"Build {build_id} is not over: it is {old.state}. Wait for it first.")
    chroots = yield from needing(build_chroot.get_list(build_id), "name", "state")
    failed: Sequence[str] = [each.name for each in chroots if each.state in ("failed", "canceled")]
    if not failed:
        raise CoprValidationException(f"Build {build_id} failed in no chroot; there is nothing to repeat.")
    if not old.source_package.url:
        raise CoprValidationException(
            f"Build {build_id} made no source RPM; submit its source again, or use package_proxy.build."
        )
    options = {**(buildopts or {}), "chroots": failed}
    return (
        yield from submit.create_from_url(
            old.ownername, old.projectname, old.source_package.url, options, old.project_dirname
        )
    )
