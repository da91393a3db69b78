"""Assessment, risk, plan and conference of a case."""

from datetime import timedelta

import pytest

from domain.case_assessment import RiskChangeNeedsReason, RiskUnchanged
from domain.case_plan import Decision, NoAssessmentYet, PlanIsEmpty, PlanNotPending
from domain.case_state import AmountTooSmall, IdInUseHere, NoSelfApproval
from domain.refusals import UnknownCode
from tests.domain.cases import DAY, LIGHT, SECRET, assess, events, goal, opened, planned, serve

# Assessment and risk


def test_an_assessment_is_scored_and_sets_the_next_review() -> None:
    case = assess(opened())
    event = events(case)[-1]
    assert (event.instrument, event.instrument_version, event.score, event.risk) == ("umum", "2", 75, "tinggi")
    assert (case.stage, case.next_review) == ("asesmen", DAY + timedelta(days=14))


def test_the_answers_themselves_are_not_in_the_event() -> None:
    assert not hasattr(events(assess(opened()))[-1], "answers")


def test_a_case_may_be_assessed_again_at_any_stage() -> None:
    case = planned()
    serve(case)
    assess(case, LIGHT, on=DAY + timedelta(days=20))
    assert (case.stage, case.risk, case.next_review) == ("asesmen", "rendah", DAY + timedelta(days=110))
    assert case.plan_in_force == 1


def test_an_assessment_that_changes_the_risk_says_why() -> None:
    case = assess(opened(), narrative=None)
    assess(case, narrative=None)
    with pytest.raises(RiskChangeNeedsReason):
        assess(case, LIGHT, narrative=None)


def test_a_risk_changed_after_a_visit_is_a_record_with_a_reason() -> None:
    case = assess(opened())
    later = DAY + timedelta(days=3)
    case.change_risk(on=later, risk="darurat", reason=SECRET)
    assert (case.risk, case.next_review) == ("darurat", later + timedelta(days=3))
    with pytest.raises(RiskUnchanged):
        case.change_risk(on=later, risk="darurat", reason=SECRET)
    with pytest.raises(UnknownCode):
        case.change_risk(on=later, risk="gawat", reason=SECRET)


def test_a_review_moves_the_next_review_by_the_interval_of_the_risk() -> None:
    case = assess(opened())
    case.review_progress(on=DAY + timedelta(days=14), progress="membaik", goals_reached=("goal-1",))
    assert (case.stage, case.next_review) == ("monev", DAY + timedelta(days=28))
    with pytest.raises(UnknownCode):
        case.review_progress(on=DAY, progress="entah")


# Plan


def test_no_plan_without_an_assessment() -> None:
    with pytest.raises(NoAssessmentYet) as refusal:
        opened().propose_plan(on=DAY, by="yusuf", goals=(goal(),))
    assert refusal.value.rule == "plan_needs_assessment"


def test_nobody_approves_or_returns_a_plan_of_her_own() -> None:
    case = assess(opened(), LIGHT)
    case.propose_plan(on=DAY, by="yusuf", goals=(goal(),))
    with pytest.raises(NoSelfApproval) as refusal:
        case.approve_plan(on=DAY, by="yusuf", number=1)
    assert refusal.value.rule == "no_self_approval"
    with pytest.raises(NoSelfApproval):
        case.return_plan(on=DAY, by="yusuf", number=1, reason=SECRET)
    case.approve_plan(on=DAY, by="supervisor", number=1)
    assert (case.plan_in_force, case.stage) == (1, "rencana")


def test_every_version_of_a_plan_is_kept_under_its_number() -> None:
    case = assess(opened(), LIGHT)
    case.propose_plan(on=DAY, by="yusuf", goals=(goal(),))
    case.return_plan(on=DAY, by="supervisor", number=1, reason=SECRET)
    case.propose_plan(on=DAY, by="yusuf", goals=(goal(),))
    case.propose_plan(on=DAY, by="yusuf", goals=(goal(), goal("goal-2", "A05")))
    case.approve_plan(on=DAY, by="supervisor", number=3)
    assert case.plans == {1: "dikembalikan", 2: "diganti", 3: "disetujui"}
    for number in (1, 2, 3, 4):
        with pytest.raises(PlanNotPending):
            case.approve_plan(on=DAY, by="supervisor", number=number)


def test_a_plan_stays_in_force_until_its_revision_is_approved() -> None:
    case = planned()
    case.propose_plan(on=DAY, by="rahma", goals=(goal(),))
    assert case.plan_in_force == 1
    case.approve_plan(on=DAY, by="supervisor", number=2)
    assert case.plan_in_force == 2


def test_a_plan_has_goals_with_distinct_ids_and_known_kinds() -> None:
    case = assess(opened())
    with pytest.raises(PlanIsEmpty):
        case.propose_plan(on=DAY, by="yusuf", goals=())
    with pytest.raises(IdInUseHere):
        case.propose_plan(on=DAY, by="yusuf", goals=(goal(), goal()))
    with pytest.raises(UnknownCode):
        case.propose_plan(on=DAY, by="yusuf", goals=(goal(kind="X99"),))


def test_decisions_of_a_conference_become_tasks() -> None:
    case = opened()
    due = DAY + timedelta(days=7)
    decision = Decision(task="task-1", title=SECRET, owner="rahma", due=due)
    case.hold_conference(on=DAY, attendees=4, decisions=(decision,), minutes=SECRET)
    assert case.open_tasks == {"task-1": due}
    with pytest.raises(IdInUseHere):
        case.hold_conference(on=DAY, attendees=4, decisions=(decision,))
    with pytest.raises(AmountTooSmall):
        case.hold_conference(on=DAY, attendees=1)
