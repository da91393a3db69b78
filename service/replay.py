"""Replaying: a stream, a whole person through her links, or a village, step by step, with the state after each event.

Reads the log itself and not the views, so that what it tells can be held against them; which streams are a person's and
which events a village's comes from the views. Sealed values stay sealed.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time
from typing import Any

from domain.aggregate import Event
from domain.correction import Corrected, Retracted
from domain.refusals import NotFound
from projections import history_lists
from projections.source import NoSuchPosition
from projections.view import View
from service.log.ids import is_id
from service.office import Office
from service.replay_steps import State, Step, Teller, own_fields, state_after, step

VILLAGE = re.compile(r"\d{2}\.\d{2}\.\d{2}\.\d{4}")
_ASKED = ("history", "people", "cases", "referrals")  # the projections that say which streams and events to tell
PAGE = 200  # events of a village looked up at a time


def stream(here: Office, name: str, upto: int) -> Iterator[Step]:
    """The steps of one stream up to a log position. Raises `NotFound` when nothing was recorded by then, and
    `projections.source.Unreadable` when one of its events was altered or is missing."""
    events = here.reader.stream(name, upto)
    if not events:
        raise NotFound
    yield from Teller(here.reader, {name: events}).steps(events)


def _names(values: Any, people: set[str]) -> bool:
    """Whether the fields of an incident's event, or their corrected values, name one of ``people``."""
    return values.get("victim") in people or not people.isdisjoint(values.get("recipients") or ())


def of_incident(events: Sequence[Event], people: set[str]) -> Iterator[Step]:
    """What an incident's events say of some people: the steps that name them, with what later became of those. An
    incident may have thousands of victims; its state is told without the others."""
    about = {event.version for event in events if _names(own_fields(event), people)}
    about |= {event.target for event in events if isinstance(event, Corrected) and _names(event.changes, people)}

    def known(count: int) -> State:
        return _of_people(state_after(events[:count]) if count else {}, people)

    for number, event in enumerate(events, 1):
        if event.version in about or (isinstance(event, Corrected | Retracted) and event.target in about):
            about.add(event.version)
            yield step(event, known(number - 1), known(number))


def _of_people(state: State, people: set[str]) -> State:
    """The state of an incident as far as it tells of some people."""
    victims, verified = (
        {one: told for one, told in state.get(name, {}).items() if one in people} for name in ("victims", "verified")
    )
    helped = [one for one in state.get("helped", ()) if one in people]
    return state | {"victims": victims, "verified": verified, "helped": helped}


def village(here: Office, at: View, code: str, upto: int, after: int = 0, few: int = PAGE) -> Iterator[Step]:
    """The steps of all events that were recorded for a village, as their envelope names it, between two positions:
    ``few`` in memory at a time, with their streams. An incident's state is told as far as it concerns the village. Raises
    `projections.source.Unreadable` for an event that was altered."""

    def shown(event: Event, state: State) -> State:
        if not event.topic.startswith("incident.") and "victims" not in state:
            return state
        return _of_people(state, {one for one, hit in state.get("victims", {}).items() if hit[0] == code})

    teller = Teller(here.reader)
    since = here.reader.moment(after)[1] if after else ""
    while positions := _positions(at, code, upto, since, after, few):
        streams = here.reader.around(positions)
        events = {event.position: event for told in streams.values() for event in told}
        teller.know(streams)
        yield from (teller.step(events[position], shown) for position in positions)
        after, since = positions[-1], events[positions[-1]].recorded
        if len(positions) < few:
            return


def known(at: View, code: str) -> bool:
    """Whether there is, or was, a village with this code, though nothing may have been recorded there."""
    return at.one("SELECT key FROM {villages} WHERE key = :code", code=code) is not None


def from_views(here: Office, name: str, upto: int) -> bool:
    """Whether the views say what is told: of a village or a person, not of another stream."""
    if VILLAGE.fullmatch(name):
        return True
    return is_id(name) and any(event.topic.startswith("beneficiary.") for event in here.reader.stream(name, upto)[:1])


def seen_upto(at: View, upto: int) -> int:
    """How far up to a position the views can say which events are a village's or a person's: less than it while they lie
    behind. ``at`` is what they hold of that position, here and below."""
    return min(upto, at.position)


def set_aside(at: View, upto: int) -> list[int]:
    """The positions from which streams are left out of the views: what they hold of a village or a person is not told."""
    rows = at.rows(f"SELECT projection, generation, position FROM {at.dialect.prefix}set_aside")
    asked = {(name, at.generation(name)) for name in _ASKED}
    found = {row["position"] for row in rows if (row["projection"], row["generation"]) in asked}
    return sorted(position for position in found if position <= upto)


def _positions(at: View, code: str, upto: int, since: str, after: int, limit: int) -> list[int]:
    # Recording times rise with positions, and the table is indexed by village and time.
    rows = at.rows(
        "SELECT since FROM {history} WHERE village = :village AND since <= :upto AND (recorded, since) > (:at, :after)"
        " ORDER BY recorded, since LIMIT :limit",
        village=code,
        upto=upto,
        at=since,
        after=after,
        limit=limit,
    )
    return [row["since"] for row in rows]


def person_steps(here: Office, at: View, beneficiary: str, upto: int) -> list[Step]:
    """What tells of a person: her own stream, those linked with hers as duplicates (as the links stand at that
    position), her cases and their referrals, and what incidents say of her. Which streams these are comes from the
    views. Raises `NotFound` when she was not recorded by then, and as `stream`."""
    streams = history_lists.beneficiary_streams(at, beneficiary)
    own = {beneficiary, *streams["records"], *streams["cases"], *streams["referrals"]}
    events = here.reader.several({*own, *streams["incidents"]}, upto)
    if beneficiary not in events:
        raise NotFound
    teller = Teller(here.reader, events)
    found = [one for name in sorted(own & events.keys()) for one in teller.steps(events[name])]
    for incident in streams["incidents"]:
        found += of_incident(events.get(incident, ()), set(streams["records"]))
    return found


def upto_of(here: Office, until: str | None, head: int = 0) -> int:
    """The log position that ``until`` means: a position, an RFC 3339 time, a day (its end in the office's time zone).

    A time to come means the last position, ``head`` where it is known. Raises `NoSuchPosition` for one that is not recorded
    yet and ``ValueError`` for anything else.
    """
    head = head or here.reader.head()[0]
    if until is None:
        return head
    if until.isdecimal():
        if int(until) > head:
            raise NoSuchPosition(int(until), head)
        return int(until)
    moment = datetime.fromisoformat(until)
    if len(until) == 10:
        moment = datetime.combine(moment.date(), time.max, here.zone)
    if moment.tzinfo is None:
        raise ValueError(f"{until} does not say its zone: a time ends with Z, or with one such as +08:00")
    try:
        moment = moment.astimezone(UTC)
    except OverflowError:  # the very ends of the calendar
        raise ValueError(until) from None
    return min(head, here.reader.position_at(f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"))


def steps(here: Office, name: str, upto: int, at: View | None) -> Iterator[Step]:
    """A stream, or with ``at`` what `from_views` is about: for a beneficiary's id everything about that person, for a
    village's code everything recorded there. In log order up to a position.

    Raises `NotFound` when nothing was recorded by then, unless it is a village that there is, and as `stream`."""
    if at is not None and VILLAGE.fullmatch(name):
        found = village(here, at, name, upto)
        if (first := next(found, None)) is not None:
            yield first
        elif not known(at, name):
            raise NotFound
        yield from found
        return
    if not is_id(name):
        raise NotFound
    own = stream(here, name, upto) if at is None else person_steps(here, at, name, upto)
    yield from sorted(own, key=lambda one: one.position)
