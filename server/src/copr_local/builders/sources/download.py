"""Downloads one URL into a file: `python -I -S download.py URL FILE LIMIT NETWORKS`, LIMIT in bytes.

NETWORKS is `any`, or `public`: then addresses of this machine and of private networks are refused, also after
a redirect. The address that was checked is the address that is used, so that a second answer of a name server
does not matter.

This is a program of its own. So a name server or a web server that does not respond cannot block a thread of
the service, and the download is ended like any other program of a build. It supports HTTP and HTTPS, and
follows redirects. On a failure it prints one line that begins with `error: `.
"""

import base64
import http.client
import ipaddress
import socket
import string
import sys
import urllib.request
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote_to_bytes, urlsplit

_TIMEOUT = 60.0  # seconds without any data
_PIECE = 256 * 1024  # bytes


_ASSIGNED = ipaddress.ip_network("192.0.0.0/24")  # for protocols, RFC 6890; Python knows only parts of it
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")  # IPv4 addresses behind NAT64, RFC 6052
_UNICAST = ipaddress.ip_network("2000::/3")  # all IPv6 addresses of the internet; Python allows many others


def is_public(text: str) -> bool:
    """Return True if an address is one of the public internet.

    :param text: an IPv4 or IPv6 address.
    :returns: False for loopback, link-local, private, reserved and multicast addresses, and for IPv6
        addresses that contain such an IPv4 address.
    :raises ValueError: the text is not an address.
    """
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(str(address.ipv4_mapped))
        if address in _TRANSLATED:
            return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
        inner = [address.sixtofour, *(address.teredo or ())]
        if address not in _UNICAST or any(not is_public(str(each)) for each in inner if each is not None):
            return False
    return address.is_global and not address.is_multicast and address not in _ASSIGNED


def _public_addresses(host: str, port: int) -> list[Any]:
    """Return the addresses of a host for `socket`; raise if one of them is not public."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, address in found:
        if not is_public(str(address[0])):
            raise ValueError(
                f"{host} is not on the public internet ({address[0]}), and this service does not download"
                " from private networks"
            )
    return found


def _connect(address: tuple[str, int], timeout: float, _source: object = None) -> socket.socket:
    """Connect to a public address of a host."""
    failed: OSError | None = None
    for family, kind, protocol, _, place in _public_addresses(*address):
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(timeout)
            connection.connect(place)
        except OSError as error:
            connection.close()
            failed = error
        else:
            return connection
    raise failed or OSError(f"{address[0]} has no address")


class _Public:
    """What the handlers below add: connections to public addresses only."""

    def do_open(self, http_class: Any, req: Any, **options: Any) -> Any:
        def connection(*arguments: Any, **more: Any) -> Any:
            made = http_class(*arguments, **more)
            made._create_connection = _connect
            return made

        # The administrator's proxy connects, so only the name can be checked here.
        if req.has_proxy() or req._tunnel_host:
            parts = urlsplit(req.full_url)
            _public_addresses(req._tunnel_host or parts.hostname or "", parts.port or 80)
            return super().do_open(http_class, req, **options)  # type: ignore[misc]
        return super().do_open(connection, req, **options)  # type: ignore[misc]


class _PublicHttp(_Public, urllib.request.HTTPHandler):
    """HTTP from public addresses."""


class _PublicHttps(_Public, urllib.request.HTTPSHandler):
    """HTTPS from public addresses."""


def _request(url: str) -> urllib.request.Request:
    """Return the request for a URL as people write it.

    It may have characters beyond ASCII, spaces, and a user name with a password. A redirect to another place
    does not get these two.
    """
    parts = urlsplit(url)
    login, _, place = parts.netloc.rpartition("@")
    if not place.isascii():
        host, colon, port = place.partition(":")
        place = host.encode("idna").decode() + colon + port
    path, query = (quote(part, safe=string.punctuation) for part in (parts.path, parts.query))
    sent = parts._replace(netloc=place, path=path, query=query).geturl()
    request = urllib.request.Request(sent)  # noqa: S310  # `_open` knows HTTP and HTTPS only
    if login:
        encoded = base64.b64encode(unquote_to_bytes(login)).decode()
        request.add_unredirected_header("Authorization", f"Basic {encoded}")
    return request


def _open(url: str, networks: str) -> http.client.HTTPResponse:
    """Send the request with HTTP and HTTPS only, not with the other schemes that urllib supports."""
    is_any = networks == "any"
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler if is_any else _PublicHttp,
        urllib.request.HTTPSHandler if is_any else _PublicHttps,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.UnknownHandler,
    ):
        opener.add_handler(handler())
    opener.addheaders = [("User-Agent", "copr-local"), ("Accept", "*/*")]
    response = opener.open(_request(url), timeout=_TIMEOUT)
    assert isinstance(response, http.client.HTTPResponse)
    return response


def _download(url: str, path: str, limit: int, networks: str) -> int:
    """Write the body of a URL to a file, and return its length in bytes."""
    with _open(url, networks) as response, open(path, "wb") as file:
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


def main(url: str, path: str, limit: str, networks: str) -> int:
    """Download a URL, and print the number of bytes or the reason of the failure.

    :param url: an HTTP or HTTPS URL.
    :param path: file to write; an existing file is replaced.
    :param limit: largest allowed size in bytes, as a decimal number.
    :param networks: `any`, or `public` to refuse private addresses.
    :returns: the exit status: 0, or 1 after a failure.
    """
    try:
        received = _download(url, path, int(limit), networks)
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
