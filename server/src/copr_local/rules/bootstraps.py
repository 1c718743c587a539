"""If a bootstrap root installs the root of a build: a setting of builds, project chroots and projects."""

from __future__ import annotations

from ..data.models import Build, ProjectChroot

DEFAULT, UNCHANGED = "default", "unchanged"

#: What a setting means for an installed root; images of containers are not used.
_OF_ROOTS = {"on": "on", "off": "off", "image": "on", "custom_image": "on"}


def of_build(build: Build, chroot: ProjectChroot) -> str:
    """Return the setting of a build; it overrides that of the chroot, and that overrides the project's.

    :param build: the build.
    :param chroot: settings of the project's chroot.
    :returns: such as `default`, `on`, `off` or `image`.
    """
    settings = (build.bootstrap, chroot.bootstrap, build.project.bootstrap)
    return next(each for each in settings if each not in (None, UNCHANGED))


def of_root(build: Build, chroot: ProjectChroot) -> str | None:
    """Return if the root of a build is installed by a bootstrap root.

    :param build: the build.
    :param chroot: settings of the project's chroot.
    :returns: `on` or `off`; None if the configuration of the chroot decides.
    """
    return _OF_ROOTS.get(of_build(build, chroot))
