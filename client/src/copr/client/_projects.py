"""The legacy client's calls on projects."""

from __future__ import annotations

from collections.abc import Iterable
from types import NoneType

from .._errors import CoprValidationException
from .._typing import Any, evaluable
from ._base import Caller
from ._calls import chosen, full_name, get, post, submit, switch, words
from .parsers import (
    CommonMsgErrorOutParser,
    ProjectChrootsParser,
    ProjectDetailsFieldsParser,
    ProjectListParser,
    fabric_simple_fields_parser,
)
from .responses import BaseHandle, CoprResponse, ProjectHandle

_BuildrootParser = fabric_simple_fields_parser(("buildroot_pkgs",), "BuildrootParser")


class Projects(Caller):
    """Calls on projects."""

    def get_project_details(self, projectname: str, username: str | None = None) -> CoprResponse:
        """Return one project.

        :param projectname: name of the project.
        :param username: owner of the project: name of a user, or of a group as "@name". Default: the client's
            user.
        :returns: a response with `name`, `description`, `instructions`, `last_modified` (unix time in
            seconds, UTC) and `chroots` (ProjectChrootWrappers of those chroots that have a repository).
            `handle` is a ProjectHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprRequestException: the project does not exist.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``GET /api/coprs/{username}/{projectname}/detail/``
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
        """Delete a project and its builds.

        :param projectname: name of the project.
        :param username: owner of the project: name of a user, or of a group as "@name". Default: the client's
            user.
        :returns: a response with `message`. `handle` is a ProjectHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, the user may not delete it, or its builds
            have not finished.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{username}/{projectname}/delete/``
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
        """Copy a project, with its newest builds, to a new project.

        :param source: full name of the project to copy, "owner/project".
        :param projectname: name of the new project.
        :param username: owner of the new project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param confirm: if the new project exists, copy into it instead of an error.
        :returns: a response with `message`. `handle` is a ProjectHandle of the new project.
        :raises CoprValidationException: `source` is not a full name.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project to copy does not exist, or the service refuses the copy.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{owner}/{project}/fork/``
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

        Older forms of this call work too: `create_project("hello", chroots=[...])` and
        `create_project("hello", [...])` create the project "hello" of the client's user.

        :param username: owner of the project: name of a user, or of a group as "@name". Default: the client's
            user.
        :param projectname: name of the new project.
        :param chroots: names of chroots to build in: a list, or one name.
        :param description: text for the project's page.
        :param instructions: how to use the project's packages.
        :param repos: URLs of repositories that builds may install from: a list, or one string with spaces in
            between.
        :param initial_pkgs: URLs of source RPMs to build at once: a list, or one string with spaces in
            between.
        :param disable_createrepo: "true" if builds shall not update the metadata of the repositories, else
            "false".
        :param unlisted_on_hp: leave the project out of the service's home page.
        :param enable_net: let builds use the network.
        :param persistent: never delete the project and its builds. Only admins of the service may set this.
        :param auto_prune: delete the results of old builds of a package when newer ones exist.
        :param use_bootstrap_container: let mock set up the chroot from a bootstrap container.
        :returns: a response with `message`. `handle` is a ProjectHandle.
        :raises CoprValidationException: no name or no chroot is given.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project exists, or the service refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{username}/new/``
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
            "unlisted_on_hp": switch(bool(unlisted_on_hp)),
            "build_enable_net": switch(bool(enable_net)),
            "persistent": switch(bool(persistent)),
            "auto_prune": switch(bool(auto_prune)),
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
        """Change a project's settings.

        Parameters that are None or "" leave a setting as it is.

        :param projectname: name of the project.
        :param username: owner of the project: name of a user, or of a group as "@name". Default: the client's
            user.
        :param description: text for the project's page.
        :param instructions: how to use the project's packages.
        :param repos: URLs of repositories that builds may install from: a list, or one string with spaces in
            between.
        :param disable_createrepo: "true" if builds shall not update the metadata of the repositories, else
            "false".
        :param unlisted_on_hp: leave the project out of the service's home page.
        :param enable_net: let builds use the network.
        :param auto_prune: delete the results of old builds of a package when newer ones exist.
        :param use_bootstrap_container: let mock set up the chroot from a bootstrap container.
        :param chroots: names of all chroots to build in: a list, or one string with spaces in between. The
            project loses chroots that are not listed.
        :returns: a response with `description` and `instructions`. `handle` is a ProjectHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, or the service refuses a value.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{username}/{projectname}/modify/``
        """
        owner = self._owner(username)
        form = {
            "description": description or None,
            "instructions": instructions or None,
            "repos": words(repos) or None,
            "disable_createrepo": disable_createrepo or None,
            "unlisted_on_hp": switch(unlisted_on_hp),
            "build_enable_net": switch(enable_net),
            "auto_prune": switch(auto_prune),
            "use_bootstrap_container": switch(use_bootstrap_container),
            "chroots": words(chroots),
            "username": self.username,
        }
        return self._respond(
            "modify_project",
            post("coprs", owner, projectname, "modify", form=form, again=True),
            [CommonMsgErrorOutParser, ProjectDetailsFieldsParser, _BuildrootParser],
            lambda response: ProjectHandle(self, projectname, response=response, owner=owner),
        )

    def get_projects_list(self, username: str | None = None) -> CoprResponse:
        """Return the projects of an owner.

        For a user, these include projects of groups.

        :param username: the owner: name of a user, or of a group as "@name". Default: the client's user.
        :returns: a response with `projects_list` (ProjectWrappers). `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprRequestException: the service reports an error.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``GET /api/coprs/{username}/``
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
        """Return the projects that match a search.

        :param query: text to search for in names, descriptions and owners.
        :returns: a response with `projects_list` (ProjectWrappers). `handle` is a BaseHandle.
        :raises CoprValidationException: `query` is empty.
        :raises CoprRequestException: the service reports an error.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``GET /api/coprs/search/{query}/``
        """
        return self._respond(
            "search_projects",
            get("coprs", "search", query),
            [CommonMsgErrorOutParser, ProjectListParser],
            lambda response: BaseHandle(self, response=response),
        )

    def new_webhook_secret(self, coprname: str, ownername: str | None = None) -> CoprResponse:
        """Replace a project's webhook secret with a new one.

        Webhook URLs with the old secret stop working.

        :param coprname: name of the project.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :returns: a response with `message`, which has the new secret.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, or the user has no permission.
        :raises CoprSubmissionUnknown: the response, and the new secret with it, was lost.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{coprname}/new_webhook_secret/``
        """
        owner = self._owner(ownername)
        return self._respond(
            "new_webhook_secret",
            submit("coprs", owner, coprname, "new_webhook_secret", form=None),
            [CommonMsgErrorOutParser, fabric_simple_fields_parser(("status",))],
        )


evaluable(__name__)
