"""The responses to requests that do not reach the application."""

from __future__ import annotations

import json
from typing import Any

from waitress.utilities import Error

from ..wire.context import LARGEST_BODY
from ..wire.storage_errors import FullDisk


class Refused(Error):
    """An error response from before the application; it has the error text in the fields of every API."""

    def to_response(self, ident: str | None = None) -> Any:
        """Return the response.

        :param ident: name of the server, which is not sent.
        :returns: status, header fields and body.
        """
        body = json.dumps({"output": "notok", "error": self.body, "message": self.body}).encode()
        return f"{self.code} {self.reason}", [("Content-Type", "application/json")], body


class InsufficientStorage(Refused):
    """The body of a request does not fit on the disk."""

    code = FullDisk.code
    reason = "Insufficient Storage"

    def __init__(self) -> None:
        super().__init__(FullDisk.description)


class TooLarge(Refused):
    """The body of a request is larger than its sender is allowed to send.

    :param largest: largest size in bytes.
    """

    code = 413
    reason = "Content Too Large"

    def __init__(self, largest: int) -> None:
        super().__init__(
            f"The body of this request is larger than the {largest} bytes allowed. "
            "An upload may be larger, with a login and a token."
        )


class NotKnown(Refused):
    """The body is large, and the credentials that would allow it are not valid."""

    code = 401
    reason = "Unauthorized"

    def __init__(self) -> None:
        super().__init__(
            f"Login invalid/expired. More than {LARGEST_BODY} bytes need a valid login and token."
        )


class NotHttp(Refused):
    """The first bytes of a connection are not those of an HTTP request."""

    code = 400
    reason = "Bad Request"

    def __init__(self) -> None:
        super().__init__("This port speaks HTTP. For a URL with https://, use http:// instead.")


class ConnectionReset(Error):
    """The connection is reset instead of a response."""
