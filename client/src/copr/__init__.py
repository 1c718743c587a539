"""The Python client of the Copr build service; begin with `from copr.v3 import Client`."""

from ._version import __version__

__all__ = ["__version__"]
