"""The architectures that a spec is for: its tags ExclusiveArch and ExcludeArch, evaluated for one chroot.

Specs set these tags depending on the distribution and on `--with`. So they are read with the macros and
options of each chroot, and not from the header of the source RPM.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from .macros import Chroot
from .place import Place
from .rpm import macros_in, undefined
from .tasks import BuildFailed, BuildSkipped

_TAGS = re.compile(rb"exclu(?:siv|d)e_?arch|%\{?\??go(?:meta|altmeta)\b", re.IGNORECASE)
_FORMAT = "[only\\t%{EXCLUSIVEARCH}\\n][never\\t%{EXCLUDEARCH}\\n]"
_SAME = {"i386": ("i386", "i486", "i586", "i686"), "armhfp": ("armhfp", "armv7hl")}


def words(values: Iterable[str]) -> tuple[str, ...]:
    """Return the architectures in values of a tag.

    :param values: values as rpm lists them; a comma after an architecture is part of the value.
    :returns: the architectures, without commas. A macro that is not defined is one of them, as it is.
    """
    return tuple(word for value in values for word in re.split(r"[,\s]+", value) if word)


def are_named(text: bytes) -> bool:
    """Return True if a spec may have the tag ExclusiveArch or ExcludeArch.

    :param text: content of the spec.
    :returns: False if there is no need to ask rpm.
    """
    return _TAGS.search(text) is not None


def check(place: Place, chroot: Chroot, options: Sequence[str], spec: str) -> None:
    """Check that a spec does not exclude its package from a chroot.

    If rpm cannot parse the spec, nothing is checked: rpmbuild then says why.

    :param place: the place of the build.
    :param chroot: the chroot to build for.
    :param options: options of rpm programs that read the spec, for this chroot.
    :param spec: path of the spec in the sandbox.
    :raises BuildSkipped: the spec excludes the architecture of the chroot.
    :raises BuildFailed: ExclusiveArch has a macro that is not defined or a comma, so rpmbuild would refuse to
        build for this architecture.
    :raises BuildCancelled: the build was cancelled.
    :source: RPM reference manual, "Spec file format", ExcludeArch and ExclusiveArch
    """
    query = ["rpmspec", "--query", "--srpm", "--queryformat", _FORMAT, *options, spec]
    status, answer = place.read(query)
    if status != 0:
        return
    lines = [line.partition("\t") for line in answer.splitlines()]
    values = [value for tag, _, value in lines if tag == "only"]
    only = words(values)
    never = words(value for tag, _, value in lines if tag == "never")
    arch = chroot.name.rpartition("-")[2]
    own = _SAME.get(arch, (arch,))
    if excluded := [word for word in own if word in never]:
        raise BuildSkipped(f"the spec is not for this architecture: ExcludeArch has {excluded[0]}")
    if with_comma := [word for word in own if f"{word}," in values]:
        raise BuildFailed(f"ExclusiveArch has {with_comma[0]} with a comma: for rpm, only spaces separate")
    # The word `noarch` allows nothing: rpmbuild builds for the chroot's architecture, also a noarch package.
    if not only or any(word in only for word in own):
        return
    shown = f"ExclusiveArch is {' '.join(only)}"
    if unknown := macros_in(shown):
        raise BuildFailed(f"{shown}: {undefined(unknown[0])}")
    raise BuildSkipped(f"the spec is not for this architecture: {shown}")
