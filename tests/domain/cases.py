"""Cases led by decisions to where a test begins."""

from datetime import date, timedelta
from typing import Any

from domain.case import Case
from domain.case_plan import Goal
from domain.instruments import in_force
from domain.sealed import Sealed

DAY = date(2026, 3, 2)
SECRET = Sealed(part="0190")
GRAVE = dict.fromkeys((question.code for question in in_force("umum", DAY).questions), 3)  # 75: tinggi
LIGHT = dict.fromkeys(GRAVE, 0)


def opened(**more: Any) -> Case:
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
    return Case.open("case-1", **{**details, **more})


def assess(case: Case, answers: dict[str, int] = GRAVE, on: date = DAY, **more: Any) -> Case:
    details: dict[str, Any] = {"instrument": "umum", "details": SECRET, "narrative": SECRET}
    case.assess(on=on, answers=answers, **{**details, **more})
    return case


def goal(id: str = "goal-1", kind: str | Sealed = "L07") -> Goal:
    return Goal(id=id, title=SECRET, kind=kind, owner="yusuf", due=DAY + timedelta(days=30))


def planned() -> Case:
    case = assess(opened())
    case.approve_assessment(on=DAY, by="supervisor")
    case.propose_plan(on=DAY, by="yusuf", goals=(goal(),))
    case.approve_plan(on=DAY, by="supervisor", number=1)
    return case


def serve(case: Case, **more: Any) -> None:
    details: dict[str, Any] = {"kind": "L07", "quantity": 1, "unit": "kali", "provider": "Dinas Sosial"}
    case.deliver_service(on=DAY, **{**details, **more})


def terminate(case: Case, **more: Any) -> Case:
    details: dict[str, Any] = {"by": "yusuf", "reason": "tujuan_tercapai", "outcome": "tercapai"}
    case.terminate(on=DAY, **{**details, **more})
    return case


def ended(case: Case, **more: Any) -> Case:
    """Its end was asked for, and somebody else agreed where that is needed."""
    terminate(case, **more)
    if case.ending:
        case.approve_closure(on=DAY, by="supervisor")
    return case


def events(case: Case) -> list[Any]:
    return list(case.pending_events)
