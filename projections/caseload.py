"""The caseload: every case and what is due next on it. Questions about it are asked in `projections.case_lists`.

What is due is kept as days; whether it is overdue is asked with a day, because it depends on today.
"""

from collections.abc import Callable, Collection
from datetime import date
from typing import Any

from domain.aggregate import Event
from domain.case import Case
from domain.case_codes import GRAVE_RISKS, response_hours, strictest
from domain.case_state import days_after
from projections.case_row import CaseRow
from projections.projection import Projection

cases = Projection(
    "cases",
    row=CaseRow,
    indexes=[
        ("opened_on", "key"),
        ("worker", "open", "since"),
        ("village", "open", "since"),
        ("beneficiary", "worker"),
        ("next_due_on",),
    ],
)
STRICT = Case.STRICT_TIER
Change = Callable[[CaseRow, Any], None]


def _fact(*events: type[Event], response: bool = False) -> Callable[[Change], Change]:
    """Register a handler for facts of a case; a ``response`` ends the wait that began with the report."""

    def register(change: Change) -> Change:
        def take(row: CaseRow, event: Event) -> None:
            change(row, event)
            if response:
                row.respond_by = None
            row.last_on = event.on if row.last_on is None else max(row.last_on, event.on)
            row.version, row.village = event.version, event.village or row.village
            row.stage = row.reached if row.open else "terminasi"
            grave = row.gravest in GRAVE_RISKS
            row.assessment_pending, row.ends_by_two = row.open and grave and row.undecided, grave or row.tier >= STRICT
            _look_ahead(row)

        cases.on(*events)(take)
        return change

    return register


def _look_ahead(row: CaseRow) -> None:
    """Name what is due first."""
    row.review_due_on = row.next_due_on = row.next_kind = row.next_task = None
    if not row.open:
        return
    due = [(day, kind, task) for day, kind, task, _version in (item.split("/") for item in row.dues.splitlines())]
    if row.reviewed_on is not None:
        row.review_due_on = days_after(row.reviewed_on, row.review_days or 0)
        due.append((row.review_due_on.isoformat(), "tinjauan", ""))
    if row.respond_by is not None:
        due.append((row.respond_by.isoformat(), "respons", ""))
    if due:
        day, kind, task = min(due)
        row.next_due_on, row.next_kind, row.next_task = date.fromisoformat(day), kind, task or None


def _await(row: CaseRow, kind: str, task: str, day: date, event: Event, beside: Collection[int] = ()) -> None:
    """Wait for a task or visit until a day, in place of other days but those that were named ``beside`` it."""
    _settle(row, task, beside)
    row.dues = "\n".join([*row.dues.splitlines(), f"{day.isoformat()}/{kind}/{task}/{event.version}"])


def _settle(row: CaseRow, task: str, beside: Collection[int] = ()) -> None:
    items = (item.split("/") for item in row.dues.splitlines())
    row.dues = "\n".join("/".join(one) for one in items if one[2] != task or int(one[3]) in beside)


def _answer(row: CaseRow, event: Case.Assessed | Case.RiskChanged | Case.RiskSettled, beside: Collection[int]) -> None:
    row.answers = _stand(row.answers, event, f"{event.risk}/{event.review_days}", beside)
    told = [line.split("/") for line in row.answers.splitlines()]
    row.risk, row.disputed = strictest(risk for _, risk, _ in told), len({risk for _, risk, _ in told}) > 1
    decided = isinstance(event, Case.RiskSettled)
    row.gravest = row.risk if decided else strictest(filter(None, (row.gravest, row.risk)))
    row.review_days = min(int(days) for _, _, days in told)
    _look(row, event)


def _stand(lines: str, event: Event, said: str, beside: Collection[int]) -> str:
    kept = (line for line in lines.splitlines() if int(line.partition("/")[0]) in beside)
    return "\n".join([*kept, f"{event.version}/{said}"])


def _look(row: CaseRow, event: Event) -> None:
    row.reviewed_on = event.on if row.reviewed_on is None else max(row.reviewed_on, event.on)


@_fact(Case.Opened)
def opened(row: CaseRow, event: Case.Opened) -> None:
    row.beneficiary, row.subject_kind, row.tier = event.beneficiary, event.subject_kind, event.tier
    row.urgency, row.channel, row.opened_on, row.opened_by = event.urgency, event.channel, event.on, event.by or None
    row.story = event.story.part if event.story else None
    hours = response_hours(event.urgencies, event.urgency)
    row.respond_by = None if hours is None else days_after(event.on, hours // 24)


@_fact(Case.TierRaised)
def tier_raised(row: CaseRow, event: Case.TierRaised) -> None:
    row.tier = max(row.tier, event.tier)


@_fact(Case.Assigned, Case.Transferred)
def assigned(row: CaseRow, event: Case.Assigned | Case.Transferred) -> None:
    row.worker = event.worker
    if isinstance(event, Case.Transferred):
        row.transfer_to = None


@_fact(Case.TransferRequested)
def transfer_requested(row: CaseRow, event: Case.TransferRequested) -> None:
    row.transfer_to = event.worker


@_fact(Case.TransferDeclined)
def transfer_declined(row: CaseRow, event: Case.TransferDeclined) -> None:
    row.transfer_to = None


@_fact(Case.Assessed, response=True)
def assessed(row: CaseRow, event: Case.Assessed) -> None:
    row.reached, row.assessed, row.undecided = "asesmen", True, True
    row.scores = _stand(row.scores, event, str(event.score), event.beside)
    row.score = max(int(line.partition("/")[2]) for line in row.scores.splitlines())
    _answer(row, event, event.beside)


@_fact(Case.AssessmentApproved)
def assessment_approved(row: CaseRow, event: Case.AssessmentApproved) -> None:
    row.undecided, row.gravest = False, row.risk


@_fact(Case.AssessmentReturned)
def assessment_returned(row: CaseRow, event: Case.AssessmentReturned) -> None:
    row.undecided = row.assessed = False


@_fact(Case.RiskChanged)
def risk_changed(row: CaseRow, event: Case.RiskChanged) -> None:
    _answer(row, event, event.beside)


@_fact(Case.RiskSettled)
def risk_settled(row: CaseRow, event: Case.RiskSettled) -> None:
    standing = {int(line.partition("/")[0]) for line in row.answers.splitlines()}
    _answer(row, event, standing - set(event.answers))


@_fact(Case.ProgressReviewed, response=True)
def reviewed(row: CaseRow, event: Case.ProgressReviewed) -> None:
    row.reached = "monev"
    _look(row, event)


@_fact(Case.ConferenceHeld, response=True)
def conference_held(row: CaseRow, event: Case.ConferenceHeld) -> None:
    for decision in event.decisions:
        _await(row, "tugas", decision.task, decision.due, event)


@_fact(Case.PlanProposed, response=True)
def plan_proposed(row: CaseRow, event: Case.PlanProposed) -> None:
    row.reached, row.plan_pending = "rencana", event.number


@_fact(Case.PlanApproved)
def plan_approved(row: CaseRow, event: Case.PlanApproved) -> None:
    row.plan_in_force, row.plan_pending = event.number, None


@_fact(Case.PlanReturned)
def plan_returned(row: CaseRow, event: Case.PlanReturned) -> None:
    row.plan_pending = None


@_fact(Case.EmergencyAidGiven, response=True)
def aid_given(row: CaseRow, event: Case.EmergencyAidGiven) -> None:
    row.services += 1


@_fact(Case.ServiceDelivered, response=True)
def service_delivered(row: CaseRow, event: Case.ServiceDelivered) -> None:
    row.reached = "intervensi"
    row.services += 1


@_fact(Case.VisitPlanned)
def visit_planned(row: CaseRow, event: Case.VisitPlanned) -> None:
    _await(row, "kunjungan", event.visit, event.planned_for, event)


@_fact(Case.VisitDone, response=True)
def visit_done(row: CaseRow, event: Case.VisitDone) -> None:
    _settle(row, event.visit)


@_fact(Case.VisitMissed)
def visit_missed(row: CaseRow, event: Case.VisitMissed) -> None:
    _settle(row, event.visit)


@_fact(Case.TaskGiven)
def task_given(row: CaseRow, event: Case.TaskGiven) -> None:
    _await(row, "tugas", event.task, event.due, event)


@_fact(Case.TaskChanged)
def task_changed(row: CaseRow, event: Case.TaskChanged) -> None:
    if event.due is not None and any(item.split("/")[2] == event.task for item in row.dues.splitlines()):
        _await(row, "tugas", event.task, event.due, event, event.beside)


@_fact(Case.TaskDone, Case.TaskDropped)
def task_settled(row: CaseRow, event: Case.TaskDone | Case.TaskDropped) -> None:
    _settle(row, event.task)


@_fact(Case.ReferralOpened, response=True)
def referral_opened(row: CaseRow, event: Case.ReferralOpened) -> None:
    row.open_referrals += 1


@_fact(Case.ReferralSettled)
def referral_settled(row: CaseRow, event: Case.ReferralSettled) -> None:
    row.open_referrals = max(0, row.open_referrals - 1)


@_fact(Case.ClosureRequested, Case.ClosureReturned)
def closure_asked(row: CaseRow, event: Case.ClosureRequested | Case.ClosureReturned) -> None:
    row.closure_pending = isinstance(event, Case.ClosureRequested)


@_fact(Case.Terminated)
def terminated(row: CaseRow, event: Case.Terminated) -> None:
    row.open, row.terminated_on, row.outcome, row.closure_pending = False, event.on, event.outcome, False
    row.reason = event.reason if isinstance(event.reason, str) else None
    row.reasons, row.transfer_to = event.reasons, None


@_fact(Case.AftercareVisited)
def aftercare_visited(row: CaseRow, event: Case.AftercareVisited) -> None:
    """Only that something happened, and when."""


@_fact(Case.Reopened)
def reopened(row: CaseRow, event: Case.Reopened) -> None:
    row.open, row.reached, row.plan_in_force = True, "diterima", None
    row.assessed = row.undecided = False
    row.terminated_on = row.reason = row.reasons = row.outcome = None
    row.reopened += 1
