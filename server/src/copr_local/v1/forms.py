"""What a request brings, as a form; and how its texts become values.

- A form, or a JSON object in its place.
- A flag that is sent is true, unless it is empty or "false"; one that is not sent is false.
- Error texts are those that clients of that time show. Where WTForms has changed its texts since, they are
  here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, Optional, ValidationError

Fields = MultiDict[str, str]

FALSE = ("", "false")


def read() -> Fields:
    """The fields of the request: those of its form, or else the members of its JSON object."""
    if request.form or not request.is_json:
        return MultiDict(request.form)
    loaded = request.get_json(silent=True)
    return (
        MultiDict() if not isinstance(loaded, dict) else MultiDict((k, _text(v)) for k, v in loaded.items())
    )


def _text(value: Any) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.encode(errors="replace").decode()  # JSON can have halves of characters


def is_true(text: str | None) -> bool:
    """Whether a flag is true."""
    return text is not None and text not in FALSE


def chosen(fields: Fields, chroots: Iterable[str]) -> list[str]:
    """Those of the chroots that the form has as a flag that is true."""
    return [name for name in chroots if is_true(fields.get(name))]


def unknown_keys(form: Form, chroots: Iterable[str]) -> list[str]:
    """A line for each field of the request that means nothing; it is left alone."""
    known = {*form._fields, *chroots, "username", "source"}
    return [f"Unknown key '{name}' received." for name in request.form if name not in known]


class OneOf(SelectField):
    """One of some names, or nothing."""

    def __init__(self, names: Iterable[str], **kwargs: Any) -> None:
        super().__init__(choices=(), validators=[Optional()], **kwargs)
        self.names = list(names)

    def pre_validate(self, form: Any) -> None:
        if self.data not in self.names:
            raise ValidationError("Not a valid choice")


class SomeOf(SelectMultipleField):
    """Some of some names."""

    def __init__(self, names: Iterable[str], **kwargs: Any) -> None:
        super().__init__(choices=(), **kwargs)
        self.names = list(names)

    def pre_validate(self, form: Any) -> None:
        for name in self.data or ():
            if name not in self.names:
                raise ValidationError(f"'{name}' is not a valid choice for this field")


class Required(InputRequired):
    """A field that must not be empty; white space is nothing."""

    def __call__(self, form: Any, field: Field) -> None:
        if isinstance(field.data, str) and not field.data.strip():
            field.raw_data = []
        super().__call__(form, field)
