"""Services, visits and tasks of a case."""

from datetime import timedelta

import pytest

from domain.case_codes import SERVICE_HOURS, SERVICES, URGENCIES, response_hours, service_hours
from domain.case_state import AmountTooSmall, IdInUseHere
from domain.case_visits import TaskNotOpen, VisitAlreadySettled, VisitNotPlanned
from domain.case_work import NoApprovedPlan
from domain.refusals import UnknownCode
from tests.domain.cases import DAY, LIGHT, SECRET, assess, events, goal, opened, planned, serve

# Services


def test_emergency_aid_needs_neither_assessment_nor_plan() -> None:
    case = opened()
    case.give_emergency_aid(on=DAY, item="sembako", quantity=1, unit="paket", value_rupiah=250_000, recipient=SECRET)
    serve(case, kind="L02")
    assert events(case)[-1].emergency
    with pytest.raises(UnknownCode):
        case.give_emergency_aid(on=DAY, item="emas", quantity=1, unit="kg")


def test_a_service_that_is_no_emergency_needs_an_approved_plan_or_an_exception() -> None:
    case = assess(opened(), LIGHT)
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
