"""The fields of a request, and form fields that turn their texts into values.

- A request has a form, or a JSON object instead.
- A flag is true if the request has it, except with an empty text or "false". A missing flag is false.
- Error texts are those of the real Copr frontend of 2020. This module has those that WTForms has changed
  since then.
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
    """Return the fields of the current request.

    :returns: the fields of its form. Without a form, the members of its JSON object, as texts; empty if the
        body is not a JSON object.
    """
    if request.form or not request.is_json:
        return MultiDict(request.form)
    loaded = request.get_json(silent=True)
    return (
        MultiDict() if not isinstance(loaded, dict) else MultiDict((k, _text(v)) for k, v in loaded.items())
    )


def _text(value: Any) -> str:
    """Return a JSON value as the text that a form would have."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text.encode(errors="replace").decode()  # JSON texts can have lone surrogates


def is_true(text: str | None) -> bool:
    """Return True if a flag is true.

    :param text: text of the field; None if the request does not have it.
    :returns: False for None, an empty text and "false", otherwise True.
    """
    return text is not None and text not in FALSE


def chosen(fields: Fields, chroots: Iterable[str]) -> list[str]:
    """Return the chroots that a request chooses. Each one is a flag in the form.

    :param fields: the fields of the request.
    :param chroots: names of the chroots that can be chosen.
    :returns: names of the chosen chroots, in the given order.
    """
    return [name for name in chroots if is_true(fields.get(name))]


def unknown_keys(form: Form, chroots: Iterable[str]) -> list[str]:
    """Return a message for each unknown field of the current request's form.

    :param form: the form with the known fields.
    :param chroots: names of the chroots; they are known fields too.
    :returns: one line for each unknown field.
    """
    known = {*form._fields, *chroots, "username", "source"}
    return [f"Unknown key '{name}' received." for name in request.form if name not in known]


class OneOf(SelectField):
    """An optional field with one of the allowed names.

    :param names: the allowed names.
    :param kwargs: more arguments of the WTForms field.
    """

    def __init__(self, names: Iterable[str], **kwargs: Any) -> None:
        super().__init__(choices=(), validators=[Optional()], **kwargs)
        self.names = list(names)

    def pre_validate(self, form: Any) -> None:
        """Check that the value is an allowed name.

        :param form: the form of the field.
        :raises ValidationError: the name is not allowed.
        """
        if self.data not in self.names:
            raise ValidationError("Not a valid choice")


class SomeOf(SelectMultipleField):
    """A field with any number of the allowed names.

    :param names: the allowed names.
    :param kwargs: more arguments of the WTForms field.
    """

    def __init__(self, names: Iterable[str], **kwargs: Any) -> None:
        super().__init__(choices=(), **kwargs)
        self.names = list(names)

    def pre_validate(self, form: Any) -> None:
        """Check that each value is an allowed name.

        :param form: the form of the field.
        :raises ValidationError: a name is not allowed.
        """
        for name in self.data or ():
            if name not in self.names:
                raise ValidationError(f"'{name}' is not a valid choice for this field")


class Required(InputRequired):
    """A validator for fields that must not be empty. A text of only white space counts as empty."""

    def __call__(self, form: Any, field: Field) -> None:
        if isinstance(field.data, str) and not field.data.strip():
            field.raw_data = []
        super().__call__(form, field)
