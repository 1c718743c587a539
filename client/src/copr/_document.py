"""Small JSON documents: their objects become records.

Rules: not in `_calls`, so that importing the client imports neither `json` nor munch. One decoder serves all
documents; `json.loads` would make one for each.
"""

from __future__ import annotations

import json

from ._typing import Any
from .results import Record

_decode = json.JSONDecoder(object_hook=Record).decode


def decoded(body: bytes) -> Any:
    """Return a document with records as its objects.

    Raise ValueError or RecursionError if it is not JSON.
    """
    return _decode(body.decode(json.detect_encoding(body), "surrogatepass"))
