"""The village board: every village, its WKSBM, and how they stood on a day."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.beneficiary import Beneficiary
from domain.correction import retract
from domain.kps import Kps
from domain.sealed import Sealed
from domain.villages import Village
from domain.wksbm import Wksbm
from projections import coverage, village_status, wksbm_lists
from projections.store import Store
from projections.view import View
from tests.projections.villages import (
    ALL_REACHED,
    BULILA,
    DAY,
    KAYUBULAN,
    MEMBERS,
    MONTHS,
    TODAY,
    Diary,
    formed,
    initiated,
    paper,
    ratified,
)


@pytest.fixture
def diary(store: Store) -> Diary:
    return Diary(store)


def board(view: View, day: date = TODAY) -> dict[str, dict[str, Any]]:
    return {row["code"]: row for row in village_status.board(view, ALL_REACHED, ALL_REACHED, day, MONTHS)}


def body(view: View, wksbm: str, day: date = TODAY) -> dict[str, Any]:
    found = wksbm_lists.one_body(view, ALL_REACHED, wksbm, day, MONTHS)
    assert found is not None
    return found


def test_villages_without_anything_stand_on_the_board_too(diary: Diary) -> None:
    diary.write(initiated("w1"))
    rows = board(diary.now())
    assert len(rows) == 205
    assert [code for code, row in rows.items() if row["stage"] != "belum_ada"] == [BULILA]
    assert rows[KAYUBULAN]["wksbm"] == []
    assert rows[KAYUBULAN]["last_event"] is None
    assert rows[BULILA]["last_event"]["topic"] == "wksbm.initiated"


def test_a_village_may_have_several_bodies_and_shows_the_furthest_stage(diary: Diary) -> None:
    diary.write(ratified("w1"))
    diary.write(initiated("w2"))
    row = board(diary.now())[BULILA]
    assert row["stage"] == "sah"
    assert [each["stage"] for each in row["wksbm"]] == ["sah", "dirintis"]


def test_stage_missing_papers_and_unproven_steps_are_those_of_the_domain(diary: Diary) -> None:
    wksbm = initiated("w1")
    steps: list[Any] = [
        lambda: wksbm.hold_deliberation(on=DAY),
        lambda: wksbm.hold_deliberation(on=DAY, attendance=30, evidence=(paper("berita_acara"),)),
        lambda: wksbm.provide_evidence(on=DAY, target=3, evidence=(paper("daftar_hadir"),)),
        lambda: wksbm.form(on=DAY, evidence=(paper("berita_acara"),)),
        lambda: wksbm.appoint_board(on=DAY, members=MEMBERS, term_from=DAY, term_until=TODAY),
        lambda: wksbm.end_board_term(on=date(2020, 1, 1)),
        lambda: wksbm.appoint_board(on=DAY, members=MEMBERS, term_from=date(2020, 1, 1), term_until=TODAY),
        lambda: wksbm.ratify(
            on=TODAY, number="1", dated=TODAY, signatory="Hasan", signatory_post="lurah", term_until=date(2030, 1, 1)
        ),
        lambda: wksbm.dissolve(on=TODAY, reason="musyawarah", evidence=(paper("berita_acara"),)),
    ]
    diary.write(wksbm)
    for step in steps:
        step()
        diary.write(wksbm)
        row = body(diary.now(), "w1")
        assert row["stage"] == wksbm.stage
        assert tuple(row["missing_for_ratification"]) == wksbm.missing_for_ratification()
        assert {each["target"]: each["step"] for each in row["unproven_steps"]} == {
            version: reported.step for version, reported in wksbm.unproven.items()
        }
        assert row["unproven"] == len(wksbm.unproven)


def test_a_retracted_paper_leaves_the_step_unproven_again(diary: Diary) -> None:
    wksbm = initiated("w1")
    wksbm.provide_evidence(on=DAY, target=1, evidence=(paper("surat_tugas"),))
    diary.write(wksbm)
    assert body(diary.now(), "w1")["unproven"] == 0
    retract(wksbm, diary.ledger.events[-1], on=TODAY, reason=Sealed("p"), requested_by="supervisor")
    diary.write(wksbm)
    assert body(diary.now(), "w1")["unproven"] == 1


def test_an_sk_is_in_force_between_its_days_only(diary: Diary) -> None:
    diary.write(ratified("w1", until=date(2024, 7, 31)))
    view = diary.now()
    days = {date(2019, 7, 31): None, DAY: True, date(2024, 7, 31): True, date(2024, 8, 1): False}
    for day, in_force in days.items():
        found = board(view, day)[BULILA]["wksbm"]
        assert (found[0]["sk_in_force"] if found else None) == in_force
    assert body(view, "w1", date(2024, 8, 1))["board_in_office"] is False


def test_a_body_is_active_for_so_many_months_after_a_sign_of_life(diary: Diary) -> None:
    wksbm = formed("w1")
    wksbm.report_activity(on=date(2025, 3, 31), kind="rapat")
    diary.write(wksbm)
    view = diary.now()
    assert body(view, "w1", date(2025, 3, 30))["active"] is False
    assert body(view, "w1", date(2025, 3, 31))["active"] is True
    assert body(view, "w1", date(2026, 3, 31))["active"] is True
    assert body(view, "w1", date(2026, 4, 1))["active"] is False


def test_the_board_and_coverage_agree_on_every_day(diary: Diary) -> None:
    first, second = ratified("w1", until=date(2022, 7, 31)), formed("w2", KAYUBULAN, date(2020, 2, 29))
    first.report_activity(on=date(2020, 5, 1), kind="rapat")
    first.find_dormant(on=date(2021, 1, 10), signals=("tanpa_kegiatan",))
    second.raise_funds(on=date(2020, 3, 1), amount=100_000, origin="iuran")
    second.distribute_funds(on=date(2021, 9, 1), amount=50_000, purpose="pangan", beneficiaries=3)
    first.reactivate(on=date(2022, 2, 1))
    second.dissolve(on=date(2022, 6, 1), reason="musyawarah", evidence=(paper("sk"),))
    diary.write(first, second)
    view, day = diary.now(), date(2019, 7, 1)
    while day < date(2024, 1, 1):
        rows = board(view, day)
        bodies = [each for row in rows.values() for each in row["wksbm"]]
        figures = coverage.coverage(view, ALL_REACHED, ALL_REACHED, day, MONTHS)["kabupaten"]
        standing = [each for each in bodies if each["stage"] != "dibubarkan"]
        assert figures["dirintis"]["villages"] == len(standing)
        assert figures["terbentuk"]["villages"] == sum(each["stage"] in ("terbentuk", "sah") for each in standing)
        assert figures["sah"]["villages"] == sum(each["sk_in_force"] for each in bodies)
        assert figures["aktif"]["villages"] == sum(each["active"] for each in bodies)
        day += timedelta(days=13)


def test_the_board_can_be_put_back_to_what_was_known(diary: Diary) -> None:
    before = diary.write(initiated("w1"))
    diary.write(ratified("w2"))
    assert board(diary.at(before))[BULILA]["stage"] == "dirintis"
    assert board(diary.now())[BULILA]["stage"] == "sah"
    assert board(diary.at(before))[BULILA]["last_event"]["position"] == before


def test_people_are_counted_by_tier_and_not_after_their_death(diary: Diary) -> None:
    people = [
        Beneficiary.register(f"b{number}", on=DAY, village=BULILA, kind="person", channel="desa", identity=Sealed("p"))
        for number in range(3)
    ]
    people[0].die(on=TODAY)
    diary.write(*people)
    row = board(diary.now())[BULILA]
    assert row["people"] == {"tier_1": 2, "tier_2": 0, "tier_3": 0}
    assert (row["open_cases"], row["open_referrals"]) == (0, 0)


def test_what_a_merged_village_had_counts_for_its_successor(diary: Diary) -> None:
    diary.write(initiated("w1", BULILA))
    into = Village("75.01.02.2099", "Bulila Raya", "desa", "75.01.02", "Telaga", "", 0, 0)
    diary.territory.merge(
        on=TODAY,
        valid_from=date(2025, 1, 1),
        edition="E2",
        decree="Perda 1/2025",
        codes=(BULILA, "75.01.02.2014"),
        into=into,
    )
    diary.write(diary.territory)
    view = diary.now()
    rows, earlier = board(view), board(view, date(2024, 12, 31))
    assert len(rows) == 204
    assert len(earlier) == 205
    assert rows["75.01.02.2099"]["stage"] == "dirintis"
    assert rows["75.01.02.2099"]["last_event"]["topic"] == "wksbm.initiated"
    assert earlier[BULILA]["stage"] == "dirintis"


def test_the_table_of_villages_names_each_as_its_latest_change_does(diary: Diary) -> None:
    change = {"on": TODAY, "decree": "Perda 1/2025"}
    parts = tuple(
        Village(code, name, "desa", "75.01.02", "Telaga", "", 0, 0)
        for code, name in (("75.01.02.2099", "Bulila Selatan"), (BULILA, "Bulila"))
    )
    later, soon = date(2026, 1, 1), date(2025, 1, 1)
    diary.territory.split(valid_from=soon, edition="E2", code=BULILA, villages=parts, **change)
    diary.territory.rename(valid_from=later, edition="E3", code="75.01.02.2099", name="Bulila Baru", **change)
    diary.write(diary.territory)
    asked = "SELECT * FROM {villages} WHERE key = :key"
    row = diary.now().one(asked, key="75.01.02.2099")
    assert row is not None
    assert (row["name"], row["valid_from"], row["edition"]) == ("Bulila Baru", soon.isoformat(), "E3")
    retract(diary.territory, diary.ledger.events[1], on=TODAY, reason=Sealed("p"), requested_by="supervisor")
    diary.write(diary.territory)
    assert diary.now().one(asked, key="75.01.02.2099") is None
    assert len(board(diary.now())) == 205


def test_one_village_card_is_its_row_on_the_board(diary: Diary) -> None:
    diary.write(ratified("w1"), initiated("w2", KAYUBULAN))
    view = diary.now()
    assert village_status.board(view, ALL_REACHED, ALL_REACHED, TODAY, MONTHS, BULILA) == [board(view)[BULILA]]
    assert village_status.board(view, ALL_REACHED, ALL_REACHED, TODAY, MONTHS, "75.01.99.2001") == []


def test_a_reach_shows_its_villages_only(diary: Diary) -> None:
    diary.write(ratified("w1"), initiated("w2", KAYUBULAN))

    def area(column: str) -> tuple[str, dict[str, Any]]:
        return f"substr({column}, 1, 8) = :area", {"area": "75.01.02"}

    rows = village_status.board(diary.now(), area("village"), area("key"), TODAY, MONTHS)
    assert {row["kecamatan"] for row in rows} == {"75.01.02"}
    assert sum(len(row["wksbm"]) for row in rows) == 1


def test_kecamatan_add_up_to_the_board(diary: Diary) -> None:
    diary.write(ratified("w1"), initiated("w2"), formed("w3", KAYUBULAN))
    rows = village_status.board(diary.now(), ALL_REACHED, ALL_REACHED, TODAY, MONTHS)
    parts = village_status.by_kecamatan(rows)
    assert len(parts) == 19
    assert sum(part["villages"] for part in parts) == 205
    assert sum(part["wksbm"] for part in parts) == 3
    assert sum(part["stages"]["belum_ada"] for part in parts) == 203
    assert sum(part["unproven"] for part in parts) == sum(row["unproven"] for row in rows) > 0


def test_members_come_with_their_names(diary: Diary) -> None:
    kps = Kps.register("k1", on=DAY, village=BULILA, kind="arisan", name="Arisan Melati")
    wksbm: Wksbm = initiated("w1")
    wksbm.join_kps(on=DAY, kps="k1")
    diary.write(kps, wksbm)
    [member] = body(diary.now(), "w1")["members"]
    assert (member["name"], member["active"], member["joined_on"]) == ("Arisan Melati", True, DAY.isoformat())
    wksbm.leave_kps(on=TODAY, kps="k1")
    diary.write(wksbm)
    row = body(diary.now(), "w1")
    assert (row["members"][0]["active"], row["kps_count"]) == (False, 0)
