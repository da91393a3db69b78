"""The territory: 205 villages by code, and what decrees make of them later."""

import hashlib
from collections import Counter
from datetime import date

import msgspec
import pytest

from domain.aggregate import EVENTS
from domain.correction import replay, retract
from domain.sealed import Sealed
from domain.territory import (
    TERRITORY_ID,
    DecreeMissing,
    EditionTaken,
    Territory,
    TooFewVillages,
    VillageAlreadyInForce,
    VillageInconsistent,
    VillageNotInForce,
)
from domain.villages import VERSION, NotAVillageCode, Village

DAY = date(2025, 5, 1)
LATER = date(2027, 1, 1)
PERDA = "Perda 3/2026"
BULILA = "75.01.02.2011"
NEW = "75.01.02.2099"


def territory() -> Territory:
    return Territory.publish(on=DAY, valid_from=DAY)


def village(code: str, name: str = "Baru") -> Village:
    return Village(
        code=code,
        name=name,
        kind="kelurahan" if code[9] == "1" else "desa",
        kecamatan=code[:8],
        kecamatan_name="Telaga",
        postal_code="96181",
        latitude=600_000,
        longitude=123_000_000,
    )


def test_the_first_list_holds_205_villages_in_19_kecamatan() -> None:
    villages = territory().villages_on(DAY)
    assert Counter(village.kind for village in villages.values()) == {"desa": 191, "kelurahan": 14}
    assert len({village.kecamatan for village in villages.values()}) == 19
    listed = "".join(f"{code}\n" for code in villages)
    # The check value of the Ministry's codes for 75.01 (Kepmendagri 300.2.2-2138 Tahun 2025).
    assert hashlib.sha256(listed.encode()).hexdigest() == (
        "6b84eecb76e07de4845627c128b83fe5dd30a55bd638745a8d1aa7c0ec3502b9"
    )


def test_ten_names_occur_twice_so_a_name_is_no_key() -> None:
    names = Counter(village.name for village in territory().villages_on(DAY).values())
    assert sorted(name for name, times in names.items() if times > 1) == [
        "Bongohulawa",
        "Buhu",
        "Bulota",
        "Dulohupa",
        "Dunggala",
        "Ilomata",
        "Kayubulan",
        "Kayumerah",
        "Polohungo",
        "Tinelo",
    ]


def test_the_list_carries_its_version_and_decree() -> None:
    [event] = territory().collect_events()
    assert isinstance(event, Territory.ListPublished)
    assert (event.stream, event.edition, event.territory) == (TERRITORY_ID, VERSION, VERSION)
    assert event.decree == "Kepmendagri 300.2.2-2138 Tahun 2025"


def test_the_first_list_also_counts_for_the_years_before_its_decree() -> None:
    known = territory()
    assert known.has(BULILA, date(2019, 7, 1))
    assert known.edition_on(date(2019, 7, 1)) == VERSION


def test_a_renamed_village_keeps_its_code_and_its_past_name() -> None:
    known = territory()
    before = known.villages_on(DAY)[BULILA].name
    known.rename(on=DAY, valid_from=LATER, edition="75.01/2027", decree=PERDA, code=BULILA, name="Bulila Raya")
    assert known.villages_on(date(2026, 12, 31))[BULILA].name == before
    assert known.villages_on(LATER)[BULILA].name == "Bulila Raya"
    assert (known.edition_on(DAY), known.edition_on(LATER), known.current) == (VERSION, "75.01/2027", "75.01/2027")


def test_a_split_village_may_remain_beside_its_daughter() -> None:
    known = territory()
    parts = (known.villages_on(DAY)[BULILA], village(NEW))
    known.split(on=DAY, valid_from=LATER, edition="75.01/2027", decree=PERDA, code=BULILA, villages=parts)
    assert len(known.villages_on(DAY)) == 205
    assert len(known.villages_on(LATER)) == 206
    assert not known.has(NEW, DAY)
    assert known.has(NEW, LATER)
    assert known.has(BULILA, LATER)


def test_merged_villages_make_way_for_one() -> None:
    known = territory()
    codes = (BULILA, "75.01.02.2014")
    known.merge(on=DAY, valid_from=LATER, edition="75.01/2027", decree=PERDA, codes=codes, into=village(NEW))
    assert len(known.villages_on(LATER)) == 204
    assert not known.has(BULILA, LATER)
    assert known.has(BULILA, DAY)


def test_a_decree_entered_late_counts_from_its_own_day() -> None:
    known = territory()
    known.rename(on=DAY, valid_from=LATER, edition="b", decree=PERDA, code=BULILA, name="Kedua")
    known.rename(on=DAY, valid_from=date(2026, 1, 1), edition="a", decree=PERDA, code=BULILA, name="Pertama")
    assert known.villages_on(date(2026, 6, 1))[BULILA].name == "Pertama"
    assert known.villages_on(LATER)[BULILA].name == "Kedua"
    assert known.current == "b"


def test_a_new_list_replaces_the_old_from_its_day() -> None:
    known = territory()
    known.republish(on=DAY, valid_from=LATER, edition="c", decree=PERDA, villages=(village(NEW),))
    assert list(known.villages_on(LATER)) == [NEW]
    assert len(known.villages_on(DAY)) == 205


def test_a_bps_number_is_not_a_village_code() -> None:
    bps = msgspec.structs.replace(village(NEW), code="7502040001")
    with pytest.raises(NotAVillageCode) as refusal:
        Territory.publish(on=DAY, valid_from=DAY, villages=(bps,))
    assert "nomor BPS tidak dipakai" in refusal.value.sentence
    with pytest.raises(NotAVillageCode):
        territory().rename(on=DAY, valid_from=DAY, edition="a", decree=PERDA, code="7502040001", name="X")


def test_a_village_must_fit_its_code() -> None:
    for wrong in (
        msgspec.structs.replace(village(NEW), kind="kelurahan"),
        msgspec.structs.replace(village(NEW), kecamatan="75.01.03"),
    ):
        with pytest.raises(VillageInconsistent):
            Territory.publish(on=DAY, valid_from=DAY, villages=(wrong,))
    with pytest.raises(VillageInconsistent):
        Territory.publish(on=DAY, valid_from=DAY, villages=(village(NEW), village(NEW)))


def test_only_a_village_in_force_is_renamed_split_or_merged() -> None:
    known = territory()
    with pytest.raises(VillageNotInForce):
        known.rename(on=DAY, valid_from=DAY, edition="a", decree=PERDA, code=NEW, name="X")
    with pytest.raises(VillageNotInForce):
        known.merge(on=DAY, valid_from=DAY, edition="a", decree=PERDA, codes=(BULILA, NEW), into=village(BULILA))


def test_a_split_or_merger_cannot_take_the_code_of_a_living_village() -> None:
    known = territory()
    taken = known.villages_on(DAY)["75.01.02.2014"]
    with pytest.raises(VillageAlreadyInForce):
        known.split(on=DAY, valid_from=DAY, edition="a", decree=PERDA, code=BULILA, villages=(village(NEW), taken))
    with pytest.raises(VillageAlreadyInForce):
        known.merge(on=DAY, valid_from=DAY, edition="a", decree=PERDA, codes=(BULILA, "75.01.02.2015"), into=taken)


def test_splitting_and_merging_concern_at_least_two() -> None:
    known = territory()
    with pytest.raises(TooFewVillages):
        known.split(on=DAY, valid_from=DAY, edition="a", decree=PERDA, code=BULILA, villages=(village(NEW),))
    with pytest.raises(TooFewVillages):
        known.merge(on=DAY, valid_from=DAY, edition="a", decree=PERDA, codes=(BULILA, BULILA), into=village(NEW))
    with pytest.raises(TooFewVillages):
        known.republish(on=DAY, valid_from=DAY, edition="a", decree=PERDA, villages=())


def test_every_change_names_a_new_version_and_its_decree() -> None:
    known = territory()
    with pytest.raises(EditionTaken):
        known.rename(on=DAY, valid_from=DAY, edition=VERSION, decree=PERDA, code=BULILA, name="X")
    with pytest.raises(DecreeMissing):
        known.rename(on=DAY, valid_from=DAY, edition="a", decree=" ", code=BULILA, name="X")


def test_a_retracted_split_leaves_the_later_renaming_of_its_daughter_without_effect() -> None:
    known = territory()
    known.split(
        on=DAY, valid_from=DAY, edition="a", decree=PERDA, code=BULILA, villages=(village(NEW), village(BULILA))
    )
    known.rename(on=DAY, valid_from=DAY, edition="b", decree=PERDA, code=NEW, name="Lain")
    events = known.collect_events()
    retract(known, events[1], on=DAY, reason=Sealed(part="r"), requested_by="supervisor")
    events += known.collect_events()
    stored = [msgspec.json.decode(msgspec.json.encode(event), type=EVENTS[event.topic]) for event in events]
    again = replay(None, stored)
    assert isinstance(again, Territory)
    assert len(again.villages_on(DAY)) == 205
    assert not again.has(NEW, DAY)


def test_a_merged_village_leads_to_the_one_that_stands_now() -> None:
    territory = Territory.publish(on=date(2020, 1, 1), valid_from=date(2020, 1, 1))
    codes = sorted(territory.villages_on(date(2020, 1, 1)))[:3]
    first, last = (
        Village(f"{codes[0][:8]}.209{number}", f"Gabungan {number}", "desa", codes[0][:8], "Limboto", "", 0, 0)
        for number in (8, 9)
    )
    for year, gone, into in ((2021, (codes[0], codes[1]), first), (2022, (first.code, codes[2]), last)):
        day = date(year, 1, 1)
        territory.merge(on=day, valid_from=day, edition=f"E{year}", decree="Perda", codes=gone, into=into)
    assert territory.successors_on(date(2020, 12, 31)) == {}
    assert territory.successors_on(date(2021, 6, 1)) == {codes[0]: first.code, codes[1]: first.code}
    assert set(territory.successors_on(date(2022, 6, 1)).values()) == {last.code}
    assert first.code in territory.successors_on(date(2022, 6, 1))
