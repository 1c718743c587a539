"""What programs take from here: the methods' names and the user agent.

Rules: `USER_AGENT` may be set at run time; it is read each time a call is sent.
"""

from __future__ import annotations

from .._version import __version__

__all__ = ["DELETE", "GET", "POST", "PUT", "USER_AGENT"]

GET = "GET"
POST = "POST"
PUT = "PUT"
DELETE = "DELETE"

#: How the client introduces itself; programs put their own name here.
USER_AGENT = f"copr python-copr/{__version__}"
