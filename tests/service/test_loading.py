"""Whatever is loaded without marshmallow's ado is what marshmallow loads; everything else is left to it."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import marshmallow as ma
import pytest

from service.api import blueprints, fields
from service.api.commands import COMMANDS
from service.api.loading import Doubtful, quick_loader
from service.log.ids import new_id

assert blueprints  # its import declares the commands
ROUNDS = 40
ODD: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    3,
    10**15,
    1.5,
    "",
    " ",
    "x",
    "a b",
    "2026-02-30",
    "2026-02-28",
    [],
    {},
    [1],
]
TEXTS = [
    "umum",
    "75.01.02.2011",
    "2026-03-01",
    "Diantar ke rumah",
    "7501012001610001",
    "2026-03-01T10:00:00+08:00",
    "P",
]


def choices(field: ma.fields.Field[Any]) -> Iterator[Any]:
    for validator in field.validators:
        if isinstance(validator, ma.validate.OneOf):
            yield from validator.choices


def value(field: ma.fields.Field[Any], draw: random.Random) -> Any:
    """A value for a field, most often a right one."""
    if draw.random() < 0.03:
        return copy.deepcopy(draw.choice(ODD))
    listed = list(choices(field))
    if listed:
        return draw.choice(listed)
    if isinstance(field, ma.fields.Nested):
        return body(field.schema, draw)
    if isinstance(field, ma.fields.List):
        return [value(field.inner, draw) for _ in range(draw.randrange(3))]
    if isinstance(field, ma.fields.Integer):
        return draw.choice([1, 2, 12, 2020, 150_000])
    if isinstance(field, ma.fields.Boolean):
        return draw.random() < 0.5
    if isinstance(field, ma.fields.Date):
        return "2026-03-01"
    return draw.choice([*TEXTS, new_id()])


def body(schema: ma.Schema, draw: random.Random) -> dict[str, Any]:
    """A body for a schema: its required fields and some of the others."""
    sent = {
        name: value(field, draw)
        for name, field in schema.load_fields.items()
        if (field.required and draw.random() < 0.98) or draw.random() < 0.4
    }
    names = list(sent)
    draw.shuffle(names)
    return {name: sent[name] for name in names} | ({"unknown": 1} if draw.random() < 0.03 else {})


def written(loaded: Any) -> str:
    """What was loaded, with the types of its values and the order of its fields."""
    return repr(loaded)


def test_every_body_loads_as_marshmallow_loads_it() -> None:
    draw = random.Random(7501)
    loaded = left = 0
    for name, route in COMMANDS.items():
        quick = quick_loader(route.schema)
        for _ in range(ROUNDS if quick else 0):
            sent = body(route.schema, draw)
            before = written(sent)
            try:
                found = quick(sent) if quick else None
            except (Doubtful, ma.ValidationError):
                left += 1
                continue
            assert written(found) == written(ma.Schema.load(route.schema, sent)), name
            assert written(sent) == before, "what was sent stays as it was"
            loaded += 1
    assert loaded > 500
    assert left > 500


def test_most_commands_load_quickly() -> None:
    slow = [name for name, route in COMMANDS.items() if quick_loader(route.schema) is None]
    assert len(slow) < len(COMMANDS) / 10


class Picky(fields.Schema):
    kind = ma.fields.String(required=True)

    @ma.validates_schema
    def never_this(self, data: dict[str, Any], **_: Any) -> None:
        if data["kind"] == "ini":
            raise ma.ValidationError({"kind": ["Bukan ini."]})


class Renamed(fields.Schema):
    day = ma.fields.Date(data_key="on")


@pytest.mark.parametrize(
    "schema", [Picky(), Renamed(), fields.CommandSchema(many=True), fields.CommandSchema(partial=True)]
)
def test_a_schema_that_does_more_than_its_fields_say_is_left_to_marshmallow(schema: ma.Schema) -> None:
    assert quick_loader(schema) is None


def test_what_is_wrong_is_told_as_marshmallow_tells_it() -> None:
    schema = COMMANDS["case.deliver_service"].schema
    sent = {"kind": "bukan kode", "on": "kemarin", "lain": 1, "evidence": [{"number": "1"}]}
    with pytest.raises(ma.ValidationError) as ours:
        schema.load(sent)
    with pytest.raises(ma.ValidationError) as theirs:
        ma.Schema.load(schema, sent)
    assert ours.value.messages == theirs.value.messages
    assert set(ours.value.messages_dict) >= {"kind", "on", "lain", "evidence"}


def test_a_rule_over_several_fields_is_asked() -> None:
    assert Picky().load({"kind": "itu"}) == {"kind": "itu"}
    with pytest.raises(ma.ValidationError):
        Picky().load({"kind": "ini"})
