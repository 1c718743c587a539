"""The configuration of a root: a plain dnf configuration, `DATA/chroots/NAME.conf`, with the repositories.

    [main]
    module_platform_id=platform:f44

    [fedora]
    name=Fedora
    metalink=https://mirrors.fedoraproject.org/metalink?repo=fedora-$releasever&arch=$basearch
    gpgkey=https://...

    [copr-local]
    install = @buildsys-build

The section `copr-local` is the only one that dnf does not know. All other sections besides `main` are
repositories. Its options:

- `install`: the packages and groups of each base root, separated by spaces.
- `bootstrap`: `on` to install roots with dnf and rpm of the distribution (`tools.py`), `off` to install them
  with those of this machine; `auto`, the default, is `on` if the rpm of the distribution is newer.
- `bootstrap_install`: the packages that have this dnf and rpm.
"""

from __future__ import annotations

import configparser
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from ..macros import Chroot
from ..tasks import BuildFailed, Repository
from .tools import BOOTSTRAP

OWN_SECTION = "copr-local"
DEFAULT_INSTALL = ("@buildsys-build",)
BOOTSTRAPS = ("auto", "on", "off")
REPOSITORIES = "/repositories"  # where dnf finds folders with repositories

_OWN_OPTIONS = {"install", "bootstrap", "bootstrap_install"}
_DEFAULTS = {"best": "1", "install_weak_deps": "0"}
_FIXED = {
    "reposdir": "/dev/null",
    "plugins": "1",
    "pluginpath": "/plugin",
    "pluginconfpath": "/dev/null",
    "keepcache": "1",
    "assumeyes": "1",
    "clean_requirements_on_remove": "0",
}
# For the dnf in a root; it reads more repositories from a folder that `dnf config-manager` can write to.
_IN_ROOT = {"reposdir": "/run/repositories", "assumeyes": "1"}
_URLS = ("baseurl", "metalink", "mirrorlist", "gpgkey")
# How a real Copr gives the repositories of a project to mock.
_OF_BUILD = {"enabled": "1", "gpgcheck": "0", "skip_if_unavailable": "0", "metadata_expire": "0", "cost": "1"}
_BASE_ARCHITECTURES = {"i686": "i386", "armv7hl": "armhfp"}


@dataclass(frozen=True)
class Configuration:
    """A configuration that was read.

    :param chroot: the chroot that it is for.
    :param main: the options of dnf.
    :param repositories: the options of each repository, by its id.
    :param install: packages and groups of each base root.
    :param bootstrap: one of `BOOTSTRAPS`.
    :param bootstrap_install: packages of the bootstrap root.
    :param modules: modules to enable, in their order; those with `!` before their names are disabled.
    """

    chroot: Chroot
    main: Mapping[str, str]
    repositories: Mapping[str, Mapping[str, str]]
    install: tuple[str, ...]
    bootstrap: str = "auto"
    bootstrap_install: tuple[str, ...] = BOOTSTRAP
    modules: tuple[str, ...] = ()

    @property
    def has_docs(self) -> bool:
        """True if the documentation of packages is installed."""
        return "nodocs" not in re.split(r"[,\s]+", self.main.get("tsflags", ""))

    @property
    def has_keys(self) -> bool:
        """True if a repository names keys that sign its packages."""
        return any("gpgkey" in options for options in self.repositories.values())

    @property
    def base_architecture(self) -> str:
        """What dnf replaces `$basearch` by."""
        return _BASE_ARCHITECTURES.get(self.chroot.arch, self.chroot.arch)

    def expanded(self, url: str) -> str:
        """Return a URL with the variables of dnf replaced.

        :param url: URL of a repository.
        :returns: the URL; unknown variables stay.
        """
        values = {
            "releasever": self.chroot.version,
            "basearch": self.base_architecture,
            "arch": self.chroot.arch,
        }
        return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: values.get(found[1] or found[2], found[0]), url)

    def folders(self) -> dict[str, Path]:
        """Return the folders of the repositories with `file:` URLs.

        :returns: the folders by these URLs, after expansion.
        """
        urls = (url for options in self.repositories.values() for url in _urls(options))
        expanded = (self.expanded(url) for url in urls)
        return {
            url: Path(unquote(url.removeprefix("file://"))) for url in expanded if url.startswith("file:")
        }

    def is_local(self) -> bool:
        """Return True if all repositories are folders of this machine.

        :returns: False if dnf has to download the metadata of one.
        """
        return all(
            "metalink" not in options
            and "mirrorlist" not in options
            and all(url.startswith("file:") for url in _urls(options))
            for options in self.repositories.values()
        )


def read_configuration(path: Path, chroot: Chroot) -> Configuration:
    """Read and check a configuration.

    :param path: the file.
    :param chroot: the chroot that it is for.
    :returns: the configuration.
    :raises BuildFailed: the file cannot be read, or is not a dnf configuration with repositories.
    """
    try:
        return parse_configuration(path.read_text(encoding="utf-8"), chroot)
    except FileNotFoundError:
        how = f"copr-local chroot add {chroot.name} --repos FILE"
        raise BuildFailed(f"the chroot {chroot.name} has no repositories: {how}") from None
    except (OSError, ValueError) as error:
        raise BuildFailed(f"the repositories of {chroot.name} cannot be read: {error}") from error


def parse_configuration(text: str, chroot: Chroot) -> Configuration:
    """Parse a configuration.

    :param text: content of the file.
    :param chroot: the chroot that it is for.
    :returns: the configuration.
    :raises ValueError: the text is not a dnf configuration with repositories; one line says why.
    """
    parser = configparser.RawConfigParser(default_section="", comment_prefixes=("#", ";"))
    try:
        parser.read_string(text)
    except configparser.Error as error:
        raise ValueError(" ".join(str(error).split())) from error
    repositories = {
        name: dict(parser[name])
        for name in parser.sections()
        if name not in ("main", OWN_SECTION) and parser[name].get("enabled", "1") not in ("0", "no", "false")
    }
    if not repositories:
        raise ValueError("it has no section with a repository, such as [fedora] with baseurl=URL")
    for name, options in repositories.items():
        if not re.fullmatch(r"[A-Za-z0-9_.:-]+", name):
            raise ValueError(f"[{name}] is not a valid id of a repository")
        if not {"baseurl", "metalink", "mirrorlist"} & options.keys():
            raise ValueError(f"the repository [{name}] has no baseurl, metalink or mirrorlist")
    own = dict(parser[OWN_SECTION]) if parser.has_section(OWN_SECTION) else {}
    if unknown := own.keys() - _OWN_OPTIONS:
        names = ", ".join(sorted(unknown))
        raise ValueError(
            f"[{OWN_SECTION}] has an unknown option {names}: it can have {', '.join(sorted(_OWN_OPTIONS))}"
        )
    bootstrap = own.get("bootstrap", BOOTSTRAPS[0])
    if bootstrap not in BOOTSTRAPS:
        raise ValueError(f"bootstrap={bootstrap} is not valid: use {', '.join(BOOTSTRAPS)}")
    install = tuple(own.get("install", "").split()) or DEFAULT_INSTALL
    bootstrap_install = tuple(own.get("bootstrap_install", "").split()) or BOOTSTRAP
    main = dict(parser["main"]) if parser.has_section("main") else {}
    return Configuration(chroot, main, repositories, install, bootstrap, bootstrap_install)


def for_dnf(
    configuration: Configuration, repositories: Sequence[Repository], *, in_root: bool = False
) -> str:
    """Return the configuration that dnf runs with.

    :param configuration: the configuration of the chroot.
    :param repositories: further repositories, those of a build.
    :param in_root: True for the dnf of a root, which programs of the build call.
    :returns: the text of the file. Folders with repositories are below `/repositories`.
    """
    sections = {"main": _DEFAULTS | dict(configuration.main) | (_IN_ROOT if in_root else _FIXED)}
    for name, options in configuration.repositories.items():
        sections[name] = {"skip_if_unavailable": "0", "name": name, **options}
        for option in _URLS:
            if option in options:
                sections[name][option] = configuration.expanded(options[option])
        if urls := list(_urls(sections[name])):
            sections[name]["baseurl"] = " ".join(map(_inside, urls))
    for repository in repositories:
        where = place_of(repository.folder) if repository.folder is not None else repository.url
        wanted = {
            "priority": repository.priority,
            "module_hotfixes": repository.module_hotfixes,
            "repo_gpgcheck": repository.repo_gpgcheck,
        }
        given = {key: str(int(value)) for key, value in wanted.items() if value is not None}
        title = " ".join(repository.name.split())
        sections[_free(repository.id, sections)] = {
            "name": title,
            "baseurl": f"file://{where}" if repository.folder is not None else str(where),
            **_OF_BUILD,
            **given,
        }
    return "".join(
        f"[{name}]\n" + "".join(f"{key}={_one_value(value)}\n" for key, value in options.items()) + "\n"
        for name, options in sections.items()
    )


def place_of(folder: Path) -> str:
    """Return the path at which dnf finds a folder with a repository.

    :param folder: the folder on this machine.
    :returns: the path; dnf keeps metadata by it, so each folder has its own. Its last part is the name of the
        folder: the repository of a project in devel mode lists packages that are next to it.
    """
    return f"{REPOSITORIES}/{hashlib.sha256(str(folder.parent).encode()).hexdigest()[:16]}/{folder.name}"


def _inside(url: str) -> str:
    """Return a URL of the configuration as dnf gets it."""
    if not url.startswith("file:"):
        return url
    return f"file://{place_of(_path(url))}"


def _path(url: str) -> Path:
    """Return the folder that a `file:` URL names."""
    return Path(unquote(url.removeprefix("file:"))).absolute()


def _urls(options: Mapping[str, str]) -> Iterator[str]:
    """Return the base URLs of a repository."""
    yield from (url for url in re.split(r"[,\s]+", options.get("baseurl", "")) if url)


def keys(configuration: Configuration) -> list[Path]:
    """Return the files with keys that the repositories of a configuration name.

    :param configuration: the configuration.
    :returns: paths on this machine.
    """
    named = " ".join(options.get("gpgkey", "") for options in configuration.repositories.values())
    urls = (configuration.expanded(url) for url in re.split(r"[,\s]+", named) if url.startswith("file:"))
    return [_path(url) for url in urls]


def _one_value(value: str) -> str:
    """Return a value so that a line break does not end it."""
    return "\n    ".join(line.strip() for line in value.splitlines() if line.strip())


def _free(name: str, sections: Mapping[str, object]) -> str:
    """Return an id for a repository that no other one has."""
    while name in sections:
        name += "_"
    return name
