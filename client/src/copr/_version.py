"""The version of both distributions of this repository."""

__version__ = "3.0.0.dev0"
