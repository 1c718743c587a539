"""The output of a program that is kept in memory, up to a limit."""

from __future__ import annotations

from ..tasks import BuildFailed
from .resource_usage import size

LARGEST = 16 * 1024**2  # bytes: a spec with all its macros replaced is output, too


class Capture:
    """Keeps the output of a program in memory. Call it with each piece of output.

    :param program: name of the program, for the error.
    :param largest: largest output, in bytes.
    """

    def __init__(self, program: str, largest: int = LARGEST) -> None:
        self._program = program
        self._largest = largest
        self._output = bytearray()

    def __call__(self, piece: bytes) -> None:
        """Keep the next piece of output; raise `BuildFailed` if the output gets larger than the limit."""
        self._output.extend(piece)
        if len(self._output) > self._largest:
            raise BuildFailed(f"{self._program} printed more than {size(self._largest)}")

    @property
    def text(self) -> str:
        """The output; bytes that are not UTF-8 are replaced."""
        return self._output.decode(errors="replace")
