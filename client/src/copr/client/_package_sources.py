"""The legacy client's calls that say where a package's builds come from: one to create, one to change,
each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._typing import Any
from . import _source_fields as fields
from ._calls import post, submit, switch
from ._packages import Packages
from .responses import CoprResponse


class PackageSources(Packages):
    """Calls that say where a package's builds come from."""

    def add_package_tito(
        self,
        package_name: str,
        projectname: str,
        git_url: str,
        git_dir: str | None = None,
        git_branch: str | None = None,
        tito_test: bool | None = None,
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Create a package whose builds are made by tito; `add_package_scm` can more.

        `git_url`: the repository; `git_dir`: the directory in it; `git_branch`: default the usual one;
        `tito_test`: of the newest commit, not of the newest tag; `ownername`: the project's owner, default
        the client's; `webhook_rebuild`: build it when a webhook asks for it.

        Returns a response with `message`; `handle` is a BaseHandle. Raises CoprRequestException where the
        service refuses. Source: POST /api/coprs/OWNER/PROJECT/package/add/git_and_tito/
        """
        source = fields.tito(git_url, git_dir, git_branch, switch(tito_test))
        return self._add(package_name, projectname, "git_and_tito", source, ownername, webhook_rebuild)

    def edit_package_tito(
        self,
        package_name: str,
        projectname: str,
        git_url: str,
        git_dir: str | None = None,
        git_branch: str | None = None,
        tito_test: bool | None = None,
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Have a package's builds made by tito. Parameters, result and errors: as for `add_package_tito`.
        Source: POST /api/coprs/OWNER/PROJECT/package/PACKAGE/edit/git_and_tito/
        """
        source = fields.tito(git_url, git_dir, git_branch, switch(tito_test))
        return self._edit(package_name, projectname, "git_and_tito", source, ownername, webhook_rebuild)

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
        """Create a package that is built from the Python package index.

        `pypi_package_version`: default the newest; `spec_template`: of the generator; `python_versions`: such
        as [3]; the other parameters, what is returned and raised: as for `add_package_tito`. Source: POST
        /api/coprs/OWNER/PROJECT/package/add/pypi/
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
        """Have a package built from the Python package index. Parameters, result and errors: as for
        `add_package_pypi`. Source: POST /api/coprs/OWNER/PROJECT/package/PACKAGE/edit/pypi/
        """
        source = fields.pypi(pypi_package_name, pypi_package_version, spec_template, python_versions)
        return self._edit(package_name, projectname, "pypi", source, ownername, webhook_rebuild)

    def add_package_mockscm(
        self,
        package_name: str,
        projectname: str,
        scm_type: str,
        scm_url: str,
        scm_branch: str | None,
        spec: str,
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Create a package from a spec file in a version control system; `add_package_scm` can more.

        `scm_type`: "git" or "svn"; `scm_url`: its address; `scm_branch`: None for the usual one; `spec`: the
        spec file in it; the other parameters, what is returned and raised: as for `add_package_tito`. Source:
        POST /api/coprs/OWNER/PROJECT/package/add/mock_scm/
        """
        source = fields.mock_scm(scm_type, scm_url, scm_branch, spec)
        return self._add(package_name, projectname, "mock_scm", source, ownername, webhook_rebuild)

    def edit_package_mockscm(
        self,
        package_name: str,
        projectname: str,
        scm_type: str,
        scm_url: str,
        scm_branch: str | None,
        spec: str,
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Have a package built from a spec file in a version control system. Parameters, result and errors:
        as for `add_package_mockscm`. Source: POST /api/coprs/OWNER/PROJECT/package/PACKAGE/edit/mock_scm/
        """
        source = fields.mock_scm(scm_type, scm_url, scm_branch, spec)
        return self._edit(package_name, projectname, "mock_scm", source, ownername, webhook_rebuild)

    def add_package_scm(
        self,
        package_name: str,
        projectname: str,
        clone_url: str,
        committish: str = "",
        subdirectory: str = "",
        spec: str = "",
        scm_type: str = "git",
        srpm_build_method: str = "rpkg",
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Create a package from a version control system.

        `clone_url`, `committish`, `subdirectory`, `spec`, `scm_type`, `srpm_build_method`: as for
        `create_new_build_scm`; the other parameters, what is returned and raised: as for `add_package_tito`.
        Source: POST /api/coprs/OWNER/PROJECT/package/add/scm/
        """
        source = fields.scm(clone_url, committish, subdirectory, spec, scm_type, srpm_build_method)
        return self._add(package_name, projectname, "scm", source, ownername, webhook_rebuild)

    def edit_package_scm(
        self,
        package_name: str,
        projectname: str,
        clone_url: str,
        committish: str = "",
        subdirectory: str = "",
        spec: str = "",
        scm_type: str = "git",
        srpm_build_method: str = "rpkg",
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Have a package built from a version control system. Parameters, result and errors: as for
        `add_package_scm`. Source: POST /api/coprs/OWNER/PROJECT/package/PACKAGE/edit/scm/
        """
        source = fields.scm(clone_url, committish, subdirectory, spec, scm_type, srpm_build_method)
        return self._edit(package_name, projectname, "scm", source, ownername, webhook_rebuild)

    def add_package_rubygems(
        self,
        package_name: str,
        projectname: str,
        gem_name: str,
        ownername: str | None = None,
        webhook_rebuild: bool | None = None,
    ) -> CoprResponse:
        """Create a package that is built from RubyGems.

        `gem_name`: the gem's name; the other parameters, what is returned and raised: as for
        `add_package_tito`. Source: POST /api/coprs/OWNER/PROJECT/package/add/rubygems/
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
        """Have a package built from RubyGems. Parameters, result and errors: as for `add_package_rubygems`.
        Source: POST /api/coprs/OWNER/PROJECT/package/PACKAGE/edit/rubygems/
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
        """Create a package that a script makes.

        `script`, `script_chroot`, `script_builddeps`, `script_resultdir`: as for `create_new_build_custom`;
        the other parameters, what is returned and raised: as for `add_package_tito`. Source: POST
        /api/coprs/OWNER/PROJECT/package/add/custom/
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
        """Have a package made by a script. Parameters, result and errors: as for `add_package_custom`.
        Source: POST /api/coprs/OWNER/PROJECT/package/PACKAGE/edit/custom/
        """
        source = fields.custom(script, script_chroot, script_builddeps, script_resultdir)
        return self._edit(package_name, projectname, "custom", source, ownername, webhook_rebuild)

    def _add(
        self,
        name: str,
        projectname: str,
        kind: str,
        source: Mapping[str, Any],
        ownername: str | None,
        webhook_rebuild: bool | None,
    ) -> CoprResponse:
        owner = self._owner(ownername)
        form = {
            "package_name": name,
            **source,
            "webhook_rebuild": switch(bool(webhook_rebuild)),
            "username": self.username,
        }
        call = submit("coprs", owner, projectname, "package", "add", kind, form=form)
        return self._about_package("post", call, owner, projectname)

    def _edit(
        self,
        name: str,
        projectname: str,
        kind: str,
        source: Mapping[str, Any],
        ownername: str | None,
        webhook_rebuild: bool | None,
    ) -> CoprResponse:
        owner = self._owner(ownername)
        form = {
            "package_name": name,
            **source,
            "webhook_rebuild": switch(webhook_rebuild),
            "username": self.username,
        }
        call = post("coprs", owner, projectname, "package", name, "edit", kind, form=form, again=True)
        return self._about_package("post", call, owner, projectname)
