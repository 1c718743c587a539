"""Writes a spec for a project of a Python package index: `pypi_spec.py INDEX PYP2SPEC-ARGUMENTS...`.

This is a program of its own, so that an index that does not respond cannot block a thread of the service.
pyp2spec always sends its requests to pypi.org; this program sends them to INDEX instead. It trusts the
certificates that this machine trusts, like downloads do.
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
    """Redirect all requests for pypi.org to another index, and set a timeout of 60 seconds.

    :param index: URL of the index, without a slash at its end.
    """

    def request(self: requests.Session, method: str, url: str, **options: Any) -> requests.Response:
        if url.startswith(KNOWN):
            url = f"{index}/{url.removeprefix(KNOWN)}"
        return _request(self, method, url, **{"timeout": 60, **options})

    requests.Session.request = request  # type: ignore[assignment,method-assign]


def trust() -> None:
    """Make requests trust this machine's certificates, unless `REQUESTS_CA_BUNDLE` is set already."""
    paths = ssl.get_default_verify_paths()
    if trusted := paths.cafile or paths.capath:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", trusted)


if __name__ == "__main__":
    trust()
    ask(sys.argv.pop(1).rstrip("/"))
    main()
