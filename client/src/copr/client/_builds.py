"""The legacy client's calls on builds: submit, look, cancel, delete; and what builds are made with."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

from .._calls import opened_file
from .._errors import CoprValidationException
from .._typing import Any
from .._wire import Flow, Plan
from ._base import Caller
from ._calls import Document, chosen, get, post, submit, switch
from ._projects import full_name, local_file
from .parsers import (
    BuildConfigParser,
    CommonMsgErrorOutParser,
    NewBuildListParser,
    fabric_simple_fields_parser,
)
from .responses import BaseHandle, BuildHandle, CoprResponse

#: Called with a MultipartEncoderMonitor (`bytes_read` of `len` bytes) for each block of an upload.
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
        """Ask for a build.

        `build_id`: its number; `projectname`, `username`: of no account, the answer has them.

        Returns a response with `project`, `owner`, `status`, `results`, `results_by_chroot`, `submitted_on`,
        `started_on`, `ended_on` (unix time, UTC), `built_pkgs`, `src_pkg` and `src_version`; its `data` has
        `chroots` (name to status) too; `handle` is a BuildHandle. Raises CoprRequestException where there is
        no such build. Source: GET /api/coprs/build/ID/
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
        """End a build that is not over yet.

        `build_id`: its number; `projectname`, `username`: its project, which the handle then knows.

        Returns a response with `status`; `handle` is a BuildHandle. Raises CoprRequestException where there
        is no such build or it cannot be cancelled. Source: POST /api/coprs/cancel_build/ID/
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
        """Delete a build that is over, with its packages.

        `build_id`: its number.

        Returns a response with `status`. Raises CoprRequestException where there is no such build or it is
        not over. Source: POST /api/coprs/delete_build/ID/
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
        """Submit builds of source RPMs or spec files: one for each address, one for each local file.

        `pkgs`: addresses that the service can reach, or paths; `username`: the project's owner, default the
        client's; `timeout`: seconds; `memory`: MB; `chroots`: names, default all of the project;
        `background`: after all others; `progress_callback`: called with a MultipartEncoderMonitor for each
        block of a file that is sent.

        Returns a response with `builds_list` (BuildWrapper) and `message`; `handle` is a BaseHandle. Raises
        CoprValidationException where no package is given, CoprRequestException where a file cannot be read
        or the service refuses, CoprSubmissionUnknown where the answer was lost. Source: POST
        /api/coprs/OWNER/PROJECT/new_build/ and .../new_build_upload/
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
            flows.append(submit("coprs", owner, projectname, "new_build", form=form, files=[]))
        for file in files:
            part = local_file("pkgs", file, "application/x-rpm")
            form = {**limits, **options}
            where = ("coprs", owner, projectname, "new_build_upload")
            flows.append(submit(*where, form=form, files=[part], progress=progress_callback))
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
        """Submit a build with fields of one's own; the other methods say it better.

        `data`: the fields; `api_endpoint`: such as "new_build_scm"; `multipart`: how they are sent; the other
        parameters, what is returned and raised: as for `create_new_build`. Source: POST
        /api/coprs/OWNER/PROJECT/ENDPOINT/
        """
        owner = self._owner(username)
        form = {**data, **self._options(background, chroots)}
        call = submit(
            "coprs",
            owner,
            projectname,
            api_endpoint,
            form=form,
            files=[] if multipart else None,
            progress=progress_callback,
        )
        return self._submitted(projectname, owner, call)

    def get_build_config(self, project: str, chroot: str) -> CoprResponse:
        """Ask what builds in one chroot of a project are made with.

        `project`: "owner/project"; `chroot`: such as "fedora-42-x86_64".

        Returns a response with `build_config`. Raises CoprValidationException where `project` is no full
        name, CoprRequestException where there is no such project or it has no such chroot. Source: GET
        /api/coprs/OWNER/PROJECT/build-config/CHROOT/
        """
        return self._respond(
            "get_build_config",
            get("coprs", *full_name(project), "build-config", chroot),
            [CommonMsgErrorOutParser, BuildConfigParser],
        )

    def get_module_repo(
        self, owner: str, copr: str, name: str, stream: str, version: int | str, arch: str
    ) -> CoprResponse:
        """Ask for the repository of a module, which no known service answers.

        `owner`, `copr`: the project; `name`, `stream`, `version`: the module; `arch`: such as "x86_64".

        Returns a response; `handle` is a BaseHandle. Raises CoprUnknownResponseException where the service
        does not know the question. Source: POST /api/module/repo/
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
            post("module", "repo", form=form, again=True),
            [CommonMsgErrorOutParser],
            lambda response: BaseHandle(self, response=response),
        )

    def build_module(
        self, modulemd: Any, ownername: str | None = None, projectname: str | None = None
    ) -> CoprResponse:
        """Submit a build of a module, on a service of the time when there were modules.

        `modulemd`: a file that is open in binary mode, or an address; `ownername`, `projectname`: the
        project.

        Returns a response with `message`; `handle` is a BaseHandle. Raises CoprRequestException where the
        service refuses, CoprUnknownResponseException where it no longer builds modules. Source: POST
        /api/coprs/OWNER/PROJECT/module/build/
        """
        if projectname is None:
            raise CoprValidationException("You should provide a projectname")
        owner = self._owner(ownername)
        where = ("coprs", owner, projectname, "module", "build")
        if isinstance(modulemd, str):
            call = submit(*where, form={"scmurl": modulemd, "branch": "master"}, files=[])
        else:
            part = opened_file("modulemd", modulemd, None, "application/x-rpm")
            call = submit(*where, form={}, files=[part])
        return self._respond(
            "post",
            call,
            [CommonMsgErrorOutParser],
            lambda response: BaseHandle(self, username=owner, response=response),
            about={"projectname": projectname, "ownername": owner},
        )

    def _options(self, background: bool, chroots: str | Iterable[str] | None) -> dict[str, Any]:
        return {
            "username": self.username,
            "background": switch(background) or None,
            **chosen(chroots),
        }

    def _submitted(self, projectname: str, owner: str, plan: Flow[Document]) -> CoprResponse:
        return self._respond(
            "cancel_build",  # what the released client says here
            plan,
            [CommonMsgErrorOutParser, NewBuildListParser],
            lambda response: BaseHandle(self, username=owner, response=response),
            about={"projectname": projectname, "username": owner},
        )


def _as_one(flows: Iterable[Flow[Document]]) -> Plan[Document]:
    """Several submissions, one after the other, answered as one."""
    ids: list[int] = []
    messages: list[str] = []
    answer: Document = {}
    for flow in flows:
        answer = yield from flow
        ids += answer.get("ids", [])
        messages.append(answer.get("message", ""))
    return {**answer, "ids": ids, "message": "\n".join(messages)}
