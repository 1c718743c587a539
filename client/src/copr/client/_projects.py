"""The legacy client's calls on projects and their chroots."""

from __future__ import annotations

import os
from collections.abc import Iterable
from types import NoneType

from .._errors import CoprRequestException, CoprValidationException
from .._typing import Any
from .._wire import FilePart
from ._base import Caller
from ._calls import chosen, get, post, submit, switch, upload, words
from .parsers import (
    CommonMsgErrorOutParser,
    CoprChrootParser,
    ProjectChrootsParser,
    ProjectDetailsFieldsParser,
    ProjectListParser,
    fabric_simple_fields_parser,
)
from .responses import BaseHandle, CoprResponse, ProjectChrootHandle, ProjectHandle

_BuildrootParser = fabric_simple_fields_parser(("buildroot_pkgs",), "BuildrootParser")
_ChrootFieldsParser = fabric_simple_fields_parser(("buildroot_pkgs", "output", "error"), "ChrootFieldsParser")


class Projects(Caller):
    """Calls on projects and their chroots."""

    def get_project_details(self, projectname: str, username: str | None = None) -> CoprResponse:
        """Ask for a project.

        `username`: its owner, "@name" for a group; default the client's.

        Returns a response with `name`, `description`, `instructions`, `last_modified` (unix time, UTC) and
        `chroots` (those that have a repository); `handle` is a ProjectHandle. Raises CoprRequestException
        where there is no such project. Source: GET /api/coprs/OWNER/PROJECT/detail/
        """
        owner = self._owner(username)
        return self._respond(
            "get_project_details",
            get("coprs", owner, projectname, "detail"),
            [ProjectChrootsParser, ProjectDetailsFieldsParser],
            lambda response: ProjectHandle(self, projectname, username=owner, response=response),
            about={"projectname": projectname, "username": owner},
        )

    def delete_project(self, projectname: str, username: str | None = None) -> CoprResponse:
        """Delete a project with its builds.

        `username`: its owner; default the client's.

        Returns a response with `message`; `handle` is a ProjectHandle. Raises CoprRequestException where
        there is no such project or it may not be deleted. Source: POST /api/coprs/OWNER/PROJECT/delete/
        """
        owner = self._owner(username)
        return self._respond(
            "delete_project",
            post("coprs", owner, projectname, "delete", form={"verify": "yes", "username": self.username}),
            [CommonMsgErrorOutParser],
            lambda response: ProjectHandle(self, projectname, username=owner, response=response),
        )

    def fork_project(
        self, source: str, projectname: str, username: str | None = None, confirm: bool = False
    ) -> CoprResponse:
        """Copy a project with its newest builds.

        `source`: "owner/project"; `projectname`: of the copy; `username`: the copy's owner, default the
        client's; `confirm`: copy into a project that is there already.

        Returns a response with `message`; `handle` is a ProjectHandle of the copy. Raises
        CoprValidationException where `source` is no project's full name, CoprRequestException where the
        service refuses. Source: POST /api/coprs/OWNER/PROJECT/fork/
        """
        owner = self._owner(username)
        form = {
            "name": projectname,
            "owner": owner,
            "source": source,
            "confirm": "True" if confirm else None,
            "username": self.username,
        }
        return self._respond(
            "fork_project",
            submit("coprs", *full_name(source), "fork", form=form),
            [CommonMsgErrorOutParser],
            lambda response: ProjectHandle(self, projectname, username=owner, response=response),
        )

    def create_project(
        self,
        username: str | None = None,
        projectname: str | Iterable[str] | None = None,
        chroots: str | Iterable[str] | None = None,
        description: str | None = None,
        instructions: str | None = None,
        repos: str | Iterable[str] | None = None,
        initial_pkgs: str | Iterable[str] | None = None,
        disable_createrepo: Any = None,
        unlisted_on_hp: bool | None = False,
        enable_net: bool | None = True,
        persistent: bool | None = False,
        auto_prune: bool | None = True,
        use_bootstrap_container: bool | None = None,
    ) -> CoprResponse:
        """Create a project.

        `username`: its owner, "@name" for a group; `projectname`: its name. A name alone, as in
        `create_project("hello", chroots=[...])`, is the project's, and the client's user is the owner; the
        same before a list of chroots, as in `create_project("hello", [...])` of before 1.67.
        `chroots`: names; `repos`, `initial_pkgs`: addresses, a list or words; `disable_createrepo`: "true" or
        "false"; the other parameters are the project's settings.

        Returns a response with `message`; `handle` is a ProjectHandle. Raises CoprValidationException where
        no chroot or no name is given, CoprRequestException where the service refuses. Source: POST
        /api/coprs/OWNER/new/
        """
        if chroots is None and not isinstance(projectname, (str, NoneType)):
            projectname, chroots = None, projectname
        if projectname is None:
            username, projectname = None, username
        if not isinstance(projectname, str) or not projectname:
            raise CoprValidationException("You should provide a name for the project")
        if not chroots:
            raise CoprValidationException("You should provide chroots")
        owner = self._owner(username)
        form = {
            "name": projectname,
            "repos": words(repos),
            "initial_pkgs": words(initial_pkgs),
            "description": description,
            "instructions": instructions,
            "disable_createrepo": disable_createrepo,
            "unlisted_on_hp": switch(unlisted_on_hp),
            "build_enable_net": switch(enable_net),
            "persistent": switch(persistent),
            "auto_prune": switch(auto_prune),
            "use_bootstrap_container": switch(bool(use_bootstrap_container)),
            **chosen(chroots),
            "username": self.username,
        }
        return self._respond(
            "create_project",
            submit("coprs", owner, "new", form=form),
            [CommonMsgErrorOutParser],
            lambda response: ProjectHandle(self, projectname, response=response, owner=owner),
        )

    def modify_project(
        self,
        projectname: str,
        username: str | None = None,
        description: str | None = None,
        instructions: str | None = None,
        repos: str | Iterable[str] | None = None,
        disable_createrepo: Any = None,
        unlisted_on_hp: bool | None = None,
        enable_net: bool | None = None,
        auto_prune: bool | None = None,
        use_bootstrap_container: bool | None = None,
        chroots: str | Iterable[str] | None = None,
    ) -> CoprResponse:
        """Change a project's settings; what is None or "" stays as it is.

        `username`: its owner, default the client's; `repos`: addresses, a list or words; `chroots`: all
        chroots that the project is to have; the other parameters are the project's settings.

        Returns a response with `description` and `instructions`; `handle` is a ProjectHandle. Raises
        CoprRequestException where the service refuses. Source: POST /api/coprs/OWNER/PROJECT/modify/
        """
        owner = self._owner(username)
        form = {
            "description": description or None,
            "instructions": instructions or None,
            "repos": words(repos) or None,
            "disable_createrepo": disable_createrepo,
            "unlisted_on_hp": switch(unlisted_on_hp),
            "build_enable_net": switch(enable_net),
            "auto_prune": switch(auto_prune),
            "use_bootstrap_container": switch(use_bootstrap_container),
            "chroots": words(chroots) or None,
            "username": self.username,
        }
        return self._respond(
            "modify_project",
            post("coprs", owner, projectname, "modify", form=form, again=True),
            [CommonMsgErrorOutParser, ProjectDetailsFieldsParser, _BuildrootParser],
            lambda response: ProjectHandle(self, projectname, response=response, owner=owner),
        )

    def get_projects_list(self, username: str | None = None) -> CoprResponse:
        """Ask for the projects of an owner, and of the groups that a user is in.

        `username`: the owner, "@name" for a group; default the client's.

        Returns a response with `projects_list` (ProjectWrapper); `handle` is a BaseHandle. Raises
        CoprRequestException where the service refuses. Source: GET /api/coprs/OWNER/
        """
        owner = self._owner(username)
        response = self._respond(
            "get_projects_list",
            get("coprs", owner),
            [CommonMsgErrorOutParser, ProjectListParser],
            lambda response: BaseHandle(self, username=owner, response=response),
        )
        response._owner = owner
        return response

    def search_projects(self, query: str) -> CoprResponse:
        """Search for projects.

        `query`: a part of their names, descriptions or owners.

        Returns a response with `projects_list` (ProjectWrapper); `handle` is a BaseHandle. Raises
        CoprValidationException where `query` is empty, CoprRequestException where the service refuses.
        Source: GET /api/coprs/search/QUERY/
        """
        return self._respond(
            "search_projects",
            get("coprs", "search", query),
            [CommonMsgErrorOutParser, ProjectListParser],
            lambda response: BaseHandle(self, response=response),
        )

    def new_webhook_secret(self, coprname: str, ownername: str | None = None) -> CoprResponse:
        """Replace a project's webhook secret; addresses with the old one no longer work.

        `ownername`: the project's owner; default the client's.

        Returns a response whose `message` has the new secret. Raises CoprRequestException where the service
        refuses. Source: POST /api/coprs/OWNER/PROJECT/new_webhook_secret/
        """
        owner = self._owner(ownername)
        return self._respond(
            "new_webhook_secret",
            submit("coprs", owner, coprname, "new_webhook_secret", form=None),
            [CommonMsgErrorOutParser, fabric_simple_fields_parser(("status",))],
        )

    def get_project_chroot_details(
        self, projectname: str, chrootname: str, username: str | None = None
    ) -> CoprResponse:
        """Ask what is installed before builds in a chroot of a project.

        `chrootname`: such as "fedora-42-x86_64"; `username`: the project's owner, default the client's.

        Returns a response with `buildroot_pkgs`; `handle` is a ProjectChrootHandle. Raises
        CoprRequestException where there is no such project or it has no such chroot. Source: GET
        /api/coprs/OWNER/PROJECT/detail/CHROOT/
        """
        owner = self._owner(username)
        return self._respond(
            "get_project_chroot_details",
            get("coprs", owner, projectname, "detail", chrootname),
            [_ChrootFieldsParser],
            lambda response: ProjectChrootHandle(
                self, chrootname, projectname=projectname, username=owner, response=response
            ),
        )

    def modify_project_chroot_details(
        self,
        projectname: str,
        chrootname: str,
        pkgs: str | Iterable[str] | None = None,
        username: str | None = None,
    ) -> CoprResponse:
        """Change what is installed before builds in a chroot of a project; `edit_chroot` can more.

        `pkgs`: names of packages, a list or words, none for none; the other parameters are those of
        `get_project_chroot_details`.

        Returns what `get_project_chroot_details` returns. Raises CoprRequestException where the service
        refuses. Source: POST /api/coprs/OWNER/PROJECT/modify/CHROOT/
        """
        owner = self._owner(username)
        form = {"buildroot_pkgs": words(pkgs) or "", "username": self.username}
        return self._respond(
            "modify_project_chroot_details",
            post("coprs", owner, projectname, "modify", chrootname, form=form, again=True),
            [_ChrootFieldsParser],
            lambda response: ProjectChrootHandle(
                self, chrootname, projectname=projectname, username=owner, response=response
            ),
        )

    def get_chroot(self, projectname: str, ownername: str, chrootname: str | None = None) -> CoprResponse:
        """Ask for a project's settings for one chroot.

        `ownername`: the project's owner; `chrootname`: such as "fedora-42-x86_64".

        Returns a response with `chroot` (CoprChrootWrapper); `handle` is a BaseHandle. Raises
        CoprValidationException where no chroot is given, CoprRequestException where there is no such project
        or it has no such chroot. Source: GET /api/coprs/OWNER/PROJECT/chroot/get/CHROOT/
        """
        if chrootname is None:
            raise CoprValidationException("You should provide a chroot")
        owner = self._owner(ownername)
        return self._respond(
            "get",
            get("coprs", owner, projectname, "chroot", "get", chrootname),
            [CommonMsgErrorOutParser, CoprChrootParser],
            lambda response: BaseHandle(self, username=owner, response=response),
            about={"projectname": projectname, "ownername": owner},
        )

    def edit_chroot(
        self,
        projectname: str,
        chrootname: str,
        ownername: str | None = None,
        upload_comps: str | os.PathLike[str] | None = None,
        delete_comps: bool | None = None,
        packages: str | Iterable[str] | None = None,
        repos: str | Iterable[str] | None = None,
    ) -> CoprResponse:
        """Change a project's settings for one chroot; what is None stays as it is.

        `ownername`: the project's owner, default the client's; `upload_comps`: the path of a comps.xml;
        `delete_comps`: remove the one that is there; `packages`: installed before each build, a list or
        words; `repos`: addresses, a list or words.

        Returns a response with `chroot` (CoprChrootWrapper); `handle` is a BaseHandle. Raises
        CoprRequestException where the file cannot be read or the service refuses. Source: POST
        /api/coprs/OWNER/PROJECT/chroot/edit/CHROOT/
        """
        owner = self._owner(ownername)
        form = {
            "buildroot_pkgs": words(packages),
            "repos": words(repos),
            "delete_comps": switch(delete_comps) or None,
            "username": self.username,
        }
        where = ("coprs", owner, projectname, "chroot", "edit", chrootname)
        if upload_comps is None:
            call = post(*where, form=form, again=True)
        else:
            call = upload(
                *where, form=form, files=[local_file("upload_comps", upload_comps, "application/text")]
            )
        return self._respond(
            "post",
            call,
            [CommonMsgErrorOutParser, CoprChrootParser],
            lambda response: BaseHandle(self, username=owner, response=response),
            about={"projectname": projectname, "ownername": owner},
        )


def full_name(project: str) -> list[str]:
    """The owner and the name in "owner/name". Raises CoprValidationException where it is something else."""
    parts = project.split("/")
    if len(parts) != 2 or not all(parts):
        raise CoprValidationException(f"{project!r} is no full name of a project, which is owner/project.")
    return parts


def local_file(field: str, file: str | os.PathLike[str], content_type: str) -> FilePart:
    """The part for a file on this machine. Raises CoprRequestException where it cannot be read."""
    try:
        with open(file, "rb"):
            pass
    except OSError as cause:
        raise CoprRequestException(str(cause)) from cause
    return FilePart(field, file, os.path.basename(os.fspath(file)), content_type)
