"""Headers that protect browsers: every response gets them here.

- A browser does not guess another type of content than the response names.
- No page runs a script, loads anything from elsewhere, sends a form, or is shown in a frame of another site.
- A file that users made has an origin of its own, so that it cannot use the session of its reader.
"""

from __future__ import annotations

from flask import Response

_EVERYWHERE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
_PAGE = f"{_EVERYWHERE}; style-src 'unsafe-inline'"
_POLICY = "Content-Security-Policy"


def add(response: Response) -> Response:
    """Add the headers to a response.

    :param response: any response of the service.
    :returns: the same response.
    :source: https://www.w3.org/TR/CSP3/ (Content Security Policy)
    """
    response.headers.setdefault(_POLICY, _PAGE if response.mimetype == "text/html" else _EVERYWHERE)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def isolate(response: Response) -> Response:
    """Mark a response as a file of users.

    :param response: the response with the file.
    :returns: the same response.
    :source: https://www.w3.org/TR/CSP3/ (Content Security Policy), "sandbox"
    """
    response.headers[_POLICY] = f"sandbox; {_PAGE}"
    return response
