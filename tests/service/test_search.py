"""Searching for people, and noticing who is registered already, over a real log, vault and views."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from domain.beneficiary import Beneficiary
from projections import people_lists
from service import search
from service.casebook import Decision
from service.log.ids import new_id
from service.office import Office
from tests.service.offices import VILLAGE, make_office, record

OTHER = "75.01.03.2004"
DAY = date(2026, 1, 5)


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """An office on each engine: its tokens and its views are asked in SQL."""
    made = make_office(tmp_path, database_url)
    yield made
    made.close()


def registered(here: Office, village: str = VILLAGE, kind: str = "person", **identity: Any) -> str:
    stream = new_id()

    def decide(decision: Decision) -> None:
        sealed = decision.seal(stream, {"identity": identity})
        decision.find_by(sealed, search.token_texts(identity, village))
        decision.begin(
            Beneficiary.register(stream, on=DAY, village=village, kind=kind, channel="desa", identity=sealed)
        )

    record(here, decide)
    return stream


def found(here: Office, as_of: int | None = None, **asked: Any) -> list[str]:
    with here.views.at(as_of) as view:
        return [row["key"] for row in search.find(here, view, "akun", asked)]


def doubts(here: Office, village: str = VILLAGE, kind: str = "person", **identity: Any) -> list[tuple[str, int]]:
    with here.views.at() as view:
        probable = search.duplicates(here, view, "akun", identity, village, kind)
    return [(match.id, match.score) for match, _ in probable]


def test_at_least_95_of_100_names_are_found_by_how_others_write_them(office: Office) -> None:
    with (Path(__file__).parent / "name_variants.csv").open(encoding="utf-8", newline="") as file:
        variants = list(csv.DictReader(file))
    ids = {}

    def decide(decision: Decision) -> None:
        for name in {row["registered"] for row in variants}:
            stream = ids[name] = new_id()
            sealed = decision.seal(stream, {"identity": {"name": name}})
            decision.find_by(sealed, search.token_texts({"name": name}, VILLAGE))
            decision.begin(
                Beneficiary.register(stream, on=DAY, village=VILLAGE, kind="person", channel="desa", identity=sealed)
            )

    record(office, decide)
    with office.views.at() as view:
        hits = sum(
            ids[row["registered"]]
            in [person["key"] for person in search.find(office, view, "akun", {"name": row["typed"]})[:10]]
            for row in variants
        )
    assert len(variants) >= 500
    assert hits >= 0.95 * len(variants)


def test_a_nik_or_its_last_six_digits_find_exactly_its_holder(office: Office) -> None:
    holder = registered(office, name="Siti Rahma", nik="7501990101900007")
    registered(office, name="Siti Rahma", nik="7501990101900008")
    assert found(office, nik="7501990101900007") == [holder]
    assert found(office, nik="75.0199.010190.0007") == [holder]
    assert found(office, nik="900007") == [holder]
    assert found(office, nik="12345") == []


def test_village_and_birth_year_narrow_what_a_name_finds(office: Office) -> None:
    old = registered(office, name="Sri Wahyuni Moonti", birth_year=1961)
    young = registered(office, name="Sri Wahyuni Moonti", birth_date="1999-05-04")
    away = registered(office, OTHER, name="Sri Wahyuni Moonti", birth_year=1961)
    assert set(found(office, name="Sri Wahyuni")) == {old, young, away}
    assert set(found(office, name="Sri Wahyuni", birth_year=1962)) == {old, away}
    assert found(office, name="Sri Wahyuni", birth_year=1962, village=VILLAGE) == [old]
    assert found(office, name="Sri Wahyuni", village=OTHER[:8]) == [away]


def test_a_birth_year_in_a_village_finds_without_a_name(office: Office) -> None:
    unknown = registered(office, description="Perempuan tua di pasar", birth_year=1950)
    registered(office, name="Abdul", birth_year=1980)
    registered(office, OTHER, name="Rahman", birth_year=1950)
    assert found(office, birth_year=1950, village=VILLAGE) == [unknown]
    assert found(office, birth_year=1950) == []


def test_who_moved_is_found_in_her_new_village_and_at_a_past_position_in_the_old(office: Office) -> None:
    person = registered(office, name="Hasna Gobel")
    before = office.reader.head()[0]
    record(office, lambda decision: decision.load(Beneficiary, person).move_domicile(on=DAY, village=OTHER))
    assert found(office, name="Hasna Gobel", village=OTHER) == [person]
    assert found(office, name="Hasna Gobel", village=VILLAGE) == []
    assert found(office, before, name="Hasna Gobel", village=VILLAGE) == [person]


def test_a_name_that_was_replaced_finds_its_bearer_only_in_the_past(office: Office) -> None:
    person = registered(office, name="Nonu Lakoro")
    before = office.reader.head()[0]

    def claim(decision: Decision) -> None:
        identity = {"name": "Maryam Lakoro"}
        sealed = decision.seal(person, {"identity": identity})
        decision.find_by(sealed, search.token_texts(identity, VILLAGE))
        decision.load(Beneficiary, person).claim_identity(on=DAY, identity=sealed)

    record(office, claim)
    assert found(office, name="Maryam") == [person]
    assert found(office, name="Nonu") == []
    assert found(office, before, name="Nonu") == [person]
    assert found(office, before, name="Maryam") == []


def test_the_likeliest_comes_first(office: Office) -> None:
    registered(office, name="Rahmawati Djafar Botutihe Lihawa")
    exact = registered(office, name="Rahmawati Djafar")
    assert found(office, name="Rachmawaty Jafar")[0] == exact


def test_the_same_nik_is_a_probable_duplicate_under_any_name(office: Office) -> None:
    known = registered(office, OTHER, name="Yusna Katili", nik="7501990101900009")
    assert doubts(office, name="Orang Lain", nik="7501990101900009") == [(known, 100)]


def test_a_name_with_the_same_birthday_and_village_is_a_probable_duplicate(office: Office) -> None:
    known = registered(office, name="Abdul Rahman Moonti", birth_date="1971-08-17", sex="L")
    registered(office, name="Abdul Rahman Moonti", birth_date="1951-03-02", sex="L")
    assert [id for id, _ in doubts(office, name="Abd. Rachman Monti", birth_date="1971-08-17", sex="L")] == [known]


def test_a_common_name_alone_is_no_probable_duplicate(office: Office) -> None:
    registered(office, OTHER, name="Sri Wahyuni", birth_year=1960)
    assert doubts(office, name="Sri Wahyuni") == []


def test_a_family_is_no_duplicate_of_a_person(office: Office) -> None:
    registered(office, name="Ismail Pakaya", birth_date="1971-08-17")
    assert doubts(office, kind="family", name="Ismail Pakaya", birth_date="1971-08-17") == []


def alike(here: Office, id: str, village: str = VILLAGE, as_of: int | None = None, **identity: Any) -> int:
    with here.views.at(as_of) as view:
        person = people_lists.persons(view, "akun", [id])[id]
        return len(search.alike(here, view, "akun", {**person, "village": village}, identity, lambda people: people))


def test_how_many_may_be_the_same_is_told_without_opening_anybody(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    her = {"name": "Siti Rachmawaty Djafar", "birth_year": 1960}
    first = registered(office, **her)
    assert alike(office, first, **her) == 0, "not she herself"
    registered(office, OTHER, name="Siti Rahmawati Jafar", birth_year=1960)
    registered(office, OTHER, name="Siti Rahmawati Jafar", birth_year=1971)
    registered(office, OTHER, name="Siti Rahma", birth_year=1960)
    registered(office, kind="family", **her)
    monkeypatch.setattr(office.vault, "open", None)
    assert alike(office, first, **her) == 1, "spelt otherwise, of the same year, elsewhere"
    monkeypatch.undo()
    before = office.reader.head()[0]
    registered(office, name="Siti Rahmawati Djafar")
    assert alike(office, first, **her) == 2, "of no known year, in the same village"
    assert alike(office, first, as_of=before, **her) == 1, "as known then"
    assert alike(office, first, OTHER, name="Tuti Djafar", birth_year=1960) == 0
    assert alike(office, first, name="Si", birth_year=1960) == 0, "an empty name is like nobody's"


def test_the_same_nik_is_alike_under_any_name_until_it_is_linked(office: Office) -> None:
    nik = "7501994703600003"
    first, second = registered(office, name="Siti Djafar", nik=nik), registered(office, OTHER, name="Aminah", nik=nik)
    assert alike(office, first, name="Siti Djafar", nik=nik) == 1

    def link(decision: Decision) -> None:
        other, reason = decision.load(Beneficiary, second), decision.seal(second, {"reason": "KTP"})
        other.link_as_duplicate(on=DAY, primary=decision.load(Beneficiary, first), reason=reason)

    record(office, link)
    assert alike(office, first, name="Siti Djafar", nik=nik) == 0
