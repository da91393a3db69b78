"""A replay is told in words: every field of an event and of the state of a record has a name, and every code a meaning."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import msgspec
import pytest

from domain.aggregate import Event
from domain.correction import replay
from domain.field_classes import derived
from domain.sealed import Sealed
from projections.sentences.wksbm import STEPS
from service.api.codes import LISTS
from service.cli.replay import _facts
from service.replay_steps import plain
from service.web.around import facts
from service.web.remembered import FREE, VALUES, name_of
from service.web.words import CALLED, STATES, plainly
from tests.histories.test_histories import RELEASES, read

MEANT = (
    {code for history in LISTS.values() for version in history.versions for code in version.codes}
    | {str(state).lower().replace(" ", "_") for state in STATES}
    | {*CALLED, *VALUES, *STEPS}
)
_CODE = re.compile(r"[a-z]+(_[a-z]+)*(\.[a-z_]+)?")


def structure(value: Any) -> dict[str, Any]:
    """The fields of a structure; of anything else none."""
    if isinstance(value, Sealed):
        return {}
    if is_dataclass(value):
        return {one.name: getattr(value, one.name) for one in fields(value)}
    return msgspec.structs.asdict(value) if isinstance(value, msgspec.Struct) else {}


def told(values: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Every field inside a state with each single value it has, however deep."""
    for name, value in values.items():
        waiting = [value]
        while waiting:
            one = waiting.pop()
            if inner := structure(one):
                yield from told(inner)
            elif isinstance(one, dict):  # by the names of fields, or by numbers and ids
                for key, held in one.items():
                    yield from told({key if name_of(str(key)) else name: held})
            elif isinstance(one, list | tuple | set | frozenset):
                waiting += one
            else:
                yield name, one


def states(events: list[Event]) -> Iterator[dict[str, Any]]:
    """What every stream remembers after each of its events."""
    streams = defaultdict(list)
    for event in events:
        streams[event.stream].append(event)
        remembered = replay(None, streams[event.stream])
        yield {name: value for name, value in vars(remembered).items() if not name.startswith("_")}


def test_every_field_of_every_event_has_a_name() -> None:
    names = {name for row in derived() for name in row.field.replace("[]", "").split(".")}
    assert len(names) > 200
    assert [name for name in sorted(names) if not name_of(name)] == []


@pytest.mark.parametrize("release", RELEASES)
def test_every_field_of_every_state_that_every_event_leads_to_has_a_name(release: str) -> None:
    found = {name for state in states(read(release)) for name in (*state, *(name for name, _ in told(state)))}
    assert {"identity_state", "ending", "open", "provided", "withdrawn"} <= found
    assert [name for name in sorted(found) if not name_of(name)] == []


def without_a_meaning(state: dict[str, Any]) -> set[tuple[str, str]]:
    """The fields of a state whose code stands in no list and is in no words."""
    codes = {(name, value) for name, value in told(state) if isinstance(value, str) and _CODE.fullmatch(value)}
    return {(name, value) for name, value in codes if name not in FREE and value not in MEANT}


def test_a_code_without_a_meaning_is_found() -> None:
    assert without_a_meaning({"identity_state": "guessed", "kind": "person"}) == {("identity_state", "guessed")}


def test_codes_are_said_in_words() -> None:
    assert [plainly(code) for code in ("claimed", "matched", "none")] == [
        "menurut pengakuan, belum dicocokkan",
        "sudah dicocokkan dengan Dukcapil",
        "belum ada",
    ]
    assert [plainly(code) for code in ("wksbm.formed", "second_factor", "segera")] == [
        "pembentukan",
        "faktor kedua",
        "Segera",
    ]


def test_only_where_fields_are_named_a_value_is_said_by_the_name_of_a_field() -> None:
    values = ("birth_date", "reason", "none")
    assert [plainly(value, "fields") for value in values] == ["Tanggal lahir", "Alasan", "None"]
    assert [plainly(value, "goods") for value in values] == ["Birth date", "Reason", "belum ada"]


@pytest.mark.parametrize("written", ["note", "none", "segera", "dinas_sosial"])
def test_what_somebody_called_herself_stands_as_it_is(written: str) -> None:
    told = {"login": written, "board": [{"name": written}]}
    assert facts(told) == (
        f"<dl><dt>Nama masuk</dt><dd>{written}</dd><dt>Pengurus</dt><dd><ul><li><dl><dt>Nama</dt><dd>{written}</dd></dl>"
        "</li></ul></dd></dl>"
    )
    assert _facts(told) == f"Nama masuk: {written}; Pengurus: (Nama: {written})"


def test_what_is_sealed_inside_a_state_is_said_to_be_sealed() -> None:
    sealed = {name for state in states(read(RELEASES[-1])) for name, value in told(state) if isinstance(value, Sealed)}
    assert sealed
    for state in states(read(RELEASES[-1])):
        assert '"part":' not in msgspec.json.encode(plain(state)).decode()
