"""The private attributes of libraries that our code uses still exist, and still do what our code needs.

A row is: the library, the place in our code, the attribute, and a check. The check makes the library's own
object and looks at what the attribute does. A failure names the library's version and our place.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import io
from importlib.metadata import version
from pathlib import Path
from unittest import mock

import aiohttp
import pytest
import requests
from aiohttp.client_proto import ResponseHandler
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

import copr
from copr import _private_attributes as ours

CLIENT = Path(copr.__file__).parent


def unread_response():
    response = requests.Response()
    response.raw = HTTPResponse(io.BytesIO(b"from the network"), preload_content=False)
    return response


def a_body_that_is_set_is_the_content():
    response = unread_response()
    assert response._content is False, "it says whether the body was read"
    assert not ours.has_body(response)
    ours.set_body(response, b"ours")
    assert response.content == b"ours"
    assert ours.has_body(response)


def a_body_that_is_set_is_not_read_again():
    response = unread_response()
    assert response._content_consumed is False
    ours.set_body(response, b"ours")
    assert b"".join(response.iter_content(4)) == b"ours"
    assert response.raw.read() == b"from the network", "nothing was read"


def a_body_that_is_read_can_be_freed():
    response = unread_response()
    assert response.content == b"from the network"
    ours.drop_body(response)
    assert response.content == b""


def cookies_of_a_request_are_what_its_copies_have():
    request = requests.PreparedRequest()
    assert request._cookies is None
    jar = RequestsCookieJar()
    jar.set("name", "value")
    request.headers = CaseInsensitiveDict()
    ours.set_cookies(request, jar)
    # A session copies the request before it follows a redirect.
    assert request.copy()._cookies["name"] == "value"


def a_session_of_aiohttp_repeats_unless_it_is_told_not_to():
    async def default_and_ours():
        async with aiohttp.ClientSession() as session:
            default = session._retry_connection
            ours.never_repeat(session)
            return default, session._retry_connection

    assert asyncio.run(default_and_ours()) == (True, False)
    assert requests_sent_where_the_connection_is_lost(told=False) == 2
    assert requests_sent_where_the_connection_is_lost(told=True) == 1


def a_connector_takes_a_connection_that_it_is_given():
    class Given(Exception):
        pass

    async def ask(adopt):
        async with aiohttp.ClientSession() as session:
            ours.adopting(session.connector, adopt)
            await session.get("http://127.0.0.1:9/")

    def adopt():
        protocol = ResponseHandler(asyncio.get_running_loop())
        protocol.connection_made(mock.Mock(is_closing=lambda: False, write=mock.Mock(side_effect=Given)))
        return protocol

    with pytest.raises(Given):
        asyncio.run(ask(adopt))
    with pytest.raises(aiohttp.ClientConnectorError):
        asyncio.run(ask(lambda: None))


def requests_sent_where_the_connection_is_lost(*, told):
    """How often aiohttp sends a PUT over a kept connection that the server closes without a response."""
    received = []

    async def serve(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError):
            while True:
                received.append(await reader.readuntil(b"\r\n\r\n"))
                if len(received) > 1:
                    break
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def main():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with server, aiohttp.ClientSession() as session:
            if told:
                ours.never_repeat(session)
            (await session.get(url)).release()
            with pytest.raises(aiohttp.ClientError):
                await session.put(url)

    asyncio.run(asyncio.wait_for(main(), 20))
    return sum(head.startswith(b"PUT ") for head in received)


PLACE = "copr._private_attributes"
ROWS = [
    ("requests", f"{PLACE}.set_body", "_content", a_body_that_is_set_is_the_content),
    ("requests", f"{PLACE}.set_body", "_content_consumed", a_body_that_is_set_is_not_read_again),
    ("requests", f"{PLACE}.drop_body", "_content", a_body_that_is_read_can_be_freed),
    ("requests", f"{PLACE}.set_cookies", "_cookies", cookies_of_a_request_are_what_its_copies_have),
    (
        "aiohttp",
        f"{PLACE}.never_repeat",
        "_retry_connection",
        a_session_of_aiohttp_repeats_unless_it_is_told_not_to,
    ),
    (
        "aiohttp",
        f"{PLACE}.adopting",
        "_create_connection",
        a_connector_takes_a_connection_that_it_is_given,
    ),
]


@pytest.mark.parametrize(
    ("library", "place", "attribute", "check"), ROWS, ids=[row[3].__name__ for row in ROWS]
)
def test_a_private_attribute_does_what_our_code_needs(library, place, attribute, check):
    try:
        check()
    except (AttributeError, AssertionError, KeyError, TypeError) as changed:
        pytest.fail(
            f"{library} {version(library)} has no attribute {attribute!r} any more, or uses it in another "
            f"way; {place} needs it: {changed!r}"
        )


def test_the_client_names_private_attributes_of_libraries_in_one_file_only():
    attributes = {row[2] for row in ROWS}
    found = {
        path.name
        for path in CLIENT.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.Attribute) and node.attr in attributes)
        or (isinstance(node, ast.Constant) and node.value in attributes)
    }
    assert found == {"_private_attributes.py"}
