"""Referrals: where each stands, and every step with its day. Questions are asked in `projections.referral_lists`."""

from dataclasses import dataclass
from datetime import date

from domain.aggregate import Event
from domain.referral import Referral
from domain.referral_steps import ENDS, Step
from domain.sealed import Sealed
from projections.projection import Projection


@dataclass(slots=True)
class ReferralRow:
    """One referral. ``destination_kind`` and ``need`` are empty for a strictly restricted subject; ``destination`` is
    then the id of the part that holds the name (``destination_sealed``). ``heard``: the destination has said something
    since it was last asked."""

    key: str
    village: str | None = None
    case_id: str = ""
    beneficiary: str = ""
    tier: int = 1
    destination_kind: str | None = None
    destinations: str | None = None
    destination: str | None = None
    destination_sealed: bool = False
    destination_id: str | None = None
    need: str | None = None
    needs: str | None = None
    letter_number: str | None = None
    consent: str | None = None
    state: str = ""
    open: bool = True
    submitted_by: str | None = None
    submitted_on: date | None = None
    asked_on: date | None = None
    reply_by: date | None = None
    planned_for: date | None = None
    heard: bool = False
    returns: int = 0
    last_on: date | None = None
    last_step_on: date | None = None
    last_step_recorded: str | None = None
    ended_on: date | None = None
    outcome: str | None = None
    outcomes: str | None = None
    reason: str | None = None
    reasons: str | None = None
    feedback_on: date | None = None
    loop_closed: bool = False
    forwarded_from: str | None = None
    next_referral: str | None = None
    version: int = 0


referrals = Projection(
    "referrals",
    row=ReferralRow,
    indexes=[
        ("submitted_on", "key"),
        ("village", "open", "since"),
        ("case_id",),
        ("beneficiary",),
        ("open", "last_step_on"),
    ],
)


def _seen(row: ReferralRow, event: Event) -> None:
    row.version, row.village = event.version, event.village or row.village
    row.last_on = event.on if row.last_on is None else max(row.last_on, event.on)


def _stepped(row: ReferralRow, event: Event) -> None:
    _seen(row, event)
    row.last_step_on, row.last_step_recorded = event.on, event.recorded


def _code(value: str | Sealed) -> str | None:
    return value if isinstance(value, str) else None


@referrals.on(Referral.Submitted)
def submitted(row: ReferralRow, event: Referral.Submitted) -> None:
    _stepped(row, event)
    row.case_id, row.beneficiary, row.tier, row.state = event.case, event.beneficiary, event.tier, "diajukan"
    row.destination_kind, row.destinations = _code(event.destination_kind), event.destinations
    row.need, row.needs = _code(event.need), event.needs
    row.destination_sealed = isinstance(event.destination, Sealed)
    row.destination = event.destination.part if isinstance(event.destination, Sealed) else event.destination
    row.destination_id = event.destination_id if isinstance(event.destination_id, str) else None
    row.letter_number, row.forwarded_from = event.letter_number, event.forwarded_from
    row.consent = event.consent
    row.submitted_by, row.submitted_on, row.asked_on, row.reply_by = (
        event.by or None,
        event.on,
        event.on,
        event.reply_by,
    )


@referrals.on(Step)
def stepped(row: ReferralRow, event: Step) -> None:
    _stepped(row, event)
    row.state, row.heard = event.STATE, True
    if event.STATE in ENDS:
        row.open, row.ended_on = False, event.on
    if isinstance(event, Referral.Returned):
        row.returns += 1
    if isinstance(event, Referral.Rejected | Referral.Returned):
        row.reason, row.reasons = event.reason, event.reasons
    if isinstance(event, Referral.Resubmitted):
        row.heard, row.asked_on, row.reply_by = False, event.on, event.reply_by
        row.letter_number = event.letter_number or row.letter_number
    if isinstance(event, Referral.Scheduled):
        row.planned_for = event.planned_for
    if isinstance(event, Referral.Completed):
        row.outcome, row.outcomes = event.outcome, event.outcomes
    if isinstance(event, Referral.Forwarded):
        row.next_referral = event.next_referral


@referrals.on(Referral.FeedbackReceived)
def feedback_received(row: ReferralRow, event: Referral.FeedbackReceived) -> None:
    _seen(row, event)
    row.heard, row.feedback_on = True, event.on
    row.loop_closed = row.loop_closed or row.state == "selesai"


@dataclass(slots=True)
class StepRow:
    """One step of one referral: its day, when it was recorded, and how it was sent or the office heard of it."""

    key: str
    referral: str = ""
    version: int = 0
    step: str = ""
    state: str | None = None
    day: date | None = None
    recorded: str | None = None
    channel: str | None = None
    by_account: str | None = None


referral_steps = Projection(
    "referral_steps",
    row=StepRow,
    keys=lambda event: (f"{event.stream}:{event.version}",),
    indexes=[("referral", "version")],
    once=True,
)


@referral_steps.on(Referral.Submitted, Step, Referral.FeedbackReceived)
def step(row: StepRow, event: Event) -> None:
    row.referral, row.version, row.step = event.stream, event.version, event.topic.partition(".")[2]
    row.day, row.recorded, row.by_account = event.on, event.recorded, event.by or None
    row.channel = getattr(event, "channel", None)
    row.state = "diajukan" if isinstance(event, Referral.Submitted) else getattr(event, "STATE", None)
