"""Referrals: where each stands, which are stuck or silent, and how long every step took."""

from typing import Any

import pytest

from domain.correction import retract
from domain.referral import Referral
from domain.sealed import Sealed
from projections import caseload, consents, history, people, referrals
from projections.engine import Views
from projections.referral_lists import listing, one, summary
from projections.sentences import SENTENCES, tell
from projections.store import Store
from tests.projections.casework import DAY, EVERYWHERE, SECRET, after, opened, referred, write
from tests.projections.market import Ledger


@pytest.fixture
def views(store: Store, ledger: Ledger) -> Views:
    known = (
        caseload.cases,
        referrals.referrals,
        referrals.referral_steps,
        consents.consents,
        consents.restrictions,
        people.people,
        history.history,
    )
    views = Views(store, known, ledger, now=lambda: "2026-04-01T00:00:00.000000Z")
    views.prepare()
    return views


def row(views: Views, day: int = 0, referral: str = "ref-1") -> dict[str, Any]:
    with views.at() as view:
        found = one(view, EVERYWHERE, referral, after(day))
    assert found is not None
    return found


def ids(views: Views, day: int, **query: Any) -> list[str]:
    with views.at() as view:
        return [found["id"] for found in listing(view, EVERYWHERE, after(day), **query)]


def test_a_referral_shows_where_it_stands_and_how_long_each_step_took(views: Views, ledger: Ledger) -> None:
    case = opened()
    referral = referred(case)
    referral.accept(on=after(3), channel="telepon")
    referral.schedule(on=after(4), channel="surat", planned_for=after(10))
    write(ledger, case, referral)
    found = row(views, day=9)
    assert [found["state"], found["planned_for"], found["age_days"], found["idle_days"]] == [
        "dijadwalkan",
        "2026-03-12",
        9,
        5,
    ]
    assert [(step["step"], step["channel"], step["days"]) for step in found["steps"]] == [
        ("submitted", None, 3),
        ("accepted", "telepon", 1),
        ("scheduled", "surat", 5),
    ]


def test_a_referral_is_silent_when_the_time_to_answer_passed_without_a_word(views: Views, ledger: Ledger) -> None:
    case = opened()
    silent, told, word = referred(case), referred(case, "ref-2"), referred(case, "ref-3")
    told.accept(on=after(1), channel="telepon")
    word.receive_feedback(on=after(1), channel="telepon", feedback=SECRET)
    write(ledger, case, silent, told, word)
    assert ids(views, 3, silent=True) == []  # a puskesmas has three days, the last one included
    assert ids(views, 4, silent=True) == ["ref-1"]
    assert [row(views, 4, name)["silent"] for name in ("ref-1", "ref-2", "ref-3")] == [True, False, False]


def test_a_repaired_referral_waits_for_a_new_answer(views: Views, ledger: Ledger) -> None:
    case = opened()
    referral = referred(case)
    referral.return_incomplete(on=after(2), channel="surat", reason="berkas_kurang", missing=("ktp_kk",))
    referral.resubmit(on=after(5), channel="surat", reply_by=after(8), letter_number="460/2")
    write(ledger, case, referral)
    found = row(views, day=9)
    assert [found["state"], found["returns"], found["letter_number"], found["silent"]] == ["diajukan", 1, "460/2", True]
    assert [found["submitted_on"], found["asked_on"]] == ["2026-03-02", "2026-03-07"]


def test_a_referral_is_stuck_when_no_step_came_for_days(views: Views, ledger: Ledger) -> None:
    case = opened()
    old, moving = referred(case), referred(case, "ref-2")
    moving.accept(on=after(8), channel="telepon")
    write(ledger, case, old, moving)
    assert ids(views, 14, stuck=14) == ["ref-1"]
    assert ids(views, 13, stuck=14) == []
    assert ids(views, 22, stuck=14) == ["ref-2", "ref-1"]
    assert ids(views, 22, age=14, state="diterima") == ["ref-2"]


def test_the_summary_groups_open_referrals_by_destination_and_age(views: Views, ledger: Ledger) -> None:
    case, strict = opened(), opened("case-2", tier=3)
    sealed = Sealed("p")
    hidden = referred(
        strict,
        "ref-4",
        destination_kind=sealed,
        destination=sealed,
        need=sealed,
        open_destination_kind="rumah_singgah",
        basis=sealed,
        open_basis="kewajiban_hukum",
    )
    ended = referred(case, "ref-3")
    ended.complete(on=after(2), channel="telepon", outcome="tertangani")
    write(ledger, case, strict, referred(case, on=after(0)), referred(case, "ref-2", on=after(20)), ended, hidden)
    with views.at() as view:
        found = summary(view, EVERYWHERE, after(21))
    assert [found["open"], found["silent"], found["awaiting_feedback"]] == [3, 2, 1]
    groups = ("destination_kind", "open", "days_7", "days_14", "days_30", "days_90", "more")
    assert [tuple(each[name] for name in groups) for each in found["by_destination"]] == [
        ("puskesmas", 2, 1, 0, 1, 0, 0),
        (None, 1, 0, 0, 1, 0, 0),
    ]
    assert [(each["state"], each["open"], each["stuck"]) for each in found["by_step"]] == [("diajukan", 3, 2)]


def test_an_empty_office_has_nothing_open(views: Views) -> None:
    with views.at() as view:
        found = summary(view, EVERYWHERE, after(0))
    assert [found["open"], found["silent"], found["stuck"], found["by_destination"]] == [0, 0, 0, []]


def test_feedback_after_completion_closes_the_loop(views: Views, ledger: Ledger) -> None:
    case = opened()
    referral = referred(case)
    referral.receive_feedback(on=after(1), channel="telepon", feedback=SECRET)
    referral.complete(on=after(2), channel="telepon", outcome="tertangani")
    write(ledger, case, referral)
    assert [row(views)["loop_closed"], row(views)["ended_on"], row(views)["outcome"]] == [
        False,
        "2026-03-04",
        "tertangani",
    ]
    referral.receive_feedback(on=after(5), channel="surat", feedback=SECRET)
    write(ledger, referral)
    assert row(views)["loop_closed"]


def test_a_retracted_end_opens_the_referral_again(views: Views, ledger: Ledger) -> None:
    case = opened()
    referral = referred(case)
    write(ledger, case)
    referral.reject(on=after(1), channel="telepon", reason="penuh")
    events = write(ledger, referral)
    assert [row(views)["open"], row(views)["reason"]] == [False, "penuh"]
    retract(referral, events[-1], on=after(2), reason=SECRET, requested_by="supervisor")
    write(ledger, referral)
    found = row(views)
    assert [found["open"], found["state"], found["reason"], len(found["steps"])] == [True, "diajukan", None, 1]


def test_a_worker_finds_the_referrals_of_the_cases_that_are_hers_today_also_as_they_were(
    views: Views, ledger: Ledger
) -> None:
    case = opened()
    case.assign(on=DAY, worker="yusuf")
    referral = referred(case)
    write(ledger, case, referral)
    case.transfer(on=DAY, by="supervisor", worker="rahma")
    write(ledger, case)
    hers = "(SELECT held.worker FROM {cases:today} held WHERE held.key = case_id) = :me"
    for me, as_of, seen in (("rahma", None, 1), ("yusuf", None, 0), ("yusuf", 4, 0), ("rahma", 4, 1)):
        with views.at(as_of) as view:
            assert len(listing(view, (hers, {"me": me}), after(1), stuck=0)) == seen
            assert summary(view, (hers, {"me": me}), after(1))["open"] == seen


def test_every_event_of_a_referral_has_a_sentence() -> None:
    topics = {
        value.TOPIC
        for base in Referral.__mro__
        for value in vars(base).values()
        if isinstance(value, type) and str(getattr(value, "TOPIC", "")).startswith("referral.")
    }
    assert len(topics) == 13
    assert topics <= SENTENCES.keys()


def test_sentences_say_what_happened_in_plain_words() -> None:
    sent = {
        "destination": "Puskesmas Limboto",
        "destination_kind": "puskesmas",
        "destinations": "ID-TUJUAN-2019",
        "need": "pemeriksaan",
        "needs": "ID-KEBUTUHAN-RUJUKAN-2019",
        "reply_by": "2026-03-05",
    }
    assert tell("referral.submitted", sent) == (
        "Rujukan diajukan kepada Puskesmas Limboto (Puskesmas) untuk pemeriksaan dan pengobatan, "
        "jawaban ditunggu sampai 5 Maret 2026."
    )
    heard = {"channel": "telepon", "informant": {"part": "p"}}
    assert tell("referral.accepted", heard) == "Rujukan diterima oleh tujuan (kabar lewat telepon, dari [tersegel])."
    strict = {**sent, "destination": {"part": "p"}, "destination_kind": {"part": "p"}, "need": {"part": "p"}}
    assert "Puskesmas" not in tell("referral.submitted", strict)
