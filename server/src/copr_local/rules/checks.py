"""What names, addresses and repositories may look like. Each check raises `Invalid` with the text to show.

Names become folders and parts of URLs, so what they may contain is also what keeps a request inside the
data folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.parsers import expat

from sqlalchemy import select

from ..data.database import Transaction
from ..data.models import Project
from .errors import Invalid

LONGEST_NAME = 100  # letters of a project's name
LONGEST_DIRECTORY = 200  # letters of the name of one of its folders

_PROJECT_NAME = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
_DIRECTORY = re.compile(r"(custom:.*|pr:[0-9]*)", re.ASCII | re.DOTALL)  # after the project's name
_DIRECTORY_SUFFIX = re.compile(r"[A-Za-z0-9]+(:[A-Za-z0-9]+)*", re.ASCII)
_EMAIL = re.compile(r"[^\s@/]+@[^\s@/]+")
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+([/?#]\S*)?", re.IGNORECASE)
_CLONE_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@]+([/?#]\S*)?", re.IGNORECASE)
_MODULE = re.compile(r"[a-zA-Z0-9_!-][^ ]*")  # and of its stream; ! switches it off
_RPM_MAGIC = b"\xed\xab\xee\xdb"
_SOURCE_FILES = (".src.rpm", ".nosrc.rpm", ".spec")


def project_name(name: str) -> None:
    """:raises Invalid: not a name for a project."""
    if len(name) > LONGEST_NAME:
        raise Invalid(f"Field cannot be longer than {LONGEST_NAME} characters.")
    if not _PROJECT_NAME.fullmatch(name):
        raise Invalid("Name must contain only letters, digits, underscores, dashes and dots.")
    if name.isdigit():
        raise Invalid("Project's name can not be just number.")
    if not name.strip("."):
        raise Invalid("Project's name can not be just dots.")


def directory_name(project: Project, name: str) -> None:
    """:raises Invalid: not a name for a further folder of this project."""
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
    """:raises Invalid: neither an e-mail address nor a URL."""
    if not (_EMAIL.fullmatch(text) or _WEB_ADDRESS.fullmatch(text)):
        raise Invalid("Contact must be email address or URL")


def web_addresses(addresses: Iterable[str]) -> None:
    """:raises Invalid: one of them is not an http or https URL."""
    for address in addresses:
        if not _WEB_ADDRESS.fullmatch(address):
            raise Invalid(
                "A list of http[s] URLs separated by whitespace characters is needed"
                f" ('{address}' doesn't seem to be a valid URL)."
            )


def clone_address(address: str) -> None:
    """:raises Invalid: not a URL with a host, or one with somebody's name or password in it."""
    if not _CLONE_ADDRESS.fullmatch(address):
        raise Invalid("Invalid URL.")


def source_addresses(addresses: Iterable[str]) -> None:
    """:raises Invalid: one of them is not the URL of a source RPM or spec file."""
    for check in (web_addresses, source_files):
        check(addresses)


def source_files(addresses: Iterable[str]) -> None:
    """:raises Invalid: the path of one of these URLs does not end as source RPMs and spec files do."""
    for address in addresses:
        if not re.split(r"[?#]", address)[0].endswith(_SOURCE_FILES):
            raise Invalid(
                "URLs must end with .src.rpm, .nosrc.rpm, or .spec"
                f" ('{address}' doesn't seem to be a valid URL)."
            )


def uploaded_rpm_name(name: str) -> None:
    """:raises Invalid: not the name of a binary RPM."""
    if not name.lower().endswith(".rpm") or name.lower().endswith(_SOURCE_FILES):
        raise Invalid("You can upload only .rpm files here, and no source RPMs")


def binary_rpm(beginning: bytes) -> None:
    """Check what a file begins with: the lead of an RPM says whether it is a source RPM.

    :raises Invalid: it is not the beginning of a binary RPM.
    """
    if beginning[:4] != _RPM_MAGIC:
        raise Invalid("The file is no RPM")
    if beginning[6:8] != b"\0\0":
        raise Invalid("The file is a source RPM, whatever its name: upload it to be built")


def uploaded_name(name: str) -> None:
    """:raises Invalid: not the name of a source RPM or spec file."""
    if not name.lower().endswith(_SOURCE_FILES) or name.lower() in _SOURCE_FILES:
        raise Invalid("You can upload only .src.rpm, .nosrc.rpm, and .spec files")


def modules(names: Iterable[str]) -> None:
    """:raises Invalid: one of them does not name a module and its stream, or a module is named twice."""
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
    """The text of a file that describes groups of packages.

    :raises Invalid: it is not XML in UTF-8, or not about groups of packages.
    """
    found: list[str] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, _attributes: found.append(name) if not found else None
    try:
        parser.Parse(content, True)
        text = content.decode()
    except (expat.ExpatError, ValueError) as error:
        raise Invalid(f"upload_comps: This is not an XML file in UTF-8 ({error}).") from error
    if found != ["comps"]:
        raise Invalid(f"upload_comps: The file must have a <comps> element, and has <{found[0]}>.")
    return text


def repositories(tx: Transaction, addresses: Iterable[str]) -> None:
    """:raises Invalid: one of them is neither a URL nor `copr://` and a project that exists."""
    for address in addresses:
        ownername, _, name = address.removeprefix("copr://").partition("/")
        if not (address.startswith("copr://") and ownername and name):
            web_addresses([address])
            continue
        known = select(Project.id).where(
            Project.ownername == ownername, Project.name == name.partition(":")[0]
        )
        if tx.session.scalar(known) is None:
            raise Invalid(f"{address} does not exist.")
