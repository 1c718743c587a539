"""What was recorded of the frontend and the client of 2020: exchanges, and what callers saw."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path

#: The headers of recorded answers that are of account.
SENT = ("Content-Type", "Location", "WWW-Authenticate")

WIRE = Path(__file__).parents[1] / "conformance" / "wire"


@cache
def exchanges(prefix):
    """The exchanges below a path, such as "/api/", by label, each in order; redirects left out."""
    by_label = {}
    for row in _rows("frontend-2020.jsonl.gz"):
        if row.get("path", "").startswith(prefix) and row["status"] not in (301, 302, 308):
            by_label.setdefault(row["label"], []).append(row)
    return by_label


@cache
def sights(api):
    """What callers saw of an API's client, in order."""
    return [row for row in _rows("clients-2020.jsonl.gz") if row["api"] == api]


def answer(row):
    """A recorded answer, as the stub takes it."""
    body = row["response_body"]
    if not isinstance(body, str):
        body = json.dumps(body)
    headers = {name: row["response_headers"][name] for name in SENT if name in row["response_headers"]}
    return row["status"], headers, body.encode()


def fields(exchange):
    """The fields of a recorded form, as pairs of name and text in order of names; files by their names."""
    from urllib.parse import parse_qsl

    body = exchange.get("request_body")
    if isinstance(body, dict):
        return sorted((part["name"], part.get("filename") or part["text"]) for part in body["multipart"])
    return sorted(parse_qsl(body or "", keep_blank_values=True))


def _rows(name):
    with gzip.open(WIRE / name, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]
