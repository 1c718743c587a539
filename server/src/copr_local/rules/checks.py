"""What names, addresses and repositories may look like. Each check raises `Invalid` with the text to show.

Names become folders and parts of URLs, so what they may contain is also what keeps a request inside the
data folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.parsers import expat

from sqlalchemy import select

from ..db import Transaction
from ..models import Project
from .errors import Invalid

LONGEST_NAME = 100  # letters of a project's name

_PROJECT_NAME = re.compile(r"[A-Za-z0-9_.-]+", re.ASCII)
_DIRECTORY_SUFFIX = re.compile(r"[A-Za-z0-9_.+-]+(:[A-Za-z0-9_.+-]+)*", re.ASCII)
_EMAIL = re.compile(r"[^\s@/]+@[^\s@/]+")
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+([/?#]\S*)?", re.IGNORECASE)
_CLONE_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://[^\s/?#@]+([/?#]\S*)?", re.IGNORECASE)
_RPM_MAGIC = b"\xed\xab\xee\xdb"
_SOURCE_FILE = re.compile(r".+(\.src\.rpm|\.nosrc\.rpm|\.spec)", re.IGNORECASE | re.DOTALL)


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
    """:raises Invalid: not a name for a folder of this project."""
    if name == project.name:
        return
    prefix = f"{project.name}:"
    if not name.startswith(prefix):
        raise Invalid(f"Copr dirname must start with '{prefix}' prefix")
    if len(name) > 200 or not _DIRECTORY_SUFFIX.fullmatch(name.removeprefix(prefix)):
        raise Invalid(
            f"Wrong directory '{name}': after the prefix come letters and digits, separated by colons"
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
    for address in addresses:
        web_addresses([address])
        if not _SOURCE_FILE.fullmatch(address):
            raise Invalid(
                "URLs must end with .src.rpm, .nosrc.rpm, or .spec"
                f" ('{address}' doesn't seem to be a valid URL)."
            )


def uploaded_rpm_name(name: str) -> None:
    """:raises Invalid: not the name of a binary RPM."""
    if not name.lower().endswith(".rpm") or _SOURCE_FILE.fullmatch(name):
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
    if not _SOURCE_FILE.fullmatch(name):
        raise Invalid("You can upload only .src.rpm, .nosrc.rpm, and .spec files")


def modules(names: Iterable[str]) -> None:
    """:raises Invalid: one of them does not name a module and its stream."""
    for name in names:
        if len(name.split(":")) != 2:
            raise Invalid(
                f"Module name '{name}' must consist of two parts separated with colon, e.g. module:stream"
            )


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
        if not address.startswith("copr://"):
            web_addresses([address])
            continue
        ownername, _, name = address.removeprefix("copr://").partition("/")
        known = select(Project.id).where(
            Project.ownername == ownername, Project.name == name.partition(":")[0]
        )
        if tx.session.scalar(known) is None:
            raise Invalid(f"{address} does not exist.")
