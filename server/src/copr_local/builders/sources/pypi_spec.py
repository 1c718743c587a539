"""Writes a spec for a project of a Python package index: `pypi_spec.py INDEX PYP2SPEC-ARGUMENTS...`.

A program of its own, so that an index that does not answer holds up no thread. pyp2spec knows one index only;
what it would ask that one, it asks INDEX. Certificates are those that this machine trusts, as for downloads.
"""

import os
import ssl
import sys
from typing import Any

import requests
from pyp2spec.pyp2spec import main  # type: ignore[import-untyped]

KNOWN = "https://pypi.org/"

_request = requests.Session.request


def ask(index: str) -> None:
    """Send all requests for the known index to this one."""

    def request(self: requests.Session, method: str, url: str, **options: Any) -> requests.Response:
        if url.startswith(KNOWN):
            url = f"{index}/{url.removeprefix(KNOWN)}"
        return _request(self, method, url, **{"timeout": 60, **options})

    requests.Session.request = request  # type: ignore[assignment,method-assign]


def trust() -> None:
    """Trust what this machine trusts, unless the service's environment says otherwise."""
    paths = ssl.get_default_verify_paths()
    if trusted := paths.cafile or paths.capath:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", trusted)


if __name__ == "__main__":
    trust()
    ask(sys.argv.pop(1).rstrip("/"))
    main()
