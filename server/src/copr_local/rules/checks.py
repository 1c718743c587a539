"""Checks of names, URLs, uploads and repositories. Each raises `Invalid` with the text to show.

Names become folders and parts of URLs. So these checks also keep a request inside the data folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.parsers import expat

from sqlalchemy import select

from ..data.database import Transaction
from ..data.models import Project
from . import limits
from .errors import Invalid
from .repository_addresses import project_of

LONGEST_NAME = 100  # characters of a project's name
LONGEST_DIRECTORY = 200  # characters of the name of a project directory

_PROJECT_NAME = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
_DIRECTORY = re.compile(r"(custom:.*|pr:[0-9]*)", re.ASCII | re.DOTALL)  # after the project's name
_DIRECTORY_SUFFIX = re.compile(r"[A-Za-z0-9]+(:[A-Za-z0-9]+)*", re.ASCII)
_EMAIL = re.compile(r"[^\s@/]+@[^\s@/]+")
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+([/?#]\S*)?", re.IGNORECASE)
_CLONE_ADDRESS = re.compile(r"(?!file:)[a-z][a-z0-9+.-]*://[^\s/?#@]+([/?#]\S*)?", re.IGNORECASE)
_NAMESPACE = re.compile(r"(?!\.\.?(/|$))[A-Za-z0-9_.+-]+(/(?!\.\.?(/|$))[A-Za-z0-9_.+-]+)*", re.ASCII)
_MODULE = re.compile(r"[a-zA-Z0-9_!-][^ ]*")  # of a module or stream; a ! in front disables the module
_RPM_MAGIC = b"\xed\xab\xee\xdb"
_SOURCE_FILES = (".src.rpm", ".nosrc.rpm", ".spec")


def project_name(name: str) -> None:
    """Check the name of a project.

    :param name: name to check.
    :raises Invalid: it is too long, has other characters than allowed, or has only digits or only dots.
    """
    if len(name) > LONGEST_NAME:
        raise Invalid(f"Field cannot be longer than {LONGEST_NAME} characters.")
    if not _PROJECT_NAME.fullmatch(name):
        raise Invalid("Name must contain only letters, digits, underscores, dashes and dots.")
    if name.isdigit():
        raise Invalid("Project's name can not be just number.")
    if not name.strip("."):
        raise Invalid("Project's name can not be just dots.")


def directory_name(project: Project, name: str) -> None:
    """Check the name of an additional directory of a project.

    :param project: the project.
    :param name: name to check: `PROJECT:custom:NAME` or `PROJECT:pr:ID`.
    :raises Invalid: it does not have this form, or is too long.
    """
    prefix = f"{project.name}:"
    if not name.startswith(prefix):
        raise Invalid(f"Copr dirname must start with '{prefix}' prefix")
    suffix = name.removeprefix(prefix)
    if not _DIRECTORY.fullmatch(suffix):
        raise Invalid(
            f"Please use directory format {prefix}custom:<SUFFIX_OF_CHOICE> or {prefix}pr:<ID>"
            " (for automatically removed directories)"
        )
    if len(name) > LONGEST_DIRECTORY or not _DIRECTORY_SUFFIX.fullmatch(suffix):
        raise Invalid(
            f"Wrong directory '{name}' specified.  Directory name can consist of alpha-numeric strings"
            " separated by colons."
        )


def contact(text: str) -> None:
    """Check the contact of a project.

    :param text: contact to check.
    :raises Invalid: it is neither an e-mail address nor an http or https URL.
    """
    if not (_EMAIL.fullmatch(text) or _WEB_ADDRESS.fullmatch(text)):
        raise Invalid("Contact must be email address or URL")


def web_addresses(addresses: Iterable[str]) -> None:
    """Check http and https URLs.

    :param addresses: URLs to check.
    :raises Invalid: one of them is not an http or https URL.
    """
    for address in addresses:
        if not _WEB_ADDRESS.fullmatch(address):
            raise Invalid(
                "A list of http[s] URLs separated by whitespace characters is needed"
                f" ('{address}' doesn't seem to be a valid URL)."
            )


def clone_address(address: str) -> None:
    """Check the URL of a version control repository.

    Every source with a URL from a user passes this check, in all APIs. A `file:` URL would read files of the
    machine. Only the administrator can name one, as a dist-git.

    :param address: URL to check, with any scheme except `file`.
    :raises Invalid: it is not a URL, or it has no host, or it has a user name or password.
    """
    if not _CLONE_ADDRESS.fullmatch(address):
        raise Invalid("Invalid URL.")


def namespace(path: str) -> None:
    """Check the namespace of a package in a dist-git.

    :param path: path to check, such as `forks/alice`.
    :raises Invalid: it is not a relative path, or leads out of the dist-git.
    """
    if not _NAMESPACE.fullmatch(path):
        raise Invalid(f"'{path}' is not a valid namespace of a dist-git.")


def source_addresses(addresses: Iterable[str]) -> None:
    """Check URLs of source RPMs and spec files.

    :param addresses: URLs to check.
    :raises Invalid: one of them is not an http or https URL, or not of a source RPM or spec file.
    """
    addresses = list(addresses)
    for check in (web_addresses, source_files):
        check(addresses)


def source_files(addresses: Iterable[str]) -> None:
    """Check that URLs end in .src.rpm, .nosrc.rpm or .spec, without their query and fragment.

    :param addresses: URLs to check.
    :raises Invalid: one of them ends otherwise, or they are too many.
    """
    addresses = list(addresses)
    limits.check("packages to build", len(addresses))
    for address in addresses:
        if not re.split(r"[?#]", address)[0].endswith(_SOURCE_FILES):
            raise Invalid(
                "URLs must end with .src.rpm, .nosrc.rpm, or .spec"
                f" ('{address}' doesn't seem to be a valid URL)."
            )


def uploaded_rpm_name(name: str) -> None:
    """Check the file name of an uploaded binary RPM.

    :param name: file name to check.
    :raises Invalid: it is not that of a binary RPM.
    """
    if not name.lower().endswith(".rpm") or name.lower().endswith(_SOURCE_FILES):
        raise Invalid("You can upload only .rpm files here, and no source RPMs")


def binary_rpm(beginning: bytes) -> None:
    """Check that a file is a binary RPM, by its lead.

    :param beginning: the first bytes of the file, at least eight.
    :raises Invalid: it is not an RPM, or it is a source RPM.
    :source: RPM V4 package format (RPM reference manual), "Lead"
    """
    if beginning[:4] != _RPM_MAGIC:
        raise Invalid("The file is not an RPM")
    if beginning[6:8] != b"\0\0":
        raise Invalid("The file is a source RPM, although its name says otherwise: submit it as a source RPM")


def uploaded_name(name: str) -> None:
    """Check the file name of an uploaded source RPM or spec file.

    :param name: file name to check.
    :raises Invalid: it is not that of a source RPM or spec file.
    """
    if not name.lower().endswith(_SOURCE_FILES) or name.lower() in _SOURCE_FILES:
        raise Invalid("You can upload only .src.rpm, .nosrc.rpm, and .spec files")


def modules(names: Iterable[str]) -> None:
    """Check modules that a chroot enables or disables.

    :param names: modules to check, as `MODULE:STREAM`; a `!` in front disables a module.
    :raises Invalid: one of them does not have this form, or a module is listed twice.
    """
    seen: set[str] = set()
    for each in names:
        parts = each.split(":")
        if len(parts) != 2:
            raise Invalid(
                f"Module name '{each}' must consist of two parts separated with colon, e.g. module:stream"
            )
        name, stream = parts
        letters = "must contain only letters, digits, dashes, underscores."
        if not _MODULE.fullmatch(name):
            raise Invalid(f"Module name '{name}' {letters}")
        if name in seen:
            raise Invalid(f"Module name '{name}' specified multiple times")
        if not _MODULE.fullmatch(stream):
            raise Invalid(f"Stream part of module name '{stream}' {letters}")
        seen.add(name)


def comps(content: bytes) -> str:
    """Check a comps file, which describes groups of packages, and return its text.

    :param content: content of the file.
    :returns: the decoded text.
    :raises Invalid: it is not XML in UTF-8, or its root element is not `<comps>`, or it is too large.
    """
    limits.check("bytes in a comps file", len(content))
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _attributes: found.append(name) if not found else None
    try:
        parser.Parse(content, True)
        text = content.decode()
    except (expat.ExpatError, ValueError) as error:
        raise Invalid(f"upload_comps: This is not an XML file in UTF-8 ({error}).") from error
    if found != ["comps"]:
        raise Invalid(f"upload_comps: The file must have a <comps> element, but it has <{found[0]}>.")
    return text


def repositories(tx: Transaction, addresses: Iterable[str]) -> None:
    """Check the addresses of additional repositories.

    :param tx: transaction to read in.
    :param addresses: http or https URLs, or `copr://OWNER/PROJECT` for projects of this service.
    :raises Invalid: one of them is neither, its project does not exist, or they are too many.
    """
    addresses = list(addresses)
    limits.check("additional repositories", len(addresses))
    for address in addresses:
        of = project_of(address)
        if of is None:
            web_addresses([address])
            continue
        ownername, dirname = of
        known = select(Project.id).where(
            Project.ownername == ownername, Project.name == dirname.partition(":")[0]
        )
        if tx.session.scalar(known) is None:
            raise Invalid(f"{address} does not exist.")
