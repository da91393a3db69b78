"""A history with any records missing, in any order, still reads: retractions and corrections may leave any of them."""

from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.aggregate import Aggregate, Event
from domain.case import Case
from domain.case_plan import Decision
from domain.referral import Referral
from domain.referral_steps import Step
from domain.seen import Seen
from tests.domain.cases import DAY, SECRET, assess, ended, events, goal, opened, planned, serve, terminate


def a_long_life() -> list[Event]:
    """The events of a case to which everything has happened."""
    case = planned()
    case.propose_plan(on=DAY, by="yusuf", goals=(goal("goal-2"),))
    case.return_plan(on=DAY, by="supervisor", number=2, reason=SECRET)
    case.give_emergency_aid(on=DAY, item="sembako", quantity=1, unit="paket")
    serve(case)
    case.assign(on=DAY, worker="yusuf")
    case.request_transfer(on=DAY, by="yusuf", worker="rahma", reason=SECRET)
    case.decline_transfer(on=DAY, reason=SECRET)
    case.transfer(on=DAY, by="supervisor", worker="rahma")
    decision = Decision(task="t1", title=SECRET, owner="rahma", due=DAY)
    case.hold_conference(on=DAY, attendees=3, decisions=(decision,))
    case.give_task(on=DAY, task="t2", title=SECRET, owner="rahma", due=DAY)
    case.change_task(on=DAY, task="t1", owner="yusuf", due=DAY + timedelta(days=2))
    case.finish_task(on=DAY, task="t1")
    case.drop_task(on=DAY, task="t2", reason=SECRET)
    for visit in ("v1", "v2"):
        case.plan_visit(on=DAY, visit=visit, planned_for=DAY)
    case.record_visit(on=DAY, visit="v1", met=True)
    case.miss_visit(on=DAY, visit="v2", reason="menolak")
    case.review_progress(on=DAY, progress="membaik")
    unseen = Seen("rahma", "hp-1", case.version)
    case.change_risk(on=DAY, risk="rendah", reason=SECRET)
    case.change_risk(on=DAY, risk="darurat", reason=SECRET, seen=unseen)
    case.settle_risk(on=DAY, by="supervisor", risk="tinggi", reason=SECRET)
    case.note_referral_opened(on=DAY, referral="r1")
    case.note_referral_settled(on=DAY, referral="r1", state="selesai")
    case.raise_tier(on=DAY, tier=3)
    terminate(case, reason=SECRET)
    case.return_closure(on=DAY, by="supervisor", reason=SECRET)
    assess(case, instrument=SECRET, open_instrument="umum")
    case.return_assessment(on=DAY, by="supervisor", reason=SECRET)
    ended(case, reason=SECRET)
    case.visit_aftercare(on=DAY, condition="tetap")
    case.reopen(on=DAY, reason=SECRET)
    return events(case)


def every_step() -> list[Event]:
    """One event of each kind of a referral's life, whether or not one life could hold them all."""
    referral = Referral.submit(
        "ref-1",
        on=DAY,
        case="case-1",
        beneficiary="ben-1",
        tier=1,
        destination_kind="lks",
        destination="LKS Huyula",
        need="tempat_aman",
    )
    own: dict[str, Any] = {
        "referral.rejected": {"reason": "penuh", "reasons": "1"},
        "referral.returned": {"reason": "berkas_kurang", "reasons": "1"},
        "referral.resubmitted": {"reply_by": DAY},
        "referral.scheduled": {"planned_for": DAY},
        "referral.completed": {"outcome": "tertangani", "outcomes": "1"},
        "referral.forwarded": {"next_referral": "ref-2"},
        "referral.withdrawn": {"reason": SECRET},
    }
    for kind in _events_of(Referral):
        if issubclass(kind, Step):
            referral.trigger(kind, on=DAY, channel="surat", **own.get(kind.TOPIC, {}))
    referral.trigger(Referral.FeedbackReceived, on=DAY, channel="surat", feedback=SECRET)
    stored: list[Any] = list(referral.pending_events)
    return stored


def _events_of(noun: type[Aggregate]) -> list[type[Event]]:
    found = {value for base in noun.__mro__ for value in vars(base).values() if isinstance(value, type)}
    return sorted((kind for kind in found if issubclass(kind, Event)), key=lambda kind: kind.TOPIC)


LIFE, STEPS = a_long_life(), every_step()


def test_the_long_life_and_the_steps_hold_every_kind_of_event() -> None:
    assert {type(event) for event in LIFE} == set(_events_of(Case))
    assert {type(event) for event in STEPS} == set(_events_of(Referral))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(LIFE), max_size=40))
def test_any_records_of_a_case_in_any_order_can_be_read(history: list[Event]) -> None:
    case = Case.blank("case-1")
    for event in history:
        case.remember(event)
    assert case.stage == ("terminasi" if case.terminated else case.reached)
    assert case.next_review is None or case.next_review >= DAY
    assert case.next_plan > max(case.plans, default=0)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(STEPS), max_size=20))
def test_any_records_of_a_referral_in_any_order_can_be_read(history: list[Event]) -> None:
    referral = Referral.blank("ref-1")
    for event in history:
        referral.remember(event)
    assert referral.settled != referral.is_open


def test_a_task_whose_giving_was_retracted_stays_done() -> None:
    case = Case.blank("case-1")
    for event in LIFE:
        if not isinstance(event, Case.ConferenceHeld):
            case.remember(event)
    assert case.settled_tasks["t1"] == "selesai"
    assert case.open_tasks == {}


def test_reassessment_after_reopening_counts_from_its_own_day() -> None:
    case = opened()
    assess(case)
    ended(case)
    later = DAY + timedelta(days=100)
    case.reopen(on=later, reason=SECRET)
    assess(case, on=later)
    assert case.next_review == later + timedelta(days=14)
