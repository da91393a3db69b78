"""The life of a case, as the field speaks of it: opening, worker, end and aftercare."""

from collections.abc import Callable

import pytest

from domain.case import (
    AnonymousHasNoReporter,
    CaseIsRunning,
    ReferralNotOpen,
    TierOnlyRises,
)
from domain.case_closure import ReferralStillOpen
from domain.case_plan import NoAssessmentYet
from domain.case_state import CaseIsTerminated, IdInUseHere, NoSelfApproval
from domain.case_transfer import (
    AlreadyAssigned,
    CaseHasNoWorker,
    CaseHasWorker,
    NoTransferPending,
    TransferPending,
)
from domain.case_work import NoApprovedPlan
from domain.refusals import UnknownCode
from tests.domain.cases import DAY, SECRET, assess, ended, events, goal, opened, planned, serve, terminate

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


# Termination and after


def test_a_terminated_case_refuses_further_action() -> None:
    case = planned()
    case.assign(on=DAY, worker="yusuf")
    case.give_task(on=DAY, task="t1", title=SECRET, owner="yusuf", due=DAY)
    case.plan_visit(on=DAY, visit="v1", planned_for=DAY)
    case.propose_plan(on=DAY, by="yusuf", goals=(goal(),))
    case.request_transfer(on=DAY, by="yusuf", worker="rahma", reason=SECRET)
    ended(case)
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
    case = ended(planned())
    case.visit_aftercare(on=DAY, condition="memburuk", note=SECRET)
    case.reopen(on=DAY, reason=SECRET)
    assert (case.stage, case.plans) == ("diterima", {1: "disetujui"})
    with pytest.raises(CaseIsRunning):
        case.reopen(on=DAY, reason=SECRET)
    with pytest.raises(CaseIsRunning):
        case.visit_aftercare(on=DAY, condition="tetap")


def test_a_reopened_case_needs_a_new_assessment_and_a_new_plan() -> None:
    case = ended(planned())
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
