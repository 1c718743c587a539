"""The legacy client's calls on builds: submit files and URLs, read, cancel and delete; and the settings of
builds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

from .._calls import opened_file
from .._errors import CoprValidationException
from .._typing import Any, evaluable
from .._wire import Flow, Plan
from ._base import Caller
from ._calls import Document, chosen, full_name, get, local_file, post, submit, switch
from .parsers import (
    BuildConfigParser,
    CommonMsgErrorOutParser,
    NewBuildListParser,
    fabric_simple_fields_parser,
)
from .responses import BaseHandle, BuildHandle, CoprResponse

#: Called for each block of an upload, with a MultipartEncoderMonitor (`bytes_read` and `len`, in bytes).
Progress = Callable[[Any], object]

_DetailsParser = fabric_simple_fields_parser(
    (
        "project",
        "owner",
        "status",
        "results",
        "results_by_chroot",
        "submitted_on",
        "started_on",
        "ended_on",
        "built_pkgs",
        "src_pkg",
        "src_version",
    ),
    "BuildDetailsParser",
)
_StatusParser = fabric_simple_fields_parser(("status", "output", "error"), "StatusParser")


class Builds(Caller):
    """Calls on builds."""

    def get_build_details(
        self, build_id: int, projectname: str | None = None, username: str | None = None
    ) -> CoprResponse:
        """Return one build.

        :param build_id: id of the build.
        :param projectname: ignored; the response has it.
        :param username: ignored; the response has it.
        :returns: a response with `project`, `owner`, `status`, `results` (URL), `results_by_chroot` (name to
            URL), `submitted_on`, `started_on`, `ended_on` (unix time in seconds, UTC), `built_pkgs`,
            `src_pkg` and `src_version`. Its `data` also has `chroots` (name to status). `handle` is a
            BuildHandle.
        :raises CoprRequestException: no build has this id.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``GET /api/coprs/build/{build_id}/``
        """
        return self._respond(
            "get_build_details",
            get("coprs", "build", build_id),
            [CommonMsgErrorOutParser, _DetailsParser],
            lambda response: BuildHandle(
                self,
                build_id,
                projectname=response.data.get("project", projectname),
                username=response.data.get("owner", username),
                response=response,
            ),
        )

    def cancel_build(
        self, build_id: int, projectname: str | None = None, username: str | None = None
    ) -> CoprResponse:
        """Cancel a build that has not finished.

        :param build_id: id of the build.
        :param projectname: name of the build's project, for the handle.
        :param username: owner of the build's project, for the handle.
        :returns: a response with `status`. `handle` is a BuildHandle.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: no build has this id, it has already finished, or the user has no
            permission.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/cancel_build/{build_id}/``
        """
        return self._respond(
            "cancel_build",
            post("coprs", "cancel_build", build_id),
            [_StatusParser],
            lambda response: BuildHandle(
                self, build_id, projectname=projectname, username=username, response=response
            ),
        )

    def delete_build(self, build_id: int) -> CoprResponse:
        """Delete a finished build and its packages.

        :param build_id: id of the build.
        :returns: a response with `status`.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: no build has this id, it has not finished, or the user has no
            permission.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/delete_build/{build_id}/``
        """
        return self._respond("delete_build", post("coprs", "delete_build", build_id), [_StatusParser])

    def create_new_build(
        self,
        projectname: str,
        pkgs: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        username: str | None = None,
        timeout: int | str | None = None,
        memory: int | str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
    ) -> CoprResponse:
        """Submit builds of source RPMs or spec files.

        All URLs go into one request, each local file into its own.

        :param projectname: name of the project.
        :param pkgs: URLs that the service can download, and paths of local files: a list, or one of them.
        :param username: owner of the project: name of a user, or of a group as "@name". Default: the client's
            user.
        :param timeout: seconds after which the build is stopped. Default: the service's choice.
        :param memory: memory for the build, in MB. Default: the service's choice.
        :param chroots: names of chroots to build in: a list, or one name. Default: all chroots of the
            project.
        :param background: let other builds go first.
        :param progress_callback: called for each block of a file that is sent, with a MultipartEncoderMonitor
            (`bytes_read` and `len`, in bytes).
        :returns: a response with `builds_list` (BuildWrappers) and `message`. `handle` is a BaseHandle.
        :raises CoprValidationException: `pkgs` is empty.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: a file cannot be read, the project does not exist, the user may not
            build in it, or the service refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{username}/{projectname}/new_build/``, ``POST
            /api/coprs/{username}/{projectname}/new_build_upload/``
        """
        packages = [pkgs] if isinstance(pkgs, (str, os.PathLike)) else list(pkgs)
        if not packages:
            raise CoprValidationException("You should provide packages to build")
        files = [each for each in packages if not (isinstance(each, str) and urlsplit(each.strip()).scheme)]
        addresses = [str(each) for each in packages if each not in files]
        owner = self._owner(username)
        limits = {
            "memory_reqs": "" if memory is None else memory,
            "timeout": "" if timeout is None else timeout,
        }
        options = self._options(background, chroots)
        flows: list[Flow[Document]] = []
        if addresses:
            form = {**limits, "pkgs": " ".join(addresses), **options}
            flows.append(submit("coprs", owner, projectname, "new_build", form=form, multipart=True))
        for file in files:
            form = {**limits, "pkgs": local_file("pkgs", file, "application/x-rpm"), **options}
            where = ("coprs", owner, projectname, "new_build_upload")
            flows.append(submit(*where, form=form, multipart=True, progress=progress_callback))
        return self._submitted(projectname, owner, flows[0] if len(flows) == 1 else _as_one(flows))

    def process_creating_new_build(
        self,
        projectname: str,
        data: Mapping[str, Any],
        api_endpoint: str,
        username: str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
        multipart: bool = False,
    ) -> CoprResponse:
        """Submit a build with any fields.

        The other methods are easier to use.

        :param projectname: name of the project.
        :param data: fields of the request.
        :param api_endpoint: last part of the endpoint's path, such as "new_build_scm".
        :param username: owner of the project: name of a user, or of a group as "@name". Default: the client's
            user.
        :param chroots: names of chroots to build in: a list, or one name. Default: all chroots of the
            project.
        :param background: let other builds go first.
        :param progress_callback: called for each block of the body, if `multipart` is true.
        :param multipart: send a multipart body instead of a form.
        :returns: a response with `builds_list` (BuildWrappers) and `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, the user may not build in it, or the service
            refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{username}/{projectname}/{api_endpoint}/``
        """
        owner = self._owner(username)
        form = {**data, **self._options(background, chroots)}
        call = submit(
            "coprs",
            owner,
            projectname,
            api_endpoint,
            form=form,
            multipart=multipart,
            progress=progress_callback,
        )
        return self._submitted(projectname, owner, call)

    def get_build_config(self, project: str, chroot: str) -> CoprResponse:
        """Return what a builder needs to build in one chroot of a project.

        :param project: full name of the project, "owner/project".
        :param chroot: name of the chroot, such as "fedora-45-x86_64".
        :returns: a response with `build_config`.
        :raises CoprValidationException: `project` is not a full name.
        :raises CoprRequestException: the project does not exist, or it does not have this chroot.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``GET /api/coprs/{owner}/{project}/build-config/{chroot}/``
        """
        return self._respond(
            "get_build_config",
            get("coprs", *full_name(project), "build-config", chroot),
            [CommonMsgErrorOutParser, BuildConfigParser],
        )

    def get_module_repo(
        self, owner: str, copr: str, name: str, stream: str, version: int | str, arch: str
    ) -> CoprResponse:
        """Ask for the repository of a module.

        No known service has this endpoint.

        :param owner: owner of the project.
        :param copr: name of the project.
        :param name: name of the module.
        :param stream: stream of the module.
        :param version: version of the module.
        :param arch: architecture, such as "x86_64".
        :returns: a response. `handle` is a BaseHandle.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the service refuses the call.
        :raises CoprUnknownResponseException: the service does not have this endpoint.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/module/repo/``
        """
        form = {
            "owner": owner,
            "copr": copr,
            "name": name,
            "stream": stream,
            "version": version,
            "arch": arch,
            "username": self.username,
        }
        return self._respond(
            "get_module_repo",
            post("module", "repo", form=form, again=True, login=False),
            [CommonMsgErrorOutParser],
            lambda response: BaseHandle(self, response=response),
        )

    def build_module(
        self, modulemd: Any, ownername: str | None = None, projectname: str | None = None
    ) -> CoprResponse:
        """Submit a build of a module, on a service that still builds modules (those of 2020).

        :param modulemd: a modulemd file that is open in binary mode, or the URL of a git repository that has
            one.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param projectname: name of the project.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprValidationException: `projectname` is not given.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the service refuses the module.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the service no longer builds modules.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/module/build/``
        """
        if projectname is None:
            raise CoprValidationException("You should provide a projectname")
        owner = self._owner(ownername)
        where = ("coprs", owner, projectname, "module", "build")
        if isinstance(modulemd, str):
            form: dict[str, Any] = {"scmurl": modulemd, "branch": "master"}
        else:
            form = {"modulemd": opened_file("modulemd", modulemd, None, "application/x-rpm")}
        call = submit(*where, form=form, multipart=True)
        return self._respond(
            "post",
            call,
            [CommonMsgErrorOutParser],
            lambda response: BaseHandle(self, username=owner, response=response),
            about={"projectname": projectname, "ownername": owner},
        )

    def _options(self, background: bool, chroots: str | Iterable[str] | None) -> dict[str, Any]:
        """Return the fields that all requests for new builds have."""
        return {
            "username": self.username,
            "background": switch(background) or None,
            **chosen(chroots),
        }

    def _submitted(self, projectname: str, owner: str, plan: Flow[Document]) -> CoprResponse:
        """Return the response to a request for new builds."""
        return self._respond(
            "cancel_build",  # what the released client says here
            plan,
            [CommonMsgErrorOutParser, NewBuildListParser],
            lambda response: BaseHandle(self, username=owner, response=response),
            about={"projectname": projectname, "username": owner},
        )


def _as_one(flows: Iterable[Flow[Document]]) -> Plan[Document]:
    """Carry out several submissions one after the other, and return one document for all of them."""
    ids: list[int] = []
    messages: list[str] = []
    answer: Document = {}
    for flow in flows:
        answer = yield from flow
        ids += answer.get("ids", [])
        messages.append(answer.get("message", ""))
    return {**answer, "ids": ids, "message": "\n".join(messages)}


evaluable(__name__)
