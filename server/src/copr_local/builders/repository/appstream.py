"""AppStream metadata of a repository: the components of all its builds, in one file."""

from __future__ import annotations

import gzip
import logging
import xml.etree.ElementTree as ElementTree
import zlib
from collections.abc import Iterable
from pathlib import Path
from xml.etree.ElementTree import Element

_LARGEST = 64 * 1024**2  # bytes of the components of one build
_VERSION = "0.16"  # of the format, if a file does not name its own

_log = logging.getLogger(__name__)


def read(file: Path) -> list[Element]:
    """Return the AppStream components in a file.

    :param file: compressed XML; an empty one has no components.
    :returns: the elements `component`.
    :raises ValueError: the file cannot be read, is larger than 64 MiB, or is not XML.
    """
    try:
        with gzip.open(file) as stream:
            content = stream.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ValueError(f"it has more than {_LARGEST} bytes")
        # expat limits the expansion of entities
        return list(ElementTree.fromstring(content).iter("component")) if content else []  # noqa: S314
    except (OSError, EOFError, zlib.error, ElementTree.ParseError) as error:
        raise ValueError(str(error)) from error


def document(components: Iterable[Element], origin: str) -> bytes:
    """Return the XML of components.

    :param components: elements `component`; of those with one id, the last is kept.
    :param origin: name of the repository.
    :returns: the XML document.
    :source: https://www.freedesktop.org/software/appstream/docs/chap-CatalogData.html
    """
    by_id = {component.findtext("id", ""): component for component in components}
    root = Element("components", {"version": _VERSION, "origin": origin})
    root.text = "\n"
    for _, component in sorted(by_id.items()):
        component.tail = "\n"
        root.append(component)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def merged(files: Iterable[Path], origin: str) -> bytes | None:
    """Merge the AppStream components of builds.

    A file that cannot be read is left out, with a warning in the log of the service.

    :param files: compressed components, those of the newest build last.
    :param origin: name of the repository.
    :returns: the XML document; None if there are no components.
    """
    found: list[Element] = []
    for file in files:
        try:
            found += read(file)
        except ValueError as error:
            _log.warning("%s is left out of the AppStream metadata: %s", file, error)
    return document(found, origin) if found else None
