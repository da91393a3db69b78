"""Cases of the strictly restricted tier, and corrected cases."""

import pytest

from domain.case import Case
from domain.case_closure import ReferralStillOpen
from domain.case_state import NoSelfApproval
from domain.case_work import NoApprovedPlan
from domain.correction import FieldNotCorrectable, correct, replay, retract
from domain.refusals import MustBeSealed, Refused, UnknownCode
from tests.domain.cases import DAY, SECRET, assess, ended, events, goal, opened, planned, serve, terminate

# The strictly restricted tier


def test_a_strict_case_of_no_risk_ends_only_when_somebody_else_agrees() -> None:
    case = opened(tier=3)
    terminate(case, reason=SECRET, open_reason="graduasi")
    assert not case.terminated
    with pytest.raises(NoSelfApproval):
        case.approve_closure(on=DAY, by="yusuf")
    case.approve_closure(on=DAY, by="supervisor")
    assert (events(case)[-1].reason, events(case)[-1].approved_by) == (SECRET, "supervisor")


def test_a_reason_asked_for_in_the_open_is_sealed_when_the_case_became_strict() -> None:
    case = assess(opened())
    terminate(case)
    case.raise_tier(on=DAY, tier=3)
    with pytest.raises(MustBeSealed):
        case.approve_closure(on=DAY, by="supervisor")
    case.approve_closure(on=DAY, by="supervisor", reason=SECRET)
    assert events(case)[-1].reason == SECRET


def test_a_strict_case_refuses_whatever_gives_its_type_away_in_the_open() -> None:
    case = opened(tier=3)
    with pytest.raises(MustBeSealed):
        assess(case)
    assess(case, instrument=SECRET, open_instrument="umum")
    for action in (
        lambda: case.propose_plan(on=DAY, by="yusuf", goals=(goal(),)),
        lambda: serve(case, exception=SECRET),
        lambda: serve(case, exception=SECRET, kind=SECRET),
        lambda: serve(case, exception=SECRET, kind=SECRET, provider=SECRET, item="sembako"),
        lambda: case.give_emergency_aid(on=DAY, item="sembako", quantity=1, unit="paket"),
        lambda: case.give_emergency_aid(on=DAY, item=SECRET, provider="RSUD", quantity=1, unit="paket"),
        lambda: terminate(case),
    ):
        with pytest.raises(MustBeSealed):
            action()
    case.propose_plan(on=DAY, by="yusuf", goals=(goal(kind=SECRET),))
    serve(case, exception=SECRET, kind=SECRET, provider=SECRET, item=SECRET)


def test_the_code_behind_a_sealed_one_is_checked_and_decides_and_is_not_stored() -> None:
    case = opened(tier=3)
    with pytest.raises(UnknownCode):
        assess(case, instrument=SECRET)
    with pytest.raises(UnknownCode):
        serve(case, kind=SECRET, open_kind="L99", provider=SECRET)
    with pytest.raises(NoApprovedPlan):
        serve(case, kind=SECRET, open_kind="L07", provider=SECRET)
    serve(case, kind=SECRET, open_kind="L02", provider=SECRET)
    assert "L02" not in repr(events(case)[-1])
    assess(case, instrument=SECRET, open_instrument="umum")
    assert "umum" not in repr(events(case)[-1])
    case.note_referral_opened(on=DAY, referral="r1")
    with pytest.raises(ReferralStillOpen):
        terminate(case, reason=SECRET)
    ended(case, reason=SECRET, open_reason="dirujuk_penuh")


# Corrections


def test_a_retracted_termination_leaves_the_case_running() -> None:
    case = ended(planned())
    history = events(case)
    retract(case, history[-1], on=DAY, reason=SECRET, requested_by="supervisor")
    again = replay(None, events(case))
    assert isinstance(again, Case)
    assert not again.terminated
    serve(again)


def test_an_interval_that_was_worked_out_is_not_corrected_by_hand() -> None:
    case = assess(opened())
    with pytest.raises(FieldNotCorrectable):
        correct(
            case,
            events(case)[-1],
            on=DAY,
            reason=SECRET,
            requested_by="yang_bersangkutan",
            changes={"review_days": 10**12},
        )


def test_an_approval_without_its_retracted_proposal_puts_no_plan_in_force() -> None:
    case = planned()
    proposal = events(case)[3]
    retract(case, proposal, on=DAY, reason=SECRET, requested_by="supervisor")
    again = replay(None, events(case))
    assert isinstance(again, Case)
    assert (again.plans, again.plan_in_force) == ({}, None)
    with pytest.raises(NoApprovedPlan):
        serve(again)


def test_additive_facts_go_stale_by_the_end_of_the_case_alone() -> None:
    for event in (Case.VisitDone, Case.ServiceDelivered, Case.TaskDone, Case.ConferenceHeld, Case.ProgressReviewed):
        assert set(event.CONFLICTS or ()) == {"case.terminated"}
    assert Case.Assessed.TOPIC in (Case.Assessed.CONFLICTS or ())
    assert Case.PlanProposed.TOPIC in (Case.PlanApproved.CONFLICTS or ())
    assert Case.Transferred.TOPIC in (Case.Assigned.CONFLICTS or ())
    assert Case.ServiceDelivered.TOPIC in (Case.Terminated.CONFLICTS or ())


def test_every_refusal_names_its_rule_and_says_it_in_one_sentence() -> None:
    import domain.case as case_module

    for refusal in (value for value in vars(case_module).values() if isinstance(value, type)):
        if issubclass(refusal, Refused) and refusal is not Refused:
            assert refusal.RULE not in ("", Refused.RULE)
            assert refusal.SENTENCE.endswith(".")
