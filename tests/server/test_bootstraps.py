"""What the setting `bootstrap` of builds, chroots and projects means for installed roots."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from copr_local.rules import bootstraps


@pytest.mark.parametrize(
    ("build", "chroot", "project", "expected"),
    [
        ("unchanged", None, "default", None),
        ("unchanged", "unchanged", "on", "on"),
        ("unchanged", "off", "on", "off"),
        ("image", "off", "on", "on"),
        ("default", "off", "on", None),
        ("unchanged", "custom_image", "default", "on"),
    ],
)
def test_the_setting_of_a_build_goes_before_that_of_the_chroot_and_the_project(
    build, chroot, project, expected
):
    of_build = SimpleNamespace(bootstrap=build, project=SimpleNamespace(bootstrap=project))
    assert bootstraps.of_root(of_build, SimpleNamespace(bootstrap=chroot)) == expected
