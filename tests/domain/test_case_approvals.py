"""What two decide on a case whose risk is grave: what it was assessed with, and its end."""

import pytest

from domain.case import Case
from domain.case_assessment import AssessmentNotPending
from domain.case_closure import ClosureNotPending, ReferralStillOpen
from domain.case_plan import AssessmentWaits, NoAssessmentYet
from domain.case_state import NoSelfApproval
from domain.case_work import NoApprovedPlan
from domain.seen import Seen
from tests.domain.cases import DAY, GRAVE, LIGHT, SECRET, assess, ended, events, goal, opened, planned, serve, terminate

YUSUF, RAHMA = Seen("yusuf"), Seen("rahma")


def grave() -> Case:
    return assess(opened(), seen=YUSUF)


def test_an_assessment_waits_where_the_risk_is_grave_and_nowhere_else() -> None:
    assert grave().assessment_waits
    light = assess(opened(), LIGHT, seen=YUSUF)
    assert not light.assessment_waits
    with pytest.raises(AssessmentNotPending):
        light.approve_assessment(on=DAY, by="supervisor")
    light.change_risk(on=DAY, risk="darurat", reason=SECRET, seen=RAHMA)
    assert light.assessment_waits


def test_of_two_answers_the_graver_one_makes_it_wait() -> None:
    case = assess(opened(), LIGHT, seen=Seen("yusuf", "hp-1", 1))
    assess(case, GRAVE, seen=Seen("rahma", "hp-2", 1))
    assert case.disputed
    assert case.assessment_waits
    for assessor in ("yusuf", "rahma"):
        with pytest.raises(NoSelfApproval):
            case.approve_assessment(on=DAY, by=assessor)
    case.settle_risk(on=DAY, by="supervisor", risk="rendah", reason=SECRET)
    assert not case.assessment_waits


def test_nobody_decides_on_her_own_assessment_and_nobody_twice() -> None:
    case = grave()
    for decide in (
        lambda: case.approve_assessment(on=DAY, by="yusuf"),
        lambda: case.return_assessment(on=DAY, by="yusuf", reason=SECRET),
    ):
        with pytest.raises(NoSelfApproval):
            decide()
    case.approve_assessment(on=DAY, by="supervisor", note=SECRET)
    assert events(case)[-1].approved_by == "supervisor"
    with pytest.raises(AssessmentNotPending):
        case.approve_assessment(on=DAY, by="supervisor")


def test_while_an_assessment_waits_a_plan_is_proposed_and_help_is_given_but_no_plan_comes_into_force() -> None:
    case = grave()
    case.propose_plan(on=DAY, by="yusuf", goals=(goal(),))
    with pytest.raises(AssessmentWaits) as refusal:
        case.approve_plan(on=DAY, by="supervisor", number=1)
    assert refusal.value.rule == "plan_needs_approved_assessment"
    case.give_emergency_aid(on=DAY, item="sembako", quantity=1, unit="paket")
    serve(case, kind="L02")
    serve(case, exception=SECRET)
    with pytest.raises(NoApprovedPlan):
        serve(case)
    case.approve_assessment(on=DAY, by="supervisor")
    case.approve_plan(on=DAY, by="supervisor", number=1)
    serve(case)


def test_an_assessment_that_was_returned_is_made_again_and_the_risk_counts_until_then() -> None:
    case = planned()
    assess(case, seen=YUSUF)
    case.return_assessment(on=DAY, by="supervisor", reason=SECRET)
    assert (case.risk, case.assessed, case.assessment_waits) == ("tinggi", False, False)
    serve(case)  # the plan in force goes on
    with pytest.raises(NoAssessmentYet):
        case.propose_plan(on=DAY, by="yusuf", goals=(goal(),))
    assess(case, seen=YUSUF)
    assert case.assessment_waits


def test_a_plan_proposed_before_its_assessment_was_returned_is_not_approved() -> None:
    case = grave()
    case.propose_plan(on=DAY, by="yusuf", goals=(goal(),))
    case.return_assessment(on=DAY, by="supervisor", reason=SECRET)
    with pytest.raises(NoAssessmentYet):
        case.approve_plan(on=DAY, by="supervisor", number=1)


def test_a_case_of_low_risk_is_ended_by_its_worker_alone() -> None:
    case = terminate(assess(opened(), LIGHT))
    assert (case.terminated, events(case)[-1].approved_by) == (True, None)


def test_the_end_of_a_grave_case_is_asked_for_and_decided_by_somebody_else() -> None:
    case = terminate(grave(), note=SECRET)
    assert not case.terminated
    with pytest.raises(NoSelfApproval):
        case.approve_closure(on=DAY, by="yusuf")
    with pytest.raises(NoSelfApproval):
        case.return_closure(on=DAY, by="yusuf", reason=SECRET)
    case.return_closure(on=DAY, by="supervisor", reason=SECRET)
    with pytest.raises(ClosureNotPending):
        case.approve_closure(on=DAY, by="supervisor")
    serve(case, exception=SECRET)
    terminate(case, reason="graduasi")
    terminate(case, reason="menolak")  # in place of the one before
    case.approve_closure(on=DAY, by="supervisor")
    assert (case.terminated, events(case)[-1].reason, events(case)[-1].approved_by) == (True, "menolak", "supervisor")


def test_nobody_asks_for_or_grants_an_end_over_an_open_referral() -> None:
    case = terminate(grave())
    case.note_referral_opened(on=DAY, referral="r1")
    with pytest.raises(ReferralStillOpen):
        case.approve_closure(on=DAY, by="supervisor")
    ended(case, reason="dirujuk_penuh")
    assert events(case)[-1].fully_referred


def test_who_lowers_a_grave_risk_does_not_end_the_case_alone() -> None:
    case = grave()
    case.approve_assessment(on=DAY, by="supervisor")
    case.change_risk(on=DAY, risk="rendah", reason=SECRET, seen=YUSUF)
    assert not terminate(case).terminated
    assess(case, LIGHT, seen=YUSUF)
    assert case.assessment_waits, "that it is low now is what somebody else looks at"
    case.approve_assessment(on=DAY, by="supervisor")
    assert terminate(case).terminated


def test_an_end_asked_for_before_the_risk_was_lowered_may_still_be_granted() -> None:
    case = terminate(assess(assess(opened(), seen=YUSUF), LIGHT, seen=YUSUF))
    case.approve_assessment(on=DAY, by="supervisor")
    assert not case.ends_by_two
    case.approve_closure(on=DAY, by="supervisor")
    assert case.terminated


def test_an_end_from_before_that_somebody_approved_is_still_read() -> None:
    case = opened(tier=3)
    old = {"reason": SECRET, "reasons": "1", "outcome": "sebagian", "outcomes": "1", "approved_by": "supervisor"}
    case.remember(Case.Terminated(stream="case-1", version=2, topic="case.terminated", schema=1, on=DAY, **old))
    assert case.terminated
