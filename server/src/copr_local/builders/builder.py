"""What a builder can do, and the builder that runs rpmbuild and createrepo_c."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .settings import DEFAULTS, Settings
from .tasks import BuiltPackage, ChrootTask, SourceResult, SourceTask


@dataclass(frozen=True)
class Builder:
    """The three functions of a builder.

    The first two raise `BuildFailed`, `BuildSkipped` or `BuildCancelled`. Several threads may call
    `update_repository` for one folder at the same time.
    """

    build_source: Callable[[SourceTask], SourceResult]
    build_chroot: Callable[[ChrootTask], list[BuiltPackage]]
    update_repository: Callable[[Path], None]
    settings: Settings = DEFAULTS


def rpm_builder(settings: Settings | None = None) -> Builder:
    """Return the builder that makes real RPMs and repositories.

    :param settings: where sources come from and what builds may use; None for the defaults.
    :returns: a builder on rpmbuild and createrepo_c.
    """
    # Imported here: a service with scripted builds needs none of these.
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
