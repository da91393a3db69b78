"""The whole history of a person: through links, cases, referrals and disasters, as it stands at any position."""

import pytest

from domain.correction import correct, retract
from domain.sealed import Sealed
from projections import caseload, history, incidents, people, referrals
from projections.engine import Views
from projections.history_lists import Entry, beneficiary_history, stream_history
from projections.store import Store
from tests.domain.beneficiary_beginnings import DAY, LATER, SECRET, a_beneficiary, classify
from tests.projections.casework import opened, referred, write
from tests.projections.market import Ledger
from tests.projections.test_people import flood


@pytest.fixture
def views(store: Store, ledger: Ledger) -> Views:
    known = (
        caseload.cases,
        referrals.referrals,
        people.people,
        incidents.incidents,
        incidents.victims,
        history.history,
    )
    views = Views(store, known, ledger, now=lambda: "2026-12-02T00:00:00.000000Z")
    views.prepare()
    return views


def told(views: Views, id: str = "b1", as_of: int | None = None) -> list[Entry]:
    with views.at(as_of) as view:
        return beneficiary_history(view, id)


def topics(entries: list[Entry]) -> list[str]:
    return [entry.topic for entry in entries]


def test_a_history_goes_through_cases_and_their_referrals_in_the_order_of_the_log(views: Views, ledger: Ledger) -> None:
    person, stranger = a_beneficiary("b1"), a_beneficiary("b9")
    case = opened(beneficiary="b1")
    write(ledger, person, stranger)
    write(ledger, case)
    referral = referred(case)
    write(ledger, case, referral)
    entries = told(views)
    assert topics(entries) == ["beneficiary.registered", "case.opened", "case.referral_opened", "referral.submitted"]
    assert [entry.position for entry in entries] == sorted(entry.position for entry in entries)
    assert entries[0].sentence().startswith("[tersegel] didaftarkan sebagai PPKS (perorangan)")


def test_a_link_joins_two_histories_and_its_reversal_gives_both_back_whole(views: Views, ledger: Ledger) -> None:
    first, second = a_beneficiary("b1"), a_beneficiary("b2")
    classify(second, "c1", "fakir_miskin")
    before = len(write(ledger, first, second))
    second.link_as_duplicate(on=LATER, primary=first, reason=SECRET)
    linked = len(write(ledger, first, second))
    second.reverse_link(on=LATER, primary=first, reason=SECRET)
    write(ledger, first, second)
    alone = ["beneficiary.registered"]
    assert topics(told(views, "b1", before)) == alone
    joined = topics(told(views, "b1", linked))
    assert joined == topics(told(views, "b2", linked))
    assert joined.count("beneficiary.registered") == 2
    assert "beneficiary.ppks_classified" in joined
    assert topics(told(views, "b1")) == [
        *alone,
        "beneficiary.duplicate_acknowledged",
        "beneficiary.duplicate_released",
    ]
    assert "beneficiary.ppks_classified" in topics(told(views, "b2"))


def test_two_duplicates_of_one_record_share_its_history(views: Views, ledger: Ledger) -> None:
    main, second, third = a_beneficiary("b1"), a_beneficiary("b2"), a_beneficiary("b3")
    for other in (second, third):
        other.link_as_duplicate(on=LATER, primary=main, reason=SECRET)
    write(ledger, main, second, third)
    assert {entry.stream for entry in told(views, "b3")} == {"b1", "b2", "b3"}


def test_a_corrected_day_reads_as_it_is_now_and_as_it_was_first(views: Views, ledger: Ledger) -> None:
    person = a_beneficiary()
    person.assess_neglect(on=DAY, neglected=True, how="wawancara")
    before = write(ledger, person)
    correct(
        person,
        before[1],
        on=LATER,
        reason=SECRET,
        requested_by="yang_bersangkutan",
        changes={"on": "2026-03-05", "how": "lainnya"},
    )
    write(ledger, person)
    entry = told(views)[1]
    assert (entry.on, entry.sentence()) == ("2026-03-05", "Dinilai telantar, berdasarkan lainnya.")
    assert entry.sentence_then() == "Dinilai telantar, berdasarkan wawancara."
    assert [correction.version for correction in entry.corrected] == [3]
    assert told(views, as_of=len(before))[1].corrected == []


def test_a_corrected_sealed_value_is_read_from_the_correction(views: Views, ledger: Ledger) -> None:
    person = a_beneficiary(identity=Sealed("old"))
    before = write(ledger, person)
    correct(
        person, before[0], on=LATER, reason=SECRET, requested_by="pencatat", fields=("identity",), value=Sealed("new")
    )
    write(ledger, person)
    entry = told(views)[0]
    parts = {"new": {"identity": {"name": "Rahma Moonti"}}, "old": {"identity": {"name": "Rahmah"}}}
    assert entry.parts() == {"old", "new"}
    assert entry.sentence(parts).startswith("Rahma Moonti didaftarkan")
    assert (entry.sentence_then(parts) or "").startswith("Rahmah didaftarkan")


def test_a_retracted_entry_stays_with_its_mark_until_the_retraction_is_retracted(views: Views, ledger: Ledger) -> None:
    person = a_beneficiary()
    person.assess_neglect(on=DAY, neglected=True, how="wawancara")
    events = write(ledger, person)
    retract(person, events[1], on=LATER, reason=SECRET, requested_by="supervisor")
    events = write(ledger, person)
    marked = told(views)[1].retracted
    assert marked is not None
    assert marked.version == 3
    retract(person, events[2], on=LATER, reason=SECRET, requested_by="supervisor")
    write(ledger, person)
    found = told(views)
    assert found[1].retracted is None
    assert found[2].retracted is found[3]


def test_a_disaster_stands_in_the_history_of_its_victims_only_with_what_concerns_them(
    views: Views, ledger: Ledger
) -> None:
    first, second, incident = a_beneficiary("b1"), a_beneficiary("b2"), flood(("b1", 4), ("b2", 1))
    incident.deliver_relief(on=DAY, kind="E1", goods="beras", quantity=5, unit="kg", recipients=("b2",))
    events = write(ledger, first, second, incident)
    retract(incident, events[3], on=LATER, reason=SECRET, requested_by="supervisor")
    write(ledger, incident)
    assert topics(told(views, "b1")) == ["beneficiary.registered", "incident.victim_recorded", "record.retracted"]
    assert topics(told(views, "b2")) == [
        "beneficiary.registered",
        "incident.victim_recorded",
        "incident.relief_delivered",
    ]


def test_a_family_remembers_who_joined_and_left_it(views: Views, ledger: Ledger) -> None:
    family, member = a_beneficiary("f1", kind="family"), a_beneficiary("b1")
    member.join_family(on=DAY, family=family, relation="anak")
    member.leave_family(on=LATER, family="f1")
    write(ledger, family, member)
    assert topics(told(views, "f1")) == [
        "beneficiary.registered",
        "beneficiary.family_joined",
        "beneficiary.family_left",
    ]


def test_the_history_of_one_stream_is_every_event_of_it(views: Views, ledger: Ledger) -> None:
    person = a_beneficiary()
    person.assess_neglect(on=DAY, neglected=False, how="wawancara")
    write(ledger, person)
    with views.at() as view:
        assert [entry.version for entry in stream_history(view, "b1")] == [1, 2]
