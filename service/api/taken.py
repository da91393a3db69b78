"""What the fields of recorded events take, as the schemas of the commands that record them say: codes of which list, or any
words. Field names come as the way to them: ``("into", "kind")``."""

import functools
from collections.abc import Iterator
from typing import Any

import marshmallow as ma

from domain.aggregate import EVENTS
from domain.correction import DERIVED
from service.api.codes import LISTS
from service.api.commands import COMMANDS, Route
from service.api.fields import is_text

Field = ma.fields.Field[Any]
Path = tuple[str, ...]

#: By noun or command, and field: the list that a field takes its codes from, where its schema names none.
LISTINGS = {
    "case.channel": "case.channels",
    "case.urgency": "case.urgencies",
    "case.risk": "case.risks",
    "case.progress": "case.progress",
    "case.condition": "case.progress",
    "case.outcome": "case.outcomes",
    "case.miss_visit.reason": "case.missed_visits",
    "case.unit": "case.units",
    "report.urgency": "case.urgencies",
    "referral.channel": "referral.channels",
    "referral.documents": "referral.documents",
    "referral.missing": "referral.documents",
    "referral.outcome": "referral.results",
    "referral.reject.reason": "referral.rejections",
    "referral.return_incomplete.reason": "referral.returns",
    "beneficiary.services": "spm.items",
    "evidence.kind": "",
}


def listing(command: str, name: str) -> str:
    """The list of a field of a command by `LISTINGS`; empty where none is named."""
    return LISTINGS.get(f"{command}.{name}") or LISTINGS.get(f"{command.partition('.')[0]}.{name}") or ""


@functools.lru_cache(maxsize=256)
def list_of(codes: frozenset[str]) -> str:
    """The list that has just these codes, in all its versions together; empty when none has."""
    return next((name for name in LISTS if ever(name) == codes), "")


@functools.cache
def ever(name: str) -> frozenset[str]:
    """All codes that a list has in any version."""
    return frozenset(code for version in LISTS[name].versions for code in version.codes)


def route_of(topic: str) -> Route | None:
    """The command that records such events: of those of its noun the one whose fields fit best."""
    own = set(EVENTS[topic].__struct_fields__) - DERIVED

    def fit(route: Route) -> tuple[int, int]:
        asked = set(route.schema.fields)
        return len(own & asked), -len(asked - own)

    return max(_of_noun(topic), key=fit, default=None)


def _of_noun(topic: str) -> list[Route]:
    return [route for name, route in COMMANDS.items() if name.partition(".")[0] == topic.partition(".")[0]]


def _within(schema: ma.Schema, path: Path) -> Field | None:
    field, known = None, schema.fields
    for name in path:
        field = _inner(known.get(name))
        known = field.schema.fields if isinstance(field, ma.fields.Nested) else {}
    return field


def _inner(field: Field | None) -> Field | None:
    while isinstance(field, ma.fields.List):
        field = field.inner
    return field


def _codes(command: str, name: str, field: Field) -> frozenset[str] | None:
    if listed := listing(command, name):
        return ever(listed)
    rule = field.validate
    return frozenset(str(one) for one in rule.choices) if isinstance(rule, ma.validate.OneOf) else None


@functools.lru_cache(maxsize=1024)
def codes_of(topic: str, path: Path) -> frozenset[str] | None:
    """The codes that a field of an event takes; ``None`` where its command names none."""
    route = route_of(topic)
    field = _within(route.schema, path) if route else None
    return _codes(route.name, path[-1], field) if route and field else None


@functools.lru_cache(maxsize=1024)
def free_field(topic: str, path: Path) -> Field | None:
    """The field of the command, where every command of the noun that has such a field takes any words in it."""
    found = [field for route in _of_noun(topic) if (field := _within(route.schema, path))]
    return found[0] if found and all(map(is_text, found)) else None


def _every(schema: ma.Schema) -> Iterator[tuple[str, Field]]:
    for name, field in schema.fields.items():
        inner = _inner(field)
        if isinstance(inner, ma.fields.Nested):
            yield from _every(inner.schema)
        elif inner:
            yield name, inner


@functools.cache
def _by_name() -> dict[str, list[tuple[str, Field]]]:
    found: dict[str, list[tuple[str, Field]]] = {}
    for route in COMMANDS.values():
        for name, field in _every(route.schema):
            found.setdefault(name, []).append((route.name, field))
    return found


@functools.cache
def is_free(name: str) -> bool:
    """Whether a field of this name takes any words wherever there is one."""
    fields = [field for _, field in _by_name().get(name, ())]
    return bool(fields) and all(map(is_text, fields))


@functools.cache
def lists_named(name: str) -> frozenset[str]:
    """The lists that fields of this name take their codes from."""
    codes = (_codes(command, name, field) for command, field in _by_name().get(name, ()))
    return frozenset(listed for one in codes if one and (listed := list_of(one)))
