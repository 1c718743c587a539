"""A plugin of dnf 4, which this service runs dnf with: it installs requirements, and says what dnf resolved.

- `dnf install-requirements REQUIREMENT...` takes what rpm writes into a header: names, files, versions and
  conditions, and no patterns or URLs, which `dnf install` would take as well.
- Before dnf downloads anything, two lists are written to the file that the variable
  `COPR_LOCAL_TRANSACTION` names, in JSON: `packages` of the transaction, each as [name, path, checksum], and
  what they and the installed packages are `about`: names, provides, requirements, and what the command names.
- Repositories with `metadata_expire=0` are looked at each time, not at most once in a second.
- Groups of packages can be installed where the iterators of libcomps crash, as on Debian 13.
"""

import json
import os
from typing import Any

import dnf
import dnf.cli
import dnf.comps
import dnf.exceptions
import dnf.selector
import hawkey
import libcomps

_LISTS = (libcomps.IdList, libcomps.PackageList)


class InstallRequirements(dnf.cli.Command):  # type: ignore[misc]
    """The command `install-requirements`."""

    aliases = ("install-requirements",)
    summary = "install what satisfies the requirements of packages"

    @staticmethod
    def set_argparser(parser: Any) -> None:
        """Add the arguments of the command.

        :param parser: the parser of dnf for this command.
        """
        parser.add_argument("requirements", nargs="+")

    def configure(self) -> None:
        """Say what dnf prepares for the command."""
        demands = self.cli.demands
        demands.available_repos = demands.resolving = demands.root_user = demands.sack_activation = True

    def run(self) -> None:
        """Mark a package for each requirement; fail with the names of those that nothing provides.

        :raises Error: nothing provides one of them.
        """
        self.base.upgrade_all()  # a project may have newer packages of the base root
        missing = [text for text in self.opts.requirements if not self._want(text)]
        if missing:
            raise dnf.exceptions.Error(f"No package provides: {', '.join(missing)}")

    def _want(self, text: str) -> bool:
        """Mark what provides a requirement; return False if nothing does."""
        sack = self.base.sack
        key = "provides"
        is_condition = text.startswith("(")  # the solver reads it
        if not is_condition and not sack.query().filterm(provides=hawkey.Reldep(sack, text)):
            if not text.startswith("/") or not sack.query().filterm(file=text):
                return False
            key = "file"
        selector = dnf.selector.Selector(sack)
        selector.set(**{key: text})
        self.base._goal.install(select=selector, optional=False)
        return True


def read_groups_by_index() -> None:
    """Let dnf read the lists of libcomps by index.

    :source: https://github.com/rpm-software-management/libcomps/pull/132: libcomps 0.1.21 crashes with Python
        3.13 when a list is iterated.
    """

    def items(found: Any) -> list[Any]:
        return [found[index] for index in range(len(found))]

    def attribute(self: Any, name: str) -> Any:
        found = getattr(self._i, name)
        return items(found) if isinstance(found, _LISTS) else found

    comps = dnf.comps.Comps
    comps.categories_iter = lambda self: map(self._build_category, items(self._i.categories))
    comps.environments_iter = lambda self: map(self._build_environment, items(self._i.environments))
    comps.groups_iter = lambda self: map(self._build_group, items(self._i.groups))
    dnf.comps.Forwarder.__getattr__ = attribute


class CoprLocalRequirements(dnf.Plugin):  # type: ignore[misc]
    """The plugin: it adds the command, and writes the transaction.

    :param base: dnf.
    :param cli: the command line of dnf; None in other programs.
    """

    name = "copr_local_requirements"

    def __init__(self, base: Any, cli: Any) -> None:
        super().__init__(base, cli)
        read_groups_by_index()
        if cli is not None:
            cli.register_command(InstallRequirements)

    def config(self) -> None:
        """Let dnf read the indexes of repositories that never count as fresh.

        Otherwise dnf uses what it has read within the same second, and a build right after another one does
        not find its packages.
        """
        for repository in self.base.repos.iter_enabled():
            if repository.metadata_expire == 0:
                repository._repo.expire()

    def resolved(self) -> None:
        """Write the packages that dnf is about to download."""
        chosen = list(self.base.transaction.install_set) if self.base.transaction else []
        about = {package.name for package in (*chosen, *self.base.sack.query().installed())}
        about.update(getattr(self.cli.command.opts, "requirements", ()))
        about.update(getattr(self.cli.command.opts, "pkg_specs", ()))
        for package in chosen:
            for kind in ("provides", "requires", "requires_pre", "recommends", "obsoletes", "conflicts"):
                about.update(map(str, getattr(package, kind)))
        answer = {
            "packages": sorted(
                [str(package), package.localPkg(), package.chksum[1].hex()] for package in chosen
            ),
            "about": sorted(about),
        }
        with open(os.environ["COPR_LOCAL_TRANSACTION"], "w") as file:
            json.dump(answer, file)
