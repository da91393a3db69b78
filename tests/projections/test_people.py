"""People in need as they are known: state, types, needs, family, duplicates, and disasters that hit them."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.correction import correct, retract
from domain.incident import DisasterIncident
from domain.incident_facts import Victim
from domain.sealed import Sealed
from projections import caseload, consents, emergencies, history, incidents, people
from projections.engine import Views
from projections.incident_lists import page as incident_page
from projections.incident_lists import victims_of
from projections.people_lists import holding, listed, person, persons
from projections.store import Store
from projections.view import View
from tests.domain.beneficiary_beginnings import DAY, LATER, OTHER_VILLAGE, SECRET, VILLAGE, a_beneficiary, classify
from tests.projections.casework import opened, write
from tests.projections.market import Ledger


@pytest.fixture
def views(store: Store, ledger: Ledger) -> Views:
    known = (
        caseload.cases,
        consents.consents,
        consents.restrictions,
        emergencies.emergencies,
        history.history,
        people.people,
        people.classifications,
        people.needs,
        incidents.incidents,
        incidents.victims,
        incidents.relief,
        incidents.figures,
    )
    views = Views(store, known, ledger, now=lambda: "2026-12-02T00:00:00.000000Z")
    views.prepare()
    return views


def known(views: Views, id: str = "b1", as_of: int | None = None) -> dict[str, Any]:
    with views.at(as_of) as view:
        found = person(view, "akun-1", id)
        assert found is not None
        return found


def test_a_person_is_known_by_village_tier_and_the_part_that_holds_the_name(views: Views, ledger: Ledger) -> None:
    person = a_beneficiary(identity=Sealed("part-7"), nik_stated=True)
    classify(person, "c1", "lanjut_usia_telantar", age=70)
    classify(person, "c2", "fakir_miskin")
    write(ledger, person)
    found = known(views)
    assert [found["village"], found["tier"], found["state"], found["identity"]] == [VILLAGE, 2, "active", "part-7"]
    assert [(row["key"], row["type"], row["active"]) for row in found["classifications"]] == [
        ("c1", "lanjut_usia_telantar", 1),
        ("c2", "fakir_miskin", 1),
    ]


def test_the_type_of_a_strictly_restricted_person_is_a_part_and_no_word(views: Views, ledger: Ledger) -> None:
    person = a_beneficiary()
    classify(person, "c1", Sealed("part-9"))
    write(ledger, person)
    found = known(views)
    assert (found["tier"], found["strict"]) == (3, 1)
    assert (found["classifications"][0]["type"], found["classifications"][0]["type_part"]) == (None, "part-9")


def test_a_type_that_was_replaced_ended_that_day(views: Views, ledger: Ledger) -> None:
    person = a_beneficiary()
    classify(person, "c1", "anak_balita_telantar", age=5)
    person.reclassify(
        on=LATER,
        ends="c1",
        reason=SECRET,
        classification="c2",
        type="anak_telantar",
        tier=2,
        assessor="a",
        age=6,
        sex="P",
    )
    write(ledger, person)
    first, second = known(views)["classifications"]
    assert (first["active"], first["until_on"], first["replaced_by"]) == (0, LATER.isoformat(), "c2")
    assert (second["active"], second["type"]) == (1, "anak_telantar")


def test_a_retracted_type_counts_as_never_given_but_is_known_at_the_past_position(views: Views, ledger: Ledger) -> None:
    person = a_beneficiary()
    classify(person, "c1", "lanjut_usia_telantar", age=70)
    before = write(ledger, person)
    retract(person, before[1], on=LATER, reason=SECRET, requested_by="yang_bersangkutan")
    write(ledger, person)
    assert known(views)["classifications"] == []
    assert known(views)["types"] == 0
    assert [row["key"] for row in known(views, as_of=len(before))["classifications"]] == ["c1"]


def corrected(ledger: Ledger) -> int:
    """Record somebody and then another identity of hers; the position between."""
    person = a_beneficiary(identity=Sealed("part-old"))
    before = write(ledger, person)
    correct(
        person,
        before[0],
        on=LATER,
        reason=SECRET,
        requested_by="yang_bersangkutan",
        fields=("identity",),
        value=Sealed("part-new"),
    )
    write(ledger, person)
    return len(before)


def test_a_corrected_identity_is_held_from_then_on_and_the_old_one_before(views: Views, ledger: Ledger) -> None:
    before = corrected(ledger)
    with views.at() as view:
        assert [row["key"] for row in holding(view, "a", ["part-new", "part-old"])] == ["b1"]
        assert holding(view, "a", ["part-old"]) == []
    with views.at(before) as view:
        assert [row["key"] for row in holding(view, "a", ["part-old"])] == ["b1"]


@pytest.mark.parametrize(
    "then",
    [
        lambda view: persons(view, "a", ["b1"])["b1"],
        lambda view: person(view, "a", "b1"),
        lambda view: holding(view, "a", ["part-old"])[0],
    ],
)
def test_whoever_was_read_of_the_past_is_told_of_today_as_she_is_today(
    views: Views, ledger: Ledger, then: Callable[[View], dict[str, Any]]
) -> None:
    before = corrected(ledger)
    with views.at() as view:
        now = persons(view, "a", ["b1"])["b1"]
    with views.at(before, once=True) as view:
        assert then(view)["identity"] == "part-old"
        assert persons(view.today(), "a", ["b1"]) == {"b1": now}
        assert persons(view, "a", ["b1"])["b1"]["identity"] == "part-old"
        assert holding(view, "a", ["part-old"]) == [persons(view, "a", ["b1"])["b1"]]


def test_a_duplicate_points_to_its_primary_until_the_link_is_reversed(views: Views, ledger: Ledger) -> None:
    first, second = a_beneficiary("b1"), a_beneficiary("b2")
    second.link_as_duplicate(on=LATER, primary=first, reason=SECRET)
    position = len(write(ledger, first, second))
    second.reverse_link(on=LATER, primary=first, reason=SECRET)
    write(ledger, second, first)
    assert known(views, as_of=position)["duplicates"] == ["b2"]
    assert known(views, "b2", as_of=position)["state"] == "duplicate"
    assert (known(views)["duplicates"], known(views, "b2")["linked_to"]) == ([], None)


def test_who_died_or_left_is_told_apart_and_who_returns_is_here_again(views: Views, ledger: Ledger) -> None:
    dead, gone, back = a_beneficiary("b1"), a_beneficiary("b2"), a_beneficiary("b3")
    dead.die(on=LATER)
    gone.move_out(on=LATER)
    back.move_out(on=DAY)
    back.move_domicile(on=LATER, village=OTHER_VILLAGE, address=Sealed("part-2"))
    write(ledger, dead, gone, back)
    assert [known(views, id)["state"] for id in ("b1", "b2", "b3")] == ["died", "moved", "active"]
    assert [known(views, "b3")[name] for name in ("village", "address")] == [OTHER_VILLAGE, "part-2"]


def test_the_page_of_a_family_names_its_members(views: Views, ledger: Ledger) -> None:
    family, member = a_beneficiary("f1", kind="family"), a_beneficiary("b1")
    member.join_family(on=DAY, family=family, relation="anak")
    write(ledger, family, member)
    assert [(row["key"], row["relation"]) for row in known(views, "f1")["members"]] == [("b1", "anak")]
    member.leave_family(on=LATER, family="f1")
    write(ledger, member)
    assert known(views, "f1")["members"] == []


def test_the_need_of_a_year_is_the_one_determined_last(views: Views, ledger: Ledger) -> None:
    person = a_beneficiary()
    classify(person, "c1", "lanjut_usia_telantar", age=70)
    for services in (("L03",), ("L03", "L04")):
        person.determine_need(on=LATER, classification="c1", spm_service="c", services=services, year=2026)
    write(ledger, person)
    assert [(row["year"], row["service"], row["services"]) for row in known(views)["needs"]] == [(2026, "c", "L03,L04")]


def test_a_person_comes_with_the_account_that_works_on_her_case(views: Views, ledger: Ledger) -> None:
    person, case = a_beneficiary(), opened(beneficiary="b1")
    case.assign(on=DAY, worker="akun-yusuf")
    write(ledger, person, case)
    with views.at() as view:
        assert persons(view, "akun-1", ["b1"])["b1"]["worker"] == "akun-yusuf"


def test_lists_are_asked_by_village_or_kecamatan_type_and_state(views: Views, ledger: Ledger) -> None:
    here, there, gone = a_beneficiary("b1"), a_beneficiary("b2", village=OTHER_VILLAGE), a_beneficiary("b3")
    classify(here, "c1", "lanjut_usia_telantar", age=70)
    gone.move_out(on=LATER)
    write(ledger, here, there, gone)

    def ids(**asked: Any) -> list[str]:
        with views.at() as view:
            return [row["key"] for row in listed(view, "a", reached=lambda part: ("1 = 1", {}), asked=asked, limit=10)]

    assert ids() == ["b1", "b3", "b2"]
    assert ids(village=VILLAGE[:8]) == ["b1", "b3"]
    assert ids(type="lanjut_usia_telantar") == ["b1"]
    assert ids(state="moved") == ["b3"]


def flood(*victims: tuple[str, int]) -> DisasterIncident:
    incident = DisasterIncident.declare(
        "i1", on=DAY, kind="banjir", name="Banjir Limboto", struck_on=DAY, villages=(VILLAGE,)
    )
    listed = tuple(Victim(victim, VILLAGE, ("mengungsi",), household) for victim, household in victims)
    incident.record_victims(on=DAY, victims=listed)
    return incident


def test_a_disaster_counts_people_and_leaves_out_who_was_no_victim(views: Views, ledger: Ledger) -> None:
    incident = flood(("b1", 4), ("b2", 3))
    incident.verify_victim(on=LATER, victim="b2", outcome="bukan_korban")
    incident.deliver_relief(
        on=DAY, kind="E1", goods="beras", quantity=20, unit="kg", recipients=("b1",), value_rupiah=300_000
    )
    incident.report_figure(on=DAY, figure="jiwa_terdampak", number=9, reporter="BPBD")
    incident.reconcile_figure(on=LATER, figure="jiwa_terdampak", number=4)
    write(ledger, a_beneficiary("b1"), a_beneficiary("b2"), incident)
    with views.at() as view:
        found = incident_page(view, "i1")
        shown = victims_of(view, "i1", where="1 = 1", values={"me": "a"}, limit=10)
    assert found is not None
    assert [found[name] for name in ("victims", "people", "unverified", "helped")] == [2, 4, 1, 1]
    assert (found["deliveries"], found["value_rupiah"]) == (1, 300_000)
    assert [(row["number"], row["agreed"], row["listed"]) for row in found["figures"]] == [(9, 0, None), (4, 1, 4)]
    assert [(row["victim"], row["outcome"], row["deliveries"]) for row in shown] == [
        ("b1", None, 1),
        ("b2", "bukan_korban", 0),
    ]
