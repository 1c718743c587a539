"""Calls that submit builds, from every kind of source.

Rules: each is a `Submission`: never sent twice, looked for where its answer is lost. `buildopts` are handed
on as they are, but for `progress_callback`, which never leaves this machine; the caller's dict is not
changed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence

from ..._calls import listing, record
from ..._errors import CoprUnknownResponseException, CoprValidationException
from ..._submission import Submission
from ..._typing import TYPE_CHECKING, Any
from ..._wire import Call, FilePart, Plan
from . import _search

if TYPE_CHECKING:
    from ..._list import List
    from ...results import Build, Message

#: What a source is found by: the names of its parameters in `source-build-config`, and in the request.
SCM_SOURCE = {
    "type": "scm_type",
    "clone_url": "clone_url",
    "committish": "committish",
    "subdirectory": "subdirectory",
    "spec": "spec",
    "source_build_method": "source_build_method",
}
PYPI_SOURCE = {"pypi_package_name": "pypi_package_name"}
RUBYGEMS_SOURCE = {"gem_name": "gem_name"}
CUSTOM_SOURCE = {"script": "script"}


def create_from_urls(
    ownername: str,
    projectname: str,
    urls: Sequence[str] | str,
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Call[List[Build]]:
    """Submit a build of each of several source RPMs or spec files, by address.

    `ownername`: a user, or a group as "@name"; `urls`: addresses that the service can reach, a list or words;
    `buildopts`: see `create_from_file`; `project_dirname`: a directory of the project, such as
    "project:custom:name".

    Returns a list of the new builds, one for each address.

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    project, CoprRequestException where the service refuses an address or an option, CoprConnectionException
    or CoprTimeoutException where the service is not reached, CoprSubmissionUnknown where the answer was lost
    and the builds could not be told from others. Source: POST /build/create/url
    """
    urls = urls.split() if isinstance(urls, str) else list(urls)
    document, _ = _document(ownername, projectname, buildopts, pkgs=urls, project_dirname=project_dirname)
    return Submission(
        "POST",
        "/build/create/url",
        json=document,
        decode=listing,
        search=_search.builds(document, [{"url": url} for url in urls], several=True),
    )


def create_from_url(
    ownername: str,
    projectname: str,
    url: str,
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Plan[Build]:
    """Submit a build of a source RPM or spec file, by address.

    `url`: an address that the service can reach; the other parameters are those of `create_from_file`.

    Returns the new build. Raises what `create_from_urls` raises, and CoprValidationException where `url` is
    several addresses. Source: POST /build/create/url
    """
    builds = yield from create_from_urls(ownername, projectname, [one_url(url)], buildopts, project_dirname)
    return the_build(builds)


def one_url(url: str) -> str:
    """The same address.

    Raises CoprValidationException where there are several, for only one build could be returned.
    """
    if len(url.split()) > 1:
        raise CoprValidationException(f"{url!r} is more than one address; create_from_urls takes several.")
    return url


def the_build(builds: Sequence[Build]) -> Build:
    """The build that was made of one address.

    Raises CoprUnknownResponseException where the service tells of none.
    """
    if not builds:
        raise CoprUnknownResponseException(
            "POST /build/create/url was answered with no build. Look at the project before you submit again."
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

    `ownername`: a user, or a group as "@name"; `path`: the file; `buildopts`: build options, among them
    `chroots` and `exclude_chroots` (names), `timeout` (seconds), `background` (bool), `enable_net` (bool),
    `with_build_id` and `after_build_id` (numbers of builds), `bootstrap`, `isolation`, and
    `progress_callback`, called with a MultipartEncoderMonitor (`bytes_read` of `len` bytes) for each block
    that is sent; `project_dirname`: a directory of the project, as "project:custom:name".

    Returns the new build.

    Raises CoprValidationException where the file cannot be read, CoprAuthException without credentials or
    permission, CoprNoResultException where there is no such project, CoprRequestException where the service
    refuses the file or an option, CoprConnectionException or CoprTimeoutException where the service is not
    reached, CoprSubmissionUnknown where the answer was lost and the build could not be told from others.
    Source: POST /build/create/upload
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
    """Publish a local binary RPM, which is not built again.

    `path`: the file; the other parameters are those of `create_from_file`.

    Returns the new build. Raises what `create_from_file` raises; CoprNoResultException or
    CoprUnknownResponseException also where the service is too old for this. Source: POST
    /build/create/rpm-upload
    """
    return _upload("/build/create/rpm-upload", ownername, projectname, path, buildopts, project_dirname)


def check_before_build(
    ownername: str,
    projectname: str,
    project_dirname: str | None = None,
    buildopts: Mapping[str, Any] | None = None,
) -> Call[Message]:
    """Ask whether a build with these options would be accepted, without submitting one.

    The parameters are those of `create_from_file`.

    Returns a record with `message`.

    Raises CoprAuthException without credentials or permission, CoprNoResultException where there is no such
    project, CoprRequestException where the service would refuse an option, CoprConnectionException or
    CoprTimeoutException where there is no answer. Source: POST /build/check-before-build
    """
    document, _ = _document(ownername, projectname, buildopts, project_dirname=project_dirname)
    return Call(
        "POST", "/build/check-before-build", json=document, login=True, repeatable=True, decode=record
    )


def create_from_scm(
    ownername: str,
    projectname: str,
    clone_url: str,
    committish: str = "",
    subdirectory: str = "",
    spec: str = "",
    scm_type: str = "git",
    source_build_method: str = "rpkg",
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Call[Build]:
    """Submit a build of what is in a version control system.

    `clone_url`: its address; `committish`: a branch, tag or commit, default the usual branch; `subdirectory`:
    of the checkout; `spec`: the spec file's path in it; `scm_type`: "git" or "svn"; `source_build_method`:
    "rpkg", "tito", "tito_test", "make_srpm" or "packit"; the other parameters are those of
    `create_from_file`.

    Returns the new build. Raises what `create_from_urls` raises. Source: POST /build/create/scm
    """
    source = {
        "clone_url": clone_url,
        "committish": committish,
        "subdirectory": subdirectory,
        "spec": spec,
        "scm_type": scm_type,
        "source_build_method": source_build_method,
    }
    return _create("scm", ownername, projectname, source, SCM_SOURCE, buildopts, project_dirname)


def create_from_distgit(
    ownername: str,
    projectname: str,
    packagename: str,
    committish: str | None = None,
    namespace: str | None = None,
    distgit: str | None = None,
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Call[Build]:
    """Submit a build of a package in a dist-git.

    `packagename`: its name there; `committish`: a branch, tag or commit; `namespace`: such as "forks/alice";
    `distgit`: the instance's name, such as "fedora" (the default); the other parameters are those of
    `create_from_file`.

    Returns the new build. Raises what `create_from_urls` raises. Source: POST /build/create/distgit
    """
    source = {
        "distgit": distgit,
        "namespace": namespace,
        "package_name": packagename,
        "committish": committish,
    }
    found_by = {name: name for name, value in source.items() if value is not None and name != "package_name"}
    return _create("distgit", ownername, projectname, source, found_by, buildopts, project_dirname)


def create_from_pypi(
    ownername: str,
    projectname: str,
    pypi_package_name: str,
    pypi_package_version: str | None = None,
    spec_template: str = "",
    python_versions: Iterable[int] | None = None,
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
    spec_generator: str | None = None,
) -> Call[Build]:
    """Submit a build of a Python package from the Python package index.

    `pypi_package_version`: default the newest; `spec_template`: of the generator; `python_versions`: such as
    [3], default [3, 2]; `spec_generator`: "pyp2spec" or "pyp2rpm", default the service's; the other
    parameters are those of `create_from_file`.

    Returns the new build. Raises what `create_from_urls` raises. Source: POST /build/create/pypi
    """
    source = {
        "pypi_package_name": pypi_package_name,
        "pypi_package_version": pypi_package_version,
        "spec_generator": spec_generator,
        "spec_template": spec_template,
        "python_versions": list(python_versions or (3, 2)),
    }
    return _create("pypi", ownername, projectname, source, PYPI_SOURCE, buildopts, project_dirname)


def create_from_rubygems(
    ownername: str,
    projectname: str,
    gem_name: str,
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Call[Build]:
    """Submit a build of a gem from RubyGems.

    `gem_name`: its name; the other parameters are those of `create_from_file`.

    Returns the new build. Raises what `create_from_urls` raises. Source: POST /build/create/rubygems
    """
    source = {"gem_name": gem_name}
    return _create("rubygems", ownername, projectname, source, RUBYGEMS_SOURCE, buildopts, project_dirname)


def create_from_custom(
    ownername: str,
    projectname: str,
    script: str,
    script_chroot: str | None = None,
    script_builddeps: str | Sequence[str] | None = None,
    script_resultdir: str | None = None,
    script_repos: str | Sequence[str] | None = None,
    buildopts: Mapping[str, Any] | None = None,
    project_dirname: str | None = None,
) -> Call[Build]:
    """Submit a build of what a script makes: a spec file with its sources, or a source RPM.

    `script`: its text, with a first line that names the interpreter; `script_chroot`: where it runs;
    `script_builddeps`: packages that it needs, a list or words; `script_resultdir`: where it leaves its
    results; `script_repos`: addresses of repositories that it needs, a list or words; the other parameters
    are those of `create_from_file`.

    Returns the new build. Raises what `create_from_urls` raises. Source: POST /build/create/custom
    """
    source = {
        "script": script,
        "chroot": script_chroot,
        "builddeps": script_builddeps,
        "resultdir": script_resultdir,
        "repos": script_repos,
    }
    return _create("custom", ownername, projectname, source, CUSTOM_SOURCE, buildopts, project_dirname)


def _document(
    ownername: str, projectname: str, buildopts: Mapping[str, Any] | None, **rest: Any
) -> tuple[dict[str, Any], Any]:
    """The JSON body of a submission, and the progress callback, which is no part of it."""
    options = dict(buildopts or {})
    progress = options.pop("progress_callback", None)
    return {"ownername": ownername, "projectname": projectname, **rest, **options}, progress


def _create(
    kind: str,
    ownername: str,
    projectname: str,
    source: Mapping[str, Any],
    found_by: Mapping[str, str],
    buildopts: Mapping[str, Any] | None,
    project_dirname: str | None,
) -> Submission[Build]:
    document, _ = _document(ownername, projectname, buildopts, **source, project_dirname=project_dirname)
    wanted = {there: source[here] for there, here in found_by.items()}
    return Submission(
        "POST",
        f"/build/create/{kind}",
        json=document,
        decode=record,
        search=_search.builds(document, [wanted], several=False),
    )


def _upload(
    endpoint: str,
    ownername: str,
    projectname: str,
    path: str | os.PathLike[str],
    buildopts: Mapping[str, Any] | None,
    project_dirname: str | None,
) -> Submission[Build]:
    document, progress = _document(ownername, projectname, buildopts, project_dirname=project_dirname)
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
        search=_search.builds(document, [{"pkg": name}], several=False),
    )
