"""The registers of KPS and PSKS, and the indicators."""

from datetime import date

import pytest

from domain.indicator import Indicator
from domain.kps import Kps
from domain.psks import Psks
from domain.sealed import Sealed
from projections import register_lists
from projections.store import Store
from tests.projections.villages import ALL_REACHED, BULILA, DAY, KAYUBULAN, TODAY, Diary, initiated


@pytest.fixture
def diary(store: Store) -> Diary:
    return Diary(store)


def test_a_kps_is_active_from_and_to_its_days(diary: Diary) -> None:
    kps = Kps.register("k1", on=DAY, village=BULILA, kind="huyula", name="Huyula Bulila", active_from=date(1998, 5, 1))
    diary.write(kps)
    kps.end(on=TODAY)
    before = diary.ledger.head()[0]
    diary.write(kps)
    [row] = register_lists.kps(diary.now(), ALL_REACHED)
    assert (row["active"], row["active_from"], row["active_until"]) == (False, "1998-05-01", TODAY.isoformat())
    [row] = register_lists.kps(diary.at(before), ALL_REACHED, active=1)
    assert row["active_until"] is None


def test_a_kps_names_the_wksbm_it_belonged_to(diary: Diary) -> None:
    wksbm = initiated("w1")
    wksbm.join_kps(on=DAY, kps="k1")
    wksbm.leave_kps(on=TODAY, kps="k1")
    diary.write(Kps.register("k1", on=DAY, village=BULILA, kind="arisan", name="Arisan Melati"), wksbm)
    found = register_lists.one_kps(diary.now(), ALL_REACHED, "k1")
    assert found is not None
    [of] = found["wksbm"]
    assert (of["id"], of["left_on"], of["active"]) == ("w1", TODAY.isoformat(), False)


def test_the_register_comes_in_pages(diary: Diary) -> None:
    diary.write(
        *(
            Kps.register(f"k{number}", on=DAY, village=village, kind="arisan", name="Arisan")
            for number, village in enumerate((BULILA, KAYUBULAN, BULILA))
        )
    )
    view = diary.now()
    first = register_lists.kps(view, ALL_REACHED, limit=2)
    rest = register_lists.kps(view, ALL_REACHED, (first[-1]["village"], first[-1]["id"]))
    assert [row["id"] for row in (*first, *rest)] == ["k1", "k0", "k2"]


def test_the_psks_directory_tells_who_offers_a_service_today(diary: Diary) -> None:
    lks = Psks.register("p1", on=DAY, kind="lks", name="LKS Harapan", village=BULILA, contact=Sealed("part-1"))
    lks.offer_service(on=DAY, service="permakanan", capacity=20, catchment=("75.01.02",))
    lks.offer_service(on=DAY, service="kedukaan")
    lks.withdraw_service(on=TODAY, service="kedukaan")
    tksk = Psks.register("p2", on=DAY, kind="tksk", name="TKSK Telaga", area="75.01.02")
    tksk.offer_service(on=DAY, service="permakanan")
    tksk.end(on=TODAY, reason="masa_tugas_berakhir")
    diary.write(lks, tksk)
    view = diary.now()
    [row] = register_lists.psks(view, ALL_REACHED, service="permakanan")
    assert (row["id"], row["contact"]) == ("p1", "part-1")
    [offer] = row["services"]
    assert (offer["service"], offer["capacity"], offer["catchment"]) == ("permakanan", 20, ["75.01.02"])
    gone = register_lists.one_psks(view, ALL_REACHED, "p2")
    assert gone is not None
    assert (gone["active"], gone["reason"], gone["village"]) == (False, "masa_tugas_berakhir", None)


def test_a_later_target_replaces_the_one_of_the_same_year(diary: Diary) -> None:
    indicator = Indicator.define("i1", on=DAY, name="Cakupan", definition="Desa dengan WKSBM")
    indicator.set_target(on=DAY, year=2026, permille=600, reference="Renstra")
    indicator.set_target(on=TODAY, year=2026, permille=750, reference="Renstra perubahan")
    indicator.set_target(on=TODAY, year=2027, permille=900, reference="Renstra perubahan")
    diary.write(indicator)
    [row] = register_lists.indicators(diary.now())
    assert [(target["year"], target["permille"]) for target in row["targets"]] == [(2026, 750), (2027, 900)]
    assert row["baselines"] == []
