"""Replaying: a stream, or a whole person through her links, step by step, with the state after each event.

Reads the log itself and not the views, so that what it tells can be held against them. Sealed values stay sealed.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, time
from typing import Any

import msgspec

from domain.aggregate import AGGREGATES, ENVELOPE, Aggregate, Event
from domain.correction import Corrected, Retracted, replay
from domain.refusals import NotFound
from domain.sealed import Sealed
from projections import history_lists
from projections.sentences import tell
from service.log.ids import is_id
from service.office import Office

SEALED = "[tersegel]"


class Step(msgspec.Struct, frozen=True):
    """One event of a replay: where it stands, a plain sentence, what it changed and the state of its stream after it."""

    position: int
    stream: str
    version: int
    topic: str
    on: str
    recorded: str
    by: str
    post: str
    sentence: str
    changed: dict[str, Any]
    state: dict[str, Any]


def plain(value: Any) -> Any:
    """A value of a state as JSON would hold it, sealed references hidden."""
    if isinstance(value, Sealed):
        return SEALED
    if isinstance(value, dict):
        return {str(plain(key)): plain(one) for key, one in value.items()}
    if isinstance(value, set | frozenset):
        return sorted((plain(one) for one in value), key=str)
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    return msgspec.to_builtins(value)


def state_of(aggregate: Aggregate) -> dict[str, Any]:
    """What an aggregate remembers, by name."""
    own = {name: value for name, value in vars(aggregate).items() if not name.startswith("_")}
    return {name: plain(value) for name, value in sorted(own.items())}


def own_fields(event: Event) -> dict[str, Any]:
    """An event's own fields as JSON values, references to parts included."""
    fields = msgspec.to_builtins(event)
    return {name: value for name, value in fields.items() if name not in ENVELOPE}


def _step(event: Event, before: dict[str, Any], after: dict[str, Any]) -> Step:
    return Step(
        position=event.position,
        stream=event.stream,
        version=event.version,
        topic=event.topic,
        on=event.on.isoformat(),
        recorded=event.recorded,
        by=event.by,
        post=event.post,
        sentence=tell(event.topic, own_fields(event), None),
        changed={key: value for key, value in after.items() if before.get(key) != value},
        state=after,
    )


def _state_after(events: Sequence[Event]) -> dict[str, Any]:
    aggregate = replay(None, events)
    assert aggregate is not None
    return state_of(aggregate)


def stream(here: Office, name: str, upto: int) -> Iterator[Step]:
    """The steps of one stream up to a log position. Raises `NotFound` when nothing was recorded by then, and
    `projections.source.Unreadable` when one of its events was altered or is missing."""
    events = here.reader.stream(name, upto)
    if not events:
        raise NotFound
    before = state_of(AGGREGATES[events[0].topic.partition(".")[0]].blank(name))
    for number, event in enumerate(events, 1):
        after = _state_after(events[:number])
        yield _step(event, before, after)
        before = after


def _names(values: Any, people: set[str]) -> bool:
    """Whether the fields of an incident's event, or their corrected values, name one of ``people``."""
    return values.get("victim") in people or not people.isdisjoint(values.get("recipients") or ())


def of_incident(here: Office, incident: str, people: set[str], upto: int) -> Iterator[Step]:
    """What an incident's stream says of some people: the steps that name them, with what later became of those. An
    incident may have thousands of victims; its state is told without the others."""
    events = here.reader.stream(incident, upto)
    about = {event.version for event in events if _names(own_fields(event), people)}
    about |= {event.target for event in events if isinstance(event, Corrected) and _names(event.changes, people)}

    def known(count: int) -> dict[str, Any]:
        state = _state_after(events[:count]) if count else {}
        for name in ("victims", "verified"):
            state[name] = {one: told for one, told in state.get(name, {}).items() if one in people}
        return state | {"helped": [one for one in state.get("helped", ()) if one in people]}

    for number, event in enumerate(events, 1):
        if event.version in about or (isinstance(event, Corrected | Retracted) and event.target in about):
            about.add(event.version)
            yield _step(event, known(number - 1), known(number))


def person_steps(here: Office, beneficiary: str, upto: int) -> list[Step]:
    """What tells of a person: her own stream, those linked with hers as duplicates (as the links stand at that
    position), her cases and their referrals, and what incidents say of her. Which streams these are comes from the
    views. Raises `NotFound` when she was not recorded by then, and as `stream`."""
    with here.views.at(upto) as view:
        streams = history_lists.beneficiary_streams(view, beneficiary)
    found = list(stream(here, beneficiary, upto))
    for one in (*streams["records"], *streams["cases"], *streams["referrals"]):
        if one != beneficiary:
            with suppress(NotFound):
                found += stream(here, one, upto)
    for incident in streams["incidents"]:
        found += of_incident(here, incident, set(streams["records"]), upto)
    return found


def upto_of(here: Office, until: str | None) -> int:
    """The log position that ``until`` means: a position, an RFC 3339 time, a day (its end in the office's time zone).

    A position that is not recorded yet means the last one that is. Raises ``ValueError`` for anything else.
    """
    if until is None:
        return here.reader.head()[0]
    if until.isdecimal():
        return min(int(until), here.reader.head()[0])
    moment = datetime.fromisoformat(until)
    if len(until) == 10:
        moment = datetime.combine(moment.date(), time.max)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=here.zone)
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:  # the very ends of the calendar
        raise ValueError(until) from None
    return here.reader.position_at(f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z")


def steps(here: Office, name: str, until: str | None = None) -> list[Step]:
    """A stream, or, for a beneficiary's id, everything about that person, in log order up to ``until``.

    Raises ``ValueError`` for an ``until`` that means nothing, and as `stream`."""
    upto = upto_of(here, until)
    if not is_id(name):
        raise NotFound
    first = here.reader.stream(name, upto)[:1]
    about_person = first and first[0].topic.startswith("beneficiary.")
    found = person_steps(here, name, upto) if about_person else stream(here, name, upto)
    return sorted(found, key=lambda step: step.position)
