"""The life of a case, as the field speaks of it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from domain.case import (
    AnonymousHasNoReporter,
    Case,
    CaseIsRunning,
    ReferralNotOpen,
    ReferralStillOpen,
    SupervisorNeeded,
    TierOnlyRises,
)
from domain.case_assessment import RiskChangeNeedsReason, RiskUnchanged
from domain.case_codes import SERVICE_HOURS, SERVICES, URGENCIES, response_hours, service_hours
from domain.case_plan import Decision, Goal, NoAssessmentYet, PlanIsEmpty, PlanNotPending
from domain.case_state import AmountTooSmall, CaseIsTerminated, IdInUseHere, NoSelfApproval
from domain.case_transfer import (
    AlreadyAssigned,
    CaseHasNoWorker,
    CaseHasWorker,
    NoTransferPending,
    TransferPending,
)
from domain.case_visits import TaskNotOpen, VisitAlreadySettled, VisitNotPlanned
from domain.case_work import NoApprovedPlan
from domain.correction import correct, replay, retract
from domain.instruments import in_force
from domain.refusals import MustBeSealed, Refused, UnknownCode
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


def events(case: Case) -> list[Any]:
    return list(case.pending_events)


# Opening and the worker


def test_a_case_is_opened_with_its_channel_and_urgency() -> None:
    case = opened()
    [event] = events(case)
    assert (event.channel, event.channels) == ("datang_langsung", "ID-SALURAN-2019")
    assert (event.urgency, event.urgencies) == ("biasa", "ID-URGENSI-2019")
    assert (case.stage, case.worker, case.next_review, case.village) == ("diterima", None, None, "75.01.01.1001")


def test_a_family_or_a_community_can_be_the_subject() -> None:
    assert opened(subject_kind="family").subject_kind == "family"
    assert opened(subject_kind="community").subject_kind == "community"
    with pytest.raises(UnknownCode):
        opened(subject_kind="company")


def test_an_anonymous_report_is_taken_and_names_no_reporter() -> None:
    assert events(opened(anonymous=True, channel="anonim", reporter=None))[0].anonymous
    with pytest.raises(AnonymousHasNoReporter):
        opened(anonymous=True, reporter=SECRET)


@pytest.mark.parametrize("field", ["channel", "urgency"])
def test_an_unknown_channel_or_urgency_is_refused(field: str) -> None:
    with pytest.raises(UnknownCode):
        opened(**{field: "entah"})


def test_a_case_has_a_tier_that_only_rises() -> None:
    for tier in (0, 4):
        with pytest.raises(TierOnlyRises):
            opened(tier=tier)
    case = opened(tier=2)
    case.raise_tier(on=DAY, tier=3)
    assert case.strict
    for tier in (3, 2, 4):
        with pytest.raises(TierOnlyRises):
            case.raise_tier(on=DAY, tier=tier)


def test_a_case_is_not_assigned_twice() -> None:
    case = opened()
    case.assign(on=DAY, worker="yusuf")
    with pytest.raises(AlreadyAssigned):
        case.assign(on=DAY, worker="yusuf")
    with pytest.raises(CaseHasWorker):
        case.assign(on=DAY, worker="rahma")
    assert case.worker == "yusuf"


def test_a_transfer_is_asked_for_and_accepted() -> None:
    case = opened()
    with pytest.raises(CaseHasNoWorker):
        case.request_transfer(on=DAY, by="yusuf", worker="rahma", reason=SECRET)
    with pytest.raises(CaseHasNoWorker):
        case.transfer(on=DAY, by="kabid", worker="rahma")
    case.assign(on=DAY, worker="yusuf")
    case.request_transfer(on=DAY, by="yusuf", worker="rahma", reason=SECRET)
    assert (case.worker, case.transfer_to) == ("yusuf", "rahma")
    with pytest.raises(TransferPending):
        case.request_transfer(on=DAY, by="yusuf", worker="ahmad", reason=SECRET)
    with pytest.raises(NoSelfApproval):
        case.transfer(on=DAY, by="yusuf", worker="rahma")
    case.transfer(on=DAY, by="rahma", worker="rahma")
    assert (case.worker, case.transfer_to) == ("rahma", None)
    assert events(case)[-1].from_worker == "yusuf"


def test_a_transfer_can_be_declined_and_then_nothing_is_pending() -> None:
    case = opened()
    case.assign(on=DAY, worker="yusuf")
    case.request_transfer(on=DAY, by="yusuf", worker="rahma", reason=SECRET)
    case.decline_transfer(on=DAY, reason=SECRET)
    assert (case.worker, case.transfer_to) == ("yusuf", None)
    with pytest.raises(NoTransferPending):
        case.decline_transfer(on=DAY, reason=SECRET)


def test_a_supervisor_transfers_without_a_request_but_not_to_the_same_worker() -> None:
    case = opened()
    case.assign(on=DAY, worker="yusuf")
    case.transfer(on=DAY, by="supervisor", worker="rahma")
    with pytest.raises(AlreadyAssigned):
        case.transfer(on=DAY, by="supervisor", worker="rahma")
    with pytest.raises(AlreadyAssigned):
        case.request_transfer(on=DAY, by="rahma", worker="rahma", reason=SECRET)


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
    case = assess(opened())
    case.propose_plan(on=DAY, by="yusuf", goals=(goal(),))
    with pytest.raises(NoSelfApproval) as refusal:
        case.approve_plan(on=DAY, by="yusuf", number=1)
    assert refusal.value.rule == "no_self_approval"
    with pytest.raises(NoSelfApproval):
        case.return_plan(on=DAY, by="yusuf", number=1, reason=SECRET)
    case.approve_plan(on=DAY, by="supervisor", number=1)
    assert (case.plan_in_force, case.stage) == (1, "rencana")


def test_every_version_of_a_plan_is_kept_under_its_number() -> None:
    case = assess(opened())
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


# Services


def test_emergency_aid_needs_neither_assessment_nor_plan() -> None:
    case = opened()
    case.give_emergency_aid(on=DAY, item="sembako", quantity=1, unit="paket", value_rupiah=250_000, recipient=SECRET)
    serve(case, kind="L02")
    assert events(case)[-1].emergency
    with pytest.raises(UnknownCode):
        case.give_emergency_aid(on=DAY, item="emas", quantity=1, unit="kg")


def test_a_service_that_is_no_emergency_needs_an_approved_plan_or_an_exception() -> None:
    case = assess(opened())
    case.propose_plan(on=DAY, by="yusuf", goals=(goal(),))
    with pytest.raises(NoApprovedPlan) as refusal:
        serve(case)
    assert refusal.value.rule == "service_needs_plan"
    serve(case, exception=SECRET)
    case.approve_plan(on=DAY, by="supervisor", number=1)
    serve(case, item="sembako", value_rupiah=100_000, recipient=SECRET)
    event = events(case)[-1]
    assert (event.plan, event.kinds, event.items, case.stage) == (1, "ID-LAYANAN-2019", "ID-BANTUAN-2019", "intervensi")


def test_a_fee_is_recorded_as_it_was_asked() -> None:
    case = planned()
    serve(case, fee_rupiah=50_000)
    assert events(case)[-1].fee_rupiah == 50_000


@pytest.mark.parametrize("field", ["quantity", "value_rupiah", "fee_rupiah"])
def test_amounts_below_their_least_are_refused(field: str) -> None:
    with pytest.raises(AmountTooSmall):
        serve(planned(), **{field: -1})


@pytest.mark.parametrize(("field", "code"), [("kind", "L99"), ("unit", "gerobak"), ("item", "emas")])
def test_codes_outside_the_lists_are_refused(field: str, code: str) -> None:
    with pytest.raises(UnknownCode):
        serve(planned(), **{field: code})


def test_every_service_and_urgency_has_its_target_hours() -> None:
    for version in SERVICES.versions:
        assert set(SERVICE_HOURS[version.version]) == set(version.codes)
    for version in URGENCIES.versions:
        assert all(response_hours(version.version, code) for code in version.codes)
    assert service_hours("ID-LAYANAN-2019", "L02") == 24
    assert service_hours("dulu", "L02") is None


# Visits and tasks


def test_a_visit_is_done_or_missed_once() -> None:
    case = opened()
    case.plan_visit(on=DAY, visit="v1", planned_for=DAY + timedelta(days=2), visitor="yusuf")
    case.plan_visit(on=DAY, visit="v2", planned_for=DAY + timedelta(days=3))
    assert set(case.planned_visits) == {"v1", "v2"}
    case.record_visit(on=DAY, visit="v1", met=True, minutes=40, note=SECRET)
    case.miss_visit(on=DAY, visit="v2", reason="tidak_di_tempat")
    for visit in ("v1", "v2"):
        with pytest.raises(VisitAlreadySettled):
            case.record_visit(on=DAY, visit=visit, met=True)
        with pytest.raises(VisitAlreadySettled):
            case.miss_visit(on=DAY, visit=visit, reason="menolak")
        with pytest.raises(IdInUseHere):
            case.plan_visit(on=DAY, visit=visit, planned_for=DAY)
    assert case.planned_visits == {}
    assert case.settled_visits == {"v1": "terlaksana", "v2": "tidak_terlaksana"}


def test_a_visit_nobody_planned_can_be_done_but_not_missed() -> None:
    case = opened()
    case.record_visit(on=DAY, visit="v1", met=False)
    with pytest.raises(VisitNotPlanned):
        case.miss_visit(on=DAY, visit="v2", reason="menolak")


def test_a_task_is_done_or_dropped_once() -> None:
    case = opened()
    for task in ("t1", "t2"):
        case.give_task(on=DAY, task=task, title=SECRET, owner="yusuf", due=DAY)
    case.finish_task(on=DAY, task="t1")
    case.drop_task(on=DAY, task="t2", reason=SECRET)
    assert (case.open_tasks, case.settled_tasks) == ({}, {"t1": "selesai", "t2": "dibatalkan"})
    for task in ("t1", "t2", "t3"):
        with pytest.raises(TaskNotOpen):
            case.finish_task(on=DAY, task=task)
        with pytest.raises(TaskNotOpen):
            case.drop_task(on=DAY, task=task, reason=SECRET)
    with pytest.raises(IdInUseHere):
        case.give_task(on=DAY, task="t1", title=SECRET, owner="yusuf", due=DAY)


# Termination and after


def test_a_terminated_case_refuses_further_action() -> None:
    case = planned()
    case.assign(on=DAY, worker="yusuf")
    case.give_task(on=DAY, task="t1", title=SECRET, owner="yusuf", due=DAY)
    case.plan_visit(on=DAY, visit="v1", planned_for=DAY)
    case.propose_plan(on=DAY, by="yusuf", goals=(goal(),))
    case.request_transfer(on=DAY, by="yusuf", worker="rahma", reason=SECRET)
    terminate(case)
    recorded = len(events(case))
    actions: list[Callable[[], object]] = [
        lambda: assess(case),
        lambda: case.change_risk(on=DAY, risk="rendah", reason=SECRET),
        lambda: case.hold_conference(on=DAY, attendees=3),
        lambda: case.propose_plan(on=DAY, by="yusuf", goals=(goal(),)),
        lambda: case.approve_plan(on=DAY, by="supervisor", number=2),
        lambda: case.return_plan(on=DAY, by="supervisor", number=2, reason=SECRET),
        lambda: case.review_progress(on=DAY, progress="tetap"),
        lambda: case.give_emergency_aid(on=DAY, item="sembako", quantity=1, unit="paket"),
        lambda: serve(case),
        lambda: case.plan_visit(on=DAY, visit="v2", planned_for=DAY),
        lambda: case.record_visit(on=DAY, visit="v1", met=True),
        lambda: case.miss_visit(on=DAY, visit="v1", reason="menolak"),
        lambda: case.give_task(on=DAY, task="t2", title=SECRET, owner="yusuf", due=DAY),
        lambda: case.finish_task(on=DAY, task="t1"),
        lambda: case.drop_task(on=DAY, task="t1", reason=SECRET),
        lambda: case.assign(on=DAY, worker="rahma"),
        lambda: case.request_transfer(on=DAY, by="yusuf", worker="rahma", reason=SECRET),
        lambda: case.transfer(on=DAY, by="supervisor", worker="rahma"),
        lambda: case.decline_transfer(on=DAY, reason=SECRET),
        lambda: case.note_referral_opened(on=DAY, referral="r1"),
        lambda: terminate(case),
    ]
    for action in actions:
        with pytest.raises(CaseIsTerminated) as refusal:
            action()
        assert refusal.value.rule == "case_is_terminated"
    assert len(events(case)) == recorded
    assert (case.stage, case.next_review) == ("terminasi", None)


def test_a_terminated_case_takes_aftercare_and_can_be_reopened_with_its_whole_life() -> None:
    case = terminate(planned())
    case.visit_aftercare(on=DAY, condition="memburuk", note=SECRET)
    case.reopen(on=DAY, reason=SECRET)
    assert (case.stage, case.plans) == ("diterima", {1: "disetujui"})
    with pytest.raises(CaseIsRunning):
        case.reopen(on=DAY, reason=SECRET)
    with pytest.raises(CaseIsRunning):
        case.visit_aftercare(on=DAY, condition="tetap")


def test_a_reopened_case_needs_a_new_assessment_and_a_new_plan() -> None:
    case = terminate(planned())
    case.reopen(on=DAY, reason=SECRET)
    with pytest.raises(NoAssessmentYet):
        case.propose_plan(on=DAY, by="yusuf", goals=(goal(),))
    with pytest.raises(NoApprovedPlan):
        serve(case)
    assess(case)
    case.propose_plan(on=DAY, by="yusuf", goals=(goal(),))
    assert case.plans[2] == "diusulkan"


def test_a_case_with_an_open_referral_is_terminated_only_when_fully_referred() -> None:
    case = opened()
    case.note_referral_opened(on=DAY, referral="r1")
    with pytest.raises(ReferralStillOpen) as refusal:
        terminate(case)
    assert refusal.value.rule == "case_has_open_referral"
    terminate(case, reason="dirujuk_penuh", outcome="tidak_dinilai")
    assert events(case)[-1].fully_referred


def test_a_referral_open_at_termination_can_still_go_on_and_end() -> None:
    case = opened()
    case.note_referral_opened(on=DAY, referral="r1")
    terminate(case, reason="dirujuk_penuh")
    case.note_referral_opened(on=DAY, referral="r2", forwarded_from="r1")
    case.note_referral_settled(on=DAY, referral="r1", state="dialihkan")
    case.note_referral_settled(on=DAY, referral="r2", state="selesai")
    assert case.settled_referrals == {"r1": "dialihkan", "r2": "selesai"}
    assert case.terminated


def test_the_end_of_a_referral_does_not_end_the_case_and_is_noted_once() -> None:
    case = opened()
    case.note_referral_opened(on=DAY, referral="r1")
    case.note_referral_settled(on=DAY, referral="r1", state="selesai")
    assert not case.terminated
    with pytest.raises(ReferralNotOpen):
        case.note_referral_settled(on=DAY, referral="r1", state="ditolak")
    with pytest.raises(IdInUseHere):
        case.note_referral_opened(on=DAY, referral="r1")
    terminate(case)


def test_a_termination_reason_and_outcome_come_from_the_lists() -> None:
    with pytest.raises(UnknownCode):
        terminate(opened(), reason="bosan")
    with pytest.raises(UnknownCode):
        terminate(opened(), outcome="entah")
    event = events(terminate(opened()))[-1]
    assert (event.reason, event.reasons, event.outcomes) == ("tujuan_tercapai", "ID-TERMINASI-2019", "ID-HASIL-2019")


# The strictly restricted tier


def test_a_strict_case_is_terminated_only_with_another_persons_approval() -> None:
    case = opened(tier=3)
    with pytest.raises(SupervisorNeeded):
        terminate(case, reason=SECRET)
    with pytest.raises(NoSelfApproval):
        terminate(case, reason=SECRET, approved_by="yusuf")
    terminate(case, reason=SECRET, open_reason="graduasi", approved_by="supervisor")
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
        lambda: terminate(case, approved_by="supervisor"),
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
        terminate(case, reason=SECRET, approved_by="supervisor")
    terminate(case, reason=SECRET, open_reason="dirujuk_penuh", approved_by="supervisor")


# Corrections


def test_a_retracted_termination_leaves_the_case_running() -> None:
    case = terminate(planned())
    history = events(case)
    retract(case, history[-1], on=DAY, reason=SECRET, requested_by="supervisor")
    again = replay(None, events(case))
    assert isinstance(again, Case)
    assert not again.terminated
    serve(again)


def test_a_corrected_interval_can_never_make_a_case_unreadable() -> None:
    case = assess(opened())
    target = events(case)[-1]
    correct(case, target, on=DAY, reason=SECRET, requested_by="subject", changes={"review_days": 10**12})
    again = replay(None, events(case))
    assert isinstance(again, Case)
    assert again.next_review == date.max


def test_an_approval_without_its_retracted_proposal_puts_no_plan_in_force() -> None:
    case = planned()
    proposal = events(case)[2]
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
