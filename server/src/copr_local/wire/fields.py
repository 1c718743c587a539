"""Form fields: the conversion of texts of a form, and of JSON numbers and booleans, to values.

Error texts of numbers, choices and ranges are those of WTForms, as in the real Copr frontend. A
`BooleanField` is False for JSON's `false` and 0, for the text "false" and for the empty text. It is True for
all other values.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from wtforms import Field, Form, IntegerField, SelectField, SelectMultipleField, StringField
from wtforms.form import BaseForm
from wtforms.validators import Optional, StopValidation, ValidationError

from ..rules import limits
from ..rules.errors import Invalid
from ..rules.listing import LARGEST

Validator = Callable[[Form, Field], None]
Errors = Mapping[str, Any]  # a list of texts by the name of the field


class InvalidFields(Invalid):
    """Invalid fields of a request.

    :param errors: the texts for each invalid field.
    :param text: text for clients; by default one line for each error.
    """

    def __init__(self, errors: Errors, text: str | None = None) -> None:
        lines = (f"{name}: {text}" for name, texts in errors.items() for text in texts)
        super().__init__("\n".join(lines) if text is None else text)
        self.errors = errors


class Number(IntegerField):
    """A whole number that the database can store."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Convert the submitted value to an integer.

        :param valuelist: the submitted values.
        :raises ValueError: the value is not an integer, or is too large.
        """
        try:
            super().process_formdata(valuelist)
            _ = float(self.data or 0)  # `NumberRange` converts the number to a float
        except OverflowError as error:
            self.data = None
            raise ValueError(self.gettext("Not a valid integer value.")) from error

    def post_validate(self, form: BaseForm, validation_stopped: bool) -> None:
        """Check that the database can store the number.

        :param form: the form of the field.
        :param validation_stopped: True if a validator stopped the validation.
        :raises ValidationError: the number is too large.
        """
        if not self.errors and self.data is not None and abs(self.data) > LARGEST:
            raise ValidationError(self.gettext("Not a valid integer value."))


class Words(StringField):
    """A list of words, sent as a list or as one text with white space between the words."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Split the submitted texts into words.

        :param valuelist: the submitted values.
        :raises ValueError: the words are too many.
        """
        self.data: Any = [word for text in valuelist for word in str(text).split()]
        _check("values in a field", len(self.data))


class WholeText(StringField):
    """A text, unchanged."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Store the submitted value as a text.

        :param valuelist: the submitted values.
        :raises ValueError: the text is too long.
        """
        super().process_formdata([str(text) for text in valuelist])
        _check("characters in a text", len(self.data or ""))


class Text(WholeText):
    """A text without white space at its ends."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Store the submitted value as a text without white space at its ends.

        :param valuelist: the submitted values.
        """
        super().process_formdata([str(text).strip() for text in valuelist])


class OneOf(SelectField):
    """One name out of the allowed choices.

    :param names: the allowed choices.
    :param default: value if the request does not have the field; if None, the field is optional.
    :param kwargs: more arguments of the WTForms field.
    """

    def __init__(self, names: Iterable[str] = (), *, default: str | None = None, **kwargs: Any) -> None:
        validators = [Optional()] if default is None else []
        super().__init__(choices=_names(names), default=default, validators=validators, **kwargs)

    def offer(self, names: Iterable[str]) -> None:
        """Set the allowed choices.

        :param names: the allowed choices.
        """
        self.choices = _names(names)


class SomeOf(SelectMultipleField):
    """Any number of names out of the allowed choices.

    :param args: arguments of the WTForms field.
    :param required: True to refuse an empty list, with the text of the real Copr frontend.
    :param patterns: True to replace patterns, such as `fedora-*`, by the allowed choices that match them.
    :param kwargs: more arguments of the WTForms field.
    """

    def __init__(self, *args: Any, required: bool = False, patterns: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.required = required
        self.patterns = patterns
        self._names: list[str] = []

    def offer(self, names: Iterable[str]) -> None:
        """Set the allowed choices.

        :param names: the allowed choices.
        """
        self.choices = self._names = _names(names)
        if self.patterns:
            self.data = list(dict.fromkeys(name for given in self.data or () for name in self._meant(given)))

    def _meant(self, given: str) -> list[str]:
        """Return the choices that match a pattern; a name, or a pattern without a match, stays as it is."""
        if not any(letter in given for letter in "*?["):
            return [given]
        return fnmatch.filter(self._names, given) or [given]

    def pre_validate(self, form: Any) -> None:
        """Check that every name is an allowed choice.

        :param form: the form of the field.
        :raises ValidationError: a name is not allowed, or a required list is empty.
        """
        if self.required and not self.data:
            raise ValidationError("'[]' is not a valid choice for this field.")
        super().pre_validate(form)


def _check(what: str, count: int) -> None:
    """Check a limit of `rules.limits`; WTForms needs a ValueError."""
    try:
        limits.check(what, count)
    except Invalid as error:
        raise ValueError(str(error)) from error


def _names(names: Iterable[str]) -> list[Any]:  # WTForms accepts plain names, but its type hints do not
    return list(names)


def rule(*checks: Callable[[Any], None]) -> Validator:
    """Return a validator that runs all the given checks, unless the field is empty.

    :param checks: functions that take the value and raise `Invalid`.
    :returns: the validator; it adds the errors of all checks to the field.
    """

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
    """Validate a form, with more validators for some fields.

    :param form: the form, already filled with the request.
    :param extra: name of a field to the list of its additional validators.
    :raises InvalidFields: a field is not valid.
    """
    if not form.validate(extra_validators=extra):
        raise InvalidFields(form.errors)
