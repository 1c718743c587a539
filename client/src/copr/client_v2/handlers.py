"""What can be asked of a service over API v2: a handle for each kind of resource.

Rules: a method is one call (a creation: two, the second asks for what was created), and makes resources of
its answer. All failures are RequestErrors; what was refused before it was sent is a CoprValidationException.
"""

from __future__ import annotations

from .._calls import path
from ._builds import BuildHandle, BuildTaskHandle
from ._handle import AbstractHandle, CollectionHandle
from ._projects import ProjectChrootHandle, ProjectHandle
from .resources import MockChroot, MockChrootList

__all__ = [
    "AbstractHandle",
    "BuildHandle",
    "BuildTaskHandle",
    "MockChrootHandle",
    "ProjectChrootHandle",
    "ProjectHandle",
]


class MockChrootHandle(CollectionHandle):
    """The chroots of the service: look."""

    def get_one(self, name: str) -> MockChroot:
        """Ask for a chroot.

        `name`: such as "fedora-42-x86_64".

        Returns the chroot. Raises RequestError where there is no such chroot, or no answer. Source: GET
        /api_2/mock_chroots/NAME
        """
        return self._one(MockChroot, path("mock_chroots", name))

    def get_list(self, active_only: bool = True) -> MockChrootList:
        """Ask for the chroots of the service.

        `active_only`: only those that builds can use.

        Returns a list of chroots. Raises RequestError where there is no answer. Source: GET
        /api_2/mock_chroots
        """
        options = {"active_only": active_only}
        return self._list(MockChrootList, "/mock_chroots", options)
