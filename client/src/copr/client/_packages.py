"""The legacy client's calls on packages: where a project's builds come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import unquote

from .._calls import path
from .._errors import CoprValidationException
from .._typing import Any
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
        """Ask for a project's packages.

        `with_latest_build`, `with_latest_succeeded_build`, `with_all_builds`: put these builds into their
        data; `ownername`: the project's owner, default the client's.

        Returns a response with `packages_list` (PackageWrapper); `handle` is a BaseHandle. Raises
        CoprRequestException where there is no such project. Source: GET
        /api/coprs/OWNER/PROJECT/package/list/
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
        """Ask for a package.

        `pkg_name`: its name; the other parameters are those of `get_packages_list`.

        Returns a response with `package` (PackageWrapper); `handle` is a BaseHandle. Raises
        CoprRequestException where there is no such package. Source: GET
        /api/coprs/OWNER/PROJECT/package/get/PACKAGE/
        """
        owner = self._owner(ownername)
        query = _builds(with_latest_build, with_latest_succeeded_build, with_all_builds)
        call = get("coprs", owner, projectname, "package", "get", pkg_name, query=query)
        return self._about_package("get", call, owner, projectname, PackageParser)

    def delete_package(self, projectname: str, pkg_name: str, ownername: str | None = None) -> CoprResponse:
        """Delete a package with its builds.

        `pkg_name`: its name; `ownername`: the project's owner, default the client's.

        Returns a response with `message`; `handle` is a BaseHandle. Raises CoprRequestException where there
        is no such package or it may not be deleted. Source: POST
        /api/coprs/OWNER/PROJECT/package/delete/PACKAGE/
        """
        owner = self._owner(ownername)
        call = post("coprs", owner, projectname, "package", "delete", pkg_name)
        return self._about_package("post", call, owner, projectname)

    def reset_package(self, projectname: str, pkg_name: str, ownername: str | None = None) -> CoprResponse:
        """Forget where a package's builds come from.

        The parameters, what is returned and raised: as for `delete_package`. Source: POST
        /api/coprs/OWNER/PROJECT/package/reset/PACKAGE/
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
        """Submit a build of a package, from where its builds come from.

        `pkg_name`: its name; `ownername`: the project's owner, default the client's; `chroots`: names,
        default all of the project; `timeout`: seconds.

        Returns a response with `builds_list` (BuildWrapper) and `message`; `handle` is a BaseHandle. Raises
        CoprRequestException where there is no such package or it has no source, CoprSubmissionUnknown where
        the answer was lost. Source: POST /api/coprs/OWNER/PROJECT/package/build/PACKAGE/
        """
        owner = self._owner(ownername)
        form = {**chosen(chroots), "timeout": timeout, "username": self.username}
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
        """Create or change a package with fields of one's own; the other methods say it better.

        `request_url`: as `get_package_add_url` and `get_package_edit_url` make it; `ownername`,
        `projectname`: the project; `data`: the fields; `fetch_functor`: sends them, called with the address,
        the fields and method="post", instead of this client.

        Returns a response with `message`; `handle` is a BaseHandle. Raises CoprValidationException for the
        address of another service, CoprRequestException where the service refuses. Source: POST `request_url`
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
        """The address that creates a package; `source_type`: such as "scm" or "git_and_tito"."""
        return self._address("coprs", ownername, projectname, "package", "add", source_type)

    def get_package_edit_url(
        self, ownername: str, projectname: str, package_name: str, source_type: str
    ) -> str:
        """The address that changes a package; `source_type`: such as "scm" or "git_and_tito"."""
        return self._address("coprs", ownername, projectname, "package", package_name, "edit", source_type)

    def get_package_delete_url(self, ownername: str, projectname: str, package_name: str) -> str:
        """The address of a package's deletion, as the released client made it; the service has another."""
        return self._address("coprs", ownername, projectname, "package", package_name, "delete")

    def _address(self, *segments: str) -> str:
        return f"{self.api_url}{path(*segments)}/"

    def _about_package(
        self, method: str, plan: Flow[Document], owner: str, projectname: str, *parsers: Any
    ) -> CoprResponse:
        return self._respond(
            method,
            plan,
            [CommonMsgErrorOutParser, *parsers],
            lambda response: BaseHandle(self, username=owner, response=response),
            about={"projectname": projectname, "ownername": owner},
        )


def _builds(latest: bool, latest_succeeded: bool, every: bool) -> dict[str, str | None]:
    """The switches for builds in a query."""
    return {
        "with_latest_build": switch(latest) or None,
        "with_latest_succeeded_build": switch(latest_succeeded) or None,
        "with_all_builds": switch(every) or None,
    }
