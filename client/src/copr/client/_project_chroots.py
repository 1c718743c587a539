"""The legacy client's calls on the chroots of projects."""

from __future__ import annotations

import os
from collections.abc import Iterable

from .._errors import CoprValidationException
from .._typing import evaluable
from ._base import Caller
from ._calls import get, local_file, post, switch, upload, words
from .parsers import CommonMsgErrorOutParser, CoprChrootParser, fabric_simple_fields_parser
from .responses import BaseHandle, CoprResponse, ProjectChrootHandle

_ChrootFieldsParser = fabric_simple_fields_parser(("buildroot_pkgs", "output", "error"), "ChrootFieldsParser")


class ProjectChroots(Caller):
    """Calls on the chroots of projects."""

    def get_project_chroot_details(
        self, projectname: str, chrootname: str, username: str | None = None
    ) -> CoprResponse:
        """Return the packages that are installed before builds in one chroot of a project.

        :param projectname: name of the project.
        :param chrootname: name of the chroot, such as "fedora-45-x86_64".
        :param username: owner of the project: name of a user, or of a group as "@name". Default: the client's
            user.
        :returns: a response with `buildroot_pkgs` (names with spaces in between). `handle` is a
            ProjectChrootHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprRequestException: the project does not exist, or it does not have this chroot.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``GET /api/coprs/{username}/{projectname}/detail/{chrootname}/``
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
        """Set the packages that are installed before builds in one chroot of a project.

        `edit_chroot` sets more.

        :param projectname: name of the project.
        :param chrootname: name of the chroot, such as "fedora-45-x86_64".
        :param pkgs: names of packages: a list, or one string with spaces in between. None removes all.
        :param username: owner of the project: name of a user, or of a group as "@name". Default: the client's
            user.
        :returns: a response with `buildroot_pkgs` (names with spaces in between). `handle` is a
            ProjectChrootHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, or it does not have this chroot.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{username}/{projectname}/modify/{chrootname}/``
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
        """Return a project's settings for one chroot.

        :param projectname: name of the project.
        :param ownername: owner of the project: name of a user, or of a group as "@name".
        :param chrootname: name of the chroot, such as "fedora-45-x86_64".
        :returns: a response with `chroot` (a CoprChrootWrapper). `handle` is a BaseHandle.
        :raises CoprValidationException: no chroot is given.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprRequestException: the project does not exist, or it does not have this chroot.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``GET /api/coprs/{ownername}/{projectname}/chroot/get/{chrootname}/``
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
        """Change a project's settings for one chroot.

        Parameters that are None leave a setting as it is.

        :param projectname: name of the project.
        :param chrootname: name of the chroot, such as "fedora-45-x86_64".
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param upload_comps: path of a comps.xml file to upload.
        :param delete_comps: remove the comps.xml file that the chroot has.
        :param packages: packages to install before each build: a list, or one string with spaces in between.
        :param repos: URLs of repositories that builds may install from: a list, or one string with spaces in
            between.
        :returns: a response with `chroot` (a CoprChrootWrapper). `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the file cannot be read, the project does not exist, or it does not have
            this chroot; or the service refuses a value.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/chroot/edit/{chrootname}/``
        """
        owner = self._owner(ownername)
        form = {
            "delete_comps": switch(delete_comps),
            "buildroot_pkgs": words(packages),
            "repos": words(repos),
        }
        where = ("coprs", owner, projectname, "chroot", "edit", chrootname)
        if upload_comps:
            part = local_file("upload_comps", upload_comps, "application/text")
            call = upload(*where, form={"upload_comps": part, **form})
        else:
            call = post(*where, form={**form, "username": self.username}, again=True)
        return self._respond(
            "post",
            call,
            [CommonMsgErrorOutParser, CoprChrootParser],
            lambda response: BaseHandle(self, username=owner, response=response),
            about={"projectname": projectname, "ownername": owner},
        )


evaluable(__name__)
