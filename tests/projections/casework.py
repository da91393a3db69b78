"""Cases and referrals that really happened, for folding: decided by the domain, written to a ledger in memory."""

from datetime import date, timedelta
from typing import Any

from domain.aggregate import Aggregate, Event
from domain.case import Case
from domain.case_plan import Decision, Goal
from domain.instruments import in_force
from domain.referral import Referral
from domain.sealed import Sealed
from tests.projections.market import Ledger

DAY = date(2026, 3, 2)
SECRET = Sealed("part-1")
GRAVE = dict.fromkeys((question.code for question in in_force("umum", DAY).questions), 3)  # 75: tinggi, 14 days
EVERYWHERE: tuple[str, dict[str, Any]] = ("1 = 1", {})


def after(days: int) -> date:
    return DAY + timedelta(days=days)


def write(ledger: Ledger, *aggregates: Aggregate) -> list[Event]:
    """Record what was decided as one command; returns all that the ledger holds."""
    events = [event for aggregate in aggregates for event in aggregate.collect_events()]
    ledger.write(*events)  # type: ignore[arg-type]  # the library's type of our own events
    return list(ledger.events)


def opened(id: str = "case-1", **more: Any) -> Case:
    details: dict[str, Any] = {
        "on": DAY,
        "village": "75.01.01.1001",
        "beneficiary": "ben-1",
        "subject_kind": "person",
        "channel": "datang_langsung",
        "urgency": "biasa",
        "tier": 1,
        "story": SECRET,
    }
    return Case.open(id, **{**details, **more})


def assess(case: Case, on: date = DAY) -> Case:
    case.assess(on=on, instrument="umum", answers=GRAVE, details=SECRET, narrative=SECRET)
    return case


def goal(id: str) -> Goal:
    return Goal(id=id, title=SECRET, kind="L07", owner="yusuf", due=after(30))


def decision(task: str, due: date) -> Decision:
    return Decision(task=task, title=SECRET, owner="yusuf", due=due)


def referred(case: Case, id: str = "ref-1", on: date = DAY, **more: Any) -> Referral:
    """A referral sent for a case, and noted on it."""
    details: dict[str, Any] = {
        "destination_kind": "puskesmas",
        "destination": "Puskesmas Limboto",
        "need": "pemeriksaan",
        "tier": case.tier,
    }
    referral = Referral.submit(
        id, on=on, case=case.id, beneficiary=case.beneficiary, village=case.village, **{**details, **more}
    )
    case.note_referral_opened(on=on, referral=id)
    return referral
