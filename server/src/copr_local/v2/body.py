"""The body of a request: a JSON object, with checks of its members.

Unknown members are ignored. One error reports everything that is not valid, with the texts that the library
of the real Copr frontend had, and with the text of the request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import json, request

from ..rules import limits
from .errors import Refused

Check = Callable[[Any], list[str]]

_URL = re.compile(r"(https?|ftps?)://[^\s/?#]+\.?([/?#]\S*)?", re.IGNORECASE)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_TYPES = {bool: "boolean", int: "integer", list: "list", str: "string"}


@dataclass(frozen=True)
class Member:
    """A member of a JSON object, with its checks.

    :param type: its JSON type: `bool`, `int`, `str`, or `list` for a list of texts.
    :param required: True if the object must have the member.
    :param check: takes a value of this type, and returns the texts of its errors.
    """

    type: type[Any]
    required: bool = False
    check: Check = lambda _value: []

    def errors(self, value: Any) -> list[str]:
        """Return what is not valid in a value.

        :param value: the value from JSON; None (null) is valid if the member is not required.
        :returns: texts of the errors; an empty list if the value is valid.
        """
        if value is None:
            return ["Field may not be null."] if self.required else []
        if not isinstance(value, self.type) or isinstance(value, bool) is not (self.type is bool):
            return [f"Not a valid {_TYPES[self.type]}."]
        if self.type is list and len(value) > limits.MOST["values in a field"]:
            return [f"Longer than maximum length {limits.MOST['values in a field']}."]
        if self.type is str and len(value) > limits.MOST["characters in a text"]:
            return [f"Longer than maximum length {limits.MOST['characters in a text']}."]
        if self.type is list and not all(isinstance(item, str) for item in value):
            return ["Not a valid string."]
        return self.check(value)


Schema = Mapping[str, Member]


def read(schema: Schema, text: str | None = None) -> dict[str, Any]:
    """Return the members of a JSON object that a schema has.

    :param schema: the members by name.
    :param text: the text of the object; None for the body of the current request.
    :returns: values by name; members that the object does not have are left out.
    :raises Refused: the text is not a JSON object, or members are missing or not valid.
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
    """Return a value without the lone surrogates that JSON texts can have."""
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    return value.encode(errors="replace").decode() if isinstance(value, str) else value


def _errors(member: Member, name: str, loaded: dict[str, Any]) -> list[str]:
    """Return what is not valid in one member of an object."""
    if name not in loaded:
        return ["Missing data for required field."] if member.required else []
    return member.errors(loaded[name])


def _wrong(text: str, sent: str) -> Refused:
    """Return the error for a body that is not valid."""
    return Refused(f"Failed to parse request: {text}", data={"request_string": sent})


def address(value: str) -> list[str]:
    """Check the URL of a page, which may be empty.

    :param value: the URL.
    :returns: texts of the errors; an empty list if the value is valid.
    """
    return [] if not value or _URL.fullmatch(value) else ["Not a valid URL."]


def srpm_address(value: str) -> list[str]:
    """Check the URL of a source RPM or spec file.

    :param value: the URL.
    :returns: texts of the errors; an empty list if the value is valid.
    """
    return [] if _URL.fullmatch(value) else ["Not a valid URL.", "Invalid value."]


def contact(value: str) -> list[str]:
    """Check a contact: a URL or an e-mail address, or an empty text.

    :param value: the contact.
    :returns: texts of the errors; an empty list if the value is valid.
    """
    if not value or _URL.fullmatch(value) or _EMAIL.fullmatch(value):
        return []
    refusals = ["Not a valid URL.", "Not a valid email address.", "Not a valid choice."]
    return ["At least one validator should accept given value:", *refusals]
