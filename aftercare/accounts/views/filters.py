"""The filter bar of a list, as the frame's component wants it."""

from collections.abc import Sequence
from typing import TypedDict

from django import forms


class Filter(TypedDict):
    """One choice of a filter bar."""

    name: str
    label: str
    value: str
    choices: list[tuple[str, str]]


class Search(TypedDict):
    """The search box of a filter bar."""

    name: str
    label: str
    value: str


def choice_of(form: forms.Form, name: str, choices: Sequence[tuple[str, str]] | None = None) -> Filter:
    """A form's field as a choice; `choices` replaces those of the field."""
    field = form[name]
    own = getattr(form.fields[name], "choices", ())
    pairs = [(str(value), str(label)) for value, label in (own if choices is None else choices)]
    return {"name": name, "label": str(field.label), "value": field.value() or "", "choices": pairs}


def search_of(form: forms.Form, name: str) -> Search:
    """A form's field as the search box."""
    field = form[name]
    return {"name": name, "label": str(field.label), "value": field.value() or ""}
