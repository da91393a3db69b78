"""What becomes of every field of every event: open, sealed, or open unless the subject is of the strict tier.

``field_classes.csv`` is the reviewed table: one row for each field, with its type. A field that is not in it, or differs
from it, fails the tests: the shape of an event and the class of a field never change by accident.
"""

import csv
import types
import typing
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, get_args, get_origin, get_type_hints

import msgspec

from domain.aggregate import ENVELOPE, EVENTS, Event
from domain.sealed import Sealed

OPEN, SEALED, STRICT = "open", "sealed", "open unless strict"
_UNIONS = (types.UnionType, typing.Union)


class FieldClass(msgspec.Struct, frozen=True):
    """One row of the table. ``field`` of a nested structure is written ``outer[].inner``."""

    topic: str
    schema: int
    field: str
    type: str
    field_class: str


def _named(hint: Any) -> str:
    if get_origin(hint) in _UNIONS:
        return " | ".join("None" if one is type(None) else _named(one) for one in get_args(hint))
    if get_origin(hint) is tuple:
        return f"tuple[{_named(get_args(hint)[0])}, ...]"
    if get_origin(hint) is dict:
        return "dict"
    return getattr(hint, "__name__", str(hint))


def class_of(hint: Any) -> str:
    """The class of a field from its type: `Sealed` alone, `Sealed` beside something else, or no `Sealed`."""
    members = [one for one in (get_args(hint) if get_origin(hint) in _UNIONS else (hint,)) if one is not type(None)]
    if Sealed not in members:
        return OPEN
    return SEALED if len(members) == 1 else STRICT


def _fields(structure: type, prefix: str = "") -> Iterator[tuple[str, str, str]]:
    hints = get_type_hints(structure)
    for name in structure.__struct_fields__:  # type: ignore[attr-defined]  # msgspec structures have it
        if not prefix and name in ENVELOPE:
            continue
        hint = hints[name]
        yield f"{prefix}{name}", _named(hint), class_of(hint)
        for one in get_args(hint) if get_origin(hint) in (tuple, *_UNIONS) else ():
            inner = get_args(one)[0] if get_origin(one) is tuple else one
            if isinstance(inner, type) and issubclass(inner, msgspec.Struct) and inner is not Sealed:
                yield from _fields(inner, f"{prefix}{name}[].")


def events() -> dict[str, type[Event]]:
    """The events that this package defines, by topic. Others may be registered too: tests have fields of their own."""
    return {topic: event for topic, event in sorted(EVENTS.items()) if event.__module__.startswith("domain.")}


def derived() -> list[FieldClass]:
    """The table as the code has it, in order of topic and field."""
    rows = [
        FieldClass(topic, event.SCHEMA, field, kind, field_class)
        for topic, event in events().items()
        for field, kind, field_class in _fields(event)
    ]
    return [*envelope(), *rows]


def envelope() -> list[FieldClass]:
    """The rows of the envelope, which is the same for every event and open throughout."""
    hints = get_type_hints(Event)
    return [FieldClass("*", 1, name, _named(hints[name]), OPEN) for name in Event.__struct_fields__]


def reviewed() -> list[FieldClass]:
    """The table as checked in."""
    text = files("domain").joinpath("field_classes.csv").read_text("utf-8")
    return [
        FieldClass(row["topic"], int(row["schema"]), row["field"], row["type"], row["class"])
        for row in csv.DictReader(text.splitlines())
    ]
