"""The canonical text of an event: RFC 8785, read back as it was written, and never guessed at."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.aggregate import EVENTS, Event
from domain.correction import Corrected
from domain.kps import Kps
from domain.sealed import Evidence, PartRef, Sealed
from service.log import codec
from service.log.codec import (
    POSITION,
    RECORDED,
    MalformedEvent,
    UnknownEvent,
    canonical,
    decode,
    leaf_hash,
    prepare,
    template,
)
from service.log.ids import is_id, new_id

WHOLE = st.integers(-POSITION, POSITION)
PLACEHOLDERS = [f'"position":{POSITION},', f'"recorded":"{RECORDED}"', RECORDED, str(POSITION)]
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.sampled_from([*PLACEHOLDERS, '"', "\\", "\x00", "\x1f", "\x7f", "\u2028", "é", "😀", "\n\r\t\b\f"]),
)
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))
SEALED = st.builds(Sealed, part=TEXT)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcposition_recorded", max_size=9), inner),
    max_leaves=6,
)
ENVELOPE: dict[str, st.SearchStrategy[Any]] = {
    "stream": TEXT,
    "version": st.integers(1, POSITION),
    "schema": st.just(1),
    "on": DAYS,
    "id": TEXT,
    "by": TEXT,
    "post": TEXT,
    "performed_by": st.none() | TEXT,
    "village": st.none() | TEXT,
    "territory": st.none() | TEXT,
    "command": TEXT,
    "source": TEXT,
    "base": st.none() | st.integers(0, POSITION),
    "device": st.none() | TEXT,
    "device_time": st.none() | TEXT,
    "evidence": st.lists(st.builds(Evidence, kind=TEXT, number=st.none() | TEXT), max_size=2).map(tuple),
    "parts": st.lists(st.builds(PartRef, TEXT, TEXT, TEXT, TEXT), max_size=2).map(tuple),
    "corrects": st.none() | TEXT,
}
REGISTERED = st.builds(
    Kps.Registered,
    **ENVELOPE,
    topic=st.just(Kps.Registered.TOPIC),
    kind=TEXT,
    kinds=TEXT,
    name=TEXT,
    active_from=st.none() | DAYS,
    members=st.none() | WHOLE,
    contact=st.none() | SEALED,
)
CORRECTED = st.builds(
    Corrected,
    **ENVELOPE,
    topic=st.just(Corrected.TOPIC),
    target=st.integers(1, POSITION),
    reason=SEALED,
    requested_by=TEXT,
    requesters=TEXT,
    changes=st.dictionaries(st.text("abcdef_", max_size=6), JSON_VALUES, max_size=3),
    was=st.dictionaries(st.text("abcdef_", max_size=6), JSON_VALUES, max_size=3),
    fields=st.lists(TEXT, max_size=2).map(tuple),
    value=st.none() | SEALED,
)
TIMES = st.datetimes().map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def rfc8785(text: str) -> str:
    """The text as RFC 8785 would have it: a second way, by the standard library (the keys are ASCII)."""
    return json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def prepared(event: Event) -> codec.Prepared:
    return prepare(event.stream, event.version, event.topic, template(event))


def registered(**given: Any) -> Kps.Registered:
    fields: dict[str, Any] = {"kind": "arisan", "kinds": "ID-KPS-2019", "name": "Arisan Mawar", **given}
    return Kps.Registered(
        stream="k1", version=1, topic="kps.registered", schema=1, on=date(2019, 8, 1), id="e1", **fields
    )


@settings(max_examples=300, deadline=None)
@given(event=REGISTERED, position=st.integers(1, POSITION), recorded=TIMES)
def test_the_stored_text_is_canonical_and_reads_back_as_it_was(event: Event, position: int, recorded: str) -> None:
    text = prepared(event).text(position, recorded)
    assert text == rfc8785(text)
    read = decode(event.topic, text)
    assert read == msgspec.structs.replace(event, position=position, recorded=recorded)
    assert canonical(read) == text
    assert leaf_hash(text) == leaf_hash(canonical(decode(event.topic, text.encode(), 1)))


@settings(max_examples=300, deadline=None)
@given(event=CORRECTED, position=st.integers(1, POSITION - 1), recorded=TIMES)
def test_a_text_is_split_at_its_own_position_and_time_or_refused(event: Event, position: int, recorded: str) -> None:
    try:
        text = prepared(event).text(position, recorded)
    except MalformedEvent:
        # Only a nested member that looks exactly like a placeholder may have this effect.
        body = template(event).decode()
        assert sum(body.count(mark) for mark in PLACEHOLDERS[:2]) > 2
        return
    read = decode(event.topic, text)
    assert (read.position, read.recorded) == (position, recorded)
    assert text == canonical(read) == rfc8785(text)
    assert read == msgspec.structs.replace(event, position=position, recorded=recorded)


@pytest.mark.parametrize("mark", PLACEHOLDERS)
def test_a_value_that_quotes_a_placeholder_stays_as_it_is(mark: str) -> None:
    event = registered(name=mark, kind=mark * 2)
    read = decode(event.topic, prepared(event).text(7, "2026-11-23T08:00:00.000000Z"))
    assert isinstance(read, Kps.Registered)
    assert (read.name, read.kind, read.position) == (mark, mark * 2, 7)


@pytest.mark.parametrize(
    "changes", [{"position": POSITION, "x": 1}, {"recorded": RECORDED}, {"x": [{"position": POSITION, "q": 0}]}]
)
def test_a_member_that_is_a_placeholder_is_refused_rather_than_split_wrongly(changes: dict[str, Any]) -> None:
    for given_as in ("changes", "was"):
        event = correction(**{given_as: changes})
        with pytest.raises(MalformedEvent):
            prepared(event)


def correction(**given: Any) -> Corrected:
    fields = {"target": 1, "reason": Sealed("p"), "requested_by": "supervisor", "requesters": "1", **given}
    return Corrected(stream="k1", version=2, topic="record.corrected", schema=1, on=date(2019, 8, 2), **fields)


@pytest.mark.parametrize("number", [1.5, 1e22, -0.0, 2**53, -(2**53), 10**30])
def test_a_number_that_is_not_whole_or_not_exact_everywhere_is_refused(number: float) -> None:
    for changes in ({"amount": number}, {"amounts": [number]}, {"amounts": [1, {"a": number}]}):
        with pytest.raises(MalformedEvent):
            prepared(correction(changes=changes))
    prepared(correction(changes={"amount": POSITION, "text": f"[{number},:{number}"}))


def test_a_topic_that_nobody_registered_is_not_guessed() -> None:
    for topic in ("kps.unheard_of", "os:system", "antigravity", "", "domain.kps:Kps.Registered"):
        with pytest.raises(UnknownEvent):
            decode(topic, canonical(registered()))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"kps.registered"',
        "{}",
        '{"stream":1}',
        b"\xff\xfe",
        '{"a":' + "[" * 100_000,
        canonical(registered()).replace('"2019-08-01"', '"2019-13-01"'),
        canonical(registered()).replace('"version":1', '"version":"1"'),
        canonical(registered()) + "{}",
    ],
)
def test_a_text_that_does_not_fit_its_topic_is_malformed(text: str | bytes) -> None:
    with pytest.raises(MalformedEvent):
        decode("kps.registered", text)


def test_a_newer_shape_is_unknown_even_when_it_no_longer_fits() -> None:
    newer = canonical(registered()).replace('"schema":1', '"schema":2')
    for text in (newer, newer.replace('"name":"Arisan Mawar"', '"name":{"id":"Arisan","en":"Circle"}')):
        for schema in (None, 2):
            with pytest.raises(UnknownEvent):
                decode("kps.registered", text, schema)


class Opened(Event):
    """A shape that has changed twice: first a name, then a count kept as text, now both as they should be."""

    TOPIC = "toy.opened"
    SCHEMA = 3
    title: str
    members: int = 0


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, Any], str]]:
    monkeypatch.setitem(EVENTS, "toy.opened", Opened)
    monkeypatch.setitem(codec.UPCASTERS, ("toy.opened", 1), lambda f: {**f, "title": f.pop("name")})
    monkeypatch.setitem(codec.UPCASTERS, ("toy.opened", 2), lambda f: {**f, "members": int(f.get("members", "0"))})

    def written(schema: int, **fields: Any) -> str:
        envelope = {"stream": "t", "version": 1, "topic": "toy.opened", "schema": schema, "on": "2019-08-01"}
        return json.dumps({**envelope, **fields}, sort_keys=True, separators=(",", ":"))

    yield written
    codec._decoders.pop(Opened, None)


def test_an_older_shape_is_read_through_its_upcasters(toy: Callable[..., str]) -> None:
    for schema, text in {
        1: toy(1, name="Arisan", members="20"),
        2: toy(2, title="Arisan", members="20"),
        3: toy(3, title="Arisan", members=20),
    }.items():
        for given_schema in (None, schema):
            event = decode("toy.opened", text, given_schema)
            assert isinstance(event, Opened)
            assert (event.title, event.members, event.schema) == ("Arisan", 20, 3)


def test_an_older_shape_that_does_not_fit_is_malformed_not_fatal(
    toy: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnknownEvent):
        decode("toy.opened", toy(4, title="Arisan"))
    for text in (toy(1, members="20"), toy(2, title="Arisan", members="banyak"), toy(2, title=3), toy(3, title=None)):
        with pytest.raises(MalformedEvent):
            decode("toy.opened", text)
    monkeypatch.delitem(codec.UPCASTERS, ("toy.opened", 1))
    with pytest.raises(MalformedEvent, match="no upcaster"):
        decode("toy.opened", toy(1, name="Arisan"))


def test_every_event_type_has_only_ascii_member_names_in_one_order() -> None:
    for event_class in EVENTS.values():
        for name in event_class.__struct_fields__:
            assert re.fullmatch(r"[a-z][a-z_0-9]*", name), f"{event_class.TOPIC}: {name}"


def test_ids_are_uuids_in_the_order_of_their_making() -> None:
    made = [new_id() for _ in range(2000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {uuid.UUID(one).version for one in made} == {7}
    assert {uuid.UUID(one).variant for one in made} == {uuid.RFC_4122}
    assert all(map(is_id, made))
    stamp = int(made[0].replace("-", "")[:12], 16)
    assert abs(stamp - time.time() * 1000) < 60_000
