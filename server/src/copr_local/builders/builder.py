"""The interface of a builder, and the builder that runs rpmbuild and createrepo_c."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .settings import DEFAULTS, Settings
from .tasks import BuiltPackage, ChrootTask, SourceResult, SourceTask


@dataclass(frozen=True)
class Builder:
    """The three functions of a builder, and its settings.

    :param build_source: makes a source RPM; raises `BuildFailed` or `BuildCancelled`.
    :param build_chroot: builds the RPMs of one chroot; raises `BuildFailed`, `BuildSkipped` or
        `BuildCancelled`.
    :param update_repository: writes the metadata of the repository in a folder. Several threads may call it
        for the same folder at the same time. Returns the RPMs that cannot be listed: path in the folder of
        the chroot to the reason.
    :param settings: the settings that the functions use.
    """

    build_source: Callable[[SourceTask], SourceResult]
    build_chroot: Callable[[ChrootTask], list[BuiltPackage]]
    update_repository: Callable[[Path], Mapping[str, str]]
    settings: Settings = DEFAULTS


def rpm_builder(settings: Settings | None = None) -> Builder:
    """Return the builder that makes real RPMs and repositories.

    :param settings: where sources come from, and the limits of a build; None for the defaults.
    :returns: a builder that runs rpmbuild and createrepo_c.
    """
    # Imported here, because a service with scripted builds does not need these modules.
    from .chroot_build import build_chroot
    from .repository.update import update_repository
    from .sources.source_build import build_source

    settings = settings or DEFAULTS
    return Builder(
        partial(build_source, settings=settings),
        partial(build_chroot, settings=settings),
        update_repository,
        settings,
    )
