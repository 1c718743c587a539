"""The legacy client's calls on packages: the sources that a project's builds are made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import unquote

from .._calls import path
from .._errors import CoprValidationException
from .._typing import Any, evaluable
from .._wire import Flow, Plan, Work
from ._base import Caller
from ._calls import Document, chosen, get, post, submit, switch
from .parsers import (
    CommonMsgErrorOutParser,
    NewBuildListParser,
    PackageListParser,
    PackageParser,
)
from .responses import BaseHandle, CoprResponse


class Packages(Caller):
    """Calls on packages."""

    def get_packages_list(
        self,
        projectname: str,
        with_latest_build: bool = False,
        with_latest_succeeded_build: bool = False,
        with_all_builds: bool = False,
        ownername: str | None = None,
    ) -> CoprResponse:
        """Return a project's packages.

        :param projectname: name of the project.
        :param with_latest_build: add the newest build to each package's data.
        :param with_latest_succeeded_build: add the newest successful build to each package's data.
        :param with_all_builds: add all builds to each package's data.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :returns: a response with `packages_list` (PackageWrappers). `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprRequestException: the project does not exist.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``GET /api/coprs/{ownername}/{projectname}/package/list/``
        """
        owner = self._owner(ownername)
        query = _builds(with_latest_build, with_latest_succeeded_build, with_all_builds)
        call = get("coprs", owner, projectname, "package", "list", query=query)
        return self._about_package("get", call, owner, projectname, PackageListParser)

    def get_package(
        self,
        projectname: str,
        pkg_name: str,
        with_latest_build: bool = False,
        with_latest_succeeded_build: bool = False,
        with_all_builds: bool = False,
        ownername: str | None = None,
    ) -> CoprResponse:
        """Return one package.

        :param projectname: name of the project.
        :param pkg_name: name of the package.
        :param with_latest_build: add the newest build to the package's data.
        :param with_latest_succeeded_build: add the newest successful build to the package's data.
        :param with_all_builds: add all builds to the package's data.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :returns: a response with `package` (a PackageWrapper). `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprRequestException: the project or the package does not exist.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``GET /api/coprs/{ownername}/{projectname}/package/get/{pkg_name}/``
        """
        owner = self._owner(ownername)
        query = _builds(with_latest_build, with_latest_succeeded_build, with_all_builds)
        call = get("coprs", owner, projectname, "package", "get", pkg_name, query=query)
        return self._about_package("get", call, owner, projectname, PackageParser)

    def delete_package(self, projectname: str, pkg_name: str, ownername: str | None = None) -> CoprResponse:
        """Delete a package and its builds.

        :param projectname: name of the project.
        :param pkg_name: name of the package.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project or the package does not exist, or the user has no
            permission.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/package/delete/{pkg_name}/``
        """
        owner = self._owner(ownername)
        call = post("coprs", owner, projectname, "package", "delete", pkg_name)
        return self._about_package("post", call, owner, projectname)

    def reset_package(self, projectname: str, pkg_name: str, ownername: str | None = None) -> CoprResponse:
        """Remove the source of a package.

        The package and its builds remain.

        :param projectname: name of the project.
        :param pkg_name: name of the package.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project or the package does not exist, or the user has no
            permission.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/package/reset/{pkg_name}/``
        """
        owner = self._owner(ownername)
        call = post("coprs", owner, projectname, "package", "reset", pkg_name, again=True)
        return self._about_package("post", call, owner, projectname)

    def build_package(
        self,
        projectname: str,
        pkg_name: str,
        ownername: str | None = None,
        chroots: str | Iterable[str] | None = None,
        timeout: int | str | None = None,
    ) -> CoprResponse:
        """Submit a build of a package from its source.

        :param projectname: name of the project.
        :param pkg_name: name of the package.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param chroots: names of chroots to build in: a list, or one name. Default: all chroots of the
            project.
        :param timeout: seconds after which the build is stopped. Default: the service's choice.
        :returns: a response with `builds_list` (BuildWrappers) and `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project or the package does not exist, or the package has no source.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/package/build/{pkg_name}/``
        """
        owner = self._owner(ownername)
        form = {**chosen(chroots), "timeout": timeout or None, "username": self.username}
        return self._respond(
            "post",
            submit("coprs", owner, projectname, "package", "build", pkg_name, form=form),
            [CommonMsgErrorOutParser, NewBuildListParser],
            lambda response: BaseHandle(self, username=owner, response=response),
            about={"projectname": projectname, "username": owner},
        )

    def process_package_action(
        self,
        request_url: str,
        ownername: str | None,
        projectname: str,
        data: Mapping[str, Any],
        fetch_functor: Callable[..., Document] | None = None,
    ) -> CoprResponse:
        """Add or edit a package with any fields.

        The other methods are easier to use.

        :param request_url: URL of the call, as `get_package_add_url` and `get_package_edit_url` return it.
        :param ownername: owner of the project: name of a user, or of a group as "@name". None for the
            client's user.
        :param projectname: name of the project.
        :param data: fields of the request.
        :param fetch_functor: sends the request instead of this client. It is called with the URL, the fields
            and `method="post"`, and returns the response's document.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprValidationException: `request_url` is not a URL of this client's service.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project or the package does not exist, or the service refuses a
            value.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST`` to `request_url`
        """
        owner = self._owner(ownername)
        if fetch_functor is not None:
            fetch = fetch_functor

            def fetched() -> Plan[Document]:
                document: Document = yield Work(lambda: fetch(request_url, data, method="post"))
                return document

            return self._about_package("post", fetched(), owner, projectname)
        if not request_url.startswith(f"{self.api_url}/"):
            raise CoprValidationException(
                f"{request_url} is not below {self.api_url}, so no login is sent there."
            )
        segments = [unquote(each) for each in request_url[len(self.api_url) :].strip("/").split("/")]
        call = post(*segments, form={**data, "username": self.username}, again="/edit/" in request_url)
        return self._about_package("post", call, owner, projectname)

    def get_package_add_url(self, ownername: str, projectname: str, source_type: str) -> str:
        """Return the URL of the call that adds a package.

        :param ownername: owner of the project: name of a user, or of a group as "@name".
        :param projectname: name of the project.
        :param source_type: type of the source, such as "scm" or "git_and_tito".
        :returns: the URL.
        :raises CoprValidationException: a name is empty, "." or "..".
        """
        return self._url("coprs", ownername, projectname, "package", "add", source_type)

    def get_package_edit_url(
        self, ownername: str, projectname: str, package_name: str, source_type: str
    ) -> str:
        """Return the URL of the call that edits a package.

        :param ownername: owner of the project: name of a user, or of a group as "@name".
        :param projectname: name of the project.
        :param package_name: name of the package.
        :param source_type: type of the source, such as "scm" or "git_and_tito".
        :returns: the URL.
        :raises CoprValidationException: a name is empty, "." or "..".
        """
        return self._url("coprs", ownername, projectname, "package", package_name, "edit", source_type)

    def get_package_delete_url(self, ownername: str, projectname: str, package_name: str) -> str:
        """Return the URL that the released client had for deleting a package.

        The service has another one.

        :param ownername: owner of the project: name of a user, or of a group as "@name".
        :param projectname: name of the project.
        :param package_name: name of the package.
        :returns: the URL.
        :raises CoprValidationException: a name is empty, "." or "..".
        """
        return self._url("coprs", ownername, projectname, "package", package_name, "delete")

    def _url(self, *segments: str) -> str:
        """Return the URL of an endpoint."""
        return f"{self.api_url}{path(*segments)}/"

    def _about_package(
        self, method: str, plan: Flow[Document], owner: str, projectname: str, *parsers: Any
    ) -> CoprResponse:
        """Return the response to a call on packages."""
        return self._respond(
            method,
            plan,
            [CommonMsgErrorOutParser, *parsers],
            lambda response: BaseHandle(self, username=owner, response=response),
            about={"projectname": projectname, "ownername": owner},
        )


def _builds(latest: bool, latest_succeeded: bool, every: bool) -> dict[str, str | None]:
    """Return the query arguments that add builds to packages."""
    return {
        "with_latest_build": switch(bool(latest)),
        "with_latest_succeeded_build": switch(bool(latest_succeeded)),
        "with_all_builds": switch(bool(every)),
    }


evaluable(__name__)
