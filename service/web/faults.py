"""What is wrong with a refused form, for its notice at the top: on a phone the fields lie far below it."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from service.web.forms import Field, sentences


class Fault(msgspec.Struct):
    """Something wrong: what the field is called and its id in the page, both empty where no field shows it, and what."""

    element: str
    label: str
    told: str


def faults(fields: Iterable[Field], errors: Mapping[str, Any] | None) -> list[Fault]:
    """Each field of a form that something is wrong with; else whatever the API's ``errors`` say of no field."""
    found = list(_of(fields))
    return found or [Fault("", "", one) for one in sentences(errors or {})]


def _of(fields: Iterable[Field], row: str = "") -> Iterable[Fault]:
    for one in fields:
        label = f"{row}{one.label}"
        if one.errors:
            yield Fault("" if one.kind == "hidden" else one.element, label, " ".join(one.errors))
        for at, inner in enumerate(one.inner, 1):
            yield from _of(inner, f"{label} ({at}): " if one.kind == "rows" else row)
