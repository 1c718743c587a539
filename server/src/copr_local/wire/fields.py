"""Form fields: how texts of a form, and numbers and booleans of JSON, become values.

Error texts of numbers, choices and ranges are WTForms' own, as in the original. A `BooleanField` is false
for JSON's false and 0, the text "false" and the empty text, and true for everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from wtforms import Field, Form, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.form import BaseForm
from wtforms.validators import Optional, StopValidation, ValidationError

from ..rules.errors import Invalid
from ..rules.listing import LARGEST

Validator = Callable[[Form, Field], None]


class Number(IntegerField):
    """A whole number that the database can hold; where a field has bounds, those are what is said."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
            _ = float(self.data or 0)  # bounds are compared as floats
        except OverflowError as error:
            self.data = None
            raise ValueError(self.gettext("Not a valid integer value.")) from error

    def post_validate(self, form: BaseForm, validation_stopped: bool) -> None:
        if not self.errors and self.data is not None and abs(self.data) > LARGEST:
            raise ValidationError(self.gettext("Not a valid integer value."))


class Words(StringField):
    """A list of words, sent as a list or as one text with white space between them."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data: Any = [word for text in valuelist for word in str(text).split()]


class WholeText(StringField):
    """A text as it is."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata([str(text) for text in valuelist])


class Text(WholeText):
    """A text, without white space around it."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata([str(text).strip() for text in valuelist])


class OneOf(SelectField):
    """One of some names, or nothing; with a `default`, which a request need not name, never nothing."""

    def __init__(self, names: Iterable[str] = (), *, default: str | None = None, **kwargs: Any) -> None:
        validators = [Optional()] if default is None else []
        super().__init__(choices=_names(names), default=default, validators=validators, **kwargs)

    def offer(self, names: Iterable[str]) -> None:
        """Say what may be chosen."""
        self.choices = _names(names)


class SomeOf(SelectMultipleField):
    """Some of the names that `offer` was given; `required` refuses an empty list as the original does."""

    def __init__(self, *args: Any, required: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.required = required

    def offer(self, names: Iterable[str]) -> None:
        """Say what may be chosen."""
        self.choices = _names(names)

    def pre_validate(self, form: Any) -> None:
        if self.required and not self.data:
            raise ValidationError("'[]' is not a valid choice for this field.")
        super().pre_validate(form)


def _names(names: Iterable[str]) -> list[Any]:  # a name may stand for itself; the types do not know that
    return list(names)


def rule(*checks: Callable[[Any], None]) -> Validator:
    """A validator that asks rules, every one of them; an empty field is not asked about."""

    def validate(_form: Form, field: Field) -> None:
        if not field.data:
            return
        refusals = []
        for check in checks:
            try:
                check(field.data)
            except Invalid as error:
                refusals.append(error)
        if refusals:
            field.errors = [*field.errors, *map(str, refusals)]
            raise StopValidation from refusals[0]

    return validate


def check_form(form: Form, **extra: list[Validator]) -> None:
    """Check a form, with further validators for some fields.

    :raises Invalid: one line for each field that is wrong.
    """
    if not form.validate(extra_validators=extra):
        lines = (f"{name}: {text}" for name, texts in form.errors.items() for text in texts)
        raise Invalid("\n".join(lines))
