"""What a request brings in its body: a JSON object, and what its members may be.

Members that mean nothing are left alone. Everything that is wrong is said at once, with the texts that the
original's library had, and with what was sent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import json, request

from .errors import Refused

Check = Callable[[Any], list[str]]

_URL = re.compile(r"(https?|ftps?)://[^\s/?#]+\.?([/?#]\S*)?", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_TYPES = {bool: "boolean", int: "integer", list: "list", str: "string"}


@dataclass(frozen=True)
class Member:
    """A member of an object: its type, whether it must be there, and what else it must be."""

    type: type[Any]
    required: bool = False
    check: Check = lambda _value: []

    def errors(self, value: Any) -> list[str]:
        """What is wrong with a value; null is right where nothing need be there."""
        if value is None:
            return ["Field may not be null."] if self.required else []
        if not isinstance(value, self.type) or isinstance(value, bool) is not (self.type is bool):
            return [f"Not a valid {_TYPES[self.type]}."]
        if self.type is list and not all(isinstance(item, str) for item in value):
            return ["Not a valid string."]
        return self.check(value)


Schema = Mapping[str, Member]


def read(schema: Schema, text: str | None = None) -> dict[str, Any]:
    """The members of an object that a schema knows.

    :param text: the object; None for the body of the request.
    :raises Refused: it is no object, or members are missing or wrong.
    """
    text = request.get_data(as_text=True) if text is None else text
    try:
        loaded = json.loads(text)
    except ValueError as error:
        raise _wrong(str(error), text) from error
    if not isinstance(loaded, dict):
        raise _wrong("{'_schema': ['Invalid input type.']}", text)
    errors = {name: texts for name, member in schema.items() if (texts := _errors(member, name, loaded))}
    if errors:
        raise _wrong(str(errors), text)
    return {name: _encodable(loaded[name]) for name in schema if name in loaded}


def _encodable(value: Any) -> Any:
    """A value without the halves of characters that texts of JSON can have."""
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


def _errors(member: Member, name: str, loaded: dict[str, Any]) -> list[str]:
    if name not in loaded:
        return ["Missing data for required field."] if member.required else []
    return member.errors(loaded[name])


def _wrong(text: str, sent: str) -> Refused:
    return Refused(f"Failed to parse request: {text}", data={"request_string": sent})


def address(value: str) -> list[str]:
    """A URL, or nothing."""
    return [] if not value or _URL.fullmatch(value) else ["Not a valid URL."]


def srpm_address(value: str) -> list[str]:
    """The URL of a source."""
    return [] if _URL.fullmatch(value) else ["Not a valid URL.", "Invalid value."]


def contact(value: str) -> list[str]:
    """A URL, or an e-mail address, or nothing."""
    if not value or _URL.fullmatch(value) or _EMAIL.fullmatch(value):
        return []
    refusals = ["Not a valid URL.", "Not a valid email address.", "Not a valid choice."]
    return ["At least one validator should accept given value:", *refusals]
