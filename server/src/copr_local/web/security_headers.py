"""Headers that protect browsers: every response gets them here.

- A browser does not guess another type of content than the response names.
- A page loads nothing from elsewhere, runs no script but those in our files, and sends forms only to this
  Copr. No other site can show it in a frame.
- A file that users made has an origin of its own, so that it cannot use the session of its reader.
"""

from __future__ import annotations

from flask import Response

_NO_FRAMES = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
_EVERYWHERE = f"{_NO_FRAMES}; form-action 'none'"
_OWN = "style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'"
_PAGE = f"{_NO_FRAMES}; {_OWN}"
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
    response.headers[_POLICY] = f"sandbox; {_EVERYWHERE}; style-src 'unsafe-inline'"
    return response
