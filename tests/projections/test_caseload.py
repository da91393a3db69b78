"""The caseload: what is due next on each case, and who carries how much."""

from typing import Any

import pytest

from domain.case import Case
from domain.correction import correct, retract
from domain.referral import Referral
from domain.sealed import Sealed
from projections import case_work, caseload, consents, history, people, referrals
from projections.case_lists import by_worker, listing, next_of, one, waiting
from projections.engine import Views
from projections.sentences import SENTENCES, tell
from projections.store import Store
from projections.verify import verify
from tests.projections.casework import DAY, EVERYWHERE, SECRET, after, assess, decision, goal, opened, referred, write
from tests.projections.market import Ledger


@pytest.fixture
def views(store: Store, ledger: Ledger) -> Views:
    known = (
        caseload.cases,
        case_work.tasks,
        case_work.plans,
        case_work.goals,
        referrals.referrals,
        consents.restrictions,
        people.people,
        history.history,
    )
    views = Views(store, known, ledger, now=lambda: "2026-04-01T00:00:00.000000Z")
    views.prepare()
    return views


def row(views: Views, case: str = "case-1", day: int = 0, as_of: int | None = None) -> dict[str, Any]:
    with views.at(as_of) as view:
        found = one(view, EVERYWHERE, case, after(day))
    assert found is not None
    return found


def due(views: Views) -> tuple[Any, ...]:
    found = row(views)
    return found["next_due_on"], found["next_kind"], found["next_task"]


def test_a_new_case_waits_for_a_response_in_the_time_of_its_urgency(views: Views, ledger: Ledger) -> None:
    write(ledger, opened(), opened("case-2", urgency="darurat"))
    assert due(views) == ("2026-03-05", "respons", None)
    assert row(views, "case-2")["next_due_on"] == "2026-03-02"
    assert [row(views, day=day)["overdue"] for day in (3, 4)] == [False, True]


def test_what_is_due_first_is_the_next_action(views: Views, ledger: Ledger) -> None:
    case = opened()
    write(ledger, assess(case))
    assert due(views) == ("2026-03-16", "tinjauan", None)
    case.give_task(on=DAY, task="task-1", title=SECRET, owner="yusuf", due=after(9))
    case.plan_visit(on=DAY, visit="visit-1", planned_for=after(5))
    write(ledger, case)
    assert due(views) == ("2026-03-07", "kunjungan", "visit-1")
    case.record_visit(on=after(5), visit="visit-1", met=True)
    write(ledger, case)
    assert due(views) == ("2026-03-11", "tugas", "task-1")
    case.finish_task(on=after(6), task="task-1")
    write(ledger, case)
    assert due(views) == ("2026-03-16", "tinjauan", None)
    case.review_progress(on=after(10), progress="tetap")
    write(ledger, case)
    assert due(views) == ("2026-03-26", "tinjauan", None)


def test_decisions_of_a_conference_are_tasks_with_their_place_in_the_minutes(views: Views, ledger: Ledger) -> None:
    case = opened()
    case.hold_conference(on=DAY, attendees=3, decisions=(decision("a", after(8)), decision("b", after(4))))
    case.drop_task(on=after(1), task="a", reason=SECRET)
    write(ledger, case)
    tasks = row(views)["tasks"]
    assert [(task["id"], task["title_at"], task["state"]) for task in tasks] == [
        ("b", "decisions/1/title", "terbuka"),
        ("a", "decisions/0/title", "dibatalkan"),
    ]
    assert [task["overdue"] for task in row(views, day=6)["tasks"]] == [True, False]


def test_two_cases_may_use_the_same_task_id(views: Views, ledger: Ledger) -> None:
    first, second = opened(), opened("case-2")
    for case in (first, second):
        case.give_task(on=DAY, task="same", title=SECRET, owner="yusuf", due=after(3))
    first.finish_task(on=DAY, task="same")
    write(ledger, first, second)
    assert [row(views, case)["tasks"][0]["state"] for case in ("case-1", "case-2")] == ["selesai", "terbuka"]


def test_a_plan_that_waits_is_replaced_by_the_next(views: Views, ledger: Ledger) -> None:
    case = assess(opened())
    case.propose_plan(on=DAY, by="yusuf", goals=(goal("g1"), goal("g2")))
    case.propose_plan(on=after(1), by="yusuf", goals=(goal("g2"), goal("g3")))
    case.approve_assessment(on=after(2), by="supervisor")
    case.approve_plan(on=after(2), by="supervisor", number=2)
    case.review_progress(on=after(9), progress="membaik", goals_reached=("g3", "tidak ada"))
    write(ledger, case)
    plans = row(views)["plans"]
    assert [(plan["number"], plan["state"], plan["decided_by"]) for plan in plans] == [
        (1, "diganti", None),
        (2, "disetujui", "supervisor"),
    ]
    assert [[one["id"] for one in plan["goals"]] for plan in plans] == [["g1"], ["g2", "g3"]]
    assert [one["reached_on"] for one in plans[1]["goals"]] == [None, "2026-03-11"]
    assert row(views)["plan_in_force"] == 2


def test_a_retracted_plan_leaves_the_earlier_one_waiting(views: Views, ledger: Ledger) -> None:
    case = assess(opened())
    case.propose_plan(on=DAY, by="yusuf", goals=(goal("g1"),))
    case.propose_plan(on=DAY, by="yusuf", goals=(goal("g2"),))
    events = write(ledger, case)
    retract(case, events[-1], on=DAY, reason=SECRET, requested_by="supervisor")
    write(ledger, case)
    assert [(plan["number"], plan["state"]) for plan in row(views)["plans"]] == [(1, "diusulkan")]


def test_a_terminated_case_has_nothing_due_until_it_is_reopened(views: Views, ledger: Ledger) -> None:
    case = assess(opened())
    case.give_task(on=DAY, task="t", title=SECRET, owner="yusuf", due=after(1))
    case.terminate(on=after(2), by="yusuf", reason="pindah_wilayah", outcome="sebagian")
    case.approve_closure(on=after(2), by="supervisor")
    write(ledger, case)
    found = row(views)
    assert [found["open"], found["stage"], found["next_due_on"]] == [False, "terminasi", None]
    assert [found["reason"], found["outcome"], found["overdue"]] == ["pindah_wilayah", "sebagian", False]
    case.visit_aftercare(on=after(20), condition="tetap")
    case.reopen(on=after(30), reason=SECRET)
    write(ledger, case)
    found = row(views)
    assert [found["open"], found["stage"], found["reason"], found["last_on"]] == [True, "diterima", None, "2026-04-01"]
    assert due(views) == ("2026-03-03", "tugas", "t")


def test_what_waits_for_somebody_elses_approval_is_listed_until_it_is_decided(views: Views, ledger: Ledger) -> None:
    def waits() -> list[str]:
        write(ledger, case)
        views.catch_up()
        with views.at() as view:
            found = waiting(view, EVERYWHERE, DAY)
        return [name for name in ("assessments", "closures") if found[name]]

    case = assess(opened())
    assert waits() == ["assessments"]
    case.return_assessment(on=DAY, by="supervisor", reason=SECRET)
    assert (waits(), row(views)["assessed"]) == ([], False)
    assess(case)
    case.terminate(on=DAY, by="yusuf", reason="graduasi", outcome="tercapai")
    assert waits() == ["assessments", "closures"]
    case.approve_assessment(on=DAY, by="supervisor")
    case.return_closure(on=DAY, by="supervisor", reason=SECRET)
    assert waits() == []
    case.change_risk(on=DAY, risk="rendah", reason=SECRET)
    write(ledger, case)
    assert row(views)["ends_by_two"], "nobody else has agreed that it is low"
    case.terminate(on=DAY, by="yusuf", reason="graduasi", outcome="tercapai")
    case.approve_closure(on=DAY, by="supervisor")
    assert waits() == []


def test_a_strictly_restricted_end_shows_no_reason(views: Views, ledger: Ledger) -> None:
    case = opened(tier=3)
    case.terminate(on=DAY, by="yusuf", reason=Sealed("p"), outcome="sebagian")
    write(ledger, case)
    assert [row(views)["open"], row(views)["closure_pending"]] == [True, True]
    case.approve_closure(on=DAY, by="supervisor")
    write(ledger, case)
    assert [row(views)["reason"], row(views)["outcome"]] == [None, "sebagian"]


def test_a_correction_and_a_retraction_are_folded_as_if_they_had_always_been_so(views: Views, ledger: Ledger) -> None:
    case = opened()
    case.assign(on=DAY, worker="yusuf")
    case.plan_visit(on=DAY, visit="v", planned_for=after(2))
    events = write(ledger, case)
    correct(
        case, events[2], on=DAY, reason=SECRET, requested_by="yang_bersangkutan", changes={"planned_for": "2026-03-03"}
    )
    write(ledger, case)
    assert due(views) == ("2026-03-03", "kunjungan", "v")
    retract(case, events[2], on=DAY, reason=SECRET, requested_by="yang_bersangkutan")
    write(ledger, case)
    assert due(views) == ("2026-03-05", "respons", None)
    assert row(views)["tasks"] == []
    assert row(views, as_of=3)["next_due_on"] == "2026-03-04"


def test_the_worker_follows_assignment_and_transfer(views: Views, ledger: Ledger) -> None:
    case = opened()
    case.assign(on=DAY, worker="yusuf")
    case.request_transfer(on=DAY, by="yusuf", worker="rahma", reason=SECRET)
    write(ledger, case)
    assert [row(views)["worker"], row(views)["transfer_to"]] == ["yusuf", "rahma"]
    case.transfer(on=DAY, by="rahma", worker="rahma")
    write(ledger, case)
    assert [row(views)["worker"], row(views)["transfer_to"]] == ["rahma", None]


def test_the_caseload_counts_by_worker_and_shows_the_unassigned_first(views: Views, ledger: Ledger) -> None:
    mine, yours, nobodys = assess(opened()), opened("case-2"), opened("case-3", urgency="darurat")
    mine.assign(on=DAY, worker="yusuf")
    yours.assign(on=DAY, worker="yusuf")
    referral = referred(mine)
    write(ledger, mine, yours, nobodys, referral)
    with views.at() as view:
        found = by_worker(view, EVERYWHERE, after(5))
        ahead = next_of(view, EVERYWHERE, "yusuf", after(5))
        late = waiting(view, EVERYWHERE, after(5))["late"]
        [his] = waiting(view, EVERYWHERE, after(5), worker="yusuf", limit=1)["late"]
        elsewhere = by_worker(view, ("village = :v", {"v": "75.01.02.2011"}), after(5))
    assert [(one["worker"], one["open"], one["overdue"], one["urgent"], one["open_referrals"]) for one in found] == [
        (None, 1, 1, 1, 0),
        ("yusuf", 2, 1, 0, 1),
    ]
    assert [(one["id"], one["overdue"]) for one in ahead] == [("case-2", True), ("case-1", False)]
    assert his["id"] == "case-2"
    assert {one["id"] for one in late} == {"case-2", "case-3"}
    assert [one["next_due_on"] for one in late] == sorted(one["next_due_on"] for one in late)
    assert elsewhere == []


def test_a_list_is_filtered_and_paged(views: Views, ledger: Ledger) -> None:
    write(ledger, *(opened(f"case-{number}", on=after(number % 3)) for number in range(7)))
    with views.at() as view:
        seen, place = [], None
        while page := listing(view, EVERYWHERE, DAY, after=place, limit=3):
            seen += [one["id"] for one in page]
            place = (page[-1]["opened_on"], page[-1]["id"])
        overdue = [one["id"] for one in listing(view, EVERYWHERE, after(4), overdue=True)]
        assert listing(view, EVERYWHERE, DAY, village="75.01.02.2011") == []
        assert len(listing(view, EVERYWHERE, DAY, open=1, stage="diterima", worker=None)) == 7
    assert seen == ["case-5", "case-2", "case-4", "case-1", "case-6", "case-3", "case-0"]
    assert overdue == ["case-6", "case-3", "case-0"]


def test_every_event_of_a_case_has_a_sentence() -> None:
    topics = {
        value.TOPIC
        for base in Case.__mro__
        for value in vars(base).values()
        if isinstance(value, type) and str(getattr(value, "TOPIC", "")).startswith("case.")
    }
    assert topics <= SENTENCES.keys()


def test_sentences_say_what_happened_in_plain_words() -> None:
    aid = {"item": "sembako", "items": "ID-BANTUAN-2019", "quantity": 2, "unit": "paket", "value_rupiah": 300_000}
    assert tell("case.emergency_aid_given", aid) == (
        "Bantuan darurat diberikan: Paket bahan pokok, 2 paket senilai Rp300.000."
    )
    done = {"visit": "v", "met": True, "minutes": 40, "note": {"part": "p"}}
    assert tell("case.visit_done", done, {"p": {"note": "Sehat."}}) == (
        "Kunjungan terlaksana, yang bersangkutan ditemui, selama 40 menit. Catatan: Sehat."
    )
    ended = {
        "reason": {"part": "p"},
        "reasons": "ID-TERMINASI-2019",
        "outcome": "sebagian",
        "outcomes": "ID-HASIL-2019",
    }
    assert "[tersegel]" in tell("case.terminated", ended)
    assert "[dimusnahkan]" in tell("case.terminated", ended, {})
    assert "Pindah wilayah" in tell("case.terminated", ended, {"p": {"reason": "pindah_wilayah"}})
    decisions = [{"task": "t", "title": {"part": "p"}, "owner": "y", "due": "2026-03-20"}]
    assert tell(
        "case.conference_held", {"attendees": 3, "decisions": decisions}, {"p": {"decisions": [{"title": "KTP"}]}}
    ) == ("Pembahasan kasus dihadiri 3 orang. Keputusan: KTP (sampai 20 Maret 2026).")


def a_whole_life() -> tuple[Case, Referral]:
    """A case with every kind of fact, and its referral."""
    case = opened()
    case.assign(on=DAY, worker="yusuf")
    case.give_emergency_aid(on=DAY, item="sembako", quantity=1, unit="paket")
    assess(case)
    case.hold_conference(on=DAY, attendees=3, decisions=(decision("t1", after(8)),))
    case.propose_plan(on=DAY, by="yusuf", goals=(goal("g1"),))
    case.return_plan(on=DAY, by="supervisor", number=1, reason=SECRET)
    case.propose_plan(on=DAY, by="yusuf", goals=(goal("g1"), goal("g2")))
    case.return_assessment(on=DAY, by="supervisor", reason=SECRET)
    assess(case)
    case.approve_assessment(on=DAY, by="supervisor")
    case.approve_plan(on=DAY, by="supervisor", number=2)
    case.deliver_service(on=DAY, kind="L07", quantity=1, unit="kali", provider="Dinas Sosial")
    case.plan_visit(on=DAY, visit="v1", planned_for=after(3))
    case.plan_visit(on=DAY, visit="v2", planned_for=after(4))
    case.record_visit(on=after(3), visit="v1", met=True)
    case.miss_visit(on=after(4), visit="v2", reason="menolak")
    case.give_task(on=DAY, task="t2", title=SECRET, owner="yusuf", due=after(2))
    case.finish_task(on=DAY, task="t1")
    case.drop_task(on=DAY, task="t2", reason=SECRET)
    case.change_risk(on=after(5), risk="darurat", reason=SECRET)
    case.review_progress(on=after(6), progress="membaik", goals_reached=("g1",))
    case.request_transfer(on=DAY, by="yusuf", worker="rahma", reason=SECRET)
    case.decline_transfer(on=DAY, reason=SECRET)
    case.request_transfer(on=DAY, by="yusuf", worker="rahma", reason=SECRET)
    case.transfer(on=DAY, by="rahma", worker="rahma")
    case.raise_tier(on=DAY, tier=2)
    referral = referred(case)
    referral.return_incomplete(on=after(1), channel="surat", reason="berkas_kurang")
    referral.resubmit(on=after(2), channel="surat", reply_by=after(9))
    referral.accept(on=after(3), channel="telepon")
    referral.handle(on=after(4), channel="telepon")
    referral.complete(on=after(5), channel="telepon", outcome="tertangani")
    referral.receive_feedback(on=after(6), channel="surat", feedback=SECRET)
    case.note_referral_settled(on=after(5), referral="ref-1", state=referral.state)
    case.terminate(on=after(8), by="rahma", reason="graduasi", outcome="tercapai")
    case.return_closure(on=after(8), by="supervisor", reason=SECRET)
    case.terminate(on=after(9), by="rahma", reason="graduasi", outcome="tercapai")
    case.approve_closure(on=after(9), by="supervisor")
    case.visit_aftercare(on=after(10), condition="tetap")
    case.reopen(on=after(11), reason=SECRET)
    return case, referral


def test_whatever_is_retracted_the_views_equal_their_rebuild(views: Views, ledger: Ledger) -> None:
    case, referral = a_whole_life()
    events = write(ledger, case, referral)
    views.catch_up()
    for event in events:
        aggregate = case if event.stream == case.id else referral
        if event.version > 1:
            retract(aggregate, event, on=DAY, reason=SECRET, requested_by="supervisor", with_pair=True)
            write(ledger, aggregate)
            assert views.catch_up().stopped is None
            assert row(views)["id"] == "case-1"
    assert verify(views).differences == ()
