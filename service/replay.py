"""Replaying: a stream, or a whole person through her links, step by step, with the state after each event.

Reads the log itself and not the views, so that what it tells can be held against them. Sealed values stay sealed.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

import msgspec

from domain.aggregate import AGGREGATES, ENVELOPE, Aggregate, Event
from domain.correction import replay
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


def stream(here: Office, name: str, upto: int) -> Iterator[Step]:
    """The steps of one stream up to a log position. Raises `NotFound` when nothing was recorded by then."""
    events = here.reader.stream(name, upto)
    if not events:
        raise NotFound
    before = state_of(AGGREGATES[events[0].topic.partition(".")[0]].blank(name))
    for number, event in enumerate(events, 1):
        aggregate = replay(None, events[:number])
        assert aggregate is not None
        after = state_of(aggregate)
        yield Step(
            position=event.position,
            stream=name,
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
        before = after


def person_streams(here: Office, beneficiary: str, upto: int) -> list[str]:
    """The streams that tell of a person: her own, those linked with hers as duplicates (as the links
    stand at that position), her cases and their referrals."""
    with here.views.at(upto) as view:
        found = history_lists.beneficiary_streams(view, beneficiary)
    return [*found["records"], *found["cases"], *found["referrals"]]


def upto_of(here: Office, until: str | None) -> int:
    """The log position that ``until`` means: a position, an RFC 3339 time, a day (its end in the office's time zone).

    Raises ``ValueError`` for anything else.
    """
    if until is None:
        return here.reader.head()[0]
    if until.isdecimal():
        return int(until)
    moment = datetime.fromisoformat(until)
    if len(until) == 10:
        moment = datetime.combine(moment.date(), time.max)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=here.zone)
    return here.reader.position_at(moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))


def steps(here: Office, name: str, until: str | None = None) -> list[Step]:
    """A stream, or, for a beneficiary's id, everything about that person, in log order up to ``until``."""
    upto = upto_of(here, until)
    if not is_id(name):
        raise NotFound
    first = here.log.history(name)[:1]
    streams = person_streams(here, name, upto) if first and first[0].topic.startswith("beneficiary.") else [name]
    found: list[Step] = []
    for one in streams:
        try:
            found += stream(here, one, upto)
        except NotFound:
            if one == name:
                raise
    return sorted(found, key=lambda step: step.position)
