"""The legacy client's calls that set the source of a package to a package index or a script."""

from __future__ import annotations

from collections.abc import Iterable

from .._typing import evaluable
from . import _source_fields as fields
from ._package_repositories import PackageRepositories
from .responses import CoprResponse


class PackageSources(PackageRepositories):
    """Calls that add and edit packages that are built from a package index or by a script."""

    def add_package_pypi(
        self,
        package_name: str,
        projectname: str,
        pypi_package_name: str,
        pypi_package_version: str | None = None,
        spec_template: str = "",
        python_versions: Iterable[int | str] = (3, 2),
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Add a package that is built from the Python Package Index.

        :param package_name: name of the new package.
        :param projectname: name of the project.
        :param pypi_package_name: name of the package on the index.
        :param pypi_package_version: version of the package. Default: the newest.
        :param spec_template: template of the spec file generator. Default: the generator's own.
        :param python_versions: major versions of Python to build for.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param webhook_rebuild: build the package when a webhook of its repository is called.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, the package already exists, or the service
            refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/package/add/pypi/``
        """
        source = fields.pypi(pypi_package_name, pypi_package_version, spec_template, python_versions)
        return self._add(package_name, projectname, "pypi", source, ownername, webhook_rebuild)

    def edit_package_pypi(
        self,
        package_name: str,
        projectname: str,
        pypi_package_name: str,
        pypi_package_version: str | None = None,
        spec_template: str = "",
        python_versions: Iterable[int | str] = (3, 2),
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Set the source of a package to a package of the Python Package Index.

        :param package_name: name of the package.
        :param projectname: name of the project.
        :param pypi_package_name: name of the package on the index.
        :param pypi_package_version: version of the package. Default: the newest.
        :param spec_template: template of the spec file generator. Default: the generator's own.
        :param python_versions: major versions of Python to build for.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param webhook_rebuild: build the package when a webhook of its repository is called. None leaves this
            as it is.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project or the package does not exist, or the service refuses a
            value.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/package/{package_name}/edit/pypi/``
        """
        source = fields.pypi(pypi_package_name, pypi_package_version, spec_template, python_versions)
        return self._edit(package_name, projectname, "pypi", source, ownername, webhook_rebuild)

    def add_package_rubygems(
        self,
        package_name: str,
        projectname: str,
        gem_name: str,
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Add a package that is built from RubyGems.

        :param package_name: name of the new package.
        :param projectname: name of the project.
        :param gem_name: name of the gem.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param webhook_rebuild: build the package when a webhook of its repository is called.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, the package already exists, or the service
            refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/package/add/rubygems/``
        """
        source = {"gem_name": gem_name}
        return self._add(package_name, projectname, "rubygems", source, ownername, webhook_rebuild)

    def edit_package_rubygems(
        self,
        package_name: str,
        projectname: str,
        gem_name: str,
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Set the source of a package to a gem of RubyGems.

        :param package_name: name of the package.
        :param projectname: name of the project.
        :param gem_name: name of the gem.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param webhook_rebuild: build the package when a webhook of its repository is called. None leaves this
            as it is.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project or the package does not exist, or the service refuses a
            value.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/package/{package_name}/edit/rubygems/``
        """
        source = {"gem_name": gem_name}
        return self._edit(package_name, projectname, "rubygems", source, ownername, webhook_rebuild)

    def add_package_custom(
        self,
        package_name: str,
        projectname: str,
        script: str,
        script_chroot: str | None = None,
        script_builddeps: str | Iterable[str] | None = None,
        script_resultdir: str | None = None,
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Add a package that is built from the sources that a script makes.

        :param package_name: name of the new package.
        :param projectname: name of the project.
        :param script: text of the script. Its first line names the interpreter, as "#!/bin/sh" does.
        :param script_chroot: name of the chroot to run the script in. Default: the service's choice.
        :param script_builddeps: packages that the script needs: a list, or one string with spaces in between.
        :param script_resultdir: directory in which the script leaves its results. Default: the directory that
            it starts in.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param webhook_rebuild: build the package when a webhook of its repository is called.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project does not exist, the package already exists, or the service
            refuses a value.
        :raises CoprSubmissionUnknown: the response was lost. Check on the service whether the call was
            carried out.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/package/add/custom/``
        """
        source = fields.custom(script, script_chroot, script_builddeps, script_resultdir)
        return self._add(package_name, projectname, "custom", source, ownername, webhook_rebuild)

    def edit_package_custom(
        self,
        package_name: str,
        projectname: str,
        script: str,
        script_chroot: str | None = None,
        script_builddeps: str | Iterable[str] | None = None,
        script_resultdir: str | None = None,
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Set the source of a package to a script that makes the sources.

        :param package_name: name of the package.
        :param projectname: name of the project.
        :param script: text of the script. Its first line names the interpreter, as "#!/bin/sh" does.
        :param script_chroot: name of the chroot to run the script in. Default: the service's choice.
        :param script_builddeps: packages that the script needs: a list, or one string with spaces in between.
        :param script_resultdir: directory in which the script leaves its results. Default: the directory that
            it starts in.
        :param ownername: owner of the project: name of a user, or of a group as "@name". Default: the
            client's user.
        :param webhook_rebuild: build the package when a webhook of its repository is called. None leaves this
            as it is.
        :returns: a response with `message`. `handle` is a BaseHandle.
        :raises CoprConfigException: no owner is given, and the client has no username.
        :raises CoprLoginException: no login and token are configured, or the service does not accept them.
        :raises CoprRequestException: the project or the package does not exist, or the service refuses a
            value.
        :raises CoprUnknownResponseException: the response is not in the format of Copr's API.
        :raises CoprConnectionException: the service cannot be reached.
        :raises CoprTimeoutException: the service does not respond in time.
        :source: ``POST /api/coprs/{ownername}/{projectname}/package/{package_name}/edit/custom/``
        """
        source = fields.custom(script, script_chroot, script_builddeps, script_resultdir)
        return self._edit(package_name, projectname, "custom", source, ownername, webhook_rebuild)


evaluable(__name__)
