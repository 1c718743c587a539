"""Downloads one URL into a file: `python -I -S download.py URL FILE LIMIT`, LIMIT in bytes.

This is a program of its own. So a name server or a web server that does not respond cannot block a thread of
the service, and the download is ended like any other program of a build. It supports HTTP and HTTPS, and
follows redirects. On a failure it prints one line that begins with `error: `.
"""

import http.client
import sys
import urllib.request
from urllib.error import HTTPError, URLError

_TIMEOUT = 60.0  # seconds without any data
_PIECE = 256 * 1024  # bytes


def _open(url: str) -> http.client.HTTPResponse:
    """Send the request with HTTP and HTTPS only, not with the other schemes that urllib supports."""
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
    """Write the body of a URL to a file, and return its length in bytes."""
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
    """Download a URL, and print the number of bytes or the reason of the failure.

    :param url: an HTTP or HTTPS URL.
    :param path: file to write; an existing file is replaced.
    :param limit: largest allowed size in bytes, as a decimal number.
    :returns: the exit status: 0, or 1 after a failure.
    """
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
