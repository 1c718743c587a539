"""The recordings of the frontend and the client of 2020: exchanges, and what callers got."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path

#: The headers of recorded responses that the clients read.
SENT = ("Content-Type", "Location", "WWW-Authenticate")

WIRE = Path(__file__).parents[1] / "conformance" / "wire"


@cache
def exchanges(prefix):
    """Return the exchanges below a path, such as "/api/", by label, in their order, without redirects."""
    by_label = {}
    for row in _rows("frontend-2020.jsonl.gz"):
        if row.get("path", "").startswith(prefix) and row["status"] not in (301, 302, 308):
            by_label.setdefault(row["label"], []).append(row)
    return by_label


@cache
def sights(api):
    """Return what callers of an API's client got, in order."""
    return [row for row in _rows("clients-2020.jsonl.gz") if row["api"] == api]


def answer(row):
    """Return a recorded response in the form that the stub takes."""
    body = row["response_body"]
    if not isinstance(body, str):
        body = json.dumps(body)
    headers = {name: row["response_headers"][name] for name in SENT if name in row["response_headers"]}
    return row["status"], headers, body.encode()


def fields(exchange):
    """Return the fields of a recorded form: pairs of name and text, sorted by name; files by their names."""
    from urllib.parse import parse_qsl

    body = exchange.get("request_body")
    if isinstance(body, dict):
        return sorted((part["name"], part.get("filename") or part["text"]) for part in body["multipart"])
    return sorted(parse_qsl(body or "", keep_blank_values=True))


def _rows(name):
    with gzip.open(WIRE / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
