"""Fetches one URL into a file: `python -I -S download.py URL FILE LIMIT`, LIMIT in bytes.

A program of its own, so that a name server or a web server that does not answer holds up no thread and is
ended like any other program of a build. HTTP and HTTPS only, redirects included. The reason of a failure
is printed as one line that begins with `error: `.
"""

import http.client
import sys
import urllib.request
from urllib.error import HTTPError, URLError

_TIMEOUT = 60.0  # seconds without a byte
_PIECE = 256 * 1024  # bytes


def _open(url: str) -> http.client.HTTPResponse:
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.UnknownHandler,
    ):
        opener.add_handler(handler())
    opener.addheaders = [("User-Agent", "copr-local"), ("Accept", "*/*")]
    response = opener.open(url, timeout=_TIMEOUT)
    assert isinstance(response, http.client.HTTPResponse)
    return response


def _download(url: str, path: str, limit: int) -> int:
    with _open(url) as response, open(path, "wb") as file:
        announced = response.length
        if announced is not None and announced > limit:
            raise ValueError(f"it is {announced} bytes long, more than the {limit} allowed")
        received = 0
        while piece := response.read(_PIECE):
            received += len(piece)
            if received > limit:
                raise ValueError(f"it is longer than the {limit} bytes allowed")
            file.write(piece)
        if announced is not None and received != announced:
            raise ValueError(f"the connection ended after {received} of {announced} bytes")
        return received


def main(url: str, path: str, limit: str) -> int:
    """Download, say what happened, and return the exit status."""
    try:
        received = _download(url, path, int(limit))
    except HTTPError as error:
        reason = f"the server answered {error.code} {error.reason}"
    except URLError as error:
        reason = str(error.reason)
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = str(error) or type(error).__name__
    else:
        print(f"{received} bytes")
        return 0
    print(f"error: {reason}")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
