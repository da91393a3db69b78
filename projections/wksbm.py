"""The bodies: each WKSBM as it stands, and which KPS belong to it. Questions are asked in `projections.village_status`.

What depends on a day (the SK in force, the board in office, active or not) is asked with a day and not kept.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from domain.aggregate import Event
from domain.wksbm import BoardMember, Wksbm
from domain.wksbm_state import Board, Step
from projections.projection import Projection


class BoardEntry(msgspec.Struct, array_like=True):
    """A board as a row keeps it: the version that appointed it, its term, who sits on it, and when it left."""

    version: int
    term_from: date
    term_until: date
    members: tuple[BoardMember, ...]
    ended: date | None = None


class SkEntry(msgspec.Struct, array_like=True):
    """An SK as a row keeps it; it is in force from ``dated`` to ``term_until``, both included."""

    version: int
    number: str
    dated: date
    term_until: date
    signatory: str
    signatory_post: str


class Waiting(msgspec.Struct, array_like=True):
    """A step whose paper is missing, and the versions that brought papers which did not suffice."""

    version: int
    step: str
    provided: tuple[int, ...] = ()


# What a row's ``boards``, ``sks`` and ``waiting`` hold.
boards_of = msgspec.json.Decoder(list[BoardEntry]).decode
sks_of = msgspec.json.Decoder(list[SkEntry]).decode
waiting_of = msgspec.json.Decoder(list[Waiting]).decode


def _text(entries: list[Any]) -> str:
    return msgspec.json.encode(entries).decode()


@dataclass(slots=True)
class BodyRow:
    """One WKSBM. ``stage`` is how far it came (dirintis, terbentuk, sah, dibubarkan), ``sk_until`` and ``term_until``
    the last days of its latest SK and board. ``last_activity_on`` is its last sign of life: an activity, money raised
    or given out, or its waking. ``unproven`` counts the steps whose paper is missing; ``unproven_steps`` names them as
    version:step. ``missing`` says what stands between it and its SK. Money is rupiah. ``boards``, ``sks`` and
    ``waiting`` are JSON, read by the functions above."""

    key: str
    village: str | None = None
    name: str = ""
    hamlet: str | None = None
    stage: str = "dirintis"
    begun_on: date | None = None
    socialized_on: date | None = None
    kps_found: int | None = None
    deliberated: bool = False
    deliberated_on: date | None = None
    formed_on: date | None = None
    ratified_on: date | None = None
    sk_number: str | None = None
    sk_dated: date | None = None
    sk_until: date | None = None
    sks: str = "[]"
    term_from: date | None = None
    term_until: date | None = None
    boards: str = "[]"
    registered: bool = False
    registered_on: date | None = None
    register_number: str | None = None
    kps_count: int = 0
    last_activity_on: date | None = None
    activities: int = 0
    funds_raised: int = 0
    funds_distributed: int = 0
    facilities: int = 0
    coachings: int = 0
    coached_on: date | None = None
    level: str | None = None
    scale: str | None = None
    assessed_on: date | None = None
    dormant: bool = False
    turned_on: date | None = None  # when it was found dormant or woke, the latest of these
    dissolved_on: date | None = None
    dissolution: str | None = None
    successor: str | None = None
    unproven: int = 0
    unproven_steps: str = ""
    waiting: str = "[]"
    missing: str = "deliberation,forming,board"
    last_on: date | None = None
    version: int = 0


bodies = Projection("bodies", row=BodyRow, indexes=[("village", "key"), ("stage",)])
Change = Callable[[BodyRow, Any], None]


def _fact(*events: type[Event]) -> Callable[[Change], Change]:
    def register(change: Change) -> Change:
        def take(row: BodyRow, event: Event) -> None:
            row.version, row.village = event.version, event.village or row.village
            row.begun_on = event.on if row.begun_on is None else min(row.begun_on, event.on)
            row.last_on = event.on if row.last_on is None else max(row.last_on, event.on)
            if isinstance(event, Step) and event.unproven:
                _wait(row, [*waiting_of(row.waiting), Waiting(event.version, event.topic)])
            change(row, event)

        bodies.on(*events)(take)
        return change

    return register


def _wait(row: BodyRow, waiting: list[Waiting]) -> None:
    row.waiting, row.unproven = _text(waiting), len(waiting)
    row.unproven_steps = ",".join(f"{each.version}:{each.step.partition('.')[2]}" for each in waiting)


def _look_ahead(row: BodyRow) -> None:
    """How far it came, and what it lacks for its SK, by the domain's own rule."""
    wksbm, boards = Wksbm.blank(row.key), boards_of(row.boards)
    wksbm.attendances = {0: 1} if row.deliberated else {}
    wksbm.formed = row.formed_on is not None
    wksbm.boards = {each.version: Board(each.members, each.term_from, each.term_until) for each in boards}
    wksbm.boards_ended = {each.version: each.ended for each in boards if each.ended is not None}
    row.missing = ",".join(wksbm.missing_for_ratification())
    if row.dissolved_on is not None:
        row.stage = "dibubarkan"
    elif row.formed_on is None:
        row.stage = "dirintis"
    else:
        row.stage = "sah" if row.sk_number is not None else "terbentuk"


@_fact(Step)
def stepped(row: BodyRow, event: Step) -> None:
    """A step that leaves nothing but its day and its paper."""


@_fact(Wksbm.Initiated)
def initiated(row: BodyRow, event: Wksbm.Initiated) -> None:
    row.name, row.hamlet = event.name, event.hamlet


@_fact(Wksbm.SocializationHeld)
def socialized(row: BodyRow, event: Wksbm.SocializationHeld) -> None:
    row.socialized_on = max(row.socialized_on or event.on, event.on)


@_fact(Wksbm.KpsIdentified)
def kps_identified(row: BodyRow, event: Wksbm.KpsIdentified) -> None:
    row.kps_found = event.found


@_fact(Wksbm.DeliberationHeld)
def deliberated(row: BodyRow, event: Wksbm.DeliberationHeld) -> None:
    row.deliberated = row.deliberated or bool(event.attendance)
    row.deliberated_on = max(row.deliberated_on or event.on, event.on)
    _look_ahead(row)


@_fact(Wksbm.Formed)
def formed(row: BodyRow, event: Wksbm.Formed) -> None:
    row.formed_on = event.on
    _look_ahead(row)


@_fact(Wksbm.BoardAppointed)
def board_appointed(row: BodyRow, event: Wksbm.BoardAppointed) -> None:
    entry = BoardEntry(event.version, event.term_from, event.term_until, event.members)
    entries = [*boards_of(row.boards), entry]
    latest = max(entries, key=lambda each: (each.term_from, each.version))
    row.boards, row.term_from, row.term_until = _text(entries), latest.term_from, latest.term_until
    _look_ahead(row)


@_fact(Wksbm.BoardTermEnded)
def board_term_ended(row: BodyRow, event: Wksbm.BoardTermEnded) -> None:
    entries = boards_of(row.boards)
    for entry in entries:
        if entry.version == event.board:
            entry.ended = event.on
    row.boards = _text(entries)
    _look_ahead(row)


@_fact(Wksbm.Ratified)
def ratified(row: BodyRow, event: Wksbm.Ratified) -> None:
    post = event.signatory_post
    entry = SkEntry(event.version, event.number, event.dated, event.term_until, event.signatory, post)
    entries = [*sks_of(row.sks), entry]
    latest = max(entries, key=lambda each: (each.dated, each.version))
    row.sks, row.ratified_on = _text(entries), min(each.dated for each in entries)
    row.sk_number, row.sk_dated, row.sk_until = latest.number, latest.dated, latest.term_until
    _look_ahead(row)


@_fact(Wksbm.RegisteredAtOffice)
def registered(row: BodyRow, event: Wksbm.RegisteredAtOffice) -> None:
    row.registered, row.registered_on, row.register_number = True, event.on, event.register_number


@_fact(Wksbm.KpsJoined)
def kps_joined(row: BodyRow, event: Wksbm.KpsJoined) -> None:
    row.kps_count += 1


@_fact(Wksbm.KpsLeft)
def kps_left(row: BodyRow, event: Wksbm.KpsLeft) -> None:
    row.kps_count = max(0, row.kps_count - 1)


@_fact(Wksbm.FacilityProvided)
def facility_provided(row: BodyRow, event: Wksbm.FacilityProvided) -> None:
    row.facilities += 1


@_fact(Wksbm.CoachingConducted)
def coached(row: BodyRow, event: Wksbm.CoachingConducted) -> None:
    row.coachings, row.coached_on = row.coachings + 1, max(row.coached_on or event.on, event.on)


def _alive(row: BodyRow, day: date) -> None:
    row.last_activity_on = max(row.last_activity_on or day, day)


@_fact(Wksbm.ActivityReported)
def activity_reported(row: BodyRow, event: Wksbm.ActivityReported) -> None:
    row.activities += 1
    _alive(row, event.on)


@_fact(Wksbm.FundsRaised)
def funds_raised(row: BodyRow, event: Wksbm.FundsRaised) -> None:
    row.funds_raised += event.amount
    _alive(row, event.on)


@_fact(Wksbm.FundsDistributed)
def funds_distributed(row: BodyRow, event: Wksbm.FundsDistributed) -> None:
    row.funds_distributed += event.amount
    _alive(row, event.on)


@_fact(Wksbm.Assessed)
def assessed(row: BodyRow, event: Wksbm.Assessed) -> None:
    if row.assessed_on is None or event.on >= row.assessed_on:
        row.level, row.scale, row.assessed_on = event.level, event.scale, event.on


@_fact(Wksbm.FoundDormant, Wksbm.Reactivated)
def turned(row: BodyRow, event: Wksbm.FoundDormant | Wksbm.Reactivated) -> None:
    asleep = isinstance(event, Wksbm.FoundDormant)
    if row.turned_on is None or event.on >= row.turned_on:
        row.dormant, row.turned_on = asleep, event.on
    if not asleep:
        _alive(row, event.on)


@_fact(Wksbm.Dissolved)
def dissolved(row: BodyRow, event: Wksbm.Dissolved) -> None:
    row.dissolved_on, row.dissolution, row.successor = event.on, event.reason, event.successor
    _look_ahead(row)


@_fact(Wksbm.EvidenceProvided)
def evidence_provided(row: BodyRow, event: Wksbm.EvidenceProvided) -> None:
    entries = []
    for entry in waiting_of(row.waiting):
        if entry.version == event.target:
            if event.proven and set(event.rests_on) <= set(entry.provided):
                continue
            entry.provided = (*entry.provided, event.version)
        entries.append(entry)
    _wait(row, entries)
