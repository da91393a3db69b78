"""Requests of people about their data: what was asked, when it is due by the clock of the law, and what was answered.

Times are the log's. Whether a request is overdue depends on today and is asked, in `projections.subject_request_lists`.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.aggregate import Event
from domain.sealed import Sealed
from domain.subject_request import SubjectRequest
from domain.subject_request_codes import RIGHTS
from projections.projection import Projection


@dataclass(slots=True)
class SubjectRequestRow:
    """One request. ``opened_at``, ``due_at``, ``paused_at`` and ``done_at`` are RFC 3339 UTC; while the clock is paused
    ``due_at`` is what it would be without this pause. ``done_at``: carried out or refused. ``asked`` is the part with
    what was sealed at the opening, ``answer`` that with the reason of a refusal."""

    key: str
    subject: str = ""
    tier: int = 1
    kind: str = ""
    kinds: str = ""
    asker: str | None = None
    askers: str = ""
    channel: str = ""
    channels: str = ""
    asked: str | None = None
    state: str = "dibuka"
    open: bool = True
    opened_on: date | None = None
    opened_at: str | None = None
    opened_by: str | None = None
    due_at: str | None = None
    paused_at: str | None = None
    pause_reason: str | None = None
    pauses: int = 0
    confirmed_on: date | None = None
    confirmed_how: str | None = None
    decided_on: date | None = None
    decided_by: str | None = None
    ground: str | None = None
    article: str | None = None
    answer: str | None = None
    destruction: str | None = None
    sha256: str | None = None
    entries: int = 0
    files: int = 0
    corrections: int = 0
    done_at: str | None = None
    closed_on: date | None = None
    outcome: str | None = None
    version: int = 0


subject_requests = Projection(
    "subject_requests", row=SubjectRequestRow, indexes=[("subject",), ("done_at", "due_at"), ("opened_at", "key")]
)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _later(time: str, by: timedelta) -> str:
    try:
        return _text(datetime.fromisoformat(time) + by)
    except (ValueError, OverflowError):
        return time


def _run_on(row: SubjectRequestRow, now: str) -> None:
    """End a pause: what is left of the time begins to run again."""
    if row.paused_at is not None and row.due_at is not None:
        try:
            stood = datetime.fromisoformat(now) - datetime.fromisoformat(row.paused_at)
        except ValueError:
            stood = timedelta()
        row.due_at = _later(row.due_at, stood)
    row.paused_at = row.pause_reason = None


@subject_requests.on(SubjectRequest.Opened)
def opened(row: SubjectRequestRow, event: SubjectRequest.Opened) -> None:
    row.subject, row.tier = event.subject, event.tier
    row.kind, row.kinds, row.askers = event.kind, event.kinds, event.askers
    row.asker = event.asker if isinstance(event.asker, str) else None
    row.channel, row.channels = event.channel, event.channels
    sealed = (event.requester, event.details, event.asker)
    row.asked = next((one.part for one in sealed if isinstance(one, Sealed)), None)
    row.opened_on, row.opened_at, row.opened_by = event.on, event.recorded, event.by or None
    right = RIGHTS.get(event.kinds, {}).get(event.kind)
    row.due_at = _later(event.recorded, timedelta(hours=right.hours)) if right else None
    row.version = event.version


@subject_requests.on(SubjectRequest.IdentityConfirmed)
def confirmed(row: SubjectRequestRow, event: SubjectRequest.IdentityConfirmed) -> None:
    row.confirmed_on, row.confirmed_how, row.version = event.on, event.how, event.version


@subject_requests.on(SubjectRequest.Paused)
def paused(row: SubjectRequestRow, event: SubjectRequest.Paused) -> None:
    row.paused_at, row.pause_reason, row.version = event.recorded, event.reason, event.version
    row.pauses += 1


@subject_requests.on(SubjectRequest.Resumed)
def resumed(row: SubjectRequestRow, event: SubjectRequest.Resumed) -> None:
    _run_on(row, event.recorded)
    row.version = event.version


def _decided(row: SubjectRequestRow, event: Event, state: str) -> None:
    _run_on(row, event.recorded)
    row.state, row.decided_on, row.decided_by, row.version = state, event.on, event.by or None, event.version


@subject_requests.on(SubjectRequest.Granted)
def granted(row: SubjectRequestRow, event: SubjectRequest.Granted) -> None:
    _decided(row, event, "dikabulkan")
    row.destruction = event.destruction
    right = RIGHTS.get(row.kinds, {}).get(row.kind)
    if right is not None and right.at_once:
        row.done_at = event.recorded


@subject_requests.on(SubjectRequest.RequestRefused)
def refused(row: SubjectRequestRow, event: SubjectRequest.RequestRefused) -> None:
    _decided(row, event, "ditolak")
    row.ground, row.article, row.answer, row.done_at = event.ground, event.article, event.reason.part, event.recorded


@subject_requests.on(SubjectRequest.Fulfilled)
def fulfilled(row: SubjectRequestRow, event: SubjectRequest.Fulfilled) -> None:
    row.state, row.done_at, row.version = "dipenuhi", row.done_at or event.recorded, event.version
    row.sha256, row.entries, row.files, row.corrections = event.sha256, event.entries, event.files, event.corrections
    row.destruction = event.destruction or row.destruction


@subject_requests.on(SubjectRequest.Closed)
def closed(row: SubjectRequestRow, event: SubjectRequest.Closed) -> None:
    _run_on(row, event.recorded)
    row.state, row.open, row.closed_on, row.outcome = "ditutup", False, event.on, event.outcome
    row.done_at, row.version = row.done_at or event.recorded, event.version
