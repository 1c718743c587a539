"""The handles of client v2: one class for each kind of resource.

Rules: a method sends one call and makes resources of its response; a method that creates something sends a
second call, which reads the new resource. Errors are RequestErrors; a call that is refused before it is sent
is a CoprValidationException.
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
    """Methods for the chroots of the service."""

    def get_one(self, name: str) -> MockChroot:
        """Return one chroot of the service.

        :param name: name of the chroot, such as "fedora-45-x86_64".
        :returns: the chroot.
        :raises RequestError: the service does not have this chroot, or the service reports another error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/mock_chroots/{name}``
        """
        return self._one(MockChroot, path("mock_chroots", name))

    def get_list(self, active_only: bool = True) -> MockChrootList:
        """Return the chroots of the service.

        :param active_only: return only the chroots that builds can use.
        :returns: a list of chroots.
        :raises RequestError: the service reports an error.
        :raises NetworkError: the service cannot be reached, or does not respond in time.
        :source: ``GET /api_2/mock_chroots``
        """
        options = {"active_only": active_only}
        return self._list(MockChrootList, "/mock_chroots", options)
