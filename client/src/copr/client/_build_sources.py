"""The legacy client's calls that submit builds from other places than files: indexes, repositories,
scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._typing import Any
from . import _source_fields as fields
from ._builds import Builds, Progress
from ._calls import sent
from .responses import CoprResponse


class BuildSources(Builds):
    """Calls that submit builds from indexes, repositories and scripts."""

    def create_new_build_pypi(
        self,
        projectname: str,
        pypi_package_name: str,
        pypi_package_version: str | None = None,
        spec_template: str = "",
        python_versions: Iterable[int | str] = (3, 2),
        username: str | None = None,
        timeout: int | str | None = None,
        memory: int | str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
    ) -> CoprResponse:
        """Submit a build of a package from the Python package index.

        `pypi_package_version`: default the newest; `spec_template`: of the generator; `python_versions`: such
        as [3]; the other parameters, what is returned and raised: as for `create_new_build`. Source: POST
        /api/coprs/OWNER/PROJECT/new_build_pypi/
        """
        source = fields.pypi(pypi_package_name, pypi_package_version, spec_template, python_versions)
        return self._create("pypi", projectname, source, username, timeout, memory, chroots, background)

    def create_new_build_tito(
        self,
        projectname: str,
        git_url: str,
        git_dir: str | None = None,
        git_branch: str | None = None,
        tito_test: bool | None = None,
        username: str | None = None,
        timeout: int | str | None = None,
        memory: int | str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
    ) -> CoprResponse:
        """Submit a build of what tito makes of a git repository; `create_new_build_scm` can more.

        `git_url`: its address; `git_dir`: the directory in it; `git_branch`: default the usual one;
        `tito_test`: of the newest commit, not of the newest tag; the other parameters, what is returned and
        raised: as for `create_new_build`. Source: POST /api/coprs/OWNER/PROJECT/new_build_tito/
        """
        # The service takes any text but "" and "false" for true.
        test = None if tito_test is None else "True" if tito_test else ""
        source = fields.tito(git_url, git_dir, git_branch, test)
        return self._create("tito", projectname, source, username, timeout, memory, chroots, background)

    def create_new_build_mock(
        self,
        projectname: str,
        scm_url: str,
        spec: str,
        scm_type: str = "git",
        scm_branch: str | None = None,
        username: str | None = None,
        timeout: int | str | None = None,
        memory: int | str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
    ) -> CoprResponse:
        """Submit a build of a spec file in a version control system; `create_new_build_scm` can more.

        `scm_url`: its address; `spec`: the spec file in it; `scm_type`: "git" or "svn"; `scm_branch`: default
        the usual one; the other parameters, what is returned and raised: as for `create_new_build`. Source:
        POST /api/coprs/OWNER/PROJECT/new_build_mock/
        """
        source = fields.mock_scm(scm_type, scm_url, scm_branch, spec)
        return self._create("mock", projectname, source, username, timeout, memory, chroots, background)

    def create_new_build_scm(
        self,
        projectname: str,
        clone_url: str,
        committish: str = "",
        subdirectory: str = "",
        spec: str = "",
        scm_type: str = "git",
        srpm_build_method: str = "rpkg",
        username: str | None = None,
        timeout: int | str | None = None,
        memory: int | str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
    ) -> CoprResponse:
        """Submit a build of what is in a version control system.

        `clone_url`: its address; `committish`: a branch, tag or commit; `subdirectory`: of the checkout;
        `spec`: the spec file in it; `scm_type`: "git" or "svn"; `srpm_build_method`: "rpkg", "tito",
        "tito_test" or "make_srpm"; the other parameters, what is returned and raised: as for
        `create_new_build`. Source: POST /api/coprs/OWNER/PROJECT/new_build_scm/
        """
        source = fields.scm(clone_url, committish, subdirectory, spec, scm_type, srpm_build_method)
        return self._create("scm", projectname, source, username, timeout, memory, chroots, background)

    def create_new_build_rubygems(
        self,
        projectname: str,
        gem_name: str,
        username: str | None = None,
        timeout: int | str | None = None,
        memory: int | str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
    ) -> CoprResponse:
        """Submit a build of a gem from RubyGems.

        `gem_name`: its name; the other parameters, what is returned and raised: as for `create_new_build`.
        Source: POST /api/coprs/OWNER/PROJECT/new_build_rubygems/
        """
        source = {"gem_name": gem_name}
        return self._create("rubygems", projectname, source, username, timeout, memory, chroots, background)

    def create_new_build_custom(
        self,
        projectname: str,
        script: str,
        script_chroot: str | None = None,
        script_builddeps: str | Iterable[str] | None = None,
        script_resultdir: str | None = None,
        username: str | None = None,
        timeout: int | str | None = None,
        memory: int | str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
    ) -> CoprResponse:
        """Submit a build of what a script makes.

        `script`: its text; `script_chroot`: where it runs; `script_builddeps`: packages that it needs, a list
        or words; `script_resultdir`: where it leaves its results; the other parameters, what is returned and
        raised: as for `create_new_build`. Source: POST /api/coprs/OWNER/PROJECT/new_build_custom/
        """
        source = fields.custom(script, script_chroot, script_builddeps, script_resultdir)
        return self._create("custom", projectname, source, username, timeout, memory, chroots, background)

    def create_new_build_distgit(
        self,
        projectname: str,
        clone_url: str,
        branch: str | None = None,
        username: str | None = None,
        timeout: int | str | None = None,
        memory: int | str | None = None,
        chroots: str | Iterable[str] | None = None,
        background: bool = False,
        progress_callback: Progress | None = None,
    ) -> CoprResponse:
        """Submit a build of a package in a dist-git.

        `clone_url`: its address; `branch`: default the usual one; the other parameters, what is returned and
        raised: as for `create_new_build`. Source: POST /api/coprs/OWNER/PROJECT/new_build_distgit/
        """
        source = {"clone_url": clone_url, "branch": branch}
        return self._create("distgit", projectname, source, username, timeout, memory, chroots, background)

    def _create(
        self,
        kind: str,
        projectname: str,
        source: Mapping[str, Any],
        username: str | None,
        timeout: int | str | None,
        memory: int | str | None,
        chroots: str | Iterable[str] | None,
        background: bool,
    ) -> CoprResponse:
        data = sent({"memory_reqs": memory, "timeout": timeout, **source})
        return self.process_creating_new_build(
            projectname, data, f"new_build_{kind}", username, chroots, background
        )
